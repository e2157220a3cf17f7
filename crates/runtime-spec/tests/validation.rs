//! What the validation refuses and warns about, each with its JSON path.

#[cfg(test)]
mod corpus;

#[cfg(test)]
mod tests {
    use runtime_spec::{Process, Resources, Spec};
    use serde_json::{Value, json};

    use super::corpus;

    /// The document with every member, changed at one place: an absent parent is an error of the test.
    fn changed(pointer: &str, new: Value) -> Spec {
        let mut document = corpus::value(0);
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        match document.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.insert(last.replace("~1", "/"), new)),
            Value::Array(items) if last == "-" => items.push(new),
            Value::Array(items) => items[last.parse::<usize>().unwrap()] = new,
            _ => panic!("{pointer}"),
        }
        Spec::parse(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{pointer}: {error}"))
    }

    /// Sentences of errors; those of warnings begin with `warning: `.
    fn findings(spec: &Spec) -> Vec<String> {
        match spec.validate() {
            Ok(warnings) => warnings.iter().map(|warning| format!("warning: {warning}")).collect(),
            Err(invalid) => invalid.problems.iter().map(ToString::to_string).collect(),
        }
    }

    #[track_caller]
    fn check(pointer: &str, new: impl Into<Value>, expected: &[&str]) {
        let new = new.into();
        assert_eq!(findings(&changed(pointer, new.clone())), expected, "{pointer} = {new}");
    }

    #[test]
    fn version_and_root() {
        for version in ["1.0.0", "1.0.2-dev", "1.3.99", "1.2.1+build"] {
            check("/ociVersion", json!(version), &[]);
        }
        check(
            "/ociVersion",
            json!("1.4.0"),
            &[
                "warning: ociVersion \"1.4.0\" is newer than the version that this release knows: properties that are new in it \
               have no effect (1.3.0)",
            ],
        );
        check("/ociVersion", json!("2.0.0"), &["ociVersion is of major version 2: only 1.x is understood"]);
        for version in ["", "1", "1.0", "v1.0.0", "1.0.0 ", "01.0.0"] {
            let expected = format!("ociVersion is {version:?}: must be a semantic version such as 1.3.0");
            check("/ociVersion", json!(version), &[&expected]);
        }
        check("/root", json!(null), &["root is missing: a container needs a root file system"]);
        check("/root/path", json!(""), &["root.path must not be empty"]);
        check("/root/path", json!("/absolute"), &[]);
        check("/annotations/", json!("x"), &["annotations must not have an empty key"]);
    }

    #[test]
    fn names() {
        check("/hostname", json!("a".repeat(64)), &[]);
        check("/hostname", json!("a".repeat(65)), &["hostname has more than the kernel's 64 bytes"]);
        check("/domainname", json!("a\0b"), &["domainname has a NUL byte, at which the kernel would cut it"]);
        let without = json!([{ "type": "user" }, { "type": "network" }, { "type": "time" }]);
        let needs = "needs a UTS namespace (linux.namespaces, type `uts`): the host's name is not changed";
        check("/linux/namespaces", without, &[&format!("hostname {needs}"), &format!("domainname {needs}")]);
    }

    #[test]
    fn mounts() {
        check("/mounts/0/destination", json!(""), &["mounts[0].destination must not be empty"]);
        check(
            "/mounts/1/destination",
            json!("tmp"),
            &["warning: mounts[1].destination is not absolute: it is taken as meant from the root (deprecated)"],
        );
        check(
            "/mounts/1/options/1",
            json!("a\0"),
            &["mounts[1].options[1] has a NUL byte, at which the kernel would cut it"],
        );
        check(
            "/mounts/2/uidMappings",
            json!([]),
            &["mounts[2] must have both of uidMappings and gidMappings, or none"],
        );
        check("/mounts/2/gidMappings/0/size", json!(0), &["mounts[2].gidMappings[0].size must be above 0"]);
        // From the user namespace, where there is one.
        check("/mounts/0/options", json!(["ridmap"]), &[]);
        let mut spec = changed("/mounts/0/options", json!(["bind", "ridmap"]));
        spec.linux = None;
        (spec.hostname, spec.domainname) = (None, None);
        let expected =
            "mounts[0].options[1] needs uidMappings and gidMappings, or a user namespace from which they are taken";
        assert_eq!(findings(&spec), [expected]);
    }

    #[test]
    fn the_program() {
        check("/process/args", json!([]), &["process.args must name a program"]);
        check("/process/args", json!(null), &["process.args must name a program"]);
        check("/process/args/0", json!(""), &["process.args[0] must not be empty"]);
        check("/process/args/0", json!("relative/program"), &[]);
        check("/process/args/1", json!(""), &[]);
        check("/process/args/2", json!("\0"), &["process.args[2] has a NUL byte, at which the kernel would cut it"]);
        check("/process/cwd", json!("tmp"), &["process.cwd is \"tmp\": must be an absolute path"]);
        check("/process/env/1", json!("TERM"), &["process.env[1] is \"TERM\": must be NAME=value"]);
        check("/process/env/1", json!("=x"), &["process.env[1] is \"=x\": must be NAME=value"]);
        check("/process/user/umask", json!(0o10000), &["process.user.umask has bits beyond 07777"]);
        let id = "is no id: the last one is 4294967294";
        check("/process/user/uid", json!(u32::MAX), &[&format!("process.user.uid {id}")]);
        check("/process/user/additionalGids/1", json!(u32::MAX), &[&format!("process.user.additionalGids[1] {id}")]);
        check("/process/oomScoreAdj", json!(1001), &["process.oomScoreAdj must be from -1000 to 1000"]);
        check("/process/oomScoreAdj", json!(-1000), &[]);
        let windows = "belongs to Windows, and has no effect here";
        check("/process/commandLine", json!("dir"), &[&format!("warning: process.commandLine {windows}")]);
        check("/process/user/username", json!("me"), &[&format!("warning: process.user.username {windows}")]);
    }

    #[test]
    fn a_terminals_size() {
        check(
            "/process/consoleSize/width",
            json!(65536),
            &["process.consoleSize.width must be below 65536, as terminals have it"],
        );
        let mut spec = changed("/process/consoleSize/width", json!(u64::MAX));
        spec.process.as_mut().unwrap().terminal = false;
        assert_eq!(findings(&spec), [""; 0], "must be passed over without a terminal");
    }

    #[test]
    fn resource_limits_and_capabilities() {
        let limit = |kind: &str, soft: u64, hard: u64| json!({ "type": kind, "soft": soft, "hard": hard });
        check("/process/rlimits/-", limit("RLIMIT_CORE", 0, 0), &["process.rlimits[2].type is set twice"]);
        check("/process/rlimits/-", limit("NOFILE", 0, 0), &["process.rlimits[2].type is \"NOFILE\": no such limit"]);
        check(
            "/process/rlimits/-",
            limit("RLIMIT_AS", 2, 1),
            &["process.rlimits[2].soft must not be above the hard limit"],
        );
        check(
            "/process/capabilities/effective/-",
            json!("CAP_TELEPORT"),
            &[
                "warning: process.capabilities.effective[1] is \"CAP_TELEPORT\", which no known kernel has: it is left out",
            ],
        );
        check(
            "/process/capabilities/ambient/0",
            json!("chown"),
            &["warning: process.capabilities.ambient[0] is \"chown\", which no known kernel has: it is left out"],
        );
    }

    #[test]
    fn scheduling() {
        let check = |scheduler: Value, expected: &[&str]| check("/process/scheduler", scheduler, expected);
        check(json!({ "policy": "SCHED_OTHER", "nice": -20 }), &[]);
        check(json!({ "policy": "SCHED_FIFO", "priority": 99 }), &[]);
        check(json!({ "policy": "SCHED_BATCH", "nice": 20 }), &["process.scheduler.nice must be from -20 to 19"]);
        check(json!({ "policy": "SCHED_RR" }), &["process.scheduler.priority must be from 1 to 99 with this policy"]);
        check(
            json!({ "policy": "SCHED_IDLE", "priority": 1, "runtime": 5 }),
            &[
                "process.scheduler.priority belongs to SCHED_FIFO and SCHED_RR alone",
                "process.scheduler.runtime belongs to SCHED_DEADLINE alone",
            ],
        );
        check(
            json!({ "policy": "SCHED_FAIR", "flags": ["SCHED_FLAG_RECLAIM", "FAST"] }),
            &[
                "process.scheduler.policy is \"SCHED_FAIR\": must be one of SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, \
                 SCHED_ISO, SCHED_IDLE, SCHED_DEADLINE",
                "process.scheduler.flags[1] is \"FAST\": must be one of SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_RECLAIM, \
                 SCHED_FLAG_DL_OVERRUN, SCHED_FLAG_KEEP_POLICY, SCHED_FLAG_KEEP_PARAMS, SCHED_FLAG_UTIL_CLAMP_MIN, \
                 SCHED_FLAG_UTIL_CLAMP_MAX",
            ],
        );
    }

    #[test]
    fn priorities_and_affinities() {
        check("/process/ioPriority/priority", json!(8), &["process.ioPriority.priority must be from 0 to 7"]);
        check(
            "/process/ioPriority/class",
            json!("fast"),
            &[
                "process.ioPriority.class is \"fast\": must be one of IOPRIO_CLASS_RT, IOPRIO_CLASS_BE, IOPRIO_CLASS_IDLE",
            ],
        );
        check("/process/execCPUAffinity/final", json!("0-3, 7"), &[]);
        check(
            "/process/execCPUAffinity/final",
            json!("3-0"),
            &["process.execCPUAffinity.final must be a list of processors such as 0-3,7"],
        );
    }

    #[test]
    fn hooks() {
        check("/hooks/prestart/0/path", json!("a"), &["hooks.prestart[0].path is \"a\": must be an absolute path"]);
        check("/hooks/poststop/0/timeout", json!(0), &["hooks.poststop[0].timeout must be above 0"]);
        check("/hooks/poststop/0/timeout", json!(1), &[]);
        check("/hooks/prestart/0/env/0", json!("a"), &["hooks.prestart[0].env[0] is \"a\": must be NAME=value"]);
        let nul = "has a NUL byte, at which the kernel would cut it";
        check("/hooks/prestart/0/args/1", json!("\0"), &[&format!("hooks.prestart[0].args[1] {nul}")]);
    }

    #[test]
    fn namespaces() {
        check(
            "/linux/namespaces/2/path",
            json!("ns"),
            &["linux.namespaces[2].path is \"ns\": must be an absolute path"],
        );
        check("/linux/namespaces/-", json!({ "type": "pid" }), &["linux.namespaces[8].type is given twice (pid)"]);
        check("/linux/namespaces/2/path", json!(""), &[]);
        let others = json!([{ "type": "uts" }]);
        check(
            "/linux/namespaces",
            others,
            &[
                "linux.uidMappings needs a user namespace (linux.namespaces, type `user`)",
                "linux.gidMappings needs a user namespace (linux.namespaces, type `user`)",
                "linux.netDevices needs a network namespace (linux.namespaces, type `network`)",
                "linux.timeOffsets.boottime needs a new time namespace (linux.namespaces, type `time` without a path)",
                "linux.timeOffsets.monotonic needs a new time namespace (linux.namespaces, type `time` without a path)",
            ],
        );
        check(
            "/linux/timeOffsets",
            json!({ "realtime": {} }),
            &["linux.timeOffsets.realtime must be monotonic or boottime"],
        );
        check(
            "/linux/timeOffsets/monotonic/nanosecs",
            json!(1_000_000_000),
            &["linux.timeOffsets.monotonic.nanosecs must be below a second"],
        );
    }

    #[test]
    fn id_mappings() {
        let mapping =
            |container: u32, host: u32, size: u32| json!({ "containerID": container, "hostID": host, "size": size });
        let at = "linux.uidMappings";
        check("/linux/uidMappings/-", mapping(70000, 200_000, 0), &[&format!("{at}[2].size must be above 0")]);
        check("/linux/uidMappings/-", mapping(u32::MAX, 5, 1), &[&format!("{at}[2] goes beyond the last id")]);
        check("/linux/uidMappings/-", mapping(70000, u32::MAX - 1, 1), &[]);
        check("/linux/uidMappings/-", mapping(0, 5, 1), &[&format!("{at}[2] overlaps an earlier mapping")]);
        check("/linux/uidMappings/-", mapping(70000, 100_009, 1), &[&format!("{at}[2] overlaps an earlier mapping")]);
        let many: Vec<_> = (0..341).map(|number| mapping(number, number, 1)).collect();
        check("/linux/uidMappings", json!(many), &[&format!("{at} has 341 mappings: the kernel takes 340")]);
        check("/linux/uidMappings", json!(many[1..]), &[]);
    }

    #[test]
    fn devices() {
        check("/linux/devices/0/type", json!("x"), &["linux.devices[0].type must be c, b, u or p"]);
        check("/linux/devices/0/path", json!("fuse"), &["linux.devices[0].path is \"fuse\": must be an absolute path"]);
        check(
            "/linux/devices/0",
            json!({ "type": "u", "path": "/dev/a" }),
            &[
                "linux.devices[0] needs major, as every device but a pipe",
                "linux.devices[0] needs minor, as every device but a pipe",
            ],
        );
        check("/linux/devices/0/major", json!(-1), &["linux.devices[0].major is a number that no device has"]);
        check("/linux/devices/0/fileMode", json!(0o20666), &[]);
        check("/linux/devices/0/fileMode", json!(0o200_000), &["linux.devices[0].fileMode has bits that no file has"]);
        check("/linux/devices/0/gid", json!(u32::MAX), &["linux.devices[0].gid is no id: the last one is 4294967294"]);
    }

    #[test]
    fn network_devices() {
        let no_name = "is no name of an interface: 1 to 15 bytes, no blank, no / and no :";
        check("/linux/netDevices/eth0/name", json!("ens4"), &["linux.netDevices.eth0 gets the name of another device"]);
        for name in ["0123456789abcdef", "a/b", "a b", "..", "a:b"] {
            check("/linux/netDevices/eth0/name", json!(name), &[&format!("linux.netDevices.eth0.name {no_name}")]);
        }
        check("/linux/netDevices/eth0/name", json!("eth%d"), &[]);
        check("/linux/netDevices/a~1b", json!({}), &[&format!("linux.netDevices[\"a/b\"] {no_name}")]);
    }

    #[test]
    fn paths_and_propagation() {
        check("/linux/maskedPaths/0", json!("a"), &["linux.maskedPaths[0] is \"a\": must be an absolute path"]);
        check("/linux/readonlyPaths/0", json!("a"), &["linux.readonlyPaths[0] is \"a\": must be an absolute path"]);
        for word in ["shared", "rslave", "private", "unbindable"] {
            check("/linux/rootfsPropagation", json!(word), &[]);
        }
        check(
            "/linux/rootfsPropagation",
            json!("public"),
            &[
                "linux.rootfsPropagation is \"public\": must be one of shared, slave, private, unbindable, rshared, rslave, \
               rprivate, runbindable",
            ],
        );
        check("/linux/sysctl/", json!("1"), &["linux.sysctl[\"\"] must not be empty"]);
        check(
            "/linux/sysctl/kernel.sem",
            json!("\0"),
            &["linux.sysctl[\"kernel.sem\"] has a NUL byte, at which the kernel would cut it"],
        );
    }

    #[test]
    fn personality_cache_and_memory_policy() {
        check(
            "/linux/personality/domain",
            json!("BSD"),
            &["linux.personality.domain is \"BSD\": must be one of LINUX, LINUX32"],
        );
        check(
            "/linux/personality/flags",
            json!(["x"]),
            &["linux.personality.flags must be empty: the specification has no flag yet"],
        );
        check("/linux/intelRdt/closID", json!("/"), &[]);
        for name in ["..", "a/b"] {
            let expected = "linux.intelRdt.closID must be the name of a directory, or / for the default class";
            check("/linux/intelRdt/closID", json!(name), &[expected]);
        }
        for schema in ["L3:0=1", "MB:0=20\nL3:0=1"] {
            let expected = "linux.intelRdt.memBwSchema must be one line that begins with MB:";
            check("/linux/intelRdt/memBwSchema", json!(schema), &[expected]);
        }
        check(
            "/linux/intelRdt/l3CacheSchema",
            json!("0=1"),
            &["warning: linux.intelRdt.l3CacheSchema is \"0=1\": it should begin with L3:"],
        );
        let policy = |mode: &str, nodes: &str, flags: Value| json!({ "mode": mode, "nodes": nodes, "flags": flags });
        let at = "linux.memoryPolicy";
        check("/linux/memoryPolicy", policy("MPOL_PREFERRED", "", json!([])), &[]);
        check(
            "/linux/memoryPolicy",
            policy("MPOL_BIND", "", json!([])),
            &[&format!("{at}.nodes is needed by this mode")],
        );
        let no_meaning = format!("{at}.nodes has no meaning in this mode");
        check("/linux/memoryPolicy", policy("MPOL_LOCAL", "0", json!([])), &[&no_meaning]);
        let list = format!("{at}.nodes must be a list of memory nodes such as 0-3,7");
        check("/linux/memoryPolicy", policy("MPOL_BIND", "all", json!([])), &[&list]);
        let flags = json!(["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]);
        let contradiction = format!("{at}.flags cannot be both static and relative");
        check("/linux/memoryPolicy", policy("MPOL_BIND", "0", flags), &[&contradiction]);
    }

    #[test]
    fn seccomp() {
        let at = "linux.seccomp";
        let argument = |index: u32, op: &str| json!({ "index": index, "value": 1, "op": op });
        check(
            "/linux/seccomp/syscalls/0/names",
            json!([]),
            &[&format!("{at}.syscalls[0].names must name at least one system call")],
        );
        check(
            "/linux/seccomp/syscalls/0/names/1",
            json!(""),
            &[&format!("{at}.syscalls[0].names[1] must not be empty")],
        );
        check("/linux/seccomp/syscalls/0/names/1", json!("a_call_of_tomorrow"), &[]);
        let errno = "belongs to SCMP_ACT_ERRNO and SCMP_ACT_TRACE alone";
        check("/linux/seccomp/syscalls/0/errnoRet", json!(1), &[&format!("{at}.syscalls[0].errnoRet {errno}")]);
        check("/linux/seccomp/defaultAction", json!("SCMP_ACT_KILL"), &[&format!("{at}.defaultErrnoRet {errno}")]);
        check("/linux/seccomp/defaultErrnoRet", json!(65536), &[&format!("{at}.defaultErrnoRet must be below 65536")]);
        check(
            "/linux/seccomp/syscalls/2/args/0",
            argument(6, "SCMP_CMP_EQ"),
            &[&format!("{at}.syscalls[2].args[0].index must be from 0 to 5")],
        );
        check(
            "/linux/seccomp/listenerPath",
            json!(""),
            &[
                &format!("{at}.listenerMetadata must not be set without listenerPath"),
                &format!("{at}.listenerPath is needed by SCMP_ACT_NOTIFY: nobody would answer"),
            ],
        );
        // Every unknown word at once.
        let unknown = json!({
            "defaultAction": "NO", "architectures": ["SCMP_ARCH_Z80"], "flags": ["FAST"],
            "syscalls": [{ "names": ["read"], "action": "MAYBE", "args": [argument(0, "SCMP_CMP_LIKE")] }],
        });
        let found = findings(&changed("/linux/seccomp", unknown));
        let words: Vec<_> =
            found.iter().filter_map(|finding| finding.split_once(": must be one of")).map(|pair| pair.0).collect();
        let expected = [
            "linux.seccomp.defaultAction is \"NO\"",
            "linux.seccomp.architectures[0] is \"SCMP_ARCH_Z80\"",
            "linux.seccomp.flags[0] is \"FAST\"",
            "linux.seccomp.syscalls[0].action is \"MAYBE\"",
            "linux.seccomp.syscalls[0].args[0].op is \"SCMP_CMP_LIKE\"",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn resources() {
        let at = "linux.resources";
        let number = "is a number that no device has";
        check("/linux/resources/devices/1/type", json!("p"), &[&format!("{at}.devices[1].type must be a, c or b")]);
        check(
            "/linux/resources/devices/1/access",
            json!("rx"),
            &[&format!("{at}.devices[1].access may have r, w and m")],
        );
        check("/linux/resources/devices/1/minor", json!(-1), &[]);
        check("/linux/resources/devices/1/minor", json!(-2), &[&format!("{at}.devices[1].minor {number}")]);
        check(
            "/linux/resources/memory/kernel",
            json!(-2),
            &[&format!("{at}.memory.kernel must be a number of bytes, or -1 for no limit")],
        );
        check(
            "/linux/resources/memory/swap",
            json!(1),
            &[&format!("{at}.memory.swap is memory and swap together: must not be below the limit")],
        );
        check("/linux/resources/memory/swap", json!(-1), &[]);
        check(
            "/linux/resources/memory/swappiness",
            json!(101),
            &[&format!("{at}.memory.swappiness must be from 0 to 100")],
        );
        check("/linux/resources/memory/swappiness", json!(u64::MAX), &[]);
        check("/linux/resources/cpu/idle", json!(2), &[&format!("{at}.cpu.idle must be 0 or 1")]);
        check(
            "/linux/resources/cpu/burst",
            json!(1_000_001),
            &[&format!("{at}.cpu.burst must not be above the quota")],
        );
        check("/linux/resources/cpu/quota", json!(-1), &[]);
        check(
            "/linux/resources/rdma/rxe3",
            json!({}),
            &[&format!("{at}.rdma.rxe3 must have at least one of hcaHandles and hcaObjects")],
        );
        check(
            "/linux/resources/blockIO/weightDevice/0",
            json!({ "major": 8, "minor": -1 }),
            &[
                &format!("{at}.blockIO.weightDevice[0].minor {number}"),
                &format!("{at}.blockIO.weightDevice[0] must have at least one of weight and leafWeight"),
            ],
        );
        check(
            "/linux/resources/blockIO/throttleReadIOPSDevice/0/major",
            json!(-1),
            &[&format!("{at}.blockIO.throttleReadIOPSDevice[0].major {number}")],
        );
        check(
            "/linux/resources/network/priorities/0/name",
            json!(""),
            &[&format!("{at}.network.priorities[0].name must not be empty")],
        );
        for size in ["64KB", "1B", "16GB", "2TB"] {
            check("/linux/resources/hugepageLimits/0/pageSize", json!(size), &[]);
        }
        for size in ["", "B", "MB", "2", "2mB", "02MB", "2M", "2 MB", "-1MB", "../2MB"] {
            let expected = format!("{at}.hugepageLimits[0].pageSize must be a size such as 64KB, 2MB or 1GB");
            check("/linux/resources/hugepageLimits/0/pageSize", json!(size), &[&expected]);
        }
        for file in ["memory~1max", "cgroup", "..~1memory.max", ".."] {
            let spec = changed(&format!("/linux/resources/unified/{file}"), json!("1"));
            let found = findings(&spec);
            assert!(
                found.len() == 1 && found[0].ends_with("must be the name of a file of cgroup v2, such as memory.high"),
                "{found:?}"
            );
        }
    }

    #[test]
    fn all_is_found_at_once_and_reads_as_a_sentence() {
        let spec = Spec::parse(br#"{"ociVersion":"x","process":{"cwd":"a","args":[]}}"#).unwrap();
        assert_eq!(
            spec.validate().unwrap_err().to_string(),
            "ociVersion is \"x\": must be a semantic version such as 1.3.0; root is missing: a container needs a root file \
             system; process.cwd is \"a\": must be an absolute path; process.args must name a program"
        );
    }

    #[test]
    fn parts_have_paths_of_their_own() {
        let process = Process::parse(br#"{"cwd":"a","args":["b"]}"#).unwrap();
        assert_eq!(process.validate().unwrap_err().to_string(), "cwd is \"a\": must be an absolute path");
        let resources = Resources::parse(br#"{"cpu":{"idle":3}}"#).unwrap();
        assert_eq!(resources.validate().unwrap_err().to_string(), "cpu.idle must be 0 or 1");
    }
}
