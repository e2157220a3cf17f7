//! From limits to an ordered list of operations on the host's hierarchies. Pure.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use steps::Step;

use crate::device_rules::DevicePolicy;
use crate::layout::{Hierarchy, Layout, Mode};
use crate::limits::Limits;
use crate::operation::GroupOperation;
use crate::{values_v1, values_v2};

/// The group that is wanted.
#[derive(Debug, Clone)]
pub struct GroupRequest<'a> {
    /// The specification's `cgroupsPath`: absolute from the hierarchy's root, relative from this process's own group; without one,
    /// the id.
    pub path: Option<&'a str>,
    /// The container's id.
    pub id: &'a str,
    /// What it may use.
    pub limits: &'a Limits,
    /// Whether this process lacks root's rights over the hierarchies.
    pub rootless: bool,
}

/// The group as a list of operations, and where it will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPlan {
    /// In the order in which they must be applied.
    pub steps: Vec<Step<GroupOperation>>,
    /// Controller (of v2: the empty name) → directory.
    pub paths: BTreeMap<String, PathBuf>,
}

/// Why a group cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The path would lead out of the hierarchy.
    #[error("the control group's path {0:?} has `..` in it")]
    BadPath(String),
    /// The host has no such controller.
    #[error("{limit} cannot be limited: this host has no `{controller}` controller{}", if *.unified { " in the group's parent (cgroup.controllers)" } else { "" })]
    NoController {
        /// What was asked for.
        limit: &'static str,
        /// The controller.
        controller: String,
        /// Whether the host is of v2.
        unified: bool,
    },
    /// v2 cannot do it.
    #[error("{0} cannot be set on cgroup v2")]
    NotOnUnified(&'static str),
    /// A value makes no sense.
    #[error("{0}")]
    BadValue(String),
    /// This user may not make groups.
    #[error(
        "limits need a control group, and this user may not make one{0}: start holm below a delegated group, for instance with \
         `systemd-run --user --scope -p Delegate=yes`; which controllers are delegated stands in \
         /etc/systemd/system/user@.service.d/delegate.conf"
    )]
    NotDelegated(&'static str),
}

/// The group in which this process waits while its own group must have no processes (v2: "no internal processes").
pub(crate) const SUPERVISOR: &str = "holm-supervisor";

/// The v1 controllers that every container joins: what its limits, its accounts, pausing and killing need. Others are joined when a
/// limit asks for them, since each hierarchy costs a join.
const ALWAYS: [&str; 6] = ["cpu", "cpuacct", "devices", "freezer", "memory", "pids"];

/// Plans a group.
///
/// # Errors
/// A limit that this host cannot keep: nothing is dropped in silence.
pub fn plan_group(layout: &Layout, request: &GroupRequest<'_>) -> Result<GroupPlan, PlanError> {
    let path = Path::new(request.path.filter(|path| !path.is_empty()).unwrap_or(request.id));
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(PlanError::BadPath(path.display().to_string()));
    }
    match layout.mode() {
        Mode::Unified => plan_unified(layout, path, request),
        Mode::None => no_group(request, " (no hierarchy is mounted)"),
        Mode::Legacy | Mode::Hybrid if request.rootless => no_group(request, " on cgroup v1"),
        Mode::Legacy | Mode::Hybrid => plan_legacy(layout, path, request.limits),
    }
}

/// Without limits a container can do without a group of its own. The device list is no reason to refuse: without root nobody can
/// make device nodes.
fn no_group(request: &GroupRequest<'_>, why: &'static str) -> Result<GroupPlan, PlanError> {
    let limits = Limits { devices: None, ..request.limits.clone() };
    if limits == Limits::default() { Ok(GroupPlan::default()) } else { Err(PlanError::NotDelegated(why)) }
}

fn plan_legacy(layout: &Layout, path: &Path, limits: &Limits) -> Result<GroupPlan, PlanError> {
    let values = values_v1::values(limits)?;
    let mut plan = GroupPlan::default();
    let needed = values.iter().map(|(controller, ..)| *controller);
    for controller in needed {
        if layout.legacy(controller).is_none() {
            let limit = values_v1::limit_name(controller);
            return Err(PlanError::NoController { limit, controller: controller.to_owned(), unified: false });
        }
    }
    for hierarchy in layout.hierarchies.iter().filter(|hierarchy| !hierarchy.unified) {
        let mine =
            |name: &String| ALWAYS.contains(&name.as_str()) || values.iter().any(|(controller, ..)| controller == name);
        if !hierarchy.controllers.iter().any(mine) {
            continue;
        }
        let directory = group_directory(hierarchy, path, &hierarchy.own_path);
        plan.steps.push(Step::new(
            GroupOperation::MakeDirectory { path: directory.clone() },
            "the group must stand before anything can be limited in it",
        ));
        if hierarchy.controllers.iter().any(|name| name == "cpuset") {
            plan.steps.push(Step::new(
                GroupOperation::InheritCpuset { directory: directory.clone(), top: hierarchy.mount_point.clone() },
                "a new cpuset group is empty, and nothing can join it until it has processors and memory nodes",
            ));
        }
        for (controller, file, value, fallback) in &values {
            if hierarchy.controllers.iter().any(|name| name == controller) {
                plan.steps.push(write(&directory, file, value, *fallback));
            }
        }
        if let Some(rules) =
            limits.devices.as_ref().filter(|_| hierarchy.controllers.iter().any(|name| name == "devices"))
        {
            let policy = DevicePolicy::from_rules(rules).map_err(PlanError::BadValue)?;
            plan.steps.extend(
                values_v1::device_writes(&policy)
                    .into_iter()
                    .map(|(file, value)| write(&directory, file, &value, None)),
            );
        }
        for controller in &hierarchy.controllers {
            plan.paths.insert(controller.clone(), directory.clone());
        }
    }
    Ok(plan)
}

