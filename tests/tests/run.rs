//! `holm run` from outside: the image `host`, and what the options do.

#[cfg(test)]
mod tests {
    use test_support::{Holm, Output, is_root, skip};

    /// Whether this user may limit what a container uses: root, or the owner of a delegated group of v2.
    fn can_limit(holm: &Holm) -> bool {
        let can = is_root() || holm.run(&["--pids-limit", "100", "host", "true"]).code == 0;
        if !can {
            skip("this user has no group of his own that he could limit");
        }
        can
    }

    #[track_caller]
    fn refused(output: &Output, code: i32, words: &[&str]) {
        assert_eq!(output.code, code, "{output:?}");
        for word in words {
            assert!(output.stderr.contains(word), "{word:?} is not in {:?}", output.stderr);
        }
        assert!(output.stderr.lines().count() <= 2, "one sentence and a hint: {:?}", output.stderr);
    }

    #[test]
    fn a_container_has_a_view_of_its_own() {
        let holm = Holm::new();
        let output = holm.run(&["--hostname", "box", "host", "--", "sh", "-c", "hostname; id -u; ps -ef | wc -l"]);
        let lines: Vec<_> = output.stdout.lines().collect();
        assert_eq!((output.code, &lines[..2]), (0, &["box", "0"][..]), "{output:?}");
        // The header, the shell, ps and wc: nobody else.
        assert_eq!(lines[2].trim(), "4");
        holm.leftovers().assert_none();
    }

    #[test]
    fn the_host_image_has_the_system_and_nothing_private() {
        let holm = Holm::new();
        let home = std::env::var("HOME").unwrap_or_default();
        let text = format!(
            "ls -A /root /home /srv /mnt | grep -v : | tr -d '\\n'; ls {home}/* {} 2>/dev/null; \
             for secret in shadow gshadow machine-id; do [ -e /etc/$secret ] && echo $secret; done; \
             find /etc -type f ! -perm -o=r ! -name .pwd.lock; [ -x /usr/bin/env ] && [ -r /etc/passwd ] && echo system",
            holm.directory().display(),
        );
        holm.prints(&[], &text, "system");
    }

    #[test]
    fn what_a_container_writes_goes_with_it() {
        let holm = Holm::new();
        let text = "echo x > /etc/holm-test-mark && echo y > /tmp/holm-test-mark && cat /etc/holm-test-mark /tmp/holm-test-mark";
        holm.prints(&[], text, "x\ny");
        if is_root() {
            holm.prints(
                &[],
                "echo mine > /etc/passwd; rm -r /usr/share; ls -d /usr/share 2>/dev/null; cat /etc/passwd",
                "mine",
            );
        }
        assert!(!std::path::Path::new("/etc/holm-test-mark").exists());
        assert!(!std::path::Path::new("/tmp/holm-test-mark").exists());
        assert!(std::path::Path::new("/usr/share").exists());
        holm.leftovers().assert_none();
    }

