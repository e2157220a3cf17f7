//! The control groups of this host as this process finds them: the facts that every plan starts from.

use std::path::Path;

use linux::Error;
use rustix::fs::{Access, AtFlags, CWD, accessat};

use crate::controller::Controllers;
use crate::files;
use crate::hierarchy::Hierarchy;
use crate::mount_table;

/// Which versions a host has mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// None at all.
    #[default]
    None,
    /// Only v1.
    Legacy,
    /// v1, and beside it v2.
    Hybrid,
    /// Only v2.
    Unified,
}

/// The mounted hierarchies, and this process's place in them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The hierarchies in the order of the mount table.
    pub hierarchies: Vec<Hierarchy>,
}

impl Layout {
    /// Reads this host's layout: two files of `/proc`, and of v2 the list of controllers.
    ///
    /// # Errors
    /// `/proc` cannot be read. A kernel without control groups is [`Mode::None`], no error.
    pub fn probe() -> Result<Self, Error> {
        let mountinfo = files::read(Path::new("/proc/self/mountinfo"))?;
        let self_cgroup = match files::read(Path::new("/proc/self/cgroup")) {
            Err(error) if error.errno() == rustix::io::Errno::NOENT => String::new(),
            read => read?,
        };
        let mut layout = Self::parse(&mountinfo, &self_cgroup);
        // Root of the host may write everywhere; root of a user namespace nowhere but where it was let, which the first question
        // shows.
        let is_root = rustix::process::geteuid().is_root();
        let mut may_all = false;
        for hierarchy in &mut layout.hierarchies {
            if may_all {
                let has_parent = hierarchy.seen_own_directory().is_some_and(|own| own != hierarchy.mount_point);
                (hierarchy.own_writable, hierarchy.parent_writable) =
                    (!hierarchy.read_only, !hierarchy.read_only && has_parent);
            } else {
                probe_rights(hierarchy);
                may_all = is_root && hierarchy.own_writable;
            }
            if hierarchy.unified {
                probe_unified(hierarchy);
            }
        }
        Ok(layout)
    }

    /// The layout that the texts of `/proc/self/mountinfo` and `/proc/self/cgroup` describe: nothing is known yet of rights and of
    /// the controllers of v2.
    #[must_use]
    pub fn parse(mountinfo: &str, self_cgroup: &str) -> Self {
        Self { hierarchies: mount_table::parse(mountinfo, self_cgroup) }
    }

    /// Which versions are mounted.
    #[must_use]
    pub fn mode(&self) -> Mode {
        let has_v1 = self.hierarchies.iter().any(|hierarchy| !hierarchy.unified);
        match (has_v1, self.unified().is_some()) {
            (false, false) => Mode::None,
            (true, false) => Mode::Legacy,
            (true, true) => Mode::Hybrid,
            (false, true) => Mode::Unified,
        }
    }

    /// The hierarchy that has this controller.
    #[must_use]
    pub fn with(&self, controller: Controllers) -> Option<&Hierarchy> {
        self.hierarchies.iter().find(|hierarchy| hierarchy.known_controllers().contains(controller))
    }

    /// The v1 hierarchy of a controller, or of `name=…`.
    #[must_use]
    pub fn legacy(&self, controller: &str) -> Option<&Hierarchy> {
        self.hierarchies
            .iter()
            .find(|hierarchy| !hierarchy.unified && hierarchy.controllers.iter().any(|name| name == controller))
    }

    /// The v2 hierarchy.
    #[must_use]
    pub fn unified(&self) -> Option<&Hierarchy> {
        self.hierarchies.iter().find(|hierarchy| hierarchy.unified)
    }

    /// All controllers of all hierarchies.
    #[must_use]
    pub fn controllers(&self) -> Controllers {
        self.hierarchies.iter().fold(Controllers::empty(), |all, hierarchy| all | hierarchy.known_controllers())
    }
}

/// Asks whether groups can be made below the own group and below its parent. To move a process, the `cgroup.procs` of the common
/// ancestor must be writable too; on v1 only that of the target, which its maker owns.
fn probe_rights(hierarchy: &mut Hierarchy) {
    let Some(own) = hierarchy.seen_own_directory() else { return };
    hierarchy.own_writable = may_divide(hierarchy, &own);
    let parent = own.parent().filter(|_| own != hierarchy.mount_point);
    hierarchy.parent_writable = parent.is_some_and(|parent| may_divide(hierarchy, parent));
}