fn write(directory: &Path, file: &str, value: &str, fallback: Option<&'static str>) -> Step<GroupOperation> {
    Step::new(
        GroupOperation::Write {
            directory: directory.to_owned(),
            file: file.to_owned(),
            value: value.to_owned(),
            fallback,
        },
        "limits stand before the first process joins: it is never without them",
    )
}

fn group_directory(hierarchy: &Hierarchy, path: &Path, base: &Path) -> PathBuf {
    if path.is_absolute() { hierarchy.directory(path) } else { hierarchy.directory(&base.join(path)) }
}

fn plan_unified(layout: &Layout, path: &Path, request: &GroupRequest<'_>) -> Result<GroupPlan, PlanError> {
    let Some(hierarchy) = layout.unified() else { return no_group(request, "") };
    let values = values_v2::values(request.limits)?;
    if request.rootless && !layout.delegated {
        return no_group(request, " (its own group is not delegated to it)");
    }
    for (controller, ..) in &values {
        let known = controller.is_empty() || hierarchy.controllers.iter().any(|name| name == controller);
        if !known {
            let limit = values_v2::limit_name(controller);
            return Err(PlanError::NoController { limit, controller: (*controller).to_owned(), unified: true });
        }
    }
    // Whatever the parent can, the container's group gets: later limits and accounts need it.
    let wanted: Vec<String> = ["cpu", "memory", "pids"]
        .into_iter()
        .chain(values.iter().map(|(controller, ..)| *controller))
        .filter(|name| hierarchy.controllers.iter().any(|known| known == name))
        .map(str::to_owned)
        .fold(Vec::new(), |mut list, name| {
            if !list.contains(&name) {
                list.push(name);
            }
            list
        });
    let mut plan = GroupPlan::default();
    let own = if hierarchy.own_path.ends_with(SUPERVISOR) {
        hierarchy.own_path.parent().unwrap_or(Path::new("/")).to_owned()
    } else {
        hierarchy.own_path.clone()
    };
    let directory = if request.rootless {
        // Only what lies below our own group is ours, wherever the configuration points to.
        let below = path.strip_prefix("/").unwrap_or(path);
        let own_directory = hierarchy.directory(&own);
        plan.steps.push(Step::new(
            GroupOperation::VacateGroup { directory: own_directory.clone() },
            "a group of v2 that hands controllers on may have no processes of its own",
        ));
        own_directory.join(below)
    } else {
        // The group of this process has processes, and so cannot hand controllers on: the new one stands beside it, as in runc.
        group_directory(hierarchy, path, own.parent().unwrap_or(Path::new("/")))
    };
    let top = if request.rootless { hierarchy.directory(&own) } else { hierarchy.mount_point.clone() };
    plan.steps.push(Step::new(
        GroupOperation::HandDown { top, directory: directory.clone(), controllers: wanted },
        "a group has only the controllers that its parents hand down",
    ));
    plan.steps.push(Step::new(
        GroupOperation::MakeDirectory { path: directory.clone() },
        "the group must stand before anything can be limited in it",
    ));
    for (_, file, value, fallback) in &values {
        plan.steps.push(write(&directory, file, value, *fallback));
    }
    if let Some(rules) = request.limits.devices.as_ref().filter(|_| !request.rootless) {
        let policy = DevicePolicy::from_rules(rules).map_err(PlanError::BadValue)?;
        if policy != (DevicePolicy { allow_by_default: true, exceptions: Vec::new() }) {
            plan.steps.push(Step::new(
                GroupOperation::FilterDevices {
                    directory: directory.clone(),
                    program: crate::device_program::compile(&policy),
                    summary: policy.exceptions.iter().map(ToString::to_string).collect(),
                    allow_by_default: policy.allow_by_default,
                },
                "cgroup v2 has no devices controller: a BPF program answers for each opening",
            ));
        }
    }
    plan.paths.insert(String::new(), directory);
    Ok(plan)
}
