//! `holm run` from outside: what somebody expects who comes from Docker.

#[cfg(test)]
mod tests {
    use std::path::Path;

    use test_support::{Holm, program, skip};

    fn text(path: &Path) -> String {
        path.to_string_lossy().into_owned()
    }

    #[test]
    fn a_read_only_root_is_the_whole_system() {
        let holm = Holm::new();
        let volume = holm.directory().join("volume");
        std::fs::create_dir(&volume).unwrap();
        let script = "for place in / /etc /usr /var/lib; do touch $place/x 2>/dev/null && echo $place; done; \
                      touch /tmp/x /usr/share/doc/x && echo open";
        let bind = format!("{}:/usr/share/doc", text(&volume));
        holm.prints(&["--read-only", "--tmpfs", "/tmp", "-v", &bind], script, "open");
        holm.leftovers().assert_none();
    }

    #[test]
    fn no_mount_covers_one_that_stands_in_it() {
        let holm = Holm::new();
        let volume = holm.directory().join("volume");
        std::fs::create_dir(&volume).unwrap();
        std::fs::write(volume.join("file"), "seen\n").unwrap();
        let (inner, outer) = (format!("{}:/a/b", text(&volume)), format!("{}:/a", text(&volume)));
        holm.prints(&["--tmpfs", "/a", "-v", &inner], "cat /a/b/file", "seen");
        holm.prints(&["-v", &inner, "-v", &outer], "cat /a/b/file /a/file", "seen\nseen");
        let output = holm.run(&["-v", &outer, "--tmpfs", "/a/", "host", "true"]);
        assert!(output.code == 125 && output.stderr.contains("two mounts"), "{output:?}");
        holm.leftovers().assert_none();
    }

    #[test]
    fn files_of_the_network_in_a_root_directory() {
        let Some(busybox) = program("busybox") else { return skip("busybox is not installed") };
        let holm = Holm::new();
        let root = holm.directory().join("root");
        std::fs::create_dir_all(root.join("bin")).unwrap();
        std::fs::create_dir(root.join("etc")).unwrap();
        std::fs::copy(busybox, root.join("bin/busybox")).unwrap();
        // As Debian and Ubuntu have it: a link to what only a running system has.
        std::os::unix::fs::symlink("../run/systemd/resolve/stub-resolv.conf", root.join("etc/resolv.conf")).unwrap();
        let own = holm.directory().join("hosts");
        std::fs::write(&own, "mine\n").unwrap();
        let (root, volume) = (text(&root), format!("{}:/etc/hosts", text(&own)));
        let run = |options: &[&str], file: &str| {
            holm.run(&[options, &["--rootfs", &root, "--", "/bin/busybox", "cat", file]].concat())
        };
        let output = run(&["--network", "host"], "/etc/resolv.conf");
        let expected = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
        assert_eq!((output.code, output.stdout), (0, expected), "{}", output.stderr);
        let output = run(&["-v", &volume], "/etc/hosts");
        assert_eq!((output.code, output.stdout.as_str()), (0, "mine\n"), "{}", output.stderr);
        holm.leftovers().assert_none();
    }

    #[test]
    fn of_an_option_that_is_given_twice_the_last_counts() {
        let holm = Holm::new();
        holm.prints(&["-h", "one", "--hostname", "two", "-w", "/usr", "-w", "/etc"], "hostname; pwd", "two\n/etc");
    }

    #[test]
    fn a_variable_from_here_is_taken_or_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let holm = Holm::new();
        let words = holm.run_arguments(&["-e", "HOLM_TEST", "host", "env"]);
        let mut command = holm.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let output = command.env("HOLM_TEST", std::ffi::OsStr::from_bytes(b"\xff")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(125) && said.contains("--env HOLM_TEST"), "{output:?}");
    }

    #[test]
    fn a_terminal_has_its_size_from_the_first_instant() {
        let Some(script) = program("script") else { return skip("script is not installed, which makes terminals") };
        let holm = Holm::new();
        let holm_program = text(&test_support::programs_directory().join("holm"));
        for options in ["-t", "-it"] {
            let line = format!("stty rows 33 cols 77; exec {holm_program} run {options} host stty size");
            let mut command = holm.shell("exec \"$1\" -qec \"$2\" /dev/null");
            let output = command.arg(&script).arg(line).stdin(std::process::Stdio::null()).output().unwrap();
            let printed = String::from_utf8_lossy(&output.stdout);
            assert!(printed.contains("33 77"), "{options}: {output:?}");
        }
    }
}