fn may_divide(hierarchy: &Hierarchy, group: &Path) -> bool {
    may_write(group) && (!hierarchy.unified || may_write(&group.join("cgroup.procs")))
}

fn may_write(path: &Path) -> bool {
    accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS).is_ok()
}

/// Reads what v2 offers at the top, to the own group's siblings and to its children. What cannot be read is not offered.
fn probe_unified(hierarchy: &mut Hierarchy) {
    let read = |directory: &Path| files::read(&directory.join("cgroup.controllers")).unwrap_or_default();
    let top = hierarchy.mount_point.clone();
    hierarchy.controllers = read(&top).split_whitespace().map(str::to_owned).collect();
    hierarchy.own_controllers = hierarchy.known_controllers();
    hierarchy.parent_controllers = hierarchy.own_controllers;
    // Only a real root has no type (Documentation/admin-guide/cgroup-v2.rst, "cgroup.type").
    hierarchy.real_root = accessat(CWD, top.join("cgroup.type"), Access::EXISTS, AtFlags::empty()).is_err();
    let Some(own) = hierarchy.seen_own_directory().filter(|own| *own != top) else { return };
    let offered = |directory: &Path| Controllers::parse(&read(directory), &[' ']);
    hierarchy.own_controllers = offered(&own);
    if let Some(parent) = own.parent().filter(|parent| *parent != top) {
        hierarchy.parent_controllers = offered(parent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mountinfo: &str, self_cgroup: &str, mode: Mode, expected: &str) {
        let layout = Layout::parse(mountinfo, self_cgroup);
        assert_eq!(layout.mode(), mode);
        let lines: Vec<String> = layout
            .hierarchies
            .iter()
            .map(|hierarchy| {
                let keys = hierarchy.keys();
                let own = hierarchy.seen_own_directory().map_or("-".to_owned(), |own| own.display().to_string());
                format!("{:?} {} {own}", hierarchy.version(), keys.join(","))
            })
            .collect();
        assert_eq!(lines.join("\n"), expected);
    }

    #[test]
    fn a_host_without_groups() {
        check("22 1 8:1 / / rw - ext4 /dev/vda rw\n", "", Mode::None, "");
    }

    #[test]
    fn a_hybrid_host_without_systemd() {
        check(
            "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
             32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n\
             35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
             40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n\
             41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
            "9:name=systemd:/\n4:memory:/process_api/32d592\n1:cpu:/\n0::/\n",
            Mode::Hybrid,
            "V1 cpu /sys/fs/cgroup/cpu\n\
             V1 memory /sys/fs/cgroup/memory/process_api/32d592\n\
             V1 name=systemd /sys/fs/cgroup/systemd\n\
             V2  /sys/fs/cgroup/unified",
        );
    }

    #[test]
    fn a_legacy_host_with_systemd_mounts_controllers_together() {
        check(
            "25 20 0:22 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,mode=755\n\
             27 25 0:24 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,release_agent=/x,name=systemd\n\
             28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup rw,cpu,cpuacct\n\
             29 25 0:26 / /sys/fs/cgroup/net_cls,net_prio rw shared:12 - cgroup cgroup rw,net_cls,net_prio\n\
             30 25 0:27 / /dev/cpuset rw - cgroup cgroup rw,cpuset,noprefix\n",
            "4:cpuset:/\n3:cpu,cpuacct:/user.slice\n2:net_cls,net_prio:/\n1:name=systemd:/user.slice/user-0.slice/session-1.scope\n",
            Mode::Legacy,
            "V1 name=systemd /sys/fs/cgroup/systemd/user.slice/user-0.slice/session-1.scope\n\
             V1 cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct/user.slice\n\
             V1 net_cls,net_prio /sys/fs/cgroup/net_cls,net_prio\n\
             V1 cpuset /dev/cpuset",
        );
    }

    #[test]
    fn a_unified_host() {
        check(
            "24 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope\n",
            Mode::Unified,
            "V2  /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope",
        );
    }

    #[test]
    fn a_container_without_a_cgroup_namespace_sees_its_own_group_at_the_mount() {
        check(
            "900 800 0:26 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
            "4:memory:/docker/abc\n",
            Mode::Legacy,
            "V1 memory /sys/fs/cgroup/memory",
        );
    }

    #[test]
    fn this_host_can_be_probed() {
        let layout = Layout::probe().unwrap();
        println!("{layout:#?}");
        assert_eq!(layout.mode() == Mode::None, layout.hierarchies.is_empty());
    }
}
