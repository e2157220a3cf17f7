//! One hierarchy of control groups as a process sees it.

use std::path::{Path, PathBuf};

use crate::controller::{Controllers, Version};

/// A hierarchy: where it is mounted, what it controls, and where this process stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hierarchy {
    /// Whether it is that of v2.
    pub unified: bool,
    /// Its controllers in the kernel's words and order; of v1 also `name=…`; of v2 those of the group at the mount point.
    pub controllers: Vec<String>,
    /// Where it is mounted.
    pub mount_point: PathBuf,
    /// Which group of the hierarchy the mount point shows.
    pub mount_root: PathBuf,
    /// The group of this process, in the words of `/proc/self/cgroup`; `/` where that does not say.
    pub own_path: PathBuf,
    /// A v1 cpuset whose files lack their prefix: `cpus` for `cpuset.cpus` (mount option `noprefix`).
    pub no_prefix: bool,
    /// The mount is read-only.
    pub read_only: bool,
    /// Whether this user may make groups below the own one, and move processes there.
    pub own_writable: bool,
    /// The same for the parent of the own group; always false where the own group is the topmost one that is seen.
    pub parent_writable: bool,
    /// Only v2: the group at the mount point is the real root of the hierarchy, which may have processes *and* children with
    /// controllers.
    pub real_root: bool,
    /// Only v2: controllers that children of the own group can have.
    pub own_controllers: Controllers,
    /// Only v2: controllers that children of the own group's parent can have.
    pub parent_controllers: Controllers,
}

impl Hierarchy {
    /// Which interface it speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        if self.unified { Version::V2 } else { Version::V1 }
    }

    /// The controllers that this crate knows, as a set.
    #[must_use]
    pub fn known_controllers(&self) -> Controllers {
        self.controllers.iter().filter_map(|name| Controllers::by_name(name)).collect()
    }

    /// The name of a v1 hierarchy: `systemd` for `name=systemd`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.controllers.iter().find_map(|word| word.strip_prefix("name="))
    }

    /// The directory of this process's group; the mount point where the mount does not show that group.
    #[must_use]
    pub fn own_directory(&self) -> PathBuf {
        self.seen_own_directory().unwrap_or_else(|| self.mount_point.clone())
    }

    /// The directory of this process's group; `None` where the mount does not show it.
    #[must_use]
    pub fn seen_own_directory(&self) -> Option<PathBuf> {
        let below = self.own_path.strip_prefix(&self.mount_root).ok()?;
        // A group outside the own cgroup namespace begins with `..` (cgroup_namespaces(7)).
        if below.components().any(|part| part.as_os_str() == "..") {
            return None;
        }
        // `join` would leave a slash at the end.
        Some(if below == Path::new("") { self.mount_point.clone() } else { self.mount_point.join(below) })
    }

    /// The keys by which a saved state names this hierarchy's group, as runc's `state.json` does: one for each controller,
    /// `name=…` for a named one, the empty string for v2.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        if self.unified { vec![String::new()] } else { self.controllers.clone() }
    }

    /// How a sentence names it.
    #[must_use]
    pub fn described(&self) -> String {
        let version = if self.unified { "v2" } else { "v1" };
        format!("the cgroup {version} hierarchy at {}", self.mount_point.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_directory_is_found_below_the_mounts_root() {
        let check = |root: &str, own: &str, expected: Option<&str>| {
            let hierarchy = Hierarchy {
                own_path: own.into(),
                mount_root: root.into(),
                mount_point: "/sys/fs/cgroup/memory".into(),
                ..Hierarchy::default()
            };
            assert_eq!(hierarchy.seen_own_directory(), expected.map(PathBuf::from), "{root} {own}");
        };
        check("/", "/", Some("/sys/fs/cgroup/memory"));
        check("/", "/a/b", Some("/sys/fs/cgroup/memory/a/b"));
        check("/docker/1", "/docker/1", Some("/sys/fs/cgroup/memory"));
        check("/docker/1", "/docker/1/x", Some("/sys/fs/cgroup/memory/x"));
        check("/docker/1", "/docker/2", None);
        check("/", "/../other", None);
    }
}
