//! Hosts by their facts.

use cgroups::{Controllers, Layout};
use namespaces::{SubordinateRange, UserNamespaceFacts};
use runtime::{HostFacts, KernelVersion};

/// All hosts, by name.
pub(crate) fn all() -> Vec<(&'static str, HostFacts)> {
    vec![
        ("root on v2 with systemd", root_on_unified()),
        ("user on v2 with a delegated group", user_with_delegation()),
        ("user on v2 without one", user_without_delegation()),
        ("root on a hybrid host with Linux 5.10", root_on_old_hybrid()),
        ("root on v1 with systemd", root_on_legacy()),
        ("root without control groups", root_without_groups()),
    ]
}

/// Linux 6.12 with systemd, as root in a session.
pub(crate) fn root_on_unified() -> HostFacts {
    root("6.12", unified("/user.slice/user-0.slice/session-1.scope", (true, true), [ALL, ALL, ""]))
}

/// The same machine, as a user in a scope that systemd has delegated.
pub(crate) fn user_with_delegation() -> HostFacts {
    let own = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope";
    user("6.12", unified(own, (true, true), [ALL, "cpu memory pids", "cpu memory pids"]))
}

/// The same machine, as a user who has logged in over ssh and has no ranges of ids.
pub(crate) fn user_without_delegation() -> HostFacts {
    let own = "/user.slice/user-1000.slice/session-3.scope";
    let mut facts = user("6.12", unified(own, (false, false), [ALL, ALL, ""]));
    facts.users.subordinate_users.clear();
    facts.users.subordinate_groups.clear();
    facts.users.newuidmap = None;
    facts.users.newgidmap = None;
    facts
}

/// Linux 5.10, v1 for the controllers and v2 beside it, without a service manager.
pub(crate) fn root_on_old_hybrid() -> HostFacts {
    let mut facts = root("5.10", writable(Layout::parse(HYBRID.0, HYBRID.1)));
    facts.last_capability = 39;
    facts
}

/// v1 with systemd, which mounts controllers together.
pub(crate) fn root_on_legacy() -> HostFacts {
    root("6.1", writable(Layout::parse(LEGACY.0, LEGACY.1)))
}

/// A kernel or a container without any control groups.
pub(crate) fn root_without_groups() -> HostFacts {
    root("6.6", Layout::parse("22 1 8:1 / / rw - ext4 /dev/vda rw\n", ""))
}

/// The facts with another kernel.
pub(crate) fn with_kernel(release: &str, facts: HostFacts) -> HostFacts {
    HostFacts { kernel: KernelVersion::parse(release), ..facts }
}

const ALL: &str = "cpuset cpu io memory hugetlb pids rdma misc";

const UNIFIED: &str = "24 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";

const HYBRID: (&str, &str) = (
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
     32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n\
     33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n\
     34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n\
     35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
     36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices\n\
     37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer\n\
     38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio\n\
     39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n\
     41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
    "8:pids:/\n7:blkio:/\n6:freezer:/\n5:devices:/\n4:memory:/\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n0::/\n",
);

const LEGACY: (&str, &str) = (
    "25 20 0:22 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:8 - tmpfs tmpfs ro,mode=755\n\
     27 25 0:24 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,release_agent=/x,name=systemd\n\
     28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup rw,cpu,cpuacct\n\
     29 25 0:26 / /sys/fs/cgroup/cpuset rw,nosuid shared:12 - cgroup cgroup rw,cpuset\n\
     30 25 0:27 / /sys/fs/cgroup/memory rw,nosuid shared:13 - cgroup cgroup rw,memory\n\
     31 25 0:28 / /sys/fs/cgroup/devices rw,nosuid shared:14 - cgroup cgroup rw,devices\n\
     32 25 0:29 / /sys/fs/cgroup/blkio rw,nosuid shared:15 - cgroup cgroup rw,blkio\n\
     33 25 0:30 / /sys/fs/cgroup/pids rw,nosuid shared:16 - cgroup cgroup rw,pids\n\
     34 25 0:31 / /sys/fs/cgroup/freezer rw,nosuid shared:17 - cgroup cgroup rw,freezer\n\
     35 25 0:32 / /sys/fs/cgroup/net_cls,net_prio rw,nosuid shared:18 - cgroup cgroup rw,net_cls,net_prio\n",
    "9:net_cls,net_prio:/\n8:freezer:/\n7:pids:/user.slice/user-0.slice/session-1.scope\n6:blkio:/user.slice\n\
     5:devices:/user.slice\n4:memory:/user.slice/user-0.slice/session-1.scope\n3:cpuset:/\n2:cpu,cpuacct:/user.slice\n\
     1:name=systemd:/user.slice/user-0.slice/session-1.scope\n",
);

/// A layout of v2: the own group, whether its parent and itself can be written, and what the top, the parent and itself offer.
fn unified(own: &str, (parent_writable, own_writable): (bool, bool), offered: [&str; 3]) -> Layout {
    let mut layout = Layout::parse(UNIFIED, &format!("0::{own}\n"));
    for hierarchy in &mut layout.hierarchies {
        hierarchy.controllers = offered[0].split(' ').map(str::to_owned).collect();
        hierarchy.parent_controllers = Controllers::parse(offered[1], &[' ']);
        hierarchy.own_controllers = Controllers::parse(offered[2], &[' ']);
        (hierarchy.parent_writable, hierarchy.own_writable) = (parent_writable, own_writable);
        hierarchy.real_root = true;
    }
    layout
}

fn writable(mut layout: Layout) -> Layout {
    for hierarchy in &mut layout.hierarchies {
        hierarchy.own_writable = true;
        hierarchy.parent_writable = hierarchy.own_path != std::path::Path::new("/");
    }
    layout
}

fn root(release: &str, groups: Layout) -> HostFacts {
    HostFacts {
        kernel: KernelVersion::parse(release),
        users: UserNamespaceFacts { privileged: true, maximum: Some(10_000), ..UserNamespaceFacts::default() },
        capabilities: (1 << 41) - 1,
        last_capability: 40,
        groups,
        working_directory: "/srv".into(),
        own_program: None,
    }
}

fn user(release: &str, groups: Layout) -> HostFacts {
    let range = vec![SubordinateRange { first: 100_000, count: 65_536 }];
    HostFacts {
        users: UserNamespaceFacts {
            privileged: false,
            user_id: 1000,
            group_id: 1000,
            user_name: Some("ann".to_owned()),
            maximum: Some(10_000),
            subordinate_users: range.clone(),
            subordinate_groups: range,
            newuidmap: Some("/usr/bin/newuidmap".into()),
            newgidmap: Some("/usr/bin/newgidmap".into()),
            ..UserNamespaceFacts::default()
        },
        capabilities: 0,
        working_directory: "/home/ann".into(),
        ..root(release, groups)
    }
}
