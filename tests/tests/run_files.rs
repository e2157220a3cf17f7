//! `holm run` from outside: what is mounted, devices, directories as roots, and that the host's mount table never changes.

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::{Path, PathBuf};

    use test_support::{Holm, is_root, skip};

    fn text(path: &Path) -> String {
        path.to_string_lossy().into_owned()
    }

    /// A directory as a root: busybox and a file of users.
    fn root(holm: &Holm) -> Option<PathBuf> {
        let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().map(Path::new).find(|path| path.exists());
        let Some(busybox) = busybox else {
            skip("busybox is not installed");
            return None;
        };
        let root = holm.directory().join("root");
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::create_dir(root.join("etc")).unwrap();
        std::fs::copy(busybox, root.join("bin/busybox")).unwrap();
        for applet in [
            "sh", "id", "hostname", "grep", "cat", "env", "sort", "cut", "ls", "echo", "touch", "stat", "head", "mount",
        ] {
            std::os::unix::fs::symlink("busybox", root.join("bin").join(applet)).unwrap();
        }
        std::fs::write(root.join("etc/passwd"), "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n")
            .unwrap();
        Some(root)
    }

    #[test]
    fn volumes_show_their_files_as_the_containers_own() {
        let holm = Holm::new();
        let volume = holm.directory().join("volume");
        std::fs::create_dir(&volume).unwrap();
        std::fs::write(volume.join("file"), "kept\n").unwrap();
        let bind = format!("{}:/data", text(&volume));
        holm.prints(&["-v", &bind], "cat /data/file; stat -c %u /data/file; echo new > /data/new", "kept\n0");
        assert_eq!(std::fs::read_to_string(volume.join("new")).unwrap(), "new\n");
        assert_eq!(std::fs::metadata(volume.join("new")).unwrap().uid(), std::fs::metadata(&volume).unwrap().uid());
        let read_only = format!("{bind}:ro");
        holm.prints(&["--volume", &read_only], "(echo x > /data/x) 2>/dev/null || echo refused", "refused");
        let file = format!("type=bind,source={},target=/one,readonly", text(&volume.join("file")));
        holm.prints(&["--mount", &file], "cat /one; (echo x > /one) 2>/dev/null || echo refused", "kept\nrefused");
        // A directory that others may not pass is no obstacle: it is the user who gives it.
        let closed = holm.directory().join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::write(closed.join("inside"), "seen\n").unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
        holm.prints(&["-v", &format!("{}:/f", text(&closed.join("inside")))], "cat /f", "seen");
        let output = holm.run(&["-v", "/no/such:/x", "host", "true"]);
        assert!(output.code == 125 && output.stderr.contains("/no/such"), "{output:?}");
        let output = holm.run(&["-v", "name:/x", "host", "true"]);
        assert!(output.code == 125 && output.stderr.contains("named volumes"), "{output:?}");
        holm.leftovers().assert_none();
    }

    #[test]
    fn file_systems_in_memory_and_read_only_roots() {
        let holm = Holm::new();
        holm.prints(
            &["--tmpfs", "/scratch:size=1m,mode=700"],
            "grep ' /scratch ' /proc/mounts | cut -d' ' -f3; echo x > /scratch/x && stat -c %a /scratch",
            "tmpfs\n700",
        );
        holm.prints(
            &["--read-only", "--tmpfs", "/tmp"],
            "for place in / /etc/ /usr/; do (echo x > $place/x) 2>/dev/null || echo closed; done; echo y > /tmp/y && cat /tmp/y",
            "closed\nclosed\nclosed\ny",
        );
        holm.leftovers().assert_none();
    }

    #[test]
    fn devices_are_given_one_by_one() {
        let holm = Holm::new();
        let output = holm.run(&["--device", "/dev/no-such", "host", "true"]);
        assert!(output.code == 125 && output.stderr.contains("/dev/no-such"), "{output:?}");
        let output = holm.run(&["--device", "/etc/passwd", "host", "true"]);
        assert!(output.code == 125 && output.stderr.contains("device node"), "{output:?}");
        holm.prints(&["--device", "/dev/zero:/dev/nothing"], "head -c 3 /dev/nothing | wc -c", "3");
        holm.leftovers().assert_none();
    }

    #[test]
    fn a_directory_is_a_root() {
        let holm = Holm::new();
        let Some(root) = root(&holm) else { return };
        let directory = text(&root);
        let run =
            |options: &[&str], words: &[&str]| holm.run(&[options, &["--rootfs", &directory, "--"], words].concat());
        let output = run(
            &["-h", "box"],
            &["sh", "-c", "hostname; id -u; ls -A /bin | head -n 1; echo x > /written; cat /etc/hostname"],
        );
        assert_eq!((output.code, output.stdout.as_str()), (0, "box\n0\nbusybox\nbox\n"), "{output:?}");
        let written = std::fs::metadata(root.join("written")).unwrap();
        assert_eq!(written.uid(), std::fs::metadata(&root).unwrap().uid());
        if is_root() {
            let output =
                run(&["-u", "ann"], &["sh", "-c", "id -u; echo $HOME; touch /file 2>/dev/null || echo refused"]);
            assert_eq!(output.stdout, "1000\n/home/ann\nrefused\n", "{output:?}");
        }
        let output = run(&["-u", "eve"], &["true"]);
        assert!(output.code == 125 && output.stderr.contains("no user `eve`"), "{output:?}");
        let output = holm.run(&["--rootfs", &directory]);
        assert!(output.code == 125 && output.stderr.contains("no program"), "{output:?}");
        for (path, word) in [("/no/such/root", "no such file"), ("/etc/passwd", "not a directory")] {
            let output = holm.run(&["--rootfs", path, "--", "true"]);
            assert!(output.code == 125 && output.stderr.contains(path) && output.stderr.contains(word), "{output:?}");
        }
        holm.leftovers().assert_none();
    }

    #[test]
    fn a_root_that_others_may_not_reach() {
        let holm = Holm::new();
        let Some(root) = root(&holm) else { return };
        let closed = holm.directory().join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::rename(&root, closed.join("root")).unwrap();
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
        let output = holm.run(&["--rootfs", &text(&closed.join("root")), "--", "id", "-u"]);
        assert_eq!((output.code, output.stdout.as_str()), (0, "0\n"), "{output:?}");
    }

    #[test]
    fn the_hosts_mounts_never_change() {
        if !is_root() {
            return skip("only root has a mount table that could be changed");
        }
        let holm = Holm::new();
        let volume = holm.directory().join("volume");
        std::fs::create_dir(&volume).unwrap();
        // In a mount namespace whose mounts are shared, as systemd makes a host's: what is mounted in a copy would show here.
        let script = format!(
            "mount --make-rshared /; cat /proc/self/mountinfo > before; \
             \"$@\" -v {}:/data host sh -c 'mkdir /data/x; echo up; cat' & \
             sleep 1; cat /proc/self/mountinfo > during; wait; cat /proc/self/mountinfo > after; \
             cmp before during && cmp before after && echo unchanged",
            text(&volume)
        );
        let words = holm.run_arguments(&["--tmpfs", "/scratch"]);
        let program = test_support::programs_directory().join("holm").to_string_lossy().into_owned();
        let mut command = holm.shell(&script);
        command.arg(program).args(&words);
        let output = command.output().unwrap();
        assert!(String::from_utf8_lossy(&output.stdout).ends_with("unchanged\n"), "{output:?}");
        assert!(volume.join("x").is_dir() && Path::new("/usr/bin").is_dir());
        holm.leftovers().assert_none();
    }

    #[test]
    fn many_runs_leave_nothing() {
        let holm = Holm::new();
        let rounds = if Path::new("/run/vmrun").exists() { 2 } else { 15 };
        for _ in 0..rounds {
            let children: Vec<_> = (0..20)
                .map(|_| {
                    let words = holm.run_arguments(&["host", "true"]);
                    holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap()
                })
                .collect();
            for mut child in children {
                assert!(child.wait().unwrap().success());
            }
        }
        holm.leftovers().assert_none();
    }

    #[test]
    fn killed_runs_are_cleared_away() {
        let holm = Holm::new();
        let runs = if Path::new("/run/vmrun").exists() { 10_u64 } else { 100 };
        for number in 0..runs {
            let words = holm.run_arguments(&["host", "sleep", "1000"]);
            let mut child = holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>()).spawn().unwrap();
            // Spread over the whole of the set-up, which takes some milliseconds after the shell's preparations.
            std::thread::sleep(std::time::Duration::from_micros(2000 + number * 397 % 30_000));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        // The next command clears what is left; a process that was killed the instant before may still be on its way out.
        for _ in 0..100 {
            assert_eq!(holm.run(&["host", "true"]).code, 0);
            if holm.leftovers() == test_support::Leftovers::default() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        holm.leftovers().assert_none();
    }

    #[test]
    fn the_shown_script_does_the_same() {
        let needed = ["setpriv", "perl", "ip", "unshare", "ldd", "nsenter"];
        if let Some(missing) = needed.iter().find(|program| test_support::program(program).is_none()) {
            return skip(&format!("{missing} is not installed, which the shown script uses"));
        }
        let holm = Holm::new();
        let Some(root) = root(&holm) else { return };
        let directory = text(&root);
        let look = "hostname; id; grep -E 'Cap|NoNew' /proc/self/status; ulimit -n; pwd; env | sort; cat /proc/self/uid_map; \
                    cut -d' ' -f2,3 /proc/mounts | sort; ls /dev; cat /etc/hosts; \
                    cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true";
        let limits: &[&str] = if is_root() { &["--memory", "64m", "--pids-limit", "50"] } else { &[] };
        let ways: &[&[&str]] = if is_root() { &[&[], &["--userns=host"]] } else { &[&[]] };
        for way in ways {
            let name = format!("{}-script", holm.prefix);
            let options =
                [&["run", "--name", &name, "-h", "box", "--ulimit", "nofile=512:1024"], *way, limits].concat();
            let rest = ["--rootfs", &directory, "--", "sh", "-c", look];
            let container = holm.holm(&[options.as_slice(), &rest].concat());
            let script = holm.holm(&[options.as_slice(), &["--show"], &rest].concat());
            assert_eq!((container.code, script.code), (0, 0), "{} {}", container.stderr, script.stderr);
            let file = holm.directory().join("script.sh");
            std::fs::write(&file, &script.stdout).unwrap();
            let shown = holm.shell("exec sh \"$@\"").arg(&file).output().unwrap();
            let printed = String::from_utf8_lossy(&shown.stdout);
            assert_eq!(printed, container.stdout, "{way:?}: {}", String::from_utf8_lossy(&shown.stderr));
            holm.leftovers().assert_none();
        }
    }
}
