//! The mounted hierarchies, from the texts of `/proc/self/mountinfo` and `/proc/self/cgroup`.

use std::path::PathBuf;

use linux::mount_info::unescape;

use crate::hierarchy::Hierarchy;

/// Finds the mounted hierarchies. Of several mounts of one hierarchy the first usable one is taken: one that is not hidden below
/// a later mount, preferably one that shows the own group and can be written.
pub(crate) fn parse(mountinfo: &str, self_cgroup: &str) -> Vec<Hierarchy> {
    let mounts = visible_mounts(mountinfo);
    let mut found: Vec<Hierarchy> = Vec::new();
    for mut hierarchy in mounts {
        hierarchy.own_path = own_path(&hierarchy, self_cgroup);
        // Mounted from outside the own cgroup namespace: nothing in it can be named.
        if hierarchy.mount_root.starts_with("/..") {
            continue;
        }
        match found.iter_mut().find(|other| same(other, &hierarchy)) {
            None => found.push(hierarchy),
            Some(other) if rank(&hierarchy) > rank(other) => *other = hierarchy,
            Some(_) => {}
        }
    }
    found
}

fn same(one: &Hierarchy, other: &Hierarchy) -> bool {
    one.unified == other.unified && one.controllers == other.controllers
}

fn rank(hierarchy: &Hierarchy) -> (bool, bool) {
    (hierarchy.seen_own_directory().is_some(), !hierarchy.read_only)
}

/// The cgroup mounts that no later mount covers, in the order of the table.
fn visible_mounts(mountinfo: &str) -> Vec<Hierarchy> {
    let mut visible: Vec<Hierarchy> = Vec::new();
    for line in mountinfo.lines() {
        // 36 35 98:0 /root /mount/point rw,noatime master:1 - type source super,options (proc_pid_mountinfo(5))
        let Some((mount, file_system)) = line.split_once(" - ") else { continue };
        let mut fields = mount.split(' ').skip(3);
        let (Some(root), Some(point), Some(options)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let mut fields = file_system.split(' ');
        let (kind, super_options) = (fields.next(), fields.nth(1).unwrap_or(""));
        // A mount is covered by a later one on the same directory or above it.
        if !visible.is_empty() {
            let point = unescape(point.as_bytes());
            visible.retain(|earlier| !earlier.mount_point.starts_with(&point));
        }
        let unified = match kind {
            Some("cgroup") => false,
            Some("cgroup2") => true,
            _ => continue,
        };
        let controllers: Vec<_> = if unified { Vec::new() } else { named_controllers(super_options) };
        if !unified && controllers.is_empty() {
            continue;
        }
        visible.push(Hierarchy {
            unified,
            controllers,
            mount_point: unescape(point.as_bytes()).into_owned(),
            mount_root: unescape(root.as_bytes()).into_owned(),
            read_only: has(options, "ro") || has(super_options, "ro"),
            no_prefix: has(super_options, "noprefix"),
            ..Hierarchy::default()
        });
    }
    visible
}

/// The options of a v1 mount that name controllers, and `name=…` (`cgroup1_show_options` of the kernel has the others).
fn named_controllers(options: &str) -> Vec<String> {
    const OTHERS: [&str; 8] =
        ["rw", "ro", "noprefix", "xattr", "cpuset_v2_mode", "favordynmods", "clone_children", "none"];
    options
        .split(',')
        .filter(|word| !OTHERS.contains(word) && (!word.contains('=') || word.starts_with("name=")))
        .map(str::to_owned)
        .collect()
}

fn has(options: &str, wanted: &str) -> bool {
    options.split(',').any(|option| option == wanted)
}

/// The path of the line of `/proc/self/cgroup` that belongs to the hierarchy: `4:memory:/a/b`, `1:name=systemd:/`, `0::/c`.
fn own_path(hierarchy: &Hierarchy, self_cgroup: &str) -> PathBuf {
    let path = self_cgroup.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (number, members, path) = (fields.next()?, fields.next()?, fields.next()?);
        let fits = if hierarchy.unified {
            number == "0" && members.is_empty()
        } else {
            members.split(',').any(|member| hierarchy.controllers.iter().any(|name| name == member))
        };
        // The kernel marks a group that was removed under the process.
        fits.then(|| path.strip_suffix(" (deleted)").unwrap_or(path))
    });
    PathBuf::from(path.unwrap_or("/"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_covered_mount_is_not_seen() {
        let table = "1 0 0:1 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
                     2 1 0:2 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n\
                     3 0 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let found = parse(table, "2:pids:/x\n0::/y\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].unified);
        assert_eq!(found[0].own_path, Path::new("/y"));
    }

    #[test]
    fn of_two_mounts_the_usable_one_is_taken() {
        let table = "2 1 0:2 /other /run/elsewhere rw - cgroup cgroup rw,pids\n\
                     3 1 0:2 / /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n\
                     4 1 0:2 / /mnt/pids rw - cgroup cgroup rw,pids\n\
                     5 1 0:2 / /mnt/pids2 rw - cgroup cgroup rw,pids\n\
                     6 1 0:2 /.. /mnt/outside rw - cgroup cgroup rw,pids\n";
        let found = parse(table, "2:pids:/x\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].mount_point, Path::new("/mnt/pids"));
    }
}
