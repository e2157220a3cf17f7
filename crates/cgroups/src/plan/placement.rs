//! Where a group goes in each hierarchy. The rules are those of runc's cgroupfs driver, so that both find each other's groups:
//!
//! - an absolute name counts from the mount point;
//! - a relative one on v1 (and on the v2 hierarchy of a hybrid host) goes below the group of this process;
//! - a relative one on a v2 host goes beside it, below its parent: the own group has a process, this one, and so cannot give
//!   controllers to children.
//!
//! Without root, and where the parent is not ours (a container's cgroup namespace), the group goes below the own one on v2 as well,
//! and before it can have controllers the processes there have to move into a group of their own, [`SELF_GROUP`].

use std::path::{Path, PathBuf};

use super::name::GroupName;
use crate::controller::{Controllers, Version};
use crate::hierarchy::Hierarchy;

/// The group into which the processes of a delegated group move, to make room for groups with controllers beside it.
pub const SELF_GROUP: &str = "holm.self";

/// A group's place in one hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    pub(crate) version: Version,
    /// What the group can have: of v2, what those above can give it.
    pub(crate) controllers: Controllers,
    /// The group's directory.
    pub(crate) directory: PathBuf,
    pub(crate) mount_point: PathBuf,
    pub(crate) no_prefix: bool,
    /// A v1 hierarchy without controllers in which somebody, a service manager, sorts processes.
    pub(crate) sorts_processes: bool,
    /// How a sentence names the hierarchy.
    pub(crate) hierarchy: String,
    /// The keys under which the group is saved.
    pub(crate) keys: Vec<String>,
    /// Only v2: the first group whose `cgroup.subtree_control` is ours to write.
    pub(crate) top: PathBuf,
    /// Only v2: the group whose processes must move before it can give controllers.
    pub(crate) crowded: Option<PathBuf>,
}

/// A hierarchy in which no group can be made, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClosedHierarchy {
    pub(crate) version: Version,
    pub(crate) controllers: Controllers,
    pub(crate) problem: String,
}

impl ClosedHierarchy {
    pub(crate) fn new(hierarchy: &Hierarchy, problem: String) -> Self {
        Self { version: hierarchy.version(), controllers: hierarchy.known_controllers(), problem }
    }
}

/// Finds the place; `beside` says that v2 is the only hierarchy.
pub(crate) fn place(
    hierarchy: &Hierarchy,
    name: &GroupName,
    beside: bool,
    rootless: bool,
) -> Result<Placement, ClosedHierarchy> {
    if hierarchy.read_only {
        return Err(ClosedHierarchy::new(hierarchy, format!("{} is mounted read-only", hierarchy.described())));
    }
    let own = hierarchy.seen_own_directory();
    let asked = hierarchy.mount_point.join(name.path());
    let base = if name.is_absolute() && !rootless {
        hierarchy.mount_point.clone()
    } else {
        own_base(hierarchy, own.as_deref(), name, beside && hierarchy.unified, rootless)
            .map_err(|problem| ClosedHierarchy::new(hierarchy, problem))?
    };
    let directory = if name.is_absolute() && asked.starts_with(&base) { asked } else { base.join(name.path()) };
    // Without root only what is below the base is ours; with root all that is missing on the way down can be enabled.
    let controllers = match hierarchy.version() {
        Version::V2 if rootless && Some(&base) == own.as_ref() => hierarchy.own_controllers,
        Version::V2 if rootless => hierarchy.parent_controllers,
        _ => hierarchy.known_controllers(),
    };
    let crowded = own
        .filter(|own| hierarchy.unified && directory.starts_with(own))
        .filter(|own| !(hierarchy.real_root && *own == hierarchy.mount_point));
    let top = if rootless { base } else { hierarchy.mount_point.clone() };
    Ok(Placement { controllers, top, crowded, ..Placement::existing(hierarchy, &directory) })
}

/// The group of our own below which the new one goes, or why there is none. An absolute name without root is taken at its word where
/// that is ours, and else as a relative one.
fn own_base(
    hierarchy: &Hierarchy,
    own: Option<&Path>,
    name: &GroupName,
    beside: bool,
    rootless: bool,
) -> Result<PathBuf, String> {
    let own = own.ok_or_else(|| {
        format!("{} does not show the group of this process, below which the new one would go", hierarchy.described())
    })?;
    let parent = own.parent().filter(|_| hierarchy.parent_writable);
    let ours = Some(own).filter(|_| hierarchy.own_writable);
    let asked = hierarchy.mount_point.join(name.path());
    let literal = ours.into_iter().chain(parent).find(|base| name.is_absolute() && asked.starts_with(base));
    let beside = parent.filter(|_| beside && prefers_parent(hierarchy, own, rootless));
    literal
        .or(beside)
        .or(ours)
        .map(Path::to_owned)
        .ok_or_else(|| format!("this user may not make the group {}", own.join(name.path()).display()))
}

/// With root the place beside the own group, as in runc. Without, what lies above is the service manager's, which may take
/// controllers away again at any time (systemd writes the whole of `cgroup.subtree_control`), so that the own group is the better
/// place, but for one whose processes have moved already.
fn prefers_parent(hierarchy: &Hierarchy, own: &Path, rootless: bool) -> bool {
    !rootless || !hierarchy.own_writable || own.file_name().is_some_and(|name| name == SELF_GROUP)
}

impl Placement {
    /// The place of a group that stands already, by its directory.
    pub(crate) fn existing(hierarchy: &Hierarchy, directory: &Path) -> Self {
        Self {
            version: hierarchy.version(),
            controllers: hierarchy.known_controllers(),
            directory: directory.to_owned(),
            mount_point: hierarchy.mount_point.clone(),
            no_prefix: hierarchy.no_prefix,
            // A service manager leaves no process in the root but the kernel's own.
            sorts_processes: hierarchy.name().is_some() && hierarchy.own_path != Path::new("/"),
            hierarchy: hierarchy.described(),
            keys: hierarchy.keys(),
            top: hierarchy.mount_point.clone(),
            crowded: None,
        }
    }
}
