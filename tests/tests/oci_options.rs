//! The flags of `create` and `run`, one by one.

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;
    use test_support::{Bundle, is_root, run, skip};

    /// A bundle, or the end of a test that has said why it skips.
    macro_rules! bundle {
        ($text:expr) => {
            match Bundle::shell($text) {
                Some(bundle) => bundle,
                None => return,
            }
        };
    }

    #[test]
    fn keep_leaves_the_record_of_the_end() {
        let bundle = bundle!("exit 3");
        bundle.write();
        assert_eq!(bundle.oci(&["run", "--keep", &bundle.id]).code, 3);
        assert_eq!(bundle.status(), "stopped");
        assert_eq!(bundle.oci(&["run", &bundle.id]).code, 1, "the id is taken");
        assert_eq!(bundle.oci(&["delete", &bundle.id]).code, 0);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn no_pivot_enters_the_root_all_the_same() {
        let bundle =
            bundle!("ls / | sort | head -3; cat /proc/mounts | head -1 | grep -c ' / '; ls /proc/1/root | wc -l");
        bundle.write();
        let (moved, pivoted) = (bundle.oci(&["run", "--no-pivot", &bundle.id]), bundle.run());
        assert_eq!((moved.code, &moved.stdout), (0, &pivoted.stdout), "{moved:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn the_session_keyring_is_new_unless_it_is_to_be_kept() {
        if !Path::new("/proc/keys").exists() {
            return skip("this kernel has no keys");
        }
        let mut bundle = bundle!("cat /proc/keys");
        bundle.set("/linux/maskedPaths", json!([]));
        bundle.write();
        // All keys are listed that this user may see, not only those of the session: the names must differ.
        let (fresh, kept) = (format!("{}-fresh", bundle.id), format!("{}-kept", bundle.id));
        let output = bundle.oci(&["run", &fresh]);
        assert!(output.code == 0 && output.stdout.contains(&format!("_ses.{fresh}")), "{output:?}");
        let output = bundle.oci(&["run", "--no-new-keyring", &kept]);
        assert!(output.code == 0 && !output.stdout.contains(&kept), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn descriptors_are_inherited_only_as_asked() {
        let bundle = bundle!("cat <&3; for n in 3 4 5 6 7 8 9; do test -e /proc/self/fd/$n && echo $n; done; true");
        bundle.write();
        let file = bundle.directory().join("file");
        std::fs::write(&file, "three\n").unwrap();
        let (file, directory) = (file.to_string_lossy(), bundle.directory().to_string_lossy());
        let from = |count: &str, opened: &str| {
            let words = bundle.words(&["run", "-b", &directory, "--preserve-fds", count, &bundle.id]);
            let words: Vec<_> =
                ["sh", "-c", opened, &file].into_iter().chain(words.iter().map(String::as_str)).collect();
            run(&words)
        };
        let all = "exec 3<$0 4</ 5<$0 7</; exec \"$@\"";
        assert_eq!(from("1", all).stdout, "three\n3\n");
        assert_eq!(from("3", all).stdout, "three\n3\n4\n5\n");
        let none = from("0", all);
        assert_eq!((none.stdout.as_str(), none.code), ("", 0), "{none:?}");
        // One of holm-oci's own would take the place of a descriptor that is not there.
        let missing = from("4", all);
        assert!(missing.code == 1 && missing.stderr.contains("descriptor 6 is not open"), "{missing:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn the_pid_file_holds_the_number_alone() {
        let mut bundle = bundle!("");
        bundle.set("/process/args", json!(["sleep", "1000"]));
        bundle.write();
        let file = bundle.directory().join("pid");
        std::fs::write(&file, "an old and much longer content").unwrap();
        let run = bundle.oci(&["run", "-d", "--pid-file", &file.to_string_lossy(), &bundle.id]);
        assert_eq!(run.code, 0, "{run:?}");
        let pid: u32 = std::fs::read_to_string(&file).unwrap().parse().unwrap();
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        assert_eq!(command, b"sleep\x001000\0");
        assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
        bundle.leftovers().assert_none();
    }

    #[test]
    fn without_a_mount_namespace_the_root_is_changed_alone() {
        if !is_root() {
            return skip("without root a mount namespace is needed for /dev");
        }
        let mut bundle = bundle!("ls -d /bin; pwd; test -c /dev/null && echo null");
        bundle.set("/mounts", json!([]));
        bundle.set("/linux/maskedPaths", json!([]));
        bundle.set("/linux/readonlyPaths", json!([]));
        bundle.set("/root/readonly", json!(false));
        bundle.config["linux"]["namespaces"].as_array_mut().unwrap().retain(|namespace| namespace["type"] != "mount");
        bundle.prints("/bin\n/\nnull");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn namespaces_of_another_container_are_joined() {
        let Some(mut first) = Bundle::shell("") else { return };
        if !is_root() {
            return skip("namespaces of another user namespace cannot be joined");
        }
        first.set("/process/args", json!(["sleep", "1000"]));
        first.set("/hostname", json!("first"));
        first.write();
        assert_eq!(first.oci(&["run", "-d", "--pid-file", "pid", &first.id]).code, 0);
        let pid = std::fs::read_to_string(first.directory().join("pid")).unwrap();
        let mut second = bundle!("hostname; readlink /proc/1/exe; echo $$ | grep -vx 1 > /dev/null && echo not first");
        second.config.as_object_mut().unwrap().remove("hostname");
        for namespace in second.config["linux"]["namespaces"].as_array_mut().unwrap() {
            let name = match namespace["type"].as_str().unwrap() {
                "network" => "net",
                kind @ ("pid" | "ipc" | "uts") => kind,
                _ => continue,
            };
            namespace["path"] = format!("/proc/{pid}/ns/{name}").into();
        }
        second.prints("first\n/bin/busybox\nnot first");
        assert_eq!(first.oci(&["delete", "--force", &first.id]).code, 0);
        first.leftovers().assert_none();
        second.leftovers().assert_none();
    }

    #[test]
    fn an_ordinary_users_container_goes_through_all_verbs() {
        let Some(mut bundle) = Bundle::shell_of_ordinary_user("") else { return };
        bundle.set("/process/args", json!(["sleep", "1000"]));
        bundle.write();
        let probe = bundle.oci(&["run", "-d", &bundle.id]);
        if probe.stderr.contains("no user namespace can be made") {
            return skip(probe.stderr.trim());
        }
        assert_eq!(probe.code, 0, "{probe:?}");
        assert_eq!(bundle.status(), "running");
        assert!(bundle.oci(&["list"]).stdout.contains(&bundle.id));
        assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
        bundle.goes_through_all_verbs();
        bundle.set("/process/args", json!(["sh", "-c", "id -u; cat /proc/self/uid_map; exit 4"]));
        let output = bundle.run();
        assert_eq!(output.code, 4, "{output:?}");
        let words: Vec<_> = output.stdout.split_whitespace().collect();
        assert_eq!([words[0], words[1], words[3]], ["0", "0", "1"], "{output:?}");
        bundle.leftovers().assert_none();
    }
}
