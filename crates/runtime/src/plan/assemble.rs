//! The plan of a container, put together from the plans of its parts.

use std::path::{Path, PathBuf};

use cgroups::{GroupRequest, plan_group};
use linux::mount::Propagation;
use linux::namespace::Namespaces;
use namespaces::{Kind, MapWriter};
use runtime_spec::{NamespaceKind, Spec};
use steps::Step;

use super::container_plan::Plan;
use super::error::PlanError;
use super::init::InitOperation;
use super::limits::limits;
use super::parent::ParentOperation;
use super::unsupported::refuse_unsupported;
use super::user_namespace::plan_user_namespace;
use crate::facts::HostFacts;
use crate::filesystem::{
    FilesystemInput, MountCalls, MountOptions, Sources, is_recursively_id_mapped, layers, plan_devices, plan_enter,
    plan_mounts, plan_paths, plan_root, wants_id_map,
};
use crate::kernel::KernelVersion;
use crate::process::{Prepared, ProcessInput, plan_after_root, plan_before_root};
use crate::request::Request;

/// Computes the plan. Pure: the same request on the same facts gives the same plan.
///
/// # Errors
/// Everything that can be refused before anything is made.
pub fn plan(request: &Request<'_>, facts: &HostFacts, sources: &Sources) -> Result<Plan, PlanError> {
    let spec = request.spec;
    if facts.kernel < KernelVersion::OLDEST {
        return Err(PlanError::OldKernel { needed: KernelVersion::OLDEST, running: facts.kernel });
    }
    let mut warnings: Vec<_> = spec.validate()?.iter().map(ToString::to_string).collect();
    refuse_unsupported(spec)?;
    let process = spec.process.as_ref().ok_or(PlanError::Process(crate::process::ProcessError::NoProcess))?;
    let bundle = absolute(request.bundle, facts);
    let root = spec.root.as_ref().ok_or_else(|| PlanError::Configuration {
        path: "root",
        problem: "is missing: a container needs a root file system".to_owned(),
    })?;
    let rootfs = bundle.join(&root.path);
    let user_namespace = plan_user_namespace(spec, facts)?;
    let (new, joined) = wanted_namespaces(spec);
    let limits = limits(spec.linux.as_ref().and_then(|linux| linux.resources.as_ref()), facts.is_rootless());
    let group = plan_group(
        &facts.groups,
        &GroupRequest {
            path: spec.linux.as_ref().and_then(|linux| linux.cgroups_path.as_deref()),
            id: request.id,
            limits: &limits,
            rootless: facts.is_rootless(),
        },
    )?;

    warnings.extend(group.warnings.into_iter().map(from_document));

    let mut before: Vec<Step<ParentOperation>> =
        group.steps.into_iter().map(|step| step.map(ParentOperation::Group)).collect();
    before.extend(joined.into_iter().map(|(kind, path)| {
        Step::new(ParentOperation::Enter { kind, path }, "the child is born in the namespaces that its parent is in")
    }));

    let id_mapped_root = request.options.id_mapped_root && user_namespace.is_some();
    let filesystem = FilesystemInput {
        spec,
        rootfs: &rootfs,
        bundle: &bundle,
        user_namespace: user_namespace.is_some(),
        privileged: facts.users.privileged,
        mount_namespace: new.contains(Namespaces::MOUNT),
        cgroup_namespace: new.contains(Namespaces::CGROUP),
        no_pivot: request.options.no_pivot,
        id_mapped_root,
        overlays: &request.options.overlays,
        sources,
        groups: &facts.groups,
        group_paths: &group.paths,
        kernel: facts.kernel,
    };
    let processes = ProcessInput {
        spec,
        id: request.id,
        no_new_keyring: request.options.no_new_keyring,
        preserve_descriptors: request.options.preserve_descriptors,
        own_capabilities: facts.capabilities,
        last_capability: facts.last_capability,
        kernel: facts.kernel,
        id_maps: user_namespace.as_ref().map(|(maps, _)| maps),
        groups_denied: matches!(user_namespace, Some((_, MapWriter::OwnIds))),
    };

    let after = after_clone(user_namespace.as_ref(), &filesystem, process.oom_score_adj);
    let init = init_track(&filesystem, &processes, &mut warnings)?;
    Ok(Plan {
        before,
        namespaces: new - Namespaces::CGROUP,
        after,
        init,
        prepared: Prepared::new(process, facts.own_program)?,
        reaper: request.options.reaper,
        mount_calls: MountCalls::of(facts.kernel),
        group_paths: group.paths,
        rootfs,
        warnings,
    })
}

/// A warning about the control groups with its place in the configuration.
fn from_document(warning: String) -> String {
    if warning.starts_with("linux.") { warning } else { format!("linux.resources.{warning}") }
}

fn absolute(path: &Path, facts: &HostFacts) -> PathBuf {
    let joined = facts.working_directory.join(path);
    // `.` parts would only show up in messages and records.
    joined.components().filter(|part| *part != std::path::Component::CurDir).collect()
}

