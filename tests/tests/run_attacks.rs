//! `holm run` from outside, by somebody who tries to break it: what a container may not reach, and what its end must remove.

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;
    use std::process::Stdio;

    use test_support::{Holm, is_root, program, skip};

    fn text(path: &Path) -> String {
        path.to_string_lossy().into_owned()
    }

    /// What a container's root writes belongs to the host's root on the disk: a program with the set-user-id bit must not be in
    /// reach of the host's users.
    #[test]
    fn nobody_else_reaches_a_containers_files() {
        let holm = Holm::new();
        let mut words = holm.run_arguments(&["-i", "host", "sh", "-c", "echo up; cat"]);
        let name = words[2].clone();
        let mut command = holm.command(&words.iter_mut().map(|word| word.as_str()).collect::<Vec<_>>());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut up = [0; 3];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut up).unwrap();
        let directory = holm.directory().join("holm/data/containers").join(name);
        let mode = std::fs::metadata(&directory).unwrap().permissions().mode() & 0o7777;
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        assert_eq!(mode, 0o700);
        holm.leftovers().assert_none();
    }

    /// The image has the directory below a mount of the host's, and what that holds is not what the host's users see.
    #[test]
    fn what_a_mount_in_etc_covers_is_left_out() {
        if !is_root() {
            return skip("only root can cover a directory of /etc");
        }
        let holm = Holm::new();
        let script = "set -e; cp -a /etc etc; mount --bind etc /etc; mkdir -m 755 /etc/holm-covered; \
                      (umask 077; echo secret > /etc/holm-covered/key); mount -t tmpfs -o mode=755 t /etc/holm-covered; \
                      exec \"$@\"";
        let words = holm.run_arguments(&["host", "sh", "-c", "cat /etc/holm-covered/key; cat /etc/passwd | head -n 1"]);
        let mut command = holm.shell(script);
        command.arg(test_support::programs_directory().join("holm")).args(&words);
        let output = command.output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.starts_with("root:"), "{output:?}");
    }

    #[test]
    fn what_the_host_has_mounted_read_only_stays_so() {
        if !is_root() {
            return skip("only root can mount something read-only");
        }
        let holm = Holm::new();
        std::fs::create_dir(holm.directory().join("volume")).unwrap();
        let volume = text(&holm.directory().join("volume"));
        for ids in ["private", "host"] {
            let bind = format!("{volume}:/data");
            let words = holm.run_arguments(&["--userns", ids, "-v", &bind, "host", "sh", "-c", "echo x > /data/x"]);
            let script = "mount --bind volume volume && mount -o remount,bind,ro volume && exec \"$@\"";
            let mut command = holm.shell(script);
            command.arg(test_support::programs_directory().join("holm")).args(&words);
            let output = command.output().unwrap();
            assert!(
                !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("Read-only"),
                "{output:?}"
            );
        }
        assert!(!Path::new(&volume).join("x").exists());
    }

    #[test]
    fn a_directory_of_the_hosts_is_no_input() {
        let holm = Holm::new();
        let words = holm.run_arguments(&["-i", "host", "ls", "/proc/self/fd/0/"]);
        let mut command = holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let output = command.stdin(std::fs::File::open("/").unwrap()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(125) && said.contains("standard input is a directory"), "{output:?}");
        holm.leftovers().assert_none();
    }

    /// Opening a device of a tree from elsewhere may do something, and a FIFO waits: both are looked at and not opened.
    #[test]
    fn a_file_of_users_that_is_none_is_not_opened() {
        let (Some(busybox), Some(mkfifo)) = (program("busybox"), program("mkfifo")) else {
            return skip("busybox or mkfifo is not installed");
        };
        let holm = Holm::new();
        let root = holm.directory().join("root");
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::create_dir(root.join("etc")).unwrap();
        std::fs::copy(busybox, root.join("bin/busybox")).unwrap();
        let fifo = root.join("etc/passwd");
        assert!(std::process::Command::new(mkfifo).arg(&fifo).status().unwrap().success());
        // Its end would be the opening by a reader.
        let mut writer =
            std::process::Command::new("sh").args(["-c", "exec 3> \"$1\"", "sh", &text(&fifo)]).spawn().unwrap();
        let output = holm.run(&["--rootfs", &text(&root), "--", "/bin/busybox", "sh", "-c", "echo $HOME"]);
        let ended = writer.try_wait().unwrap();
        writer.kill().unwrap();
        writer.wait().unwrap();
        assert_eq!((output.code, output.stdout.as_str(), ended), (0, "/\n", None), "{output:?}");
        holm.leftovers().assert_none();
    }

    /// As a removal leaves it that was killed in the middle of a tree deeper than it opens at once.
    #[test]
    fn a_half_removed_deep_tree_is_cleared_away() {
        let holm = Holm::new();
        assert_eq!(holm.run(&["host", "true"]).code, 0);
        let left = holm.directory().join("holm/data/containers/left");
        for part in [".deep-1", "root"] {
            let mut path = left.join(part);
            std::fs::create_dir_all(path.join("kept")).unwrap();
            path.extend(["d"; 200]);
            std::fs::create_dir_all(path).unwrap();
        }
        assert_eq!(holm.run(&["host", "true"]).code, 0);
        holm.leftovers().assert_none();
    }

    #[test]
    fn what_cannot_be_removed_hides_neither_the_end_nor_the_rest() {
        let (Some(_), Some(chattr)) = (is_root().then_some(()), program("chattr")) else {
            return skip("root and chattr are needed for a file that cannot be removed");
        };
        let holm = Holm::new();
        let script = "mkdir /opt/d; for i in 1 2 3; do echo x > /opt/d/$i; done; chattr +i /opt/d/2 && exit 7";
        let output = holm.host(&["--userns=host", "--privileged"], script);
        let left = holm.leftovers().records;
        for container in &left {
            let _changed =
                std::process::Command::new(&chattr).args(["-R", "-i"]).arg(container.join("root/opt")).status();
        }
        if left.is_empty() {
            return skip(&format!("the file system knows no file that cannot be changed: {}", output.stderr.trim()));
        }
        assert!(output.code == 7 && output.stderr.contains("warning: could not remove"), "{output:?}");
        let files = std::fs::read_dir(left[0].join("root/opt/d")).unwrap().count();
        assert_eq!(files, 1, "all but that one is removed");
        assert_eq!(holm.run(&["host", "true"]).code, 0);
        holm.leftovers().assert_none();
    }

    /// A name that the kernel would read in a mount's options, and longer than these may be.
    #[test]
    fn a_place_of_any_name() {
        let holm = Holm::new();
        let names = ["a:b", "a\\b \"c", "a,lowerdir=/root"].map(str::to_owned);
        let long = format!("{}/{}", "n".repeat(200), "n".repeat(200));
        for name in names.into_iter().chain([long, "relative".to_owned()]) {
            let root = if name == "relative" { Path::new(&name).to_owned() } else { holm.directory().join(&name) };
            for ids in if is_root() { &["private", "host"][..] } else { &["private"] } {
                let words = holm.run_arguments(&["--userns", ids, "host", "sh", "-c", "echo x > /etc/x && cat /etc/x"]);
                let mut command = holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
                let output = command.env("HOLM_ROOT", &root).output().unwrap();
                assert_eq!(String::from_utf8_lossy(&output.stdout), "x\n", "{root:?} {output:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_printed_is_told_by_the_exit_code() {
        let holm = Holm::new();
        let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
        for (words, stdout, expected) in [
            (&["run", "--show", "host", "true"][..], true, 125),
            (&["--help"], true, 125),
            (&["run", "--no-such"], false, 125),
            (&["run", "no-such"], false, 125),
        ] {
            let mut command = holm.command(words);
            if stdout {
                command.stdout(full())
            } else {
                command.stderr(full())
            };
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(expected), "{words:?} {output:?}");
        }
    }

    /// Runs a shown script with what stands in `$1` to it, lets `meanwhile` see it run, and gives what it printed.
    fn run_script(holm: &Holm, script: &str, meanwhile: impl Fn(&mut std::process::Child)) -> (Option<i32>, String) {
        let file = holm.directory().join("script.sh");
        std::fs::write(&file, script).unwrap();
        let mut command = holm.shell("exec sh \"$1\"");
        let mut child = command.arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut up = [0; 3];
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut up).unwrap();
        assert_eq!(&up, b"up\n");
        meanwhile(&mut child);
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn can_show() -> bool {
        let needed = ["setpriv", "perl", "ip", "unshare", "ldd", "nsenter", "flock"];
        let missing = needed.iter().find(|name| program(name).is_none());
        if let Some(missing) = missing {
            skip(&format!("{missing} is not installed, which the shown script uses"));
        }
        missing.is_none()
    }

    #[test]
    fn a_shown_script_is_a_container_like_others() {
        if !can_show() {
            return;
        }
        let holm = Holm::new();
        let name = format!("{}-script", holm.prefix);
        // Neither a line that ends the text in the script, nor the shell's own signs.
        let odd = "a'b\"c $(id) `id` \\ * \nINIT\nexit 3\n";
        let program = "echo up; read line; echo \"$line\"; for n in 3 7 9; do [ ! -e /proc/self/fd/$n ] || echo leaked; done; ls -d /usr/bin; printf %s \"$1\"";
        let words = ["run", "--show", "-i", "--name", &name, "-e", "-S=x", "host", "sh", "-c", program, "sh", odd];
        let mut words = words.to_vec();
        words[6] = "VARIABLE=INIT\nINIT";
        let script = holm.holm(&words).stdout;
        let (code, printed) = run_script(&holm, &script, |child| {
            // The name is taken, and a container that is not known to be dead is not cleared away.
            assert_eq!(holm.holm(&["run", "--name", &name, "host", "true"]).code, 125);
            assert_eq!(holm.run(&["host", "true"]).code, 0);
            let second = holm.directory().join("second.sh");
            std::fs::write(&second, &script).unwrap();
            assert!(!holm.shell("exec sh \"$1\"").arg(&second).output().unwrap().status.success());
            child.stdin.as_mut().unwrap().write_all(b"typed\n").unwrap();
        });
        assert_eq!((code, printed), (Some(0), format!("typed\n/usr/bin\n{odd}")));
        holm.leftovers().assert_none();
    }

    #[test]
    fn a_shown_script_that_is_interrupted_or_fails_leaves_nothing() {
        if !can_show() {
            return;
        }
        let holm = Holm::new();
        let name = format!("{}-script", holm.prefix);
        let words = ["run", "--show", "--name", &name, "host", "sh", "-c", "echo up; exec sleep 1000"];
        let script = holm.holm(&words).stdout;
        let (code, _) = run_script(&holm, &script, |child| {
            let pid = rustix::process::Pid::from_child(child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        });
        assert_eq!(code, Some(143));
        holm.leftovers().assert_none();
        // Without namespaces it ends, and does not wait for what never comes.
        let failing =
            script.replacen("set -eu\n", "set -eu\nunshare() { return 1; }\n", 1).replace("exec unshare", "unshare");
        let file = holm.directory().join("failing.sh");
        std::fs::write(&file, failing).unwrap();
        let output = holm.shell("exec timeout 60 sh \"$1\"").arg(&file).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        holm.leftovers().assert_none();
    }
}