    #[test]
    fn root_in_a_container_is_nobody_on_the_host() {
        let holm = Holm::new();
        let output =
            holm.host(&[], "cat /proc/self/uid_map; grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status");
        let mut fields = output.stdout.split_whitespace();
        assert_eq!(fields.next(), Some("0"), "{output:?}");
        let outside: u32 = fields.next().unwrap().parse().unwrap();
        assert_ne!(outside, 0);
        assert!(output.stdout.contains("CapEff:\t00000000800405fb"), "{output:?}");
        assert!(output.stdout.contains("NoNewPrivs:\t1"), "{output:?}");
        if is_root() {
            holm.prints(&["--userns=host"], "cat /proc/self/uid_map | tr -s ' '", " 0 0 4294967295");
            // Two at a time have no id in common.
            let words =
                holm.run_arguments(&["host", "sh", "-c", "read -r line < /proc/self/uid_map; echo $line; sleep 2"]);
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let other = holm.command(&words).stdout(std::process::Stdio::piped()).spawn().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(700));
            let second = holm.host(&[], "read -r line < /proc/self/uid_map; echo $line");
            let first = String::from_utf8(other.wait_with_output().unwrap().stdout).unwrap();
            assert_ne!(first, second.stdout);
        }
    }

    #[test]
    fn the_exit_code_is_the_programs() {
        let holm = Holm::new();
        assert_eq!(holm.host(&[], "exit 7").code, 7);
        assert_eq!(holm.host(&[], "sh -c 'kill -9 $$'").code, 137);
        refused(&holm.run(&["host", "no-such-program"]), 127, &["no-such-program", "not found"]);
        refused(&holm.run(&["host", "/etc/passwd"]), 126, &["/etc/passwd", "permission"]);
        refused(&holm.run(&["host", "/etc"]), 126, &["is a directory"]);
        holm.leftovers().assert_none();
    }

    #[test]
    fn a_container_at_its_memory_limit_is_killed_and_told() {
        let holm = Holm::new();
        if !can_limit(&holm) {
            return;
        }
        let output = holm.host(&["--memory", "64m", "--memory-swap", "64m"], "tail /dev/zero");
        assert!(output.code == 137 && output.stderr.contains("memory limit of 64 MiB"), "{output:?}");
        holm.leftovers().assert_none();
    }

    #[test]
    fn a_fork_bomb_ends_at_the_limit_of_processes() {
        let holm = Holm::new();
        if !can_limit(&holm) {
            return;
        }
        let output =
            holm.host(&["--pids-limit", "20"], "i=0; while [ $i -lt 40 ]; do sleep 1 & i=$((i+1)); done; wait");
        assert!(output.code != 0 && output.stderr.contains("fork"), "{output:?}");
        assert_eq!(
            holm.host(&["--pids-limit", "60"], "i=0; while [ $i -lt 40 ]; do sleep 0 & i=$((i+1)); done; wait").code,
            0
        );
        holm.leftovers().assert_none();
    }

    #[test]
    fn processor_time_is_limited() {
        let holm = Holm::new();
        if !can_limit(&holm) {
            return;
        }
        // Two seconds by the clock; what the loop has used of the processor in them is counted by the kernel. A busy machine may give
        // less than the limit, but it never gives more.
        let text = "timeout 2 sh -c 'while :; do :; done'; cat /proc/$$/stat | cut -d' ' -f16,17";
        let measure = || {
            let output = holm.host(&["--cpus", "0.5"], text);
            output.stdout.split_whitespace().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
        };
        let mut used = vec![measure()];
        while used.len() < 5 && used.iter().all(|seconds| *seconds < 0.9) {
            used.push(measure());
        }
        assert!(used.iter().all(|seconds| *seconds <= 1.1), "more than allowed: {used:?} s of 2 s");
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
        let processors = std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64);
        if used.iter().all(|seconds| *seconds < 0.9) && load > processors {
            return skip(&format!("the machine is too busy to give half a processor: load {load}, {used:?} s of 2 s"));
        }
        assert!(used.iter().any(|seconds| *seconds >= 0.9), "less than allowed: {used:?} s of 2 s");
    }

    #[test]
    fn options_of_the_program() {
        let holm = Holm::new();
        let file = holm.directory().join("variables");
        std::fs::write(&file, "# comment\nFILE=one\nBOTH=file\n").unwrap();
        let file = file.to_string_lossy().into_owned();
        holm.prints(
            &["--env-file", &file, "-e", "BOTH=line", "--env", "EMPTY=", "--hostname", "box", "-w", "/usr/bin"],
            "echo $FILE $BOTH $EMPTY $HOSTNAME $HOME $PWD",
            "one line box /root /usr/bin",
        );
        let output = holm.run(&["--entrypoint", "/bin/echo", "host", "a", "-n", "b"]);
        assert_eq!(output.stdout, "a -n b\n");
        holm.prints(&["--ulimit", "nofile=100:200"], "ulimit -Sn; ulimit -Hn", "100\n200");
        // Without -i there is nothing to read; with it what is there.
        holm.prints(&[], "cat; echo end", "end");
        let words = holm.run_arguments(&["-i", "host", "cat"]);
        let mut command = holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let mut child =
            command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"typed\n").unwrap();
        assert_eq!(child.wait_with_output().unwrap().stdout, b"typed\n");
        if is_root() {
            holm.prints(&["--user", "nobody"], "id -u; id -g", "65534\n65534");
            holm.prints(
                &["--user", "1234:5678"],
                "id -u; id -g; grep CapEff /proc/self/status",
                "1234\n5678\nCapEff:\t0000000000000000",
            );
        }
        holm.leftovers().assert_none();
    }

    #[test]
    fn a_first_process_reaps_and_hands_signals_on() {
        let holm = Holm::new();
        holm.prints(
            &["--init"],
            "echo $$; sh -c 'sleep 0.1 & exit'; sleep 0.5; ps -eo stat= | grep -c Z; true",
            "2\n0",
        );
        assert_eq!(holm.host(&["--init"], "exit 9").code, 9);
        assert_eq!(holm.host(&["--init"], "kill -TERM $$").code, 143);
        refused(&holm.run(&["--init", "host", "no-such-program"]), 127, &["no-such-program"]);
        let words = holm.run_arguments(&[
            "--init",
            "host",
            "sh",
            "-c",
            "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done",
        ]);
        let mut command = holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
        assert_eq!(line, "ready\n");
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(5));
        holm.leftovers().assert_none();
    }

    #[test]
    fn networks() {
        let holm = Holm::new();
        holm.prints(&["--network", "none"], "ls /sys/class/net; cat /sys/class/net/lo/carrier", "lo\n1");
        let own = std::fs::read_dir("/sys/class/net").unwrap().count();
        holm.prints(&["--network=host"], "ls /sys/class/net | wc -l", &own.to_string());
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        holm.prints(&["--net", "host"], "hostname", &name);
        refused(&holm.run(&["--network", "bridge", "host", "true"]), 125, &["--network bridge", "none"]);
        holm.prints(&["--sysctl", "net.ipv4.ip_forward=1"], "cat /proc/sys/net/ipv4/ip_forward", "1");
        refused(&holm.run(&["--sysctl", "vm.swappiness=1", "host", "true"]), 125, &["vm.swappiness"]);
        holm.leftovers().assert_none();
    }

    #[test]
    fn rights() {
        let holm = Holm::new();
        let effective = "grep CapEff /proc/self/status | cut -f2";
        holm.prints(&["--cap-drop", "all"], effective, "0000000000000000");
        holm.prints(&["--cap-drop=ALL", "--cap-add", "kill", "--cap-add=CAP_CHOWN"], effective, "0000000000000021");
        holm.prints(&["--security-opt", "no-new-privileges=false"], "grep NoNewPrivs /proc/self/status | cut -f2", "0");
        holm.prints(&[], "touch /proc/sysrq-trigger 2>/dev/null || echo closed; cat /proc/keys | wc -c", "closed\n0");
        let covers = "grep -cE ' /proc/(sys|keys) ' /proc/mounts; true";
        holm.prints(&[], covers, "2");
        holm.prints(&["--privileged"], covers, "0");
        holm.prints(&["--security-opt", "systempaths=unconfined"], covers, "0");
        refused(&holm.run(&["--cap-add", "FLY", "host", "true"]), 125, &["--cap-add FLY"]);
        refused(&holm.run(&["--security-opt", "seccomp=x.json", "host", "true"]), 125, &["seccomp"]);
        refused(&holm.run(&["--security-opt", "odd", "host", "true"]), 125, &["--security-opt odd"]);
        if is_root() {
            refused(
                &holm.run(&["--userns=host", "--cap-add=SYS_RESOURCE", "--cap-add", "sys_admin2", "host", "true"]),
                125,
                &["cap-add"],
            );
        } else {
            refused(&holm.run(&["--userns=host", "host", "true"]), 125, &["--userns=host", "root"]);
        }
        holm.leftovers().assert_none();
    }

    #[test]
    fn an_ordinary_user_runs_containers_too() {
        let Some(holm) = Holm::without_root() else { return };
        let output = holm.run(&[
            "host",
            "--",
            "sh",
            "-c",
            "hostname; id -u; ps -ef | wc -l; touch /tmp/x /root/y /etc/z && echo written",
        ]);
        let lines: Vec<_> = output.stdout.lines().skip(1).collect();
        assert_eq!((output.code, lines.join(" ").replace("  ", "")), (0, "0 4 written".to_owned()), "{output:?}");
        refused(&holm.run(&["--userns=host", "host", "true"]), 125, &["--userns=host", "needs root"]);
        holm.leftovers().assert_none();
    }
}
