//! Any configuration has a plan or is refused, on hosts of every kind. The input's first byte chooses the host; the rest is a
//! `config.json`.

#![no_main]

use std::path::Path;

use cgroups::{Controllers, Layout};
use libfuzzer_sys::fuzz_target;
use namespaces::{SubordinateRange, UserNamespaceFacts};
use runtime::{HostFacts, KernelVersion, Options, Request, SourceKind, Sources, plan};
use runtime_spec::Spec;

const UNIFIED: &str = "24 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const LEGACY: &str = "28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct\n\
                      29 25 0:26 / /sys/fs/cgroup/cpuset rw shared:12 - cgroup cgroup rw,cpuset\n\
                      30 25 0:27 / /sys/fs/cgroup/memory rw shared:13 - cgroup cgroup rw,memory\n\
                      31 25 0:28 / /sys/fs/cgroup/devices rw shared:14 - cgroup cgroup rw,devices\n\
                      32 25 0:29 / /sys/fs/cgroup/blkio rw shared:15 - cgroup cgroup rw,blkio\n\
                      33 25 0:30 / /sys/fs/cgroup/pids rw shared:16 - cgroup cgroup rw,pids\n\
                      36 25 0:33 / /sys/fs/cgroup/hugetlb rw shared:19 - cgroup cgroup rw,hugetlb\n";
const MEMBERSHIP: &str = "7:hugetlb:/\n6:pids:/u\n5:devices:/u\n4:memory:/u\n3:blkio:/u\n2:cpuset:/u\n1:cpu,cpuacct:/u\n0::/u\n";

fuzz_target!(|input: &[u8]| {
    let Some((choice, text)) = input.split_first() else { return };
    let Ok(spec) = Spec::parse(text) else { return };
    let options = Options {
        no_pivot: choice & 8 != 0,
        no_new_keyring: choice & 16 != 0,
        id_mapped_root: choice & 32 != 0,
        reaper: choice & 64 != 0,
        ..Options::default()
    };
    let request = Request { id: "fuzzed", bundle: Path::new("bundle"), spec: &spec, options };
    match plan(&request, &facts(*choice), &sources(&spec)) {
        Ok(plan) => assert!(!plan.outline().is_empty()),
        Err(error) => assert!(!runtime::one_line(&error).is_empty()),
    }
});

/// A host: with or without root, with a generation of control groups.
fn facts(choice: u8) -> HostFacts {
    let privileged = choice & 1 != 0;
    let mountinfo = match (choice >> 1) & 3 {
        0 => String::new(),
        1 => UNIFIED.to_owned(),
        2 => LEGACY.to_owned(),
        _ => format!("{LEGACY}{UNIFIED}"),
    };
    let mut groups = Layout::parse(&mountinfo, MEMBERSHIP);
    for hierarchy in &mut groups.hierarchies {
        (hierarchy.own_writable, hierarchy.parent_writable) = (true, privileged);
        if hierarchy.unified {
            hierarchy.controllers = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"].map(str::to_owned).to_vec();
            hierarchy.parent_controllers = Controllers::all();
            hierarchy.own_controllers = Controllers::all();
        }
    }
    let range = SubordinateRange { first: 100_000, count: 65_536 };
    HostFacts {
        kernel: KernelVersion { major: 6, minor: 12 },
        users: UserNamespaceFacts {
            privileged,
            user_id: if privileged { 0 } else { 1000 },
            group_id: if privileged { 0 } else { 1000 },
            user_name: Some("user".to_owned()),
            maximum: Some(10_000),
            subordinate_users: vec![range],
            subordinate_groups: vec![range],
            newuidmap: Some("/usr/bin/newuidmap".into()),
            newgidmap: Some("/usr/bin/newgidmap".into()),
            ..UserNamespaceFacts::default()
        },
        capabilities: if privileged { u64::MAX >> 23 } else { 0 },
        last_capability: 40,
        groups,
        working_directory: "/work".into(),
    }
}

/// Every bind mount has a source; every second one is a directory.
fn sources(spec: &Spec) -> Sources {
    let paths = spec.mounts.iter().filter_map(|mount| mount.source.as_deref());
    let kinds = [SourceKind::Directory, SourceKind::File].into_iter().cycle();
    paths.map(|path| Path::new("/work/bundle").join(path)).zip(kinds).collect()
}
