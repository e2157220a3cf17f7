//! Bad input: one clear sentence with the path and the errno, the right exit code, and nothing left behind.

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use serde_json::json;
    use test_support::{Bundle, Output, is_root, skip};

    /// A bundle, or the end of a test that has said why it skips.
    macro_rules! bundle {
        () => {
            match Bundle::shell("true") {
                Some(bundle) => bundle,
                None => return,
            }
        };
    }

    /// Fails the test unless the output is that code and one sentence with those words, a hint at most behind it.
    fn check(name: &str, output: &Output, code: i32, words: &[&str]) {
        assert_eq!(output.code, code, "{name}: {output:?}");
        let lines: Vec<_> = output.stderr.lines().collect();
        assert!(lines.first().is_some_and(|line| line.starts_with("holm-oci: ")), "{name}: {output:?}");
        assert!(lines.len() == 1 || lines.len() == 2 && lines[1].starts_with("  hint: "), "{name}: {output:?}");
        for words in words {
            assert!(output.stderr.contains(words), "{name}: no {words:?} in {output:?}");
        }
    }

    fn program(bundle: &Bundle, name: &str, content: &[u8], mode: u32) {
        let path = bundle.directory().join("rootfs/bin").join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_bundle_that_is_none_is_named() {
        let bundle = bundle!();
        bundle.write();
        let config = bundle.directory().join("config.json");
        let run = || bundle.oci(&["run", &bundle.id]);
        check("no bundle", &bundle.oci(&["run", "-b", "/no/bundle", &bundle.id]), 1, &["/no/bundle", "ENOENT"]);
        for (text, words) in [
            ("{\"ociVersion\": \"1.0.2\",\n  oops}", ["config.json", "line 2, column 3"]),
            ("", ["config.json", "line 1, column 0"]),
            ("{\"ociVersion\": \"1.0.2\", \"process\": {\"args\": 5}}", ["config.json", "column"]),
            ("[]", ["config.json", "line 1"]),
        ] {
            std::fs::write(&config, text).unwrap();
            check(text, &run(), 1, &words);
        }
        std::fs::remove_file(&config).unwrap();
        check("no config.json", &run(), 1, &["config.json", "ENOENT"]);
        std::fs::create_dir(&config).unwrap();
        check("config.json is a directory", &run(), 1, &["config.json", "EISDIR"]);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn an_id_that_is_none_is_refused_by_every_verb() {
        let bundle = bundle!();
        bundle.write();
        let long = "x".repeat(256);
        for id in ["a/b", "../a", "..", ".", "", "a b", "a\nb", "ä", &long] {
            for verb in ["run", "create", "start", "state", "kill", "delete"] {
                check(&format!("{verb} {id:?}"), &bundle.oci(&[verb, id]), 1, &["container id"]);
            }
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn an_id_that_is_taken_is_refused_and_its_container_unharmed() {
        let mut bundle = bundle!();
        bundle.set("/process/args", json!(["sleep", "1000"]));
        bundle.write();
        assert_eq!(bundle.oci(&["run", "-d", &bundle.id]).code, 0);
        for verb in ["run", "create"] {
            check(verb, &bundle.oci(&[verb, &bundle.id]), 1, &["exists already", &bundle.id]);
        }
        assert_eq!(bundle.status(), "running");
        assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn programs_that_cannot_be_executed_are_explained() {
        let mut bundle = bundle!();
        program(&bundle, "unexecutable", b"#!/bin/sh\n", 0o644);
        program(&bundle, "no-interpreter", b"#!/opt/none -u\n", 0o755);
        program(&bundle, "dos", b"#!/bin/sh\r\n", 0o755);
        program(&bundle, "no-program", b"just text\n", 0o755);
        let cases: [(&[&str], i32, &[&str]); 8] = [
            (&["/no/such"], 127, &["/no/such", "no such file or directory", "ENOENT"]),
            (&["nosuch"], 127, &["executable file not found in $PATH", "nosuch", "ENOENT"]),
            (&["bin/nosuch"], 127, &["bin/nosuch", "ENOENT"]),
            (&["/etc"], 126, &["/etc", "is a directory", "EACCES"]),
            (&["unexecutable"], 126, &["unexecutable", "permission denied", "EACCES", "chmod +x"]),
            (&["no-interpreter"], 127, &["/opt/none", "does not exist", "ENOENT"]),
            (&["dos"], 127, &["carriage return", "ENOENT"]),
            (&["no-program"], 126, &["neither a program nor a script", "ENOEXEC"]),
        ];
        for (arguments, code, words) in cases {
            bundle.set("/process/args", json!(arguments));
            check(arguments[0], &bundle.run(), code, words);
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_missing_loader_is_named() {
        let mut bundle = bundle!();
        // This test is linked statically; some program of the machine's is not.
        let dynamic = ["/usr/bin/env", "/bin/true", "/usr/bin/mount"].into_iter().find_map(|path| {
            let bytes = std::fs::read(path).ok()?;
            let page = bytes.get(..4096)?;
            page.windows(4).any(|part| part == b"/ld-" || part == b"/ld6").then_some(bytes)
        });
        let Some(dynamic) = dynamic else { return skip("no program of the machine's is linked dynamically") };
        program(&bundle, "dynamic", &dynamic, 0o755);
        bundle.set("/process/args", json!(["dynamic"]));
        check("no loader", &bundle.run(), 127, &["its loader \"/lib", "/ld-", "does not exist", "ENOENT"]);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_configuration_that_breaks_the_specification_is_refused_with_the_json_path() {
        type Change = fn(&mut Bundle);
        let cases: [(&str, Change, &[&str]); 9] = [
            ("no version", |bundle| bundle.set("/ociVersion", json!("")), &["ociVersion"]),
            ("cwd", |bundle| bundle.set("/process/cwd", json!("")), &["process.cwd"]),
            (
                "rlimit",
                |bundle| bundle.set("/process/rlimits", json!([{ "type": "RLIMIT_X", "soft": 1, "hard": 1 }])),
                &["process.rlimits[0].type"],
            ),
            (
                "soft above hard",
                |bundle| bundle.set("/process/rlimits", json!([{ "type": "RLIMIT_CORE", "soft": 2, "hard": 1 }])),
                &["process.rlimits[0]"],
            ),
            ("namespace", |bundle| bundle.set("/linux/namespaces/0/type", json!("nosuch")), &["nosuch", "column"]),
            ("masked", |bundle| bundle.set("/linux/maskedPaths", json!(["relative"])), &["linux.maskedPaths[0]"]),
            ("score", |bundle| bundle.set("/process/oomScoreAdj", json!(2000)), &["process.oomScoreAdj"]),
            ("host name", |bundle| bundle.set("/hostname", json!("x".repeat(65))), &["hostname"]),
            ("no process", |bundle| drop(bundle.config.as_object_mut().unwrap().remove("process")), &["process"]),
        ];
        for (name, change, words) in cases {
            let mut bundle = bundle!();
            change(&mut bundle);
            check(name, &bundle.run(), 1, words);
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn a_root_that_is_none_is_named() {
        let mut bundle = bundle!();
        for (path, words) in [
            ("nowhere", &["/nowhere", "does not exist"][..]),
            ("config.json", &["/config.json", "is not a directory"]),
            ("/proc/self/nosuch", &["/proc/self/nosuch", "does not exist"]),
        ] {
            bundle.set("/root/path", json!(path));
            check(path, &bundle.run(), 1, words);
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn mounts_that_cannot_be_made_are_named() {
        let bundle = bundle!();
        let loop_link = bundle.directory().join("rootfs/loop");
        std::os::unix::fs::symlink("loop", loop_link).unwrap();
        for (mount, words) in [
            (json!({ "destination": "/x", "type": "nosuchfs", "source": "x" }), &["nosuchfs", "/x", "ENODEV"][..]),
            (json!({ "destination": "/x", "type": "bind", "source": "/no/such" }), &["/no/such", "mounts[", "source"]),
            (
                json!({ "destination": "/x", "type": "tmpfs", "options": ["size=banana"] }),
                &["size", "banana", "EINVAL"],
            ),
            (json!({ "destination": "/x", "type": "tmpfs", "options": ["nosuchoption"] }), &["nosuchoption", "EINVAL"]),
            (json!({ "destination": "/loop/x", "type": "tmpfs" }), &["/loop", "ELOOP"]),
            (json!({ "destination": "/etc/passwd", "type": "tmpfs" }), &["/etc/passwd", "EINVAL", "on a directory"]),
            (json!({ "destination": "/etc/passwd/x", "type": "tmpfs" }), &["/etc/passwd", "ENOTDIR"]),
        ] {
            let mut bundle = bundle.again();
            bundle.config["mounts"].as_array_mut().unwrap().push(mount.clone());
            check(&mount.to_string(), &bundle.run(), 1, words);
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn limits_that_the_kernel_refuses_are_named() {
        if !is_root() {
            return skip("an ordinary user may set no such limits");
        }
        for (pointer, value, words) in [
            ("/linux/resources/memory", json!({ "limit": 4096 }), &["memory"][..]),
            ("/linux/resources/cpu", json!({ "cpus": "777" }), &["cpuset.cpus", "777", "hint"]),
            ("/linux/resources/cpu", json!({ "cpus": "banana" }), &["cpus", "banana"]),
            ("/linux/resources/cpu", json!({ "mems": "77" }), &["cpuset.mems", "77"]),
            ("/linux/resources/cpu", json!({ "quota": 10 }), &["quota"]),
            ("/linux/resources/hugepageLimits", json!([{ "pageSize": "3MB", "limit": 1 }]), &["huge"]),
        ] {
            let mut bundle = bundle!();
            bundle.set(pointer, value.clone());
            check(&value.to_string(), &bundle.run(), 1, words);
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn rights_that_are_not_to_be_had_are_named() {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let own = status.lines().find_map(|line| line.strip_prefix("CapEff:\t")).unwrap();
        let own = u64::from_str_radix(own, 16).unwrap();
        const SYS_RESOURCE: u32 = 24;
        if !is_root() || own & (1 << SYS_RESOURCE) != 0 {
            return skip("root has every right here, and a user namespace's root every right in it");
        }
        let mut bundle = bundle!();
        bundle.set("/process/capabilities/permitted", json!(["CAP_SYS_RESOURCE"]));
        check("capability", &bundle.run(), 1, &["CAP_SYS_RESOURCE"]);
        let mut bundle = bundle!();
        bundle.set("/process/rlimits", json!([{ "type": "RLIMIT_NOFILE", "soft": 1, "hard": u64::MAX }]));
        check("limit", &bundle.run(), 1, &["RLIMIT_NOFILE", "EPERM", "CAP_SYS_RESOURCE"]);
        let mut bundle = bundle!();
        bundle.set("/process/oomScoreAdj", json!(-1000));
        check("score", &bundle.run(), 1, &["-1000", "oom_score_adj", "EACCES", "CAP_SYS_RESOURCE"]);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_device_that_is_not_to_be_had_is_named() {
        let mut bundle = bundle!();
        if is_root() {
            // Without root no node is made: the host's own of that path appears.
            bundle.set("/linux/devices", json!([{ "path": "/bin/busybox", "type": "c", "major": 1, "minor": 3 }]));
            check("a file in its place", &bundle.run(), 1, &["/bin/busybox"]);
        }
        bundle.set("/linux/devices", json!([{ "path": "/dev/new", "type": "z", "major": 1, "minor": 3 }]));
        check("its type", &bundle.run(), 1, &["linux.devices[0].type"]);
        let Some(mut bundle) = Bundle::shell_of_ordinary_user("true") else { return };
        bundle.set("/linux/devices", json!([{ "path": "/dev/nosuch", "type": "c", "major": 1, "minor": 3 }]));
        check("not on the host", &bundle.run(), 1, &["/dev/nosuch", "ENOENT"]);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn places_that_are_not_there_are_named() {
        let mut bundle = bundle!();
        bundle.write();
        let output = bundle.oci(&["run", "--pid-file", "/no/such/pid", &bundle.id]);
        check("pid file", &output, 1, &["/no/such/pid", "ENOENT"]);
        let output = bundle.oci(&["--log", "/no/such/log", "run", &bundle.id]);
        check("log", &output, 1, &["/no/such/log", "ENOENT"]);
        let output = bundle.oci(&["spec", "-b", "/no/such"]);
        check("spec", &output, 1, &["/no/such/config.json", "ENOENT"]);
        let output = bundle.oci(&["create", "--console-socket", "/no/such", &bundle.id]);
        check("no terminal", &output, 1, &["--console-socket", "process.terminal"]);
        bundle.set("/process/terminal", json!(true));
        bundle.write();
        let output = bundle.oci(&["create", &bundle.id]);
        check("no console socket", &output, 1, &["--console-socket"]);
        let output = bundle.oci(&["create", "--console-socket", "/no/such", &bundle.id]);
        check("console socket", &output, 1, &["/no/such", "ENOENT"]);
        let deaf = bundle.directory().join("deaf");
        drop(std::os::unix::net::UnixListener::bind(&deaf).unwrap());
        let output = bundle.oci(&["create", "--console-socket", &deaf.to_string_lossy(), &bundle.id]);
        check("nobody listens", &output, 1, &["deaf", "ECONNREFUSED"]);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_state_root_that_is_none_is_named() {
        let bundle = bundle!();
        bundle.write();
        let file = bundle.directory().join("config.json").to_string_lossy().into_owned();
        for verb in ["run", "create", "state", "list"] {
            let words = ["--root", &file, verb, &bundle.id];
            let output = bundle.oci(if verb == "list" { &words[..3] } else { &words });
            check(verb, &output, 1, &["config.json", "ENOTDIR"]);
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn what_is_mistyped_is_guessed() {
        let bundle = bundle!();
        for (arguments, code, words) in [
            (&["crate", "x"][..], 3, "'create'"),
            (&["run", "--bundel", "/x", "x"], 1, "'--bundle'"),
            (&["run", "--pidfile", "/x", "x"], 1, "'--pid-file'"),
            (&["--rot", "/x", "list"], 1, "'--root'"),
            (&["list", "--format", "tabel"], 1, "'table'"),
            (&["--log-format", "jason", "list"], 1, "'json'"),
            (&["state"], 1, "<ID>"),
            (&["state", "a", "b"], 1, "'b'"),
            (&["run", "--preserve-fds", "many", "x"], 1, "'many'"),
            (&["kill", "x", "NOPE"], 1, "NOPE"),
        ] {
            let output = bundle.oci(arguments);
            assert!(output.code == code && output.stderr.contains(words), "{arguments:?}: {output:?}");
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_user_namespace_that_is_not_to_be_had_names_what_stands_in_the_way() {
        let Some(mut bundle) = Bundle::shell_of_ordinary_user("true") else { return };
        let user = bundle.config.pointer("/linux/uidMappings/0/hostID").unwrap().clone();
        // Ids that nobody has given to this user.
        let mappings = json!([
            { "containerID": 0, "hostID": user, "size": 1 }, { "containerID": 1, "hostID": 900_000_000, "size": 65536 }
        ]);
        for pointer in ["/linux/uidMappings", "/linux/gidMappings"] {
            bundle.set(pointer, mappings.clone());
        }
        check("no subordinate ids", &bundle.run(), 1, &["/etc/subuid"]);
        // In a namespace that may have no further ones the sysctl is the namespace's own.
        if !Path::new("/proc/sys/user/max_user_namespaces").exists() {
            return skip("this kernel does not count user namespaces");
        }
        let Some(bundle) = Bundle::shell_of_ordinary_user("true") else { return };
        bundle.write();
        let closed = "echo 0 > /proc/sys/user/max_user_namespaces || exit 99; exec \"$@\"";
        let words = bundle.words(&["run", "-b", &bundle.directory().to_string_lossy(), &bundle.id]);
        let at = words.iter().position(|word| word.ends_with("holm-oci")).unwrap();
        let inside = ["unshare", "--user", "--map-root-user", "sh", "-c", closed, "sh"].map(str::to_owned);
        let words: Vec<_> = words[..at].iter().chain(&inside).chain(&words[at..]).map(String::as_str).collect();
        let output = test_support::run(&words);
        if output.code == 99 || output.stderr.starts_with("unshare") {
            return skip("no user namespace can be made here at all");
        }
        check("no further namespaces", &output, 1, &["user.max_user_namespaces"]);
        bundle.leftovers().assert_none();
    }
}