/// The namespaces to make, and those to join.
fn wanted_namespaces(spec: &Spec) -> (Namespaces, Vec<(Kind, PathBuf)>) {
    let mut new = Namespaces::empty();
    let mut joined = Vec::new();
    for namespace in spec.linux.iter().flat_map(|linux| &linux.namespaces) {
        let kind = kind_of(namespace.kind);
        match namespace.path.as_deref().filter(|path| !path.is_empty()) {
            Some(path) => joined.push((kind, PathBuf::from(path))),
            None => new |= kind.flag(),
        }
    }
    (new, joined)
}

fn kind_of(kind: NamespaceKind) -> Kind {
    match kind {
        NamespaceKind::Pid => Kind::Pid,
        NamespaceKind::Network => Kind::Network,
        NamespaceKind::Mount => Kind::Mount,
        NamespaceKind::Ipc => Kind::Ipc,
        NamespaceKind::Uts => Kind::Uts,
        NamespaceKind::User => Kind::User,
        NamespaceKind::Cgroup => Kind::Cgroup,
        NamespaceKind::Time => Kind::Time,
    }
}

fn after_clone(
    user_namespace: Option<&(namespaces::IdMaps, MapWriter)>,
    filesystem: &FilesystemInput<'_>,
    oom_score: Option<i32>,
) -> Vec<Step<ParentOperation>> {
    let Some((maps, writer)) = user_namespace else { return Vec::new() };
    let operation = ParentOperation::WriteIdMaps { writer: writer.clone(), maps: maps.clone() };
    let mut steps = vec![Step::new(operation, "until its ids are mapped the child is nobody, and waits")];
    let clone = |path, recursive, propagation| {
        Step::new(
            ParentOperation::CloneIdMapped { path, recursive, propagation },
            "only with the privilege over the file system can it be shown with other ids; the disk keeps its own",
        )
    };
    // In the order in which init attaches them.
    let overlays = filesystem.overlays.iter().filter(|overlay| overlay.id_mapped);
    steps.extend(layers(overlays).into_iter().map(|path| clone(path, false, Propagation::Private)));
    if filesystem.id_mapped_root {
        steps.push(clone(filesystem.rootfs.to_owned(), false, Propagation::Private));
    }
    let binds = filesystem.spec.mounts.iter().filter(|mount| wants_id_map(mount));
    steps.extend(binds.filter_map(|mount| {
        let source = filesystem.bundle.join(mount.source.as_deref()?);
        let asked = MountOptions::parse(&mount.options).propagation;
        let propagation = asked.last().map_or(Propagation::Private, |(propagation, _)| *propagation);
        Some(clone(source, is_recursively_id_mapped(mount), propagation))
    }));
    if let Some(value) = oom_score {
        let why = "a user namespace's root may not lower it";
        steps.push(Step::new(ParentOperation::OomScore { value }, why));
    }
    steps
}

fn init_track(
    filesystem: &FilesystemInput<'_>,
    processes: &ProcessInput<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Step<InitOperation>>, PlanError> {
    let mut init = Vec::new();
    let files = |step: Step<_>| step.map(InitOperation::Filesystem);
    let own = |step: Step<_>| step.map(InitOperation::Process);
    if !filesystem.group_paths.is_empty() && !filesystem.group_paths.contains_key("") {
        init.push(Step::new(
            InitOperation::JoinGroups,
            "first of all: whatever is used from here on is the container's",
        ));
    }
    if filesystem.user_namespace {
        init.push(Step::new(InitOperation::AwaitProceed, "without mapped ids nothing below would be allowed"));
        init.push(Step::new(InitOperation::BecomeRoot, "the rights over the new namespaces are those of its root"));
    }
    if filesystem.cgroup_namespace {
        init.push(Step::new(
            InitOperation::UnshareGroups,
            "once it stands in its groups: they become the roots that it sees",
        ));
    }
    init.extend(plan_root(filesystem)?.into_iter().map(files));
    init.extend(plan_before_root(processes)?.into_iter().map(own));
    init.extend(plan_mounts(filesystem, warnings)?.into_iter().map(files));
    init.extend(plan_devices(filesystem)?.into_iter().map(files));
    if let Some(process) = processes.spec.process.as_ref().filter(|process| process.terminal) {
        let size = process.console_size.filter(|size| (size.height, size.width) != (0, 0)).and_then(|size| {
            // Sizes that no terminal can have were refused by the validation.
            Some((u16::try_from(size.height).ok()?, u16::try_from(size.width).ok()?))
        });
        let operation = InitOperation::OpenConsole { size, owner: process.user.uid };
        init.push(Step::new(operation, "once devpts is mounted, and before /dev/console is out of reach"));
    }
    init.extend(plan_paths(filesystem).into_iter().map(files));
    init.extend(plan_enter(filesystem).into_iter().map(files));
    init.extend(plan_after_root(processes, warnings)?.into_iter().map(own));
    Ok(init)
}
