//! What control groups the host has.

use std::path::{Path, PathBuf};

use linux::{Error, Named as _};

/// Which generation of control groups the host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is mounted.
    None,
    /// Hierarchies of v1 alone.
    Legacy,
    /// Controllers on v1, and a v2 hierarchy without them.
    Hybrid,
    /// v2 alone.
    Unified,
}

/// One mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Its controllers; of v1 also `name=…`.
    pub controllers: Vec<String>,
    /// Whether it is of v2.
    pub unified: bool,
    /// Where it is mounted.
    pub mount_point: PathBuf,
    /// Which of its groups is mounted there: `/` but for nested containers.
    pub mount_root: PathBuf,
    /// The group of this process in it.
    pub own_path: PathBuf,
}

impl Hierarchy {
    /// The directory of a group of this hierarchy.
    #[must_use]
    pub fn directory(&self, group: &Path) -> PathBuf {
        let inside = group.strip_prefix(&self.mount_root).or_else(|_| group.strip_prefix("/")).unwrap_or(group);
        self.mount_point.join(inside)
    }

    /// The directory of this process's own group.
    #[must_use]
    pub fn own_directory(&self) -> PathBuf {
        self.directory(&self.own_path)
    }
}

/// All hierarchies of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// In the order of their mounting.
    pub hierarchies: Vec<Hierarchy>,
    /// Whether this process may make groups below its own one on v2 although it is not root: the subtree is delegated to it.
    pub delegated: bool,
}

impl Layout {
    /// Reads it from this host.
    ///
    /// # Errors
    /// When `/proc/self` cannot be read.
    pub fn probe() -> Result<Self, Error> {
        let read = |path: &str| std::fs::read_to_string(path).named(|| format!("read({path:?})"));
        let mut layout = Self::parse(&read("/proc/self/mountinfo")?, &read("/proc/self/cgroup")?);
        for hierarchy in layout.hierarchies.iter_mut().filter(|hierarchy| hierarchy.unified) {
            let text = std::fs::read_to_string(hierarchy.mount_point.join("cgroup.controllers")).unwrap_or_default();
            hierarchy.controllers = text.split_whitespace().map(str::to_owned).collect();
        }
        if !rustix::process::geteuid().is_root() {
            layout.delegated = layout.unified().is_some_and(|hierarchy| is_delegated(&hierarchy.own_directory()));
        }
        Ok(layout)
    }

    /// The same from the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`; the controllers of v2 are not in them.
    #[must_use]
    pub fn parse(mountinfo: &str, own_groups: &str) -> Self {
        let mut hierarchies: Vec<Hierarchy> = Vec::new();
        for mount in mountinfo.lines().filter_map(parse_mount) {
            let seen = hierarchies.iter().any(|other| {
                other.unified == mount.unified && (mount.unified || other.controllers == mount.controllers)
            });
            if !seen {
                hierarchies.push(Hierarchy { own_path: own_path(own_groups, &mount), ..mount });
            }
        }
        Self { hierarchies, delegated: false }
    }

    /// The generation.
    #[must_use]
    pub fn mode(&self) -> Mode {
        let v1 = self.hierarchies.iter().any(|hierarchy| !hierarchy.unified);
        match (v1, self.unified().is_some()) {
            (false, false) => Mode::None,
            (true, false) => Mode::Legacy,
            (true, true) => Mode::Hybrid,
            (false, true) => Mode::Unified,
        }
    }

    /// The v2 hierarchy.
    #[must_use]
    pub fn unified(&self) -> Option<&Hierarchy> {
        self.hierarchies.iter().find(|hierarchy| hierarchy.unified)
    }

    /// The v1 hierarchy of a controller.
    #[must_use]
    pub fn legacy(&self, controller: &str) -> Option<&Hierarchy> {
        self.hierarchies
            .iter()
            .find(|hierarchy| !hierarchy.unified && hierarchy.controllers.iter().any(|name| name == controller))
    }
}

/// Whether this user may move processes about below that group.
fn is_delegated(directory: &Path) -> bool {
    use rustix::fs::{Access, access};
    let writable = |path: &Path| access(path, Access::WRITE_OK).is_ok();
    writable(directory) && writable(&directory.join("cgroup.procs"))
}

/// A line of `mountinfo` (`proc_pid_mountinfo(5)`): `36 35 98:0 /root /point options - type source super-options`.
fn parse_mount(line: &str) -> Option<Hierarchy> {
    let (left, right) = line.split_once(" - ")?;
    let mut right = right.split(' ');
    let unified = match right.next()? {
        "cgroup" => false,
        "cgroup2" => true,
        _ => return None,
    };
    let options = right.nth(1)?;
    let mut left = left.split(' ').skip(3);
    let (mount_root, mount_point) = (unescape(left.next()?), unescape(left.next()?));
    // What is left of the options after those that are no controllers.
    let other = ["rw", "ro", "noprefix", "clone_children", "xattr", "cpuset_v2_mode", "favordynmods", "none"];
    let controllers = options
        .split(',')
        .filter(|word| !unified && !other.contains(word) && !word.starts_with("release_agent="))
        .map(str::to_owned)
        .collect();
    Some(Hierarchy { controllers, unified, mount_point, mount_root, own_path: PathBuf::new() })
}

/// Octal escapes of blanks in `mountinfo`.
fn unescape(text: &str) -> PathBuf {
    PathBuf::from(text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\"))
}

/// The line `ID:controllers:path` of `/proc/self/cgroup` that belongs to a hierarchy.
fn own_path(own_groups: &str, hierarchy: &Hierarchy) -> PathBuf {
    own_groups
        .lines()
        .find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            let same = if hierarchy.unified {
                controllers.is_empty()
            } else {
                hierarchy.controllers.first().is_some_and(|first| controllers.split(',').any(|name| name == first))
            };
            same.then(|| PathBuf::from(path))
        })
        .unwrap_or_else(|| PathBuf::from("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "\
25 20 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
26 25 0:23 / /sys/fs/cgroup/systemd rw shared:9 - cgroup cgroup rw,xattr,name=systemd
27 25 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
29 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
30 25 0:26 / /mnt/my\\040memory rw - cgroup cgroup rw,memory
";
    const OWN: &str = "4:memory:/user/a\n3:cpu,cpuacct:/\n1:name=systemd:/init.scope\n0::/init.scope\n";

    #[test]
    fn a_hybrid_host_is_understood() {
        let layout = Layout::parse(HYBRID, OWN);
        assert_eq!(layout.mode(), Mode::Hybrid);
        assert_eq!(layout.hierarchies.len(), 4, "{layout:?}");
        let memory = layout.legacy("memory").unwrap();
        assert_eq!(memory.own_directory(), Path::new("/sys/fs/cgroup/memory/user/a"));
        assert_eq!(layout.legacy("cpuacct"), layout.legacy("cpu"));
        assert_eq!(layout.legacy("name=systemd").unwrap().own_path, Path::new("/init.scope"));
        assert_eq!(layout.unified().unwrap().own_directory(), Path::new("/sys/fs/cgroup/unified/init.scope"));
        assert_eq!(layout.legacy("pids"), None);
    }

    #[test]
    fn modes_follow_from_what_is_mounted() {
        let unified = "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        assert_eq!(Layout::parse(unified, "0::/\n").mode(), Mode::Unified);
        assert_eq!(Layout::parse("", "").mode(), Mode::None);
        assert_eq!(Layout::parse("garbage\n1 2 - cgroup\n", "also\n").mode(), Mode::None);
    }
}
