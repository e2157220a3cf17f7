//! The plan of a group, put together from the plans of its limits.

use std::collections::BTreeMap;
use std::path::PathBuf;

use steps::Step;

use super::draft::Draft;
use super::error::PlanError;
use super::name::GroupName;
use super::placement::{ClosedHierarchy, Placement, SELF_GROUP, place};
use super::{block_io, cpu, memory, others};
use crate::controller::{Controllers, Version};
use crate::layout::{Layout, Mode};
use crate::limits::Limits;
use crate::operation::GroupOperation;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct GroupRequest<'a> {
    /// The specification's `linux.cgroupsPath`: absolute ones count from the mount points, relative ones from this process's own
    /// group; without one, the id names the group.
    pub path: Option<&'a str>,
    /// The container's id.
    pub id: &'a str,
    /// What it may use.
    pub limits: &'a Limits,
    /// Without the privileges of root on this host: only what was delegated can be had, and devices are not filtered (the kernel
    /// lets nobody make or open foreign ones in a user namespace).
    pub rootless: bool,
}

/// In which hierarchies of v1 a group is made, beside those of its limits. That of a v2 host always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hierarchies {
    /// Those that count, stop, and filter devices, and that of a service manager. Each costs a join and a removal.
    #[default]
    Usual,
    /// All, as runc does: no group of the host's shows through in `/proc/self/cgroup`.
    All,
    /// None.
    Limited,
}

/// What else can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupOptions {
    /// In which hierarchies of v1.
    pub hierarchies: Hierarchies,
    /// On a hybrid host, make the group in the v2 hierarchy too, and use the controllers that are there. Then
    /// [`GroupPlan::paths`] has v1 keys *and* the empty one, and a process must join both ways.
    pub unified_beside_v1: bool,
    /// Leave devices alone, as must be inside of a user namespace.
    pub skip_devices: bool,
    /// The user who may make groups in the v2 group, for a container that sees it writable.
    pub owner: Option<u32>,
}

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupPlan {
    /// What is to be done, in this order.
    pub steps: Vec<Step<GroupOperation>>,
    /// The group's directories: controller, `name=…`, or the empty string for v2 → directory, as in runc's `state.json`. Empty
    /// where no group can be made and no limit was asked for.
    pub paths: BTreeMap<String, PathBuf>,
    /// What was asked for and passed over, as the specification says.
    pub warnings: Vec<String>,
}

/// These a group on v2 should have beside those with limits, for statistics and later limits.
const USEFUL: Controllers = Controllers::CPU
    .union(Controllers::CPUSET)
    .union(Controllers::IO)
    .union(Controllers::MEMORY)
    .union(Controllers::PIDS)
    .union(Controllers::HUGETLB);

/// The hierarchies of [`Hierarchies::Usual`].
const USUAL: Controllers = Controllers::CPU
    .union(Controllers::CPUACCT)
    .union(Controllers::DEVICES)
    .union(Controllers::FREEZER)
    .union(Controllers::MEMORY)
    .union(Controllers::PIDS);

/// Plans a new group.
///
/// # Errors
/// A limit that the host or its version of control groups cannot give, with the sentence why.
pub fn plan_group(layout: &Layout, request: &GroupRequest<'_>) -> Result<GroupPlan, PlanError> {
    plan_group_with(layout, request, &GroupOptions::default())
}

/// Plans a new group, with options.
///
/// # Errors
/// As [`plan_group`].
pub fn plan_group_with(
    layout: &Layout,
    request: &GroupRequest<'_>,
    options: &GroupOptions,
) -> Result<GroupPlan, PlanError> {
    let name = GroupName::new(request.path, request.id)?;
    let mode = layout.mode();
    let (mut placements, mut closed) = (Vec::new(), Vec::new());
    for hierarchy in &layout.hierarchies {
        if hierarchy.unified && mode == Mode::Hybrid && !options.unified_beside_v1 {
            let problem = format!("{} stands beside v1 here, and the container joins v1 alone", hierarchy.described());
            closed.push(ClosedHierarchy::new(hierarchy, problem));
            continue;
        }
        match place(hierarchy, &name, mode == Mode::Unified, request.rootless) {
            Ok(placement) => placements.push(placement),
            Err(problem) => closed.push(problem),
        }
    }
    let skip_devices = options.skip_devices || request.rootless;
    let mut draft = plan_limits(placements, closed, request.limits, request.rootless, skip_devices)?;
    keep_wanted(&mut draft, options.hierarchies);

    let mut plan = GroupPlan::default();
    for placement in &draft.placements {
        make(placement, &draft, request.limits, &mut plan.steps);
        plan.paths.extend(placement.keys.iter().map(|key| (key.clone(), placement.directory.clone())));
    }
    plan.steps.append(&mut draft.limits);
    if let Some(user) = options.owner {
        for placement in draft.placements.iter().filter(|placement| placement.version == Version::V2) {
            let operation = GroupOperation::Delegate { group: placement.directory.clone(), user };
            plan.steps
                .push(Step::new(operation, "the container sees its group writable: its user may divide it further"));
        }
    }
    plan.warnings = draft.warnings;
    if let Some(path) = request.path.filter(|_| name.is_absolute()) {
        let problem = || draft.closed.first().map_or("no control groups are mounted", |closed| &closed.problem);
        let kept =
            draft.placements.iter().any(|placement| placement.directory == placement.mount_point.join(name.path()));
        if plan.paths.is_empty() {
            plan.warnings.push(format!("linux.cgroupsPath {path:?} has no effect: {}", problem()));
        } else if !kept {
            let text =
                format!("linux.cgroupsPath {path:?} is taken from the own group on: without root nothing else is ours");
            plan.warnings.push(text);
        }
    }
    Ok(plan)
}

