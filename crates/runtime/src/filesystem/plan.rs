//! From the configuration to the operations. Pure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cgroups::{Layout, Mode};
use linux::mount::{MountAttributes, Propagation};
use runtime_spec::{Linux, Mount, Spec};
use steps::Step;

use super::control_groups::GroupMount;
use super::error::FilesystemError;
use super::id_map;
use super::operation::FilesystemOperation;
use super::options::{Bind, MountOptions, root_propagation};
use super::overlay::layers;
use super::requirements::{check_layers, check_mount};
use super::sources::{SourceKind, Sources, is_bind};
use super::tolerated::{Use, passed_over};
use crate::kernel::KernelVersion;
use crate::request::Overlay;

/// What the plans of this module depend on.
#[derive(Debug, Clone)]
pub(crate) struct FilesystemInput<'a> {
    /// The configuration.
    pub(crate) spec: &'a Spec,
    /// The root's directory, absolute.
    pub(crate) rootfs: &'a Path,
    /// From where relative sources are meant, absolute.
    pub(crate) bundle: &'a Path,
    /// Whether the container has a user namespace of its own.
    pub(crate) user_namespace: bool,
    /// Whether this process may show files through an id map.
    pub(crate) privileged: bool,
    /// Whether it has a mount namespace of its own.
    pub(crate) mount_namespace: bool,
    /// Whether it has a cgroup namespace of its own.
    pub(crate) cgroup_namespace: bool,
    /// Whether the root is moved instead of pivoted.
    pub(crate) no_pivot: bool,
    /// Whether the parent sends the root as an id-mapped mount.
    pub(crate) id_mapped_root: bool,
    /// Copy-on-write directories.
    pub(crate) overlays: &'a [Overlay],
    /// What stands at the sources of bind mounts.
    pub(crate) sources: &'a Sources,
    /// The host's control groups.
    pub(crate) groups: &'a Layout,
    /// The container's control groups.
    pub(crate) group_paths: &'a BTreeMap<String, PathBuf>,
    /// The host's kernel.
    pub(crate) kernel: KernelVersion,
}

type Steps = Vec<Step<FilesystemOperation>>;

fn linux(spec: &Spec) -> Option<&Linux> {
    spec.linux.as_ref()
}

/// The mount namespace's first steps: nothing may reach the host's table any more, and the root must be a mount.
///
/// # Errors
/// Layers that cannot be mounted here.
pub(crate) fn plan_root(input: &FilesystemInput<'_>) -> Result<Steps, FilesystemError> {
    check_layers(input.id_mapped_root, input.overlays, input.user_namespace, input.kernel)?;
    if !input.mount_namespace {
        if input.id_mapped_root || !input.overlays.is_empty() {
            let what = "id-mapped and copy-on-write roots without a mount namespace".to_owned();
            return Err(FilesystemError::Unsupported { path: "linux.namespaces".to_owned(), what });
        }
        let operation = FilesystemOperation::OpenRoot { path: input.rootfs.to_owned() };
        return Ok(vec![Step::new(operation, "everything below is found beneath it")]);
    }
    let asked = linux(input.spec).and_then(|linux| root_propagation(linux.rootfs_propagation.as_deref()?));
    let shared = matches!(asked, Some((Propagation::Shared, _)));
    let path = input.rootfs.to_owned();
    let mut steps = vec![Step::new(
        FilesystemOperation::SetPropagation {
            propagation: if shared { Propagation::Shared } else { Propagation::Slave },
        },
        "before the first mount: what is mounted from here on must not show on the host",
    )];
    if shared {
        steps.push(Step::new(
            FilesystemOperation::MakeParentPrivate { path: path.clone() },
            "the root is shared, but its attaching must not show on the host",
        ));
    }
    // Without a user namespace there is no map to show them through: their ids are the host's already.
    let layers = layers(input.overlays.iter().filter(|overlay| overlay.id_mapped && input.user_namespace));
    if !layers.is_empty() {
        steps.push(Step::new(
            FilesystemOperation::AttachLayers { paths: layers.clone() },
            "before the root, which would otherwise be covered; and an overlay is made only of what is attached",
        ));
    }
    let root = if input.id_mapped_root {
        FilesystemOperation::AttachReceivedRoot { path }
    } else {
        FilesystemOperation::AttachRoot { path }
    };
    steps.push(Step::new(root, "only a mount can become the root, and everything below is found beneath it"));
    steps.extend(input.overlays.iter().map(|overlay| {
        let operation = FilesystemOperation::Overlay { overlay: overlay.clone(), layers: layers.clone() };
        Step::new(operation, "what is below stays as it is; what the container writes goes on top")
    }));
    Ok(steps)
}

