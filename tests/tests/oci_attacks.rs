//! Known attacks on container runtimes, each by its number.

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    use serde_json::{Value, json};
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

    fn in_root(bundle: &Bundle, path: &str) -> PathBuf {
        let path = bundle.directory().join("rootfs").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn mounts(bundle: &mut Bundle) -> &mut Vec<Value> {
        bundle.config["mounts"].as_array_mut().unwrap()
    }

    /// Without mounts over `/dev`, what an image has there counts.
    fn expose_dev(bundle: &mut Bundle) {
        mounts(bundle).retain(|mount| !mount["destination"].as_str().unwrap().starts_with("/dev"));
    }

    #[test]
    fn cve_2024_21626_the_working_directory_cannot_be_one_of_the_hosts() {
        let bundle = bundle!("cat etc/hostname ../../../etc/hostname 2>/dev/null; pwd; ls");
        let directory = bundle.directory().to_string_lossy().into_owned();
        for number in 3..16 {
            for through_link in [false, true] {
                let mut bundle = bundle.again();
                let target = format!("/proc/self/fd/{number}");
                let link = bundle.directory().join("rootfs/link");
                let _removed = std::fs::remove_file(&link);
                symlink(&target, &link).unwrap();
                bundle.set("/process/cwd", json!(if through_link { "/link" } else { &*target }));
                bundle.write();
                // A caller that leaves a directory of the host's open makes it no better.
                let words = bundle.words(&["run", "-b", &bundle.directory().to_string_lossy(), &bundle.id]);
                let caller = ["sh", "-c", "exec 8</ 9</etc; exec \"$@\"", &directory];
                let words: Vec<_> = caller.into_iter().chain(words.iter().map(String::as_str)).collect();
                let output = run(&words);
                assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{target}: {output:?}");
                bundle.leftovers().assert_none();
            }
        }
    }

    #[test]
    fn cve_2024_21626_no_descriptor_of_the_hosts_is_inherited() {
        let bundle = bundle!(
            "ls -l /proc/self/fd | grep -v 'fd/\\|/proc\\|total' | wc -l; for n in 3 4 5 6 7 8 9 10 11 12; do \
             test -e /proc/$$/fd/$n && readlink /proc/$$/fd/$n; done; true"
        );
        bundle.write();
        let words = bundle.words(&["run", "-b", &bundle.directory().to_string_lossy(), &bundle.id]);
        let caller = ["sh", "-c", "exec 5</ 9</etc; exec \"$@\"", "sh"];
        let output = run(&caller.into_iter().chain(words.iter().map(String::as_str)).collect::<Vec<_>>());
        // The shell itself has none beyond standard input, output and error.
        assert_eq!((output.code, output.stdout.lines().count()), (0, 1), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn cve_2019_16884_proc_is_the_kernels_and_is_not_covered() {
        let bundle = bundle!("grep ' /proc' /proc/mounts");
        let source = bundle.directory().join("source");
        std::fs::create_dir_all(source.join("attr")).unwrap();
        let source = source.to_string_lossy().into_owned();
        // The image's own links lead /proc somewhere else.
        let linked = bundle.directory().join("rootfs/proc");
        std::fs::create_dir_all(bundle.directory().join("rootfs/elsewhere")).unwrap();
        symlink("/elsewhere", &linked).unwrap();
        let output = bundle.again().run();
        assert!(output.code == 1 && output.stderr.contains("symbolic link"), "{output:?}");
        std::fs::remove_file(&linked).unwrap();
        symlink("proc/self", bundle.directory().join("rootfs/self")).unwrap();
        for destination in
            ["/proc/self", "/proc/self/attr", "/proc/sys", "/self/attr", "/proc/1", "/proc/../proc/sys/net"]
        {
            for mount in [
                json!({ "destination": destination, "type": "bind", "source": source, "options": ["rbind"] }),
                json!({ "destination": destination, "type": "tmpfs", "source": "tmpfs" }),
            ] {
                let mut bundle = bundle.again();
                mounts(&mut bundle).push(mount);
                let output = bundle.run();
                assert!(output.code == 1 && output.stderr.contains("/proc"), "{destination}: {output:?}");
                bundle.leftovers().assert_none();
            }
        }
    }

    #[test]
    fn cve_2025_31133_masks_are_the_hosts_null_and_no_file_of_the_images() {
        let Some(mut bundle) = Bundle::shell("cat /proc/timer_list | wc -c; cat /secret") else { return };
        let null = in_root(&bundle, "dev/null");
        expose_dev(&mut bundle);
        std::fs::write(in_root(&bundle, "secret"), "secret\n").unwrap();
        std::fs::write(in_root(&bundle, "shown"), "shown\n").unwrap();
        bundle.set("/linux/maskedPaths", json!(["/secret", "/proc/timer_list"]));
        for make in ["link to a file", "link into /proc", "file"] {
            match make {
                "link to a file" => symlink("/shown", &null).unwrap(),
                "link into /proc" => symlink("/proc/sys/kernel/core_pattern", &null).unwrap(),
                _ => std::fs::write(&null, "shown\n").unwrap(),
            }
            let output = bundle.run();
            // Refused, or masked with the true null.
            assert!(output.code != 0 || output.stdout == "0\n", "{make}: {output:?}");
            assert!(!output.stdout.contains("shown") && !output.stdout.contains("secret"), "{make}: {output:?}");
            std::fs::remove_file(&null).unwrap();
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn cve_2025_52565_the_console_is_the_terminal_and_is_bound_nowhere_else() {
        if test_support::program("script").is_none() {
            return skip("script is not installed");
        }
        let Some(mut bundle) = Bundle::shell("test -c /dev/console && test -t 1 && echo terminal; cat /target") else {
            return;
        };
        bundle.set("/process/terminal", json!(true));
        let console = in_root(&bundle, "dev/console");
        std::fs::write(in_root(&bundle, "target"), "kept\n").unwrap();
        mounts(&mut bundle).retain(|mount| mount["destination"] != "/dev");
        for target in ["/proc/sys/kernel/core_pattern", "/proc/self/attr/current", "/proc/self/oom_score_adj"] {
            let _removed = std::fs::remove_file(&console);
            symlink(target, &console).unwrap();
            bundle.write();
            let words = bundle.words(&["run", "-b", &bundle.directory().to_string_lossy(), &bundle.id]).join(" ");
            let output = run(&["script", "-qec", &words, "/dev/null"]);
            assert!(output.code == 1 && output.stdout.contains("/proc"), "{target}: {output:?}");
            bundle.leftovers().assert_none();
        }
        // A multiplexer that is none gives no terminal.
        std::fs::remove_file(&console).unwrap();
        mounts(&mut bundle).retain(|mount| mount["destination"] != "/dev/pts");
        let ptmx = in_root(&bundle, "dev/pts/ptmx");
        symlink("/target", &ptmx).unwrap();
        bundle.write();
        let words = bundle.words(&["run", "-b", &bundle.directory().to_string_lossy(), &bundle.id]).join(" ");
        let output = run(&["script", "-qec", &words, "/dev/null"]);
        assert!(output.code == 1 && output.stdout.contains("ptmx"), "{output:?}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn cve_2025_52881_what_is_written_to_proc_reaches_it() {
        if !is_root() {
            return skip("without root there is no network namespace whose parameters could be set");
        }
        let mut bundle = bundle!("cat /proc/sys/net/ipv4/ip_forward");
        bundle.set("/linux/sysctl", json!({ "net.ipv4.ip_forward": "1" }));
        bundle.prints("1");
        // A volume over the parameters would swallow the value, or lead it to another file.
        let decoy = bundle.directory().join("decoy");
        std::fs::write(&decoy, "").unwrap();
        for destination in ["/proc/sys/net/ipv4/ip_forward", "/proc/sys", "/proc/self/oom_score_adj"] {
            let mut bundle = bundle.again();
            let source = if destination == "/proc/sys" { bundle.directory() } else { &*decoy };
            let mount = json!({ "destination": destination, "type": "bind", "source": source, "options": ["bind"] });
            mounts(&mut bundle).push(mount);
            let output = bundle.run();
            assert!(output.code == 1 && output.stderr.contains("/proc"), "{destination}: {output:?}");
            assert_eq!(std::fs::read_to_string(&decoy).unwrap(), "");
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn cve_2021_30465_a_destination_that_is_swapped_meanwhile_stays_inside() {
        let Some(mut bundle) = Bundle::shell("cat /volume/place/mark 2>/dev/null; wc -l < /proc/self/mountinfo") else {
            return;
        };
        let source = bundle.directory().join("source");
        std::fs::create_dir_all(&source).unwrap();
        std::fs::write(source.join("mark"), "marked\n").unwrap();
        let place = in_root(&bundle, "volume/place");
        std::fs::create_dir_all(&place).unwrap();
        let outside = bundle.directory().join("outside");
        std::fs::create_dir_all(&outside).unwrap();
        // As far out as a link can lead; from inside of the root it must stay there.
        let link = in_root(&bundle, "volume/link");
        symlink(format!("/../../../../../../..{}", outside.display()), &link).unwrap();
        std::fs::create_dir_all(in_root(&bundle, &outside.to_string_lossy()[1..])).unwrap();
        mounts(&mut bundle).push(
            json!({ "destination": "/volume/place", "type": "bind", "source": source, "options": ["bind", "ro"] }),
        );
        bundle.write();
        let undisturbed = bundle.run();
        assert!(undisturbed.stdout.starts_with("marked\n"), "{undisturbed:?}");
        let count = undisturbed.stdout.lines().last().unwrap().to_owned();

        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    renameat_with(CWD, &place, CWD, &link, RenameFlags::EXCHANGE).unwrap();
                }
            });
            let rounds = if Path::new("/run/vmrun").exists() { 20 } else { 100 };
            let outputs: Vec<_> = (0..rounds).map(|_| bundle.oci(&["run", &bundle.id])).collect();
            ended.store(true, Ordering::Relaxed);
            for output in outputs {
                // A mount that had gone outside would be missing inside.
                let inside = output.code == 0 && output.stdout.lines().last() == Some(&count);
                assert!(inside || output.code == 1 && output.stderr.lines().count() <= 2, "{output:?}");
            }
        });
        assert!(std::fs::read_dir(&outside).unwrap().next().is_none());
        bundle.leftovers().assert_none();
    }

    #[test]
    fn cve_2019_5736_the_runtimes_own_program_is_not_executed() {
        let Some(mut bundle) = Bundle::shell("") else { return };
        let executable = |path: &Path, text: &str| {
            std::fs::write(path, text).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        symlink("/proc/self/exe", in_root(&bundle, "bin/link")).unwrap();
        executable(&in_root(&bundle, "bin/script"), "#!/proc/self/exe run\n");
        executable(&in_root(&bundle, "bin/second"), "#!/bin/script\n");
        executable(&in_root(&bundle, "bin/through-link"), "#! /bin/link --version\n");
        for program in ["/proc/self/exe", "link", "script", "second", "through-link"] {
            bundle.set("/process/args", json!([program, "--version"]));
            let output = bundle.run();
            assert_eq!((output.code, output.stdout.as_str()), (126, ""), "{program}: {output:?}");
            assert!(output.stderr.contains("the runtime's own program"), "{program}: {output:?}");
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn cve_2019_5736_where_processes_are_shared_init_leads_to_no_writable_file() {
        if !is_root() {
            return skip("an ordinary user's container has no right over the program");
        }
        let first = bundle!("true");
        let copy = first.directory().join("copy");
        std::fs::copy(test_support::programs_directory().join("holm-oci"), &copy).unwrap();
        let mut bundle = first.under(copy.clone());
        bundle.config["linux"]["namespaces"].as_array_mut().unwrap().retain(|namespace| namespace["type"] != "pid");
        bundle.write();
        assert_eq!(bundle.oci(&["create", "--pid-file", "pid", &bundle.id]).code, 0);
        let pid = std::fs::read_to_string(bundle.directory().join("pid")).unwrap();
        let exe = format!("/proc/{pid}/exe");
        let inode = |path: &Path| std::fs::metadata(path).unwrap().ino();
        assert_eq!(inode(Path::new(&exe)), inode(&copy));
        // For O_TRUNC the mount is asked first. Were it writable, the errno would be ETXTBSY, as long as the program runs.
        let error = std::fs::OpenOptions::new().write(true).truncate(true).open(&exe).unwrap_err();
        assert_eq!(Errno::from_io_error(&error), Some(Errno::ROFS));
        assert_eq!(bundle.oci(&["start", &bundle.id]).code, 0);
        bundle.await_status("stopped");
        assert_eq!(bundle.oci(&["delete", &bundle.id]).code, 0);
        bundle.leftovers().assert_none();
    }
}
