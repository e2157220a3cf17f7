//! Plans for hosts that we do not have: each is compared with the script that it reads as.

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cgroups::{
        BlockDevice, Controllers, Cpu, DeviceKind, DeviceRule, GroupOptions, GroupRequest, Hierarchies, Layout, Limits,
        Memory, Throttle, WeightDevice, plan_group, plan_group_with, plan_update,
    };
    use steps::{Script, show_all};

    const LEGACY: (&str, &str) = (
        "25 20 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n\
         27 25 0:24 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,release_agent=/x,name=systemd\n\
         28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw shared:11 - cgroup cgroup rw,cpu,cpuacct\n\
         29 25 0:26 / /sys/fs/cgroup/cpuset rw shared:12 - cgroup cgroup rw,cpuset\n\
         30 25 0:27 / /sys/fs/cgroup/memory rw shared:13 - cgroup cgroup rw,memory\n\
         31 25 0:28 / /sys/fs/cgroup/devices rw shared:14 - cgroup cgroup rw,devices\n\
         32 25 0:29 / /sys/fs/cgroup/blkio rw shared:15 - cgroup cgroup rw,blkio\n\
         33 25 0:30 / /sys/fs/cgroup/pids rw shared:16 - cgroup cgroup rw,pids\n\
         34 25 0:31 / /sys/fs/cgroup/freezer rw shared:17 - cgroup cgroup rw,freezer\n\
         35 25 0:32 / /sys/fs/cgroup/net_cls,net_prio rw shared:18 - cgroup cgroup rw,net_cls,net_prio\n\
         36 25 0:33 / /sys/fs/cgroup/hugetlb rw shared:19 - cgroup cgroup rw,hugetlb\n",
        "8:hugetlb:/\n7:net_cls,net_prio:/\n6:freezer:/\n5:pids:/u\n4:devices:/u\n3:memory:/u\n2:blkio:/\n9:cpuset:/\n\
         10:cpu,cpuacct:/\n1:name=systemd:/user.slice/session-1.scope\n",
    );

    const UNIFIED: &str = "24 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
    const ALL: &str = "cpuset cpu io memory hugetlb pids rdma misc";

    fn legacy() -> Layout {
        let mut layout = Layout::parse(LEGACY.0, LEGACY.1);
        for hierarchy in &mut layout.hierarchies {
            hierarchy.own_writable = true;
            hierarchy.parent_writable = hierarchy.own_path.to_str() != Some("/");
        }
        layout
    }

    /// A host with v2: the own group, what is writable, and what the top, the parent and the own group offer.
    fn unified(own: &str, writable: (bool, bool), offered: [&str; 3]) -> Layout {
        let mut layout = Layout::parse(UNIFIED, &format!("0::{own}\n"));
        let hierarchy = &mut layout.hierarchies[0];
        hierarchy.controllers = offered[0].split(' ').map(str::to_owned).collect();
        hierarchy.parent_controllers = Controllers::parse(offered[1], &[' ']);
        hierarchy.own_controllers = Controllers::parse(offered[2], &[' ']);
        (hierarchy.parent_writable, hierarchy.own_writable) = writable;
        hierarchy.real_root = true;
        layout
    }

    fn root_on_unified() -> Layout {
        unified("/user.slice/session-1.scope", (true, true), [ALL, ALL, ""])
    }

    fn request(limits: &Limits) -> GroupRequest<'_> {
        GroupRequest { path: Some("/holm/c1"), id: "c1", limits, rootless: false }
    }

    /// The script without its comments, or the refusal with its sources.
    fn plan(layout: &Layout, request: &GroupRequest<'_>, options: &GroupOptions) -> String {
        match plan_group_with(layout, request, options) {
            Ok(plan) => {
                let mut script = Script::new();
                show_all(&plan.steps, &mut script);
                let lines = script.as_str().lines().filter(|line| !line.starts_with('#'));
                let mut text: Vec<String> = lines.map(str::to_owned).collect();
                text.extend(plan.warnings.iter().map(|warning| format!("WARNING {warning}")));
                text.join("\n")
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
                format!("REFUSED {error}{}", source.unwrap_or_default())
            }
        }
    }

    #[track_caller]
    fn check(layout: &Layout, limits: &Limits, expected: &str) {
        let options = GroupOptions { hierarchies: Hierarchies::Limited, ..GroupOptions::default() };
        assert_eq!(plan(layout, &request(limits), &options), expected);
    }

    /// The limits that most containers have.
    fn ordinary() -> Limits {
        Limits {
            memory: Memory { limit: Some(1 << 20), swap: Some(2 << 20), ..Memory::default() },
            cpu: Cpu { shares: Some(512), quota: Some(50_000), period: Some(100_000), ..Cpu::default() },
            pids: Some(100),
            ..Limits::default()
        }
    }

    #[test]
    fn v1_with_the_usual_hierarchies() {
        let text = plan(&legacy(), &request(&ordinary()), &GroupOptions::default());
        assert_eq!(
            text,
            "mkdir -p /sys/fs/cgroup/systemd/holm/c1\n\
             mkdir -p /sys/fs/cgroup/cpu,cpuacct/holm/c1\n\
             mkdir -p /sys/fs/cgroup/memory/holm/c1\n\
             mkdir -p /sys/fs/cgroup/devices/holm/c1\n\
             mkdir -p /sys/fs/cgroup/pids/holm/c1\n\
             mkdir -p /sys/fs/cgroup/freezer/holm/c1\n\
             echo 1048576 > /sys/fs/cgroup/memory/holm/c1/memory.limit_in_bytes\n\
             echo 2097152 > /sys/fs/cgroup/memory/holm/c1/memory.memsw.limit_in_bytes\n\
             echo 512 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.shares\n\
             echo 100000 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.cfs_period_us\n\
             echo 50000 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.cfs_quota_us\n\
             echo 100 > /sys/fs/cgroup/pids/holm/c1/pids.max"
        );
    }

    #[test]
    fn v1_keys_are_those_of_runc() {
        let limits = ordinary();
        let options = GroupOptions { hierarchies: Hierarchies::All, ..GroupOptions::default() };
        let plan = plan_group_with(&legacy(), &request(&limits), &options).unwrap();
        let keys: Vec<_> = plan.paths.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "blkio",
                "cpu",
                "cpuacct",
                "cpuset",
                "devices",
                "freezer",
                "hugetlb",
                "memory",
                "name=systemd",
                "net_cls",
                "net_prio",
                "pids"
            ]
        );
        assert_eq!(plan.paths["cpu"], plan.paths["cpuacct"]);
    }

    #[test]
    fn a_relative_name_goes_below_the_own_group_on_v1() {
        let limits = Limits { pids: Some(-1), ..Limits::default() };
        let options = GroupOptions { hierarchies: Hierarchies::Limited, ..GroupOptions::default() };
        let request = GroupRequest { path: None, id: "c1", limits: &limits, rootless: false };
        assert_eq!(
            plan(&legacy(), &request, &options),
            "mkdir -p /sys/fs/cgroup/pids/u/c1\necho max > /sys/fs/cgroup/pids/u/c1/pids.max"
        );
    }

    #[test]
    fn v1_cpusets_are_filled_from_above() {
        check(
            &legacy(),
            &Limits { cpu: Cpu { cpus: Some("0-1".to_owned()), ..Cpu::default() }, ..Limits::default() },
            "mkdir -p /sys/fs/cgroup/cpuset/holm/c1\n\
             test -n \"$(cat /sys/fs/cgroup/cpuset/holm/cpuset.cpus)\" || cat /sys/fs/cgroup/cpuset/cpuset.cpus > /sys/fs/cgroup/cpuset/holm/cpuset.cpus\n\
             test -n \"$(cat /sys/fs/cgroup/cpuset/holm/cpuset.mems)\" || cat /sys/fs/cgroup/cpuset/cpuset.mems > /sys/fs/cgroup/cpuset/holm/cpuset.mems\n\
             test -n \"$(cat /sys/fs/cgroup/cpuset/holm/c1/cpuset.mems)\" || cat /sys/fs/cgroup/cpuset/holm/cpuset.mems > /sys/fs/cgroup/cpuset/holm/c1/cpuset.mems\n\
             echo 0-1 > /sys/fs/cgroup/cpuset/holm/c1/cpuset.cpus",
        );
    }

    #[test]
    fn v1_has_files_of_its_own() {
        let throttle = |rate| vec![Throttle { device: (8, 0), rate }];
        check(
            &legacy(),
            &Limits {
                memory: Memory {
                    limit: Some(-1),
                    reservation: Some(9),
                    swappiness: Some(10),
                    disable_oom_killer: true,
                    ..Memory::default()
                },
                cpu: Cpu {
                    burst: Some(5),
                    idle: Some(1),
                    realtime_runtime: Some(7),
                    realtime_period: Some(8),
                    ..Cpu::default()
                },
                block: BlockDevice {
                    weight: Some(200),
                    weight_devices: vec![WeightDevice { device: (8, 0), weight: 300 }],
                    read_bytes: throttle(1),
                    write_operations: throttle(0),
                    ..BlockDevice::default()
                },
                huge_pages: vec![("2MB".to_owned(), 4096)],
                network_class: Some(17),
                network_priorities: vec![("eth0".to_owned(), 3), ("lo".to_owned(), 4)],
                ..Limits::default()
            },
            "mkdir -p /sys/fs/cgroup/cpu,cpuacct/holm/c1\n\
             mkdir -p /sys/fs/cgroup/memory/holm/c1\n\
             mkdir -p /sys/fs/cgroup/blkio/holm/c1\n\
             mkdir -p /sys/fs/cgroup/net_cls,net_prio/holm/c1\n\
             mkdir -p /sys/fs/cgroup/hugetlb/holm/c1\n\
             printf '%s\\n' -1 > /sys/fs/cgroup/memory/holm/c1/memory.limit_in_bytes\n\
             test ! -e /sys/fs/cgroup/memory/holm/c1/memory.memsw.limit_in_bytes || echo -1 > /sys/fs/cgroup/memory/holm/c1/memory.memsw.limit_in_bytes\n\
             echo 9 > /sys/fs/cgroup/memory/holm/c1/memory.soft_limit_in_bytes\n\
             echo 1 > /sys/fs/cgroup/memory/holm/c1/memory.oom_control\n\
             echo 10 > /sys/fs/cgroup/memory/holm/c1/memory.swappiness\n\
             test ! -e /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.cfs_burst_us || echo 5 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.cfs_burst_us\n\
             echo 1 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.idle\n\
             echo 8 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.rt_period_us\n\
             echo 7 > /sys/fs/cgroup/cpu,cpuacct/holm/c1/cpu.rt_runtime_us\n\
             if test -e /sys/fs/cgroup/blkio/holm/c1/blkio.weight; then\n    \
                 echo 200 > /sys/fs/cgroup/blkio/holm/c1/blkio.weight\n\
             else\n    \
                 echo 200 > /sys/fs/cgroup/blkio/holm/c1/blkio.bfq.weight\n\
             fi\n\
             if test -e /sys/fs/cgroup/blkio/holm/c1/blkio.weight_device; then\n    \
                 echo '8:0 300' > /sys/fs/cgroup/blkio/holm/c1/blkio.weight_device\n\
             else\n    \
                 echo '8:0 300' > /sys/fs/cgroup/blkio/holm/c1/blkio.bfq.weight_device\n\
             fi\n\
             echo '8:0 1' > /sys/fs/cgroup/blkio/holm/c1/blkio.throttle.read_bps_device\n\
             echo '8:0 0' > /sys/fs/cgroup/blkio/holm/c1/blkio.throttle.write_iops_device\n\
             echo 4096 > /sys/fs/cgroup/hugetlb/holm/c1/hugetlb.2MB.limit_in_bytes\n\
             test ! -e /sys/fs/cgroup/hugetlb/holm/c1/hugetlb.2MB.rsvd.limit_in_bytes || echo 4096 > /sys/fs/cgroup/hugetlb/holm/c1/hugetlb.2MB.rsvd.limit_in_bytes\n\
             echo 17 > /sys/fs/cgroup/net_cls,net_prio/holm/c1/net_cls.classid\n\
             echo 'eth0 3' > /sys/fs/cgroup/net_cls,net_prio/holm/c1/net_prio.ifpriomap\n\
             echo 'lo 4' > /sys/fs/cgroup/net_cls,net_prio/holm/c1/net_prio.ifpriomap",
        );
    }

    #[test]
    fn v1_devices_are_a_list() {
        let rules = vec![
            DeviceRule { allow: false, ..DeviceRule::allow(DeviceKind::All, None, None) },
            DeviceRule::allow(DeviceKind::Character, Some(1), Some(3)),
        ];
        check(
            &legacy(),
            &Limits { devices: Some(rules), ..Limits::default() },
            "mkdir -p /sys/fs/cgroup/devices/holm/c1\n\
             echo a > /sys/fs/cgroup/devices/holm/c1/devices.deny\n\
             echo 'c 1:3 rwm' > /sys/fs/cgroup/devices/holm/c1/devices.allow",
        );
    }

    #[test]
    fn v2_as_root() {
        check(
            &root_on_unified(),
            &ordinary(),
            "mkdir -p /sys/fs/cgroup/holm/c1\n\
             echo '+cpu +cpuset +memory +io +pids +hugetlb' > /sys/fs/cgroup/cgroup.subtree_control\n\
             echo '+cpu +cpuset +memory +io +pids +hugetlb' > /sys/fs/cgroup/holm/cgroup.subtree_control\n\
             echo 1048576 > /sys/fs/cgroup/holm/c1/memory.swap.max\n\
             echo 1048576 > /sys/fs/cgroup/holm/c1/memory.max\n\
             echo 59 > /sys/fs/cgroup/holm/c1/cpu.weight\n\
             echo '50000 100000' > /sys/fs/cgroup/holm/c1/cpu.max\n\
             echo 100 > /sys/fs/cgroup/holm/c1/pids.max",
        );
    }

    #[test]
    fn v2_has_files_of_its_own() {
        let throttle = |rate| vec![Throttle { device: (8, 0), rate }];
        let text = plan(
            &root_on_unified(),
            &request(&Limits {
                memory: Memory { limit: Some(-1), reservation: Some(9), ..Memory::default() },
                kernel_memory: Some(5),
                cpu: Cpu {
                    burst: Some(5),
                    period: Some(1000),
                    idle: Some(1),
                    mems: Some("0".to_owned()),
                    ..Cpu::default()
                },
                pids: Some(0),
                block: BlockDevice {
                    weight: Some(1000),
                    weight_devices: vec![WeightDevice { device: (8, 0), weight: 10 }],
                    write_bytes: throttle(1),
                    read_operations: throttle(0),
                    ..BlockDevice::default()
                },
                huge_pages: vec![("1GB".to_owned(), 0)],
                rdma: vec![("mlx".to_owned(), Some(2), None)],
                unified: BTreeMap::from([("memory.high".to_owned(), "7".to_owned())]),
                devices: Some(vec![DeviceRule::allow(DeviceKind::Character, Some(1), Some(3))]),
                ..Limits::default()
            }),
            &GroupOptions { owner: Some(1000), ..GroupOptions::default() },
        );
        assert_eq!(
            text,
            "mkdir -p /sys/fs/cgroup/holm/c1\n\
             echo '+cpu +cpuset +memory +io +pids +hugetlb +rdma' > /sys/fs/cgroup/cgroup.subtree_control\n\
             echo '+cpu +cpuset +memory +io +pids +hugetlb +rdma' > /sys/fs/cgroup/holm/cgroup.subtree_control\n\
             test ! -e /sys/fs/cgroup/holm/c1/memory.swap.max || echo max > /sys/fs/cgroup/holm/c1/memory.swap.max\n\
             echo max > /sys/fs/cgroup/holm/c1/memory.max\n\
             echo 9 > /sys/fs/cgroup/holm/c1/memory.low\n\
             echo 1 > /sys/fs/cgroup/holm/c1/cpu.idle\n\
             echo 5 > /sys/fs/cgroup/holm/c1/cpu.max.burst\n\
             echo 'max 1000' > /sys/fs/cgroup/holm/c1/cpu.max\n\
             echo 0 > /sys/fs/cgroup/holm/c1/cpuset.mems\n\
             echo 1 > /sys/fs/cgroup/holm/c1/pids.max\n\
             if test -e /sys/fs/cgroup/holm/c1/io.bfq.weight; then\n    \
                 echo 1000 > /sys/fs/cgroup/holm/c1/io.bfq.weight\n\
             else\n    \
                 echo 10000 > /sys/fs/cgroup/holm/c1/io.weight\n\
             fi\n\
             if test -e /sys/fs/cgroup/holm/c1/io.bfq.weight; then\n    \
                 echo '8:0 10' > /sys/fs/cgroup/holm/c1/io.bfq.weight\n\
             else\n    \
                 echo '8:0 1' > /sys/fs/cgroup/holm/c1/io.weight\n\
             fi\n\
             echo '8:0 wbps=1' > /sys/fs/cgroup/holm/c1/io.max\n\
             echo '8:0 riops=max' > /sys/fs/cgroup/holm/c1/io.max\n\
             echo 0 > /sys/fs/cgroup/holm/c1/hugetlb.1GB.max\n\
             test ! -e /sys/fs/cgroup/holm/c1/hugetlb.1GB.rsvd.max || echo 0 > /sys/fs/cgroup/holm/c1/hugetlb.1GB.rsvd.max\n\
             echo 'mlx hca_handle=2' > /sys/fs/cgroup/holm/c1/rdma.max\n\
             echo 7 > /sys/fs/cgroup/holm/c1/memory.high\n\
             chown 1000 /sys/fs/cgroup/holm/c1\n\
             for file in $(cat /sys/kernel/cgroup/delegate); do chown -f 1000 /sys/fs/cgroup/holm/c1/\"$file\"; done\n\
             WARNING memory.kernel has no effect: the kernel has no such limit any more"
        );
    }

    #[test]
    fn a_relative_name_goes_beside_the_own_group_on_v2() {
        let limits = Limits::default();
        let request = GroupRequest { path: None, id: "c1", limits: &limits, rootless: false };
        assert_eq!(
            plan(&root_on_unified(), &request, &GroupOptions::default()).lines().next(),
            Some("mkdir -p /sys/fs/cgroup/user.slice/c1")
        );
    }

    const SCOPE: &str = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope";

    #[test]
    fn v2_without_root_in_a_delegated_scope() {
        let layout = unified(SCOPE, (true, true), [ALL, "cpu memory pids", "memory pids"]);
        let limits = Limits { pids: Some(5), ..Limits::default() };
        let request = GroupRequest { path: None, id: "c1", limits: &limits, rootless: true };
        let scope = format!("/sys/fs/cgroup{SCOPE}");
        assert_eq!(
            plan(&layout, &request, &GroupOptions::default()),
            format!(
                "mkdir -p {scope}/c1\n\
                 mkdir -p {scope}/holm.self\n\
                 for pid in $(cat {scope}/cgroup.procs); do echo \"$pid\" > {scope}/holm.self/cgroup.procs; done\n\
                 echo '+memory +pids' > {scope}/cgroup.subtree_control\n\
                 echo 5 > {scope}/c1/pids.max"
            )
        );
        // Nobody is moved for the sake of statistics.
        let request = GroupRequest { limits: &Limits::default(), ..request };
        assert_eq!(plan(&layout, &request, &GroupOptions::default()), format!("mkdir -p {scope}/c1"));

        // An absolute name is only as good as the rights over it.
        let request = GroupRequest { path: Some("/a/b"), ..request };
        assert_eq!(
            plan(&layout, &request, &GroupOptions::default()),
            format!(
                "mkdir -p {scope}/a/b\n\
                 WARNING linux.cgroupsPath \"/a/b\" is taken from the own group on: without root nothing else is ours"
            )
        );
        let inside = format!("{SCOPE}/x");
        let request = GroupRequest { path: Some(&inside), ..request };
        assert_eq!(plan(&layout, &request, &GroupOptions::default()), format!("mkdir -p {scope}/x"));
        let request = GroupRequest { path: None, ..request };

        // Once moved, the next one goes beside.
        let layout = unified(&format!("{SCOPE}/holm.self"), (true, true), [ALL, "memory pids", "memory pids"]);
        let limits = Limits { pids: Some(5), ..Limits::default() };
        let request = GroupRequest { limits: &limits, ..request };
        assert_eq!(
            plan(&layout, &request, &GroupOptions::default()),
            format!(
                "mkdir -p {scope}/c1\necho '+memory +pids' > {scope}/cgroup.subtree_control\necho 5 > {scope}/c1/pids.max"
            )
        );
    }

    #[test]
    fn v2_without_root_and_without_delegation() {
        let layout = unified("/user.slice/user-1000.slice/session-1.scope", (false, false), [ALL, "memory pids", ""]);
        let limits = Limits { devices: Some(DeviceRule::defaults()), ..Limits::default() };
        let request = GroupRequest { path: None, id: "c1", limits: &limits, rootless: true };
        let made = plan_group(&layout, &request).unwrap();
        assert!(made.steps.is_empty() && made.paths.is_empty() && made.warnings.is_empty(), "{made:?}");

        let request = GroupRequest { path: Some("/a/b"), ..request };
        assert_eq!(
            plan(&layout, &request, &GroupOptions::default()),
            "WARNING linux.cgroupsPath \"/a/b\" has no effect: this user may not make the group \
             /sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope/a/b"
        );

        let limits = Limits { pids: Some(5), ..Limits::default() };
        let request = GroupRequest { path: None, limits: &limits, ..request };
        let text = plan(&layout, &request, &GroupOptions::default());
        assert!(
            text.starts_with(
                "REFUSED pids.limit cannot be set: this user may not make the group \
                 /sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope/c1; start it in a scope of its own with `systemd-run"
            ),
            "{text}"
        );
    }

    #[test]
    fn v2_without_root_and_without_the_controller() {
        let layout = unified(SCOPE, (true, true), [ALL, "memory pids", "memory pids"]);
        let limits = ordinary();
        let request = GroupRequest { path: None, id: "c1", limits: &limits, rootless: true };
        let text = plan(&layout, &request, &GroupOptions::default());
        assert!(
            text.starts_with("REFUSED cpu.shares cannot be set: the cgroup v2 hierarchy at /sys/fs/cgroup, below")
                && text.contains("does not give the controller `cpu` (it gives: memory, pids); start it")
                && text.contains("delegate.conf"),
            "{text}"
        );
    }

    #[test]
    fn root_of_a_container_moves_what_stands_in_the_root() {
        let mut layout = unified("/", (false, true), ["memory pids", "memory pids", "memory pids"]);
        layout.hierarchies[0].real_root = false;
        check(
            &layout,
            &Limits { pids: Some(5), ..Limits::default() },
            "mkdir -p /sys/fs/cgroup/holm/c1\n\
             mkdir -p /sys/fs/cgroup/holm.self\n\
             for pid in $(cat /sys/fs/cgroup/cgroup.procs); do echo \"$pid\" > /sys/fs/cgroup/holm.self/cgroup.procs; done\n\
             echo '+memory +pids' > /sys/fs/cgroup/cgroup.subtree_control\n\
             echo '+memory +pids' > /sys/fs/cgroup/holm/cgroup.subtree_control\n\
             echo 5 > /sys/fs/cgroup/holm/c1/pids.max",
        );
    }

    #[test]
    fn a_hybrid_host_uses_v2_when_told_to() {
        let mountinfo = "32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                         41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let mut layout = Layout::parse(mountinfo, "4:memory:/\n0::/\n");
        for hierarchy in &mut layout.hierarchies {
            hierarchy.own_writable = true;
        }
        layout.hierarchies[1].controllers = vec!["hugetlb".to_owned()];
        layout.hierarchies[1].real_root = true;
        let limits = Limits { huge_pages: vec![("2MB".to_owned(), 1)], ..Limits::default() };
        assert_eq!(
            plan(&layout, &request(&limits), &GroupOptions::default()),
            "REFUSED hugepageLimits cannot be set: the cgroup v2 hierarchy at /sys/fs/cgroup/unified stands beside v1 here, and the \
             container joins v1 alone"
        );
        let options = GroupOptions { unified_beside_v1: true, ..GroupOptions::default() };
        assert_eq!(
            plan(&layout, &request(&limits), &options),
            "mkdir -p /sys/fs/cgroup/memory/holm/c1\n\
             mkdir -p /sys/fs/cgroup/unified/holm/c1\n\
             echo +hugetlb > /sys/fs/cgroup/unified/cgroup.subtree_control\n\
             echo +hugetlb > /sys/fs/cgroup/unified/holm/cgroup.subtree_control\n\
             echo 1 > /sys/fs/cgroup/unified/holm/c1/hugetlb.2MB.max\n\
             test ! -e /sys/fs/cgroup/unified/holm/c1/hugetlb.2MB.rsvd.max || echo 1 > /sys/fs/cgroup/unified/holm/c1/hugetlb.2MB.rsvd.max"
        );
    }

    #[test]
    fn what_cannot_be_had_is_refused_with_a_sentence() {
        let memory = |memory| Limits { memory, ..Limits::default() };
        let cpu = |cpu| Limits { cpu, ..Limits::default() };
        let v1 = legacy();
        let v2 = root_on_unified();
        let refused = |layout: &Layout, limits: Limits, expected: &str| {
            let text = plan(layout, &request(&limits), &GroupOptions::default());
            assert_eq!(text.strip_prefix("REFUSED "), Some(expected), "{limits:?}");
        };
        refused(
            &v1,
            Limits { rdma: vec![("a".to_owned(), None, None)], ..Limits::default() },
            "rdma cannot be set: no mounted cgroup hierarchy has the controller `rdma` (there are: cpu, cpuacct, cpuset, memory, \
             devices, freezer, blkio, pids, hugetlb, net_cls, net_prio)",
        );
        refused(
            &v1,
            Limits { unified: BTreeMap::from([("memory.high".to_owned(), "1".to_owned())]), ..Limits::default() },
            "unified cannot be set: it is for hosts with cgroup v2 alone; this one has v1",
        );
        refused(
            &v1,
            memory(Memory { limit: Some(-2), ..Memory::default() }),
            "memory.limit cannot be -2: it is a number of bytes, or -1 for unlimited",
        );
        refused(
            &v1,
            memory(Memory { swappiness: Some(101), ..Memory::default() }),
            "memory.swappiness cannot be 101: it goes from 0 to 100",
        );
        refused(
            &v1,
            cpu(Cpu { shares: Some(1), ..Cpu::default() }),
            "cpu.shares cannot be 1: it goes from 2 to 262144",
        );
        refused(
            &v2,
            memory(Memory { swap: Some(1), ..Memory::default() }),
            "memory.swap cannot be 1: swap cannot be limited without a limit of memory: the value counts both together",
        );
        refused(
            &v2,
            memory(Memory { swappiness: Some(0), ..Memory::default() }),
            "memory.swappiness cannot be set: cgroup v2 has nothing like it",
        );
        refused(
            &v2,
            memory(Memory { disable_oom_killer: true, ..Memory::default() }),
            "memory.disableOOMKiller cannot be set: cgroup v2 has nothing like it",
        );
        refused(
            &v2,
            cpu(Cpu { realtime_runtime: Some(1), ..Cpu::default() }),
            "cpu.realtimeRuntime cannot be set: cgroup v2 does not divide real-time scheduling among groups",
        );
        refused(
            &v2,
            Limits { network_class: Some(1), ..Limits::default() },
            "network.classID cannot be set: cgroup v2 marks no packets; nftables can, by `socket cgroupv2`",
        );
        refused(
            &v2,
            Limits { leaf_weight: Some(10), ..Limits::default() },
            "blockIO.leafWeight cannot be set: in cgroup v2 a group has either processes or children with controllers, and nothing \
             to weigh",
        );
        refused(
            &v2,
            Limits { block: BlockDevice { weight: Some(9), ..BlockDevice::default() }, ..Limits::default() },
            "blockIO.weight cannot be 9: a weight goes from 10 to 1000",
        );
        for size in ["2mb", "../2MB", "MB", "2MB.x", ""] {
            refused(
                &v2,
                Limits { huge_pages: vec![(size.to_owned(), 1)], ..Limits::default() },
                &format!("hugepageLimits.pageSize cannot be {size:?}: it is a number with KB, MB or GB, such as 2MB"),
            );
        }
        for (key, problem) in
            [("a/b.c", "it is a file name, without a slash"), ("memory", "it has the form CONTROLLER.PARAMETER")]
        {
            refused(
                &v2,
                Limits { unified: BTreeMap::from([(key.to_owned(), "1".to_owned())]), ..Limits::default() },
                &format!("the key of unified cannot be {key:?}: {problem}"),
            );
        }
        refused(
            &Layout::default(),
            Limits { devices: Some(Vec::new()), ..Limits::default() },
            "devices cannot be set: no mounted cgroup hierarchy has the controller `devices` (there are: none)",
        );
        let mut read_only = root_on_unified();
        read_only.hierarchies[0].read_only = true;
        refused(
            &read_only,
            ordinary(),
            "memory.limit cannot be set: the cgroup v2 hierarchy at /sys/fs/cgroup is mounted read-only",
        );
        let few = unified("/user.slice/session-1.scope", (true, true), ["memory", "memory", ""]);
        refused(
            &few,
            Limits { pids: Some(1), ..Limits::default() },
            "pids.limit cannot be set: the cgroup v2 hierarchy at /sys/fs/cgroup, below /sys/fs/cgroup, does not give the controller \
             `pids` (it gives: memory)",
        );
        let limits = Limits::default();
        let bad = GroupRequest { path: Some("/a/../b"), ..request(&limits) };
        let text = plan(&v2, &bad, &GroupOptions::default());
        assert!(text.starts_with("REFUSED the control group has no usable name: \"/a/../b\" cannot name"), "{text}");
    }

    #[test]
    fn new_limits_for_a_group_that_stands() {
        let layout = root_on_unified();
        let paths = BTreeMap::from([(String::new(), "/sys/fs/cgroup/holm/c1".into())]);
        let limits = Limits {
            memory: Memory { limit: Some(100), ..Memory::default() },
            check_memory_before_update: true,
            ..Limits::default()
        };
        let plan = plan_update(&layout, &paths, &limits, false).unwrap();
        let mut script = Script::new();
        show_all(&plan.steps, &mut script);
        assert_eq!(
            script.as_str(),
            "# a group has the controllers that those above it give\n\
             echo +memory > /sys/fs/cgroup/cgroup.subtree_control\n\
             echo +memory > /sys/fs/cgroup/holm/cgroup.subtree_control\n\
             # a limit below what is used would kill processes at once\n\
             test \"$(cat /sys/fs/cgroup/holm/c1/memory.current)\" -lt 100 || exit 1\n\
             # memory, after which processes are killed\n\
             echo 100 > /sys/fs/cgroup/holm/c1/memory.max\n"
        );
    }

    #[test]
    fn operations_name_themselves() {
        let limits = ordinary();
        let plan = plan_group(&legacy(), &request(&limits)).unwrap();
        let text: Vec<_> = plan.steps.iter().map(|step| step.operation.to_string()).collect();
        assert_eq!(text[1], "make the control group /sys/fs/cgroup/cpu,cpuacct/holm/c1");
        assert_eq!(
            text[6],
            "write 1048576 into /sys/fs/cgroup/memory/holm/c1/memory.limit_in_bytes and 2097152 into \
             /sys/fs/cgroup/memory/holm/c1/memory.memsw.limit_in_bytes"
        );
        assert_eq!(text[9], "write 100 into /sys/fs/cgroup/pids/holm/c1/pids.max");
    }
}