/// The mounts of the configuration, in its order; adds to the warnings what has no effect.
///
/// # Errors
/// A mount that cannot be made here.
pub(crate) fn plan_mounts(input: &FilesystemInput<'_>, warnings: &mut Vec<String>) -> Result<Steps, FilesystemError> {
    let mounts = input.spec.mounts.iter().enumerate();
    mounts.map(|(index, mount)| plan_mount(input, index, mount, warnings)).collect()
}

fn plan_mount(
    input: &FilesystemInput<'_>,
    index: usize,
    mount: &Mount,
    warnings: &mut Vec<String>,
) -> Result<Step<FilesystemOperation>, FilesystemError> {
    let path = format!("mounts[{index}]");
    let unsupported = |path: String, what: &str| FilesystemError::Unsupported { path, what: what.to_owned() };
    if !input.mount_namespace {
        return Err(FilesystemError::Unsupported { path, what: "mounts without a mount namespace".to_owned() });
    }
    let mut options = MountOptions::parse(&mount.options);
    let kind = mount.kind.as_deref().unwrap_or_default();
    check_mount(&path, mount, &options, input.user_namespace, input.kernel)?;
    let destination = format!("/{}", mount.destination.trim_start_matches('/'));
    let why = "in the order of the configuration: a later mount may stand inside an earlier one";
    let what = match kind {
        _ if options.remount && options.bind == Bind::No => Use::Remount,
        _ if is_bind(mount) => Use::Bind,
        "cgroup" | "cgroup2" => Use::ControlGroups,
        kind => Use::New(kind),
    };
    warnings.extend(passed_over(&path, what, &options));
    if what == Use::Remount {
        return Ok(Step::new(FilesystemOperation::Remount { destination, options }, why));
    }
    if what != Use::Bind && id_map::wanted(mount) {
        return Err(unsupported(format!("{path}.uidMappings"), "id-mapped mounts that bind nothing"));
    }
    if what == Use::Bind {
        let source = mount.source.as_deref().filter(|source| !source.is_empty());
        let source = source.ok_or_else(|| FilesystemError::NoSource { path: format!("{path}.source") })?;
        let file = input.bundle.join(source);
        let Some(found) = input.sources.get(&file) else {
            return Err(FilesystemError::MissingSource { path: format!("{path}.source"), file });
        };
        if options.bind == Bind::No {
            options.bind = Bind::Single;
        }
        // Words that are neither of the mount nor of its propagation have no meaning for a bind.
        options.data.clear();
        let directory = *found == SourceKind::Directory;
        let operation = if id_map::wanted(mount) {
            id_map::check(input.spec, input.privileged, mount, &path)?;
            FilesystemOperation::BindReceived { source: file, destination, directory, options }
        } else {
            FilesystemOperation::Bind { source: file, destination, directory, options }
        };
        return Ok(Step::new(operation, why));
    }
    if what == Use::ControlGroups {
        return Ok(Step::new(FilesystemOperation::ControlGroups(group_mount(input, destination, &options)), why));
    }
    let source = mount.source.clone().unwrap_or_default();
    Ok(Step::new(FilesystemOperation::Mount { kind: kind.to_owned(), source, destination, options }, why))
}

fn group_mount(input: &FilesystemInput<'_>, destination: String, options: &MountOptions) -> GroupMount {
    let own = |controller: &str, otherwise: PathBuf| input.group_paths.get(controller).cloned().unwrap_or(otherwise);
    let unified = (input.groups.mode() == Mode::Unified)
        .then(|| input.groups.unified().map(|hierarchy| own("", hierarchy.mount_point.clone())))
        .flatten();
    let legacy = input
        .groups
        .hierarchies
        .iter()
        .filter(|hierarchy| !hierarchy.unified)
        .map(|hierarchy| {
            let first = hierarchy.controllers.first().cloned().unwrap_or_default();
            let name = hierarchy.controllers.join(",").replace("name=", "");
            (name, hierarchy.controllers.clone(), own(&first, hierarchy.own_directory()))
        })
        .collect();
    GroupMount {
        destination,
        attributes: options.set | options.recursive_set,
        legacy,
        unified,
        namespace: input.cgroup_namespace,
    }
}

/// The devices that every container has: name, major and minor number.
const DEFAULT_DEVICES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

const DEFAULT_LINKS: [(&str, &str); 5] = [
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
];

