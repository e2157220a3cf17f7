//! Groups for real, in hierarchies of this machine, as root. Each test has groups of its own and removes them, also on a panic.

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::process::CommandExt as _;
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};

    use cgroups::{
        Controllers, Cpu, DeviceKind, DeviceList, DeviceRule, Group, GroupContext, GroupOperation, GroupOptions,
        GroupPlan, GroupRequest, Hierarchies, Layout, Limits, Memory, MemoryEvent, Mode, Version, advice,
        plan_group_with, plan_update,
    };
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use steps::{Operation as _, apply_all};

    /// Removes what a test made, also when it fails.
    struct Guard {
        group: Group,
        name: String,
    }

    impl Drop for Guard {
        fn drop(&mut self) {
            let killed = self.group.kill_all();
            let errors = self.group.delete();
            // The parents that were made for it.
            for path in self.group.paths().values() {
                let _gone = fs::remove_dir(path.parent().unwrap());
            }
            if !std::thread::panicking() {
                assert_eq!((killed, errors), (Ok(()), Vec::new()), "{}", self.name);
                for path in self.group.paths().values() {
                    assert!(!path.exists(), "{} is left", path.display());
                }
            }
        }
    }

    /// The layout, where this user may make groups at all.
    fn layout(test: &str) -> Option<Layout> {
        let layout = Layout::probe().unwrap();
        let reason = if !rustix::process::geteuid().is_root() {
            "not root"
        } else if layout.mode() == Mode::None {
            "no control groups are mounted"
        } else {
            return Some(layout);
        };
        println!("skip {test}: {reason}");
        None
    }

    const HYBRID: GroupOptions =
        GroupOptions { hierarchies: Hierarchies::All, unified_beside_v1: true, skip_devices: false, owner: None };

    /// Applies the plan of a group with these limits; the guard has it even when a step fails.
    fn make(
        layout: &Layout,
        test: &str,
        limits: &Limits,
    ) -> (Guard, GroupPlan, Result<(), steps::Failure<linux::Error>>) {
        let name = format!("/holm-cgroups-{}/{test}", std::process::id());
        let request = GroupRequest { path: Some(&name), id: test, limits, rootless: false };
        let plan = plan_group_with(layout, &request, &HYBRID).unwrap();
        let guard = Guard { group: Group::from_paths(plan.paths.clone()), name: test.to_owned() };
        let result = apply_all(&plan.steps, &mut GroupContext::default());
        (guard, plan, result)
    }

    /// A shell that has joined the group and waits for a line: `read line; COMMAND`.
    fn shell(group: &Group, command: &str) -> Child {
        let directories: Vec<PathBuf> = group.paths().values().cloned().collect();
        let join: String =
            directories.iter().map(|path| format!("echo $$ > '{}/cgroup.procs'\n", path.display())).collect();
        let script = format!("set -e\n{join}echo in\nread line\n{command}");
        let mut child = Command::new("/bin/sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut answer = [0; 3];
        child.stdout.as_mut().unwrap().read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"in\n");
        child
    }

    fn finish(mut child: Child) -> (Option<i32>, String) {
        let _gone = child.stdin.take().unwrap().write_all(b"go\n");
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    }

    fn value(group: &Group, controller: Controllers, v1: &str, v2: &str) -> String {
        let (directory, version) = group.directory(controller).unwrap();
        let file = directory.join(if version == Version::V1 { v1 } else { v2 });
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).trim().to_owned()
    }

    fn has(layout: &Layout, controllers: Controllers) -> bool {
        layout.controllers().contains(controllers)
    }

    #[test]
    fn limits_arrive_in_the_kernel() {
        let Some(layout) = layout("limits_arrive_in_the_kernel") else { return };
        let set = Some("0".to_owned());
        let mut limits = Limits {
            pids: Some(77),
            memory: Memory { limit: Some(64 << 20), reservation: Some(1 << 20), ..Memory::default() },
            cpu: Cpu { shares: Some(2048), quota: Some(20_000), period: Some(50_000), cpus: set, ..Cpu::default() },
            ..Limits::default()
        };
        if has(&layout, Controllers::HUGETLB) && Path::new("/sys/kernel/mm/hugepages/hugepages-2048kB").exists() {
            limits.huge_pages = vec![("2MB".to_owned(), 2 << 20)];
        }
        let (guard, _, result) = make(&layout, "limits", &limits);
        result.unwrap();
        let group = &guard.group;
        assert_eq!(value(group, Controllers::PIDS, "pids.max", "pids.max"), "77");
        assert_eq!(value(group, Controllers::MEMORY, "memory.limit_in_bytes", "memory.max"), (64 << 20).to_string());
        assert_eq!(group.memory_limit(), Some(64 << 20));
        assert_eq!(value(group, Controllers::CPUSET, "cpuset.cpus", "cpuset.cpus"), "0");
        if group.directory(Controllers::CPU).unwrap().1 == Version::V1 {
            assert_eq!(value(group, Controllers::CPU, "cpu.shares", "-"), "2048");
            assert_eq!(value(group, Controllers::CPU, "cpu.cfs_quota_us", "-"), "20000");
            assert_eq!(value(group, Controllers::CPU, "cpu.cfs_period_us", "-"), "50000");
            assert_eq!(value(group, Controllers::CPUSET, "cpuset.mems", "-"), "0");
        } else {
            assert_eq!(value(group, Controllers::CPU, "-", "cpu.max"), "20000 50000");
            assert_eq!(value(group, Controllers::CPU, "-", "cpu.weight"), cgroups::shares_to_weight(2048).to_string());
        }
        if !limits.huge_pages.is_empty() {
            assert_eq!(
                value(group, Controllers::HUGETLB, "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max"),
                (2 << 20).to_string()
            );
        }

        // Lower, then higher: the values are checked against each other, and come in the order that fits.
        for (limit, quota, period) in [(32_i64 << 20, 5_000, 5_000_u64), (128 << 20, 900_000, 1_000_000)] {
            let limits = Limits {
                memory: Memory { limit: Some(limit), swap: Some(limit), ..Memory::default() },
                cpu: Cpu { quota: Some(quota), period: Some(period), ..Cpu::default() },
                ..Limits::default()
            };
            let update = plan_update(&layout, group.paths(), &limits, false).unwrap();
            apply_all(&update.steps, &mut GroupContext::default()).unwrap();
            assert_eq!(group.memory_limit(), u64::try_from(limit).ok());
        }
    }

    #[test]
    fn a_process_joins_is_listed_and_is_limited() {
        let Some(layout) = layout("a_process_joins_is_listed_and_is_limited") else { return };
        let limits = Limits { pids: Some(1), ..Limits::default() };
        let (guard, _, result) = make(&layout, "pids", &limits);
        result.unwrap();
        let child = shell(&guard.group, "ls /");
        let pid = i32::try_from(child.id()).unwrap();
        let listed: Vec<_> = guard.group.processes().into_iter().map(|pid| pid.as_raw_nonzero().get()).collect();
        assert_eq!(listed, [pid]);
        assert_eq!(guard.group.own_processes().unwrap(), guard.group.all_processes().unwrap());
        let (code, text) = finish(child);
        assert!(code != Some(0) && text.contains("fork"), "{code:?} {text}");
        assert_eq!(guard.group.processes(), []);
    }

    #[test]
    fn tasks_files_join_the_writing_thread() {
        let Some(layout) = layout("tasks_files_join_the_writing_thread") else { return };
        let (guard, plan, result) = make(&layout, "join", &Limits::default());
        result.unwrap();
        let files = guard.group.open_join_files().unwrap();
        let v1: std::collections::BTreeSet<_> =
            plan.paths.iter().filter(|(key, _)| !key.is_empty()).map(|(_, path)| path).collect();
        assert_eq!(files.len(), v1.len());
        assert_eq!(guard.group.unified_directory().unwrap().is_some(), plan.paths.contains_key(""));
        // This thread joins and leaves again: it is the group's only member.
        let Some(home) = layout.legacy("pids") else { return };
        let file = guard.group.paths()["pids"].join("tasks");
        fs::write(&file, "0").unwrap();
        let members = fs::read_to_string(&file).unwrap();
        fs::write(home.own_directory().join("tasks"), "0").unwrap();
        assert_eq!(members.lines().count(), 1);
    }

    #[test]
    fn a_group_in_use_is_not_taken_over_and_an_empty_one_is() {
        let Some(layout) = layout("a_group_in_use_is_not_taken_over_and_an_empty_one_is") else { return };
        let (guard, plan, result) = make(&layout, "taken", &Limits::default());
        result.unwrap();
        apply_all(&plan.steps, &mut GroupContext::default()).unwrap();
        let child = shell(&guard.group, "true");
        let failure = apply_all(&plan.steps, &mut GroupContext::default()).unwrap_err();
        assert_eq!(failure.cause.errno(), Errno::EXIST);
        assert!(failure.to_string().contains("could not make the control group"), "{failure}");
        let words = advice(&plan.steps[0].operation, &failure.cause).unwrap();
        assert!(words.contains("cgroup.procs"), "{words}");
        finish(child);
    }

    #[test]
    fn freezing_stops_and_thawing_goes_on() {
        let Some(layout) = layout("freezing_stops_and_thawing_goes_on") else { return };
        let (guard, plan, result) = make(&layout, "freeze", &Limits::default());
        result.unwrap();
        // Both ways, where there are both.
        let without_unified: BTreeMap<_, _> = plan
            .paths
            .iter()
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, path)| (key.clone(), path.clone()))
            .collect();
        let mut ways = vec![plan.paths.clone()];
        if plan.paths.contains_key("freezer") && plan.paths.contains_key("") {
            ways.push(without_unified);
        }
        for paths in ways {
            let group = Group::from_paths(paths);
            let mut child = shell(&guard.group, "echo out");
            assert!(!group.is_frozen());
            group.freeze().unwrap();
            assert!(group.is_frozen());
            child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert_eq!(child.try_wait().unwrap(), None, "a frozen process ends");
            group.thaw().unwrap();
            assert!(!group.is_frozen());
            assert!(child.wait().unwrap().success());
        }
    }

    #[test]
    fn all_are_killed_frozen_or_not_and_with_their_children() {
        let Some(layout) = layout("all_are_killed_frozen_or_not_and_with_their_children") else { return };
        let (guard, plan, result) = make(&layout, "kill", &Limits::default());
        result.unwrap();
        let without_unified: BTreeMap<_, _> = plan
            .paths
            .iter()
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, path)| (key.clone(), path.clone()))
            .collect();
        let mut ways = vec![plan.paths.clone()];
        if !without_unified.is_empty() {
            ways.push(without_unified);
        }
        for paths in ways {
            let group = Group::from_paths(paths);
            for frozen in [false, true] {
                let mut child = shell(&guard.group, "sleep 100 & sleep 100 & wait");
                child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
                while group.processes().len() < 3 {
                    std::thread::yield_now();
                }
                // A group below the group, as a container may make it.
                let below = group.paths().values().next().unwrap().join("below");
                fs::create_dir(&below).unwrap();
                if frozen {
                    group.freeze().unwrap();
                }
                // On a hybrid host somebody may have used the other freezer.
                if frozen && group.paths().contains_key("freezer") {
                    fs::write(group.paths()["freezer"].join("freezer.state"), "FROZEN").unwrap();
                }
                group.kill_all().unwrap();
                assert_eq!(group.processes(), []);
                assert_eq!(child.wait().unwrap().code(), None);
                group.thaw().unwrap();
                assert!(below.exists());
                fs::remove_dir(&below).unwrap();
            }
            // A group that is empty, and one that is not there.
            group.kill_all().unwrap();
        }
        let gone = BTreeMap::from([("pids".to_owned(), PathBuf::from("/sys/fs/cgroup/pids/holm-cgroups-none"))]);
        let gone = Group::from_paths(gone);
        gone.kill_all().unwrap();
        gone.signal_all(15).unwrap();
        assert_eq!((gone.delete(), gone.is_frozen(), gone.oom_kills()), (Vec::new(), false, 0));
        assert_eq!(Group::default().delete(), Vec::new());
    }

    #[test]
    fn a_signal_reaches_all() {
        let Some(layout) = layout("a_signal_reaches_all") else { return };
        let (guard, _, result) = make(&layout, "signal", &Limits::default());
        result.unwrap();
        let mut first = shell(&guard.group, "true");
        let mut second = shell(&guard.group, "true");
        guard.group.signal_all(15).unwrap();
        for child in [&mut first, &mut second] {
            use std::os::unix::process::ExitStatusExt as _;
            assert_eq!(child.wait().unwrap().signal(), Some(15));
        }
        assert!(!guard.group.is_frozen());
    }

    #[test]
    fn a_group_with_groups_below_and_dying_processes_is_removed() {
        let Some(layout) = layout("a_group_with_groups_below_and_dying_processes_is_removed") else { return };
        let (guard, _, result) = make(&layout, "remove", &Limits::default());
        result.unwrap();
        for path in guard.group.paths().values() {
            let _there_already = fs::create_dir_all(path.join("a/b"));
        }
        let mut child = shell(&guard.group, "sleep 100");
        child.kill().unwrap();
        // Not waited for: it may still be on its way out.
        assert_eq!(guard.group.delete(), Vec::new());
        child.wait().unwrap();
    }

    #[test]
    fn running_out_of_memory_is_told_and_counted() {
        let Some(layout) = layout("running_out_of_memory_is_told_and_counted") else { return };
        let limits = Limits { memory: Memory { limit: Some(8 << 20), ..Memory::default() }, ..Limits::default() };
        let (guard, _, result) = make(&layout, "oom", &limits);
        result.unwrap();
        assert_eq!(guard.group.oom_kills(), 0);
        let mut watch = guard.group.watch_memory().unwrap().unwrap();
        // A string that grows by itself until memory is out, swap included where it is not limited.
        let mut child = shell(&guard.group, "s=xxxxxxxxxxxxxxxx; while :; do s=$s$s; done");
        child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
        loop {
            let events = watch.events();
            assert_eq!(poll(&mut [PollFd::from_borrowed_fd(watch.as_fd(), events)], None), Ok(1));
            match watch.read().unwrap() {
                // v1 tells before it kills.
                MemoryEvent::OutOfMemory { kills } if kills > 0 || watch.events() == PollFlags::IN => break,
                MemoryEvent::Removed => panic!("the group is there"),
                _ => {}
            }
        }
        assert_eq!(child.wait().unwrap().code(), None);
        assert!(guard.group.oom_kills() > 0);
    }

    #[test]
    fn devices_are_filtered() {
        let Some(layout) = layout("devices_are_filtered") else { return };
        let mut rules = vec![DeviceRule { allow: false, ..DeviceRule::allow(DeviceKind::All, None, None) }];
        rules.push(DeviceRule::allow(DeviceKind::Character, Some(1), Some(3)));
        let limits = Limits { devices: Some(rules.clone()), ..Limits::default() };
        let (guard, _, result) = make(&layout, "devices", &limits);
        result.unwrap();
        let test =
            "if (: < /dev/null) 2>/dev/null; then echo null; fi; if (: < /dev/zero) 2>/dev/null; then echo zero; fi";
        let (_, text) = finish(shell(&guard.group, test));
        assert_eq!(text, "null\n");
    }

    #[test]
    fn devices_are_filtered_by_a_program() {
        let Some(layout) = layout("devices_are_filtered_by_a_program") else { return };
        if layout.unified().is_none() {
            println!("skip devices_are_filtered_by_a_program: v2 is not mounted");
            return;
        }
        let (guard, plan, result) = make(&layout, "program", &Limits::default());
        result.unwrap();
        let group = plan.paths[""].clone();
        let attach = |rules: &[DeviceRule], context: &mut GroupContext| {
            let devices = DeviceList::from_rules(rules).unwrap();
            GroupOperation::AttachDeviceProgram { group: group.clone(), devices }.apply(context)
        };
        let programs = || {
            let directory = guard.group.unified_directory().unwrap().unwrap();
            linux::bpf::attached_device_programs(directory.as_fd()).unwrap().len()
        };
        let test =
            "if (: < /dev/null) 2>/dev/null; then echo null; fi; if (: < /dev/zero) 2>/dev/null; then echo zero; fi";
        let one = |minor| DeviceRule::allow(DeviceKind::Character, Some(1), Some(minor));
        let output = || finish(shell(&guard.group, test)).1;
        assert_eq!(programs(), 0);

        if let Err(error) = attach(&[one(3)], &mut GroupContext::default()) {
            assert!(matches!(error.errno(), Errno::PERM | Errno::NOSYS | Errno::INVAL), "{error}");
            println!("skip devices_are_filtered_by_a_program: {error}");
            return;
        }
        assert_eq!(programs(), 1);
        assert_eq!(output(), "null\n");

        // A second one takes the first one's place.
        attach(&[one(3), one(5)], &mut GroupContext::default()).unwrap();
        assert_eq!(programs(), 1);
        assert_eq!(output(), "null\nzero\n");

        // What allows all is attached only where something else was.
        let everything = [DeviceRule::allow(DeviceKind::All, None, None)];
        attach(&everything, &mut GroupContext::default()).unwrap();
        assert_eq!(programs(), 1);

        // The program of every container.
        attach(&DeviceRule::defaults(), &mut GroupContext::default()).unwrap();
        assert_eq!(programs(), 1);
    }

    #[test]
    fn a_program_that_the_kernel_refuses_is_told_with_the_verifiers_words() {
        if layout("a_program_that_the_kernel_refuses_is_told_with_the_verifiers_words").is_none() {
            return;
        }
        // It ends without a result.
        let error = linux::bpf::load_device_program(&[linux::bpf::Instruction::exit()], "bad").unwrap_err();
        if error.errno() == Errno::PERM {
            println!("skip: {error}");
            return;
        }
        assert!(error.to_string().contains("verifier: "), "{error}");
    }

    #[test]
    fn a_refusal_names_file_value_and_what_to_do() {
        let Some(layout) = layout("a_refusal_names_file_value_and_what_to_do") else { return };
        let limits = Limits { cpu: Cpu { cpus: Some("4000".to_owned()), ..Cpu::default() }, ..Limits::default() };
        let (_guard, plan, result) = make(&layout, "refusal", &limits);
        let failure = result.unwrap_err();
        let text = format!("{failure}: {}", failure.cause);
        assert!(
            text.contains("could not write 4000 into /sys/fs/cgroup/") && text.contains("cpuset.cpus>, \"4000\")"),
            "{text}"
        );
        let step = plan.steps.iter().find(|step| failure.step == step.operation.to_string()).unwrap();
        let words = advice(&step.operation, &failure.cause).unwrap();
        assert!(words.contains("must be present and allowed to the groups above"), "{words}");
    }
    /// Run it in a scope of its own: `systemd-run --user --scope -p Delegate=yes`.
    #[test]
    fn what_was_delegated_is_divided_without_root() {
        let layout = Layout::probe().unwrap();
        let own_writable = layout.unified().is_some_and(|hierarchy| hierarchy.own_writable);
        if rustix::process::geteuid().is_root() || layout.mode() != Mode::Unified || !own_writable {
            println!("skip what_was_delegated_is_divided_without_root: root, or no delegated group of v2");
            return;
        }
        for round in ["first", "second"] {
            let limits = Limits { pids: Some(20), devices: Some(DeviceRule::defaults()), ..Limits::default() };
            let name = format!("holm-cgroups-{round}");
            let request = GroupRequest { path: Some(&name), id: round, limits: &limits, rootless: true };
            let layout = Layout::probe().unwrap();
            let plan = plan_group_with(&layout, &request, &GroupOptions::default()).unwrap();
            let group = Group::from_paths(plan.paths.clone());
            let result = apply_all(&plan.steps, &mut GroupContext::default());
            let own = layout.unified().unwrap().own_directory();
            println!("{round}: own group {}, new group {}", own.display(), plan.paths[""].display());
            let read_back = fs::read_to_string(plan.paths[""].join("pids.max"));
            let mut child = shell(&group, "sleep 100");
            child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
            group.freeze().unwrap();
            group.kill_all().unwrap();
            child.wait().unwrap();
            assert_eq!(group.delete(), Vec::new());
            result.unwrap();
            assert_eq!(read_back.unwrap(), "20\n");
        }
    }
}
