//! `holm-oci` from outside: as root on any generation of control groups, and as an ordinary user.

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use test_support::{Bundle, is_root, skip};

    /// A bundle, or the end of a test that has said why it skips.
    macro_rules! bundle {
        ($text:expr) => {
            match Bundle::shell($text) {
                Some(bundle) => bundle,
                None => return,
            }
        };
    }

    /// Whether this user may limit anything here.
    fn can_limit() -> bool {
        let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let own = groups.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
        let own = format!("/sys/fs/cgroup{own}");
        let delegated = std::path::Path::new("/sys/fs/cgroup/cgroup.controllers").exists()
            && rustix::fs::access(format!("{own}/cgroup.procs"), rustix::fs::Access::WRITE_OK).is_ok()
            && rustix::fs::access(&*own, rustix::fs::Access::WRITE_OK).is_ok();
        is_root() || delegated
    }

    #[test]
    fn a_container_has_a_view_of_its_own() {
        let bundle = bundle!("hostname; id -u; echo $$; ls /proc | grep -c '^[0-9]'; pwd");
        let output = bundle.run();
        let lines: Vec<_> = output.stdout.lines().collect();
        assert_eq!(output.code, 0, "{output:?}");
        assert_eq!([lines[0], lines[1], lines[2], lines[4]], ["holm", "0", "1", "/"], "{output:?}");
        assert!(lines[3].parse::<u32>().unwrap() <= 4, "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn the_exit_code_is_the_programs() {
        for (text, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$; sleep 9", 0), ("exit 255", 255)] {
            let mut bundle = bundle!(text);
            if text.starts_with("kill") {
                // As pid 1 it would be immune: a child dies of it.
                bundle.set("/process/args", json!(["sh", "-c", "sh -c 'kill -9 $$'; exit $?"]));
                assert_eq!(bundle.run().code, 137);
            } else {
                assert_eq!(bundle.run().code, code, "{text}");
            }
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn the_verbs_go_one_by_one() {
        let bundle = bundle!("echo started; exec sleep 1000");
        bundle.write();
        let (id, directory) = (bundle.id.clone(), bundle.directory().to_string_lossy().into_owned());
        let pid_file = format!("{directory}/pid");
        let created = bundle.oci(&["create", "--bundle", &directory, "--pid-file", &pid_file, &id]);
        assert_eq!(created.code, 0, "{created:?}");
        let state = |expected: &str| {
            let output = bundle.oci(&["state", &id]);
            let state: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
            assert_eq!(state["status"], expected, "{output:?}");
            state
        };
        let first = state("created");
        assert_eq!(first["bundle"], directory);
        assert_eq!(std::fs::read_to_string(&pid_file).unwrap(), first["pid"].to_string());
        let again = bundle.oci(&["create", "--bundle", &directory, &id]);
        assert!(again.code != 0 && again.stderr.contains("exists already"), "{again:?}");
        assert_eq!(bundle.oci(&["start", &id]).code, 0);
        state("running");
        assert!(bundle.oci(&["start", &id]).stderr.contains("only a created container"));
        assert!(bundle.oci(&["delete", &id]).stderr.contains("--force"));
        let list = bundle.oci(&["list"]);
        assert!(list.stdout.contains(&id) && list.stdout.starts_with("ID "), "{list:?}");
        assert_eq!(bundle.oci(&["list", "-q"]).stdout.trim(), id);
        assert_eq!(bundle.oci(&["kill", &id, "KILL"]).code, 0);
        for _ in 0..500 {
            if bundle.oci(&["state", &id]).stdout.contains("stopped") {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        state("stopped");
        assert!(bundle.oci(&["kill", &id]).stderr.contains("ended already"));
        assert_eq!(bundle.oci(&["delete", &id]).code, 0);
        assert!(bundle.oci(&["state", &id]).stderr.contains("does not exist"));
        assert_eq!(bundle.oci(&["delete", "--force", &id]).code, 0);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn bad_input_gets_one_sentence_and_leaves_nothing() {
        type Change = fn(&mut Bundle);
        let cases: [(&str, Change, i32, &str); 14] = [
            ("no program", |bundle| bundle.set("/process/args", json!(["/no/such"])), 127, "no such file"),
            ("not in PATH", |bundle| bundle.set("/process/args", json!(["nosuch"])), 127, "not found in $PATH"),
            ("a directory", |bundle| bundle.set("/process/args", json!(["/etc"])), 126, "is a directory"),
            ("no permission", |bundle| bundle.set("/process/args", json!(["/etc/passwd"])), 126, "chmod +x"),
            (
                "no interpreter",
                |bundle| {
                    let script = bundle.directory().join("rootfs/bin/script");
                    std::fs::write(&script, "#!/opt/none\n").unwrap();
                    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
                    bundle.set("/process/args", json!(["script"]));
                },
                127,
                "its interpreter \"/opt/none\" does not exist",
            ),
            ("no arguments", |bundle| bundle.set("/process/args", json!([])), 1, "process.args must name a program"),
            (
                "relative cwd",
                |bundle| bundle.set("/process/cwd", json!("tmp")),
                1,
                "process.cwd is \"tmp\": must be an absolute path",
            ),
            ("no root", |bundle| bundle.set("/root/path", json!("nowhere")), 1, "does not exist"),
            ("root is a file", |bundle| bundle.set("/root/path", json!("config.json")), 1, "is not a directory"),
            ("unknown version", |bundle| bundle.set("/ociVersion", json!("2.0.0")), 1, "ociVersion"),
            (
                "namespace twice",
                |bundle| bundle.config["linux"]["namespaces"].as_array_mut().unwrap().push(json!({ "type": "pid" })),
                1,
                "is given twice",
            ),
            (
                "seccomp",
                |bundle| bundle.set("/linux/seccomp", json!({ "defaultAction": "SCMP_ACT_ALLOW" })),
                1,
                "linux.seccomp",
            ),
            ("hooks", |bundle| bundle.set("/hooks", json!({ "prestart": [{ "path": "/bin/true" }] })), 1, "hooks"),
            ("host sysctl", |bundle| bundle.set("/linux/sysctl", json!({ "vm.swappiness": "1" })), 1, "whole host"),
        ];
        for (name, change, code, words) in cases {
            let mut bundle = bundle!("true");
            change(&mut bundle);
            let output = bundle.run();
            assert_eq!(output.code, code, "{name}: {output:?}");
            assert!(output.stderr.contains(words), "{name}: {output:?}");
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn a_broken_bundle_is_named() {
        let bundle = bundle!("true");
        std::fs::write(bundle.directory().join("config.json"), "{\"ociVersion\": \"1.0.2\",\n \"process\": 5}")
            .unwrap();
        let directory = bundle.directory().to_string_lossy().into_owned();
        let output = bundle.oci(&["run", "--bundle", &directory, &bundle.id]);
        assert!(output.code == 1 && output.stderr.contains("line 2"), "{output:?}");
        let output = bundle.oci(&["run", "--bundle", "/no/bundle", &bundle.id]);
        assert!(output.stderr.contains("/no/bundle/config.json") && output.stderr.contains("ENOENT"), "{output:?}");
        for id in ["a/b", "..", "", "a b"] {
            let output = bundle.oci(&["run", "--bundle", &directory, id]);
            assert!(output.code != 0, "{id:?}: {output:?}");
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn memory_is_limited_and_the_end_says_so() {
        if !can_limit() {
            return skip("this user may not limit anything here");
        }
        let mut bundle = bundle!("exec dd if=/dev/zero of=/dev/null bs=200M count=1");
        bundle.set("/linux/resources/memory", json!({ "limit": 64 << 20, "swap": 64 << 20 }));
        let output = bundle.run();
        assert_eq!(output.code, 137, "{output:?}");
        assert!(output.stderr.contains("memory limit of 67108864 bytes"), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn the_number_of_processes_is_limited() {
        if !can_limit() {
            return skip("this user may not limit anything here");
        }
        let mut bundle = bundle!("n=0; while [ $n -lt 50 ]; do sleep 5 & n=$((n+1)); done; echo all");
        bundle.set("/linux/resources/pids", json!({ "limit": 20 }));
        let output = bundle.run();
        assert!(output.code != 0 && output.stderr.contains("fork"), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_limit_without_the_right_is_refused() {
        if can_limit() {
            return skip("this user may limit everything");
        }
        let mut bundle = bundle!("true");
        bundle.set("/linux/resources/memory", json!({ "limit": 64 << 20 }));
        let output = bundle.run();
        assert!(output.code == 1 && output.stderr.contains("Delegate=yes"), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn the_process_is_what_the_configuration_says() {
        let mut bundle = bundle!("umask; ulimit -n; pwd; echo $X; grep -E 'NoNewPrivs|CapBnd' /proc/self/status");
        bundle.set("/process/user/umask", json!(0o027));
        bundle.set("/process/rlimits", json!([{ "type": "RLIMIT_NOFILE", "soft": 77, "hard": 99 }]));
        bundle.set("/process/cwd", json!("/made/for/it"));
        bundle.config["process"]["env"].as_array_mut().unwrap().push(json!("X=y z"));
        bundle.prints("0027\n77\n/made/for/it\ny z\nCapBnd:\t0000000020000420\nNoNewPrivs:\t1");
    }

    #[test]
    fn another_user_has_its_groups_and_capabilities() {
        if !is_root() {
            return skip("a single mapped id has no other user");
        }
        let mut bundle = bundle!("id -u; id -g; id -G; grep -E 'Cap(Eff|Amb)' /proc/self/status; echo $HOME");
        bundle.set("/process/user", json!({ "uid": 1000, "gid": 1000, "additionalGids": [5, 7] }));
        bundle.set("/process/capabilities/ambient", json!(["CAP_KILL", "CAP_NOT_YET_INVENTED"]));
        bundle.set("/process/capabilities/inheritable", json!(["CAP_KILL"]));
        bundle.prints("1000\n1000\n1000 5 7\nCapEff:\t0000000000000020\nCapAmb:\t0000000000000020\n/home/ann");
    }

    #[test]
    fn paths_are_masked_and_read_only() {
        let mut bundle = bundle!(
            "cat /masked/file | wc -c; ls /hidden | wc -l; (echo x > /proc/sys/kernel/hostname) 2>/dev/null || echo refused; \
             (touch /new) 2>/dev/null || echo read-only; touch /dev/shm/new && echo written"
        );
        for (file, text) in [("masked/file", "secret"), ("hidden/file", "secret")] {
            let path = bundle.directory().join("rootfs").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        bundle.set("/linux/maskedPaths", json!(["/masked/file", "/hidden", "/not/there"]));
        bundle.prints("0\n0\nrefused\nread-only\nwritten");
    }

    #[test]
    fn mounts_of_every_kind_are_made() {
        let mut bundle = bundle!(
            "cat /bound/file; (echo x > /bound/file) 2>/dev/null || echo read-only; cat /one; cat /copied/file; \
             grep ' /tmp ' /proc/mounts | cut -d' ' -f3,4"
        );
        let source = bundle.directory().join("source");
        std::fs::create_dir_all(&source).unwrap();
        std::fs::write(source.join("file"), "bound\n").unwrap();
        let copied = bundle.directory().join("rootfs/copied");
        std::fs::create_dir_all(&copied).unwrap();
        std::fs::write(copied.join("file"), "copied\n").unwrap();
        std::os::unix::fs::symlink("busybox", bundle.directory().join("rootfs/bin/cut")).unwrap();
        let mounts = bundle.config["mounts"].as_array_mut().unwrap();
        mounts.extend([
            json!({ "destination": "/bound", "type": "bind", "source": "source", "options": ["rbind", "ro"] }),
            json!({ "destination": "/one", "source": "source/file", "options": ["bind"] }),
            json!({ "destination": "/copied", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"] }),
            json!({ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "noexec", "size=1m"] }),
        ]);
        let output = bundle.run();
        assert!(
            output.stdout.starts_with("bound\nread-only\nbound\ncopied\ntmpfs rw,nosuid,noexec,relatime,size=1024k"),
            "{output:?}"
        );
        bundle.config["mounts"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "destination": "/x", "type": "bind", "source": "/no/such" }));
        let output = bundle.run();
        assert!(output.code == 1 && output.stderr.contains("/no/such does not exist on the host"), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_target_in_proc_is_refused() {
        let mut bundle = bundle!("true");
        std::os::unix::fs::symlink("/proc/self", bundle.directory().join("rootfs/link")).unwrap();
        let mounts = bundle.config["mounts"].as_array_mut().unwrap();
        mounts.push(json!({ "destination": "/link/attr", "type": "tmpfs", "source": "tmpfs" }));
        let output = bundle.run();
        assert!(output.code == 1 && output.stderr.contains("/proc"), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_terminal_is_the_containers_own() {
        if test_support::program("script").is_none() {
            return skip("script is not installed");
        }
        let mut bundle = bundle!("tty; stty size; test -c /dev/console && echo console");
        bundle.set("/process/terminal", json!(true));
        bundle.set("/process/consoleSize", json!({ "height": 33, "width": 77 }));
        bundle.write();
        let directory = bundle.directory().to_string_lossy().into_owned();
        let words = bundle.words(&["run", "--bundle", &directory, &bundle.id]).join(" ");
        let output = test_support::run(&["script", "-qec", &format!("stty rows 33 cols 77; {words}"), "/dev/null"]);
        // Some versions of script pass the end of their own input on, which the terminal echoes.
        assert_eq!(output.stdout.replace('\r', "").replace("^@", ""), "/dev/pts/0\n33 77\nconsole\n", "{output:?}");
        let detached = bundle.oci(&["run", "--detach", "--bundle", &directory, &bundle.id]);
        assert!(detached.stderr.contains("--console-socket"), "{detached:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn signals_are_forwarded() {
        let bundle = bundle!("trap 'echo got it; exit 5' TERM; echo ready; while true; do sleep 0.1; done");
        bundle.write();
        let mut command = bundle.command(&["run", &bundle.id]);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
        assert_eq!(line, "ready\n");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut rest).unwrap();
        assert_eq!((rest.as_str(), child.wait().unwrap().code()), ("got it\n", Some(5)));
        bundle.leftovers().assert_none();
    }

    #[test]
    fn the_shown_script_does_the_same() {
        if !is_root() || !std::path::Path::new("/usr/bin/setpriv").exists() {
            return skip("the script of a container with all namespaces needs root and setpriv");
        }
        let text = "hostname; id; grep -E 'Cap|NoNew' /proc/self/status; ulimit -n; pwd; env | sort; cut -d' ' -f2,3 /proc/mounts | sort; ls /dev";
        let mut bundle = bundle!(text);
        std::os::unix::fs::symlink("busybox", bundle.directory().join("rootfs/bin/cut")).unwrap();
        bundle.set("/process/env", json!(["PATH=/bin", "HOME=/", "A=b c"]));
        let container = bundle.run();
        let script = bundle.command(&["run", "--show", &bundle.id]).output().unwrap();
        let path = bundle.directory().join("script.sh");
        std::fs::write(&path, &script.stdout).unwrap();
        let shown = test_support::run(&["sh", &path.to_string_lossy()]);
        assert_eq!(shown.stdout, container.stdout, "{}\n{}", shown.stderr, container.stderr);
        assert_eq!(shown.code, container.code);
        bundle.leftovers().assert_none();
    }
}