/// Device nodes and links. A `/dev` that is bound from the host has its own.
///
/// # Errors
/// A device that cannot be made here.
pub(crate) fn plan_devices(input: &FilesystemInput<'_>) -> Result<Steps, FilesystemError> {
    let dev = input.spec.mounts.iter().find(|mount| mount.destination.trim_end_matches('/') == "/dev");
    if dev.is_some_and(is_bind) {
        return Ok(Vec::new());
    }
    let why = "once /dev is mounted, and before the root may become read-only";
    let mut steps = Vec::new();
    let devices = linux(input.spec).map(|linux| linux.devices.as_slice()).unwrap_or_default();
    for (index, device) in devices.iter().enumerate() {
        let path = format!("linux.devices[{index}]");
        let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0);
        let operation = if input.user_namespace {
            if !Path::new(&device.path).is_absolute() {
                return Err(FilesystemError::NoDevice { path, device: device.path.clone() });
            }
            FilesystemOperation::BindDevice { path: device.path.clone() }
        } else {
            FilesystemOperation::MakeDevice {
                path: device.path.clone(),
                kind: if device.kind == "u" { 'c' } else { device.kind.chars().next().unwrap_or('c') },
                major: number(device.major),
                minor: number(device.minor),
                mode: device.file_mode.unwrap_or(0o666) & 0o7777,
                owner: (device.uid.unwrap_or(0), device.gid.unwrap_or(0)),
            }
        };
        steps.push(Step::new(operation, why));
    }
    for (name, major, minor) in DEFAULT_DEVICES {
        let path = format!("/dev/{name}");
        if devices.iter().any(|device| device.path == path) {
            continue;
        }
        steps.push(Step::new(
            if input.user_namespace {
                FilesystemOperation::BindDevice { path }
            } else {
                FilesystemOperation::MakeDevice { path, kind: 'c', major, minor, mode: 0o666, owner: (0, 0) }
            },
            why,
        ));
    }
    for (path, target) in DEFAULT_LINKS {
        let link = FilesystemOperation::Symlink { path: path.to_owned(), target: target.to_owned() };
        steps.push(Step::new(link, why));
    }
    Ok(steps)
}

/// Paths that are closed to writing or to reading.
#[must_use]
pub(crate) fn plan_paths(input: &FilesystemInput<'_>) -> Steps {
    let Some(linux) = linux(input.spec).filter(|_| input.mount_namespace) else { return Vec::new() };
    let read_only = linux.readonly_paths.iter().map(|path| {
        Step::new(
            FilesystemOperation::ReadOnlyPath { path: path.clone() },
            "after the sysctls are written, which these paths would refuse",
        )
    });
    let masked = linux.masked_paths.iter().map(|path| {
        Step::new(
            FilesystemOperation::Mask { path: path.clone() },
            "when nothing more is mounted that a cover could hide",
        )
    });
    read_only.chain(masked).collect()
}

/// Entering the root: the last of the mount table.
#[must_use]
pub(crate) fn plan_enter(input: &FilesystemInput<'_>) -> Steps {
    if !input.mount_namespace {
        // Nothing is read-only here, and the directory is the caller's own tree.
        let operation = FilesystemOperation::ChangeRoot { path: input.rootfs.to_owned() };
        return vec![Step::new(operation, "without a mount namespace only the process's own root can change")];
    }
    let mut steps = Vec::new();
    if let Some(process) = &input.spec.process {
        steps.push(Step::new(
            FilesystemOperation::MakeDirectory { path: process.cwd.clone() },
            "the working directory, where the image has none, and while it can still be made",
        ));
    }
    if input.spec.root.as_ref().is_some_and(|root| root.readonly) {
        let why = "last of all mounts: until here places had to be made in the root";
        // They are parts of the root, but for one that a mount of the configuration covers.
        let covered = |overlay: &Overlay| {
            input.spec.mounts.iter().any(|mount| mount.destination.trim_end_matches('/') == overlay.destination)
        };
        steps.extend(input.overlays.iter().filter(|overlay| !covered(overlay)).map(|overlay| {
            let options = MountOptions { set: MountAttributes::RDONLY, ..MountOptions::default() };
            Step::new(FilesystemOperation::Remount { destination: overlay.destination.clone(), options }, why)
        }));
        steps.push(Step::new(FilesystemOperation::MakeRootReadOnly, why));
    }
    let enter = if input.no_pivot { FilesystemOperation::MoveRoot } else { FilesystemOperation::PivotRoot };
    steps.push(Step::new(enter, "from here on the host's files are out of reach"));
    let asked = linux(input.spec).and_then(|linux| root_propagation(linux.rootfs_propagation.as_deref()?));
    if let Some((propagation, recursive)) = asked {
        steps.push(Step::new(
            FilesystemOperation::SetRootPropagation { propagation, recursive },
            "pivoting needs a private root: only now it may be what was asked for",
        ));
    }
    steps
}