/// Plans new limits for a group that stands already, by its saved directories.
///
/// # Errors
/// A limit that the host or the group's version cannot give.
pub fn plan_update(
    layout: &Layout,
    paths: &BTreeMap<String, PathBuf>,
    limits: &Limits,
    rootless: bool,
) -> Result<GroupPlan, PlanError> {
    let mut placements = Vec::new();
    for hierarchy in &layout.hierarchies {
        if let Some(directory) = hierarchy.keys().iter().find_map(|key| paths.get(key)) {
            placements.push(Placement::existing(hierarchy, directory));
        }
    }
    let mut draft = plan_limits(placements, Vec::new(), limits, rootless, rootless)?;
    let mut steps = Vec::new();
    for placement in &draft.placements {
        steps.extend(enable(placement, draft.required, Controllers::empty()));
    }
    steps.append(&mut draft.limits);
    Ok(GroupPlan { steps, paths: paths.clone(), warnings: draft.warnings })
}

/// The limits in runc's order.
fn plan_limits(
    placements: Vec<Placement>,
    closed: Vec<ClosedHierarchy>,
    limits: &Limits,
    rootless: bool,
    skip_devices: bool,
) -> Result<Draft, PlanError> {
    let mut draft = Draft::new(placements, closed, rootless);
    let draft_ref = &mut draft;
    if let Some(rules) = limits.devices.as_deref().filter(|_| !skip_devices) {
        others::plan_devices(draft_ref, rules)?;
    }
    memory::plan(draft_ref, limits)?;
    cpu::plan(draft_ref, &limits.cpu)?;
    others::plan_processes(draft_ref, limits.pids)?;
    block_io::plan(draft_ref, limits)?;
    others::plan_huge_pages(draft_ref, &limits.huge_pages)?;
    others::plan_network(draft_ref, limits)?;
    others::plan_rdma(draft_ref, limits)?;
    others::plan_unified(draft_ref, limits)?;
    Ok(draft)
}

fn keep_wanted(draft: &mut Draft, hierarchies: Hierarchies) {
    let wanted = match hierarchies {
        Hierarchies::All => return,
        Hierarchies::Usual => draft.required | USUAL,
        Hierarchies::Limited => draft.required,
    };
    draft.placements.retain(|placement| {
        placement.version == Version::V2
            || placement.controllers.intersects(wanted)
            || (placement.sorts_processes && hierarchies == Hierarchies::Usual)
    });
}

fn make(placement: &Placement, draft: &Draft, limits: &Limits, steps: &mut Vec<Step<GroupOperation>>) {
    let group = placement.directory.clone();
    let mount_point = placement.mount_point.clone();
    let operation = GroupOperation::MakeDirectory { group: group.clone(), mount_point: mount_point.clone() };
    steps.push(Step::new(
        operation,
        format!("a group in {}, before anything can be limited there", placement.hierarchy),
    ));
    match placement.version {
        Version::V1 if placement.controllers.contains(Controllers::CPUSET) => {
            let absent = |set: &Option<String>| set.as_deref().is_none_or(str::is_empty);
            let (cpus, mems) = (absent(&limits.cpu.cpus), absent(&limits.cpu.mems));
            let operation =
                GroupOperation::InheritCpuset { group, mount_point, no_prefix: placement.no_prefix, cpus, mems };
            steps.push(Step::new(operation, "a new cpuset has no processors, and takes no process until it has"));
        }
        Version::V1 => {}
        // Beside v1 the group serves to name, freeze and kill the processes; its controllers are enabled on demand.
        Version::V2 if draft.placements.iter().any(|other| other.version == Version::V1) => {
            steps.extend(enable(placement, draft.required, Controllers::empty()));
        }
        Version::V2 => steps.extend(enable(placement, draft.required, USEFUL)),
    }
}

/// The steps that give a v2 group its controllers.
fn enable(placement: &Placement, required: Controllers, useful: Controllers) -> Vec<Step<GroupOperation>> {
    let mut steps = Vec::new();
    let required = required & placement.controllers;
    // Processes are made to move only for a limit, not for what would be nice to have.
    let useful = if placement.crowded.is_some() && required.is_empty() { Controllers::empty() } else { useful };
    let useful = (useful & placement.controllers) - required;
    if placement.version != Version::V2 || (required | useful).is_empty() {
        return steps;
    }
    if let Some(from) = &placement.crowded {
        let operation = GroupOperation::MoveProcesses { from: from.clone(), to: from.join(SELF_GROUP) };
        steps.push(Step::new(operation, "a group with processes cannot give controllers to its children"));
    }
    let operation = GroupOperation::EnableControllers {
        group: placement.directory.clone(),
        top: placement.top.clone(),
        required,
        useful,
    };
    steps.push(Step::new(operation, "a group has the controllers that those above it give"));
    steps
}
