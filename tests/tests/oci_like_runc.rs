//! The same on `holm-oci` and on runc, where Debian has it: what callers of runc read must be what it writes.

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::{Bundle, Output, is_root, program, skip};

    /// One bundle under both.
    struct Both {
        holm: Bundle,
        runc: Bundle,
    }

    impl Both {
        fn new(text: &str) -> Option<Self> {
            let runc = program("runc");
            if !is_root() || runc.is_none() {
                skip("the comparison needs root and runc");
                return None;
            }
            let mut holm = Bundle::shell(text)?;
            // What Debian's runc knows and this machine has.
            holm.set("/ociVersion", json!("1.0.2"));
            holm.set("/process/rlimits", json!([]));
            holm.set("/annotations", json!({ "org.example.key": "value" }));
            holm.config["mounts"].as_array_mut()?.retain(|mount| mount["type"] != "cgroup");
            let runc = holm.under(runc?);
            Some(Self { holm, runc })
        }

        fn set(&mut self, pointer: &str, value: &Value) {
            for bundle in [&mut self.holm, &mut self.runc] {
                bundle.set(pointer, value.clone());
                bundle.write();
            }
        }

        /// The same words to both; `ID` and `DIR` stand for each one's own.
        fn say(&self, words: &[&str]) -> [Output; 2] {
            [&self.holm, &self.runc].map(|bundle| {
                bundle.write();
                let directory = bundle.directory().to_string_lossy();
                let own: Vec<_> = words.iter().map(|word| word.replace("DIR", &directory)).collect();
                let own: Vec<_> = own.iter().map(|word| if word == "ID" { bundle.id.as_str() } else { word }).collect();
                bundle.oci(&own)
            })
        }

        /// Both must come back with the same code and the same standard output.
        fn agree(&self, words: &[&str]) -> [Output; 2] {
            let [holm, runc] = self.say(words);
            assert_eq!(holm.code, runc.code, "{words:?}: {holm:?} {runc:?}");
            let own = |output: &Output, bundle: &Bundle| output.stdout.replace(&bundle.id, "ID");
            assert_eq!(own(&holm, &self.holm), own(&runc, &self.runc), "{words:?}");
            [holm, runc]
        }

        /// Both must fail with the same code, and both in words that hold these, which callers look for.
        fn both_refuse(&self, words: &[&str], part: &str) {
            let [holm, runc] = self.agree(words);
            assert_ne!(holm.code, 0, "{words:?}: {holm:?}");
            for output in [holm, runc] {
                assert!(output.stderr.contains(part), "{words:?}: no {part:?} in {output:?}");
            }
        }

        fn files(&self, name: &str) -> [String; 2] {
            [&self.holm, &self.runc]
                .map(|bundle| std::fs::read_to_string(bundle.directory().join(name)).unwrap_or_default())
        }
    }

    impl Drop for Both {
        fn drop(&mut self) {
            let _removed = self.say(&["delete", "--force", "ID"]);
        }
    }

    /// The names and kinds of the fields of a JSON object, in order.
    fn shape(text: &str) -> Vec<(String, &'static str)> {
        let value: Value = serde_json::from_str(text).unwrap();
        let kind = |value: &Value| match value {
            Value::String(_) => "string",
            Value::Number(_) => "number",
            Value::Object(_) => "object",
            _ => "another",
        };
        let object = value.as_object().unwrap();
        object.iter().map(|(name, value)| (name.clone(), kind(value))).collect()
    }

    #[test]
    fn states_lists_and_refusals_are_the_same_through_a_life() {
        let Some(mut both) = Both::new("") else { return };
        both.set("/process/args", &json!(["sleep", "1000"]));
        both.agree(&["create", "--pid-file", "DIR/pid", "ID"]);
        both.both_refuse(&["create", "ID"], "exists");
        let [holm, runc] = both.say(&["state", "ID"]);
        assert_eq!(shape(&holm.stdout), shape(&runc.stdout));
        let [holm, runc] = [holm, runc].map(|output| serde_json::from_str::<Value>(&output.stdout).unwrap());
        for field in ["status", "annotations"] {
            assert_eq!(holm[field], runc[field]);
        }
        for (state, pid) in [&holm, &runc].into_iter().zip(both.files("pid")) {
            // No line end behind the number: callers parse the whole file.
            assert_eq!(state["pid"].to_string(), pid);
        }
        both.agree(&["start", "ID"]);
        both.both_refuse(&["start", "ID"], "running");
        both.both_refuse(&["delete", "ID"], "running");
        both.both_refuse(&["kill", "ID", "NOPE"], "NOPE");
        both.agree(&["kill", "ID", "0"]);
        let [holm, runc] = both.say(&["list"]);
        let head = |output: &Output| output.stdout.lines().next().unwrap_or_default().to_owned();
        let columns = |output: &Output| head(output).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(columns(&holm), columns(&runc));
        let rows = [(&holm, &both.holm), (&runc, &both.runc)].map(|(output, bundle)| {
            let row = output.stdout.lines().nth(1).unwrap_or_default();
            let at = |word: &str| row.find(word);
            // Ids and directories are equally long, so that the columns are too.
            (at(&bundle.id), at("running"), at(&bundle.directory().to_string_lossy()).is_some(), row.ends_with("root"))
        });
        assert_eq!(rows[0], rows[1], "{holm:?} {runc:?}");
        let [holm, runc] = both.say(&["list", "--format", "json"]);
        let inner = |output: &Output| output.stdout.trim().trim_matches(['[', ']']).to_owned();
        assert_eq!(shape(&inner(&holm)), shape(&inner(&runc)));
        both.agree(&["list", "--quiet"]);
        both.agree(&["kill", "ID", "KILL"]);
        both.holm.await_status("stopped");
        both.runc.await_status("stopped");
        both.both_refuse(&["kill", "ID", "TERM"], "container not running");
        both.both_refuse(&["start", "ID"], "stopped");
        both.agree(&["kill", "--all", "ID", "KILL"]);
        both.agree(&["delete", "ID"]);
        for words in [&["delete", "ID"][..], &["state", "ID"], &["kill", "ID"], &["start", "ID"]] {
            both.both_refuse(words, "does not exist");
        }
        both.agree(&["delete", "--force", "ID"]);
        both.agree(&["list"]);
        // An empty array, where runc writes the `null` of a Go slice.
        assert_eq!(both.holm.oci(&["list", "--format", "json"]).stdout, "[]\n");
        both.holm.leftovers().assert_none();
    }

    #[test]
    fn a_container_that_was_never_started_can_be_deleted() {
        let Some(both) = Both::new("true") else { return };
        both.agree(&["create", "ID"]);
        both.agree(&["delete", "ID"]);
        both.both_refuse(&["state", "ID"], "does not exist");
        both.holm.leftovers().assert_none();
    }

    #[test]
    fn exit_codes_are_the_same() {
        let Some(mut both) = Both::new("") else { return };
        for text in ["exit 0", "exit 7", "exit 255", "sh -c 'kill -9 $$'", "sh -c 'kill -TERM $$'", "exec false"] {
            both.set("/process/args", &json!(["sh", "-c", text]));
            both.agree(&["run", "ID"]);
        }
        for words in [
            &["run", "a/b"][..],
            &["run", ".."],
            &["run", ""],
            &["run", "-b", "/no/bundle", "ID"],
            &["run"],
            &["state"],
            &["state", "a", "b"],
            &["nosuch"],
            &["run", "--nosuch", "ID"],
            &["list", "--format", "xml"],
            &["--log-format", "xml", "list"],
            &["--log", "/no/such/log", "list"],
            &["spec", "-b", "/no/such"],
            &["spec", "-b", "DIR"],
            &["kill", "nosuch"],
            &["delete", "nosuch"],
            &["delete", "--force", "nosuch"],
            &["run", "--preserve-fds", "3", "ID"],
        ] {
            let [holm, runc] = both.say(words);
            assert_eq!(holm.code, runc.code, "{words:?}: {holm:?} {runc:?}");
        }
        both.holm.leftovers().assert_none();
    }

    #[test]
    fn no_verb_at_all_prints_help() {
        let Some(both) = Both::new("") else { return };
        for output in both.say(&[]) {
            assert!(output.code == 0 && output.stdout.contains("--root"), "{output:?}");
        }
        for output in both.say(&["--version"]) {
            let lines: Vec<_> = output.stdout.lines().collect();
            assert!(output.code == 0 && lines[0].contains(" version "), "{output:?}");
            assert!(lines.iter().any(|line| line.starts_with("spec: 1.")), "{output:?}");
        }
    }

    #[test]
    fn a_log_holds_the_same_fields() {
        let Some(both) = Both::new("") else { return };
        both.both_refuse(&["--log", "DIR/log", "--log-format", "json", "state", "ID"], "does not exist");
        let [holm, runc] = both.files("log");
        assert_eq!(shape(&holm), shape(&runc));
        for text in [&holm, &runc] {
            let line: Value = serde_json::from_str(text).unwrap();
            assert_eq!(line["level"], "error");
            assert!(line["msg"].as_str().unwrap().contains("does not exist"));
            assert!(line["time"].as_str().unwrap().ends_with('Z'));
        }
        both.both_refuse(&["--log", "DIR/text", "state", "ID"], "does not exist");
        for text in both.files("text") {
            let parts: Vec<_> = text.split(' ').collect();
            assert!(parts[0].starts_with("time=\"") && parts[1] == "level=error", "{text}");
            assert!(parts[2].starts_with("msg=\""), "{text}");
        }
        // Without a file the lines go to standard error.
        for output in both.say(&["--log-format", "json", "state", "ID"]) {
            assert_eq!(shape(&output.stderr), shape(&holm));
        }
    }

    #[test]
    fn descriptors_and_activated_sockets_are_inherited_alike() {
        let Some(mut both) = Both::new("") else { return };
        both.set(
            "/process/args",
            &json!(["sh", "-c", "cat <&3; cat <&4; ls /proc/self/fd | wc -l; echo $LISTEN_FDS $LISTEN_PID"]),
        );
        let caller = "exec 3<$0/three 4<$0/four 5<$0/five; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"";
        let outputs = [&both.holm, &both.runc].map(|bundle| {
            for name in ["three", "four", "five"] {
                std::fs::write(bundle.directory().join(name), format!("{name}\n")).unwrap();
            }
            let directory = bundle.directory().to_string_lossy().into_owned();
            let words = bundle.words(&["run", "-b", &directory, "--preserve-fds", "1", &bundle.id]);
            let words: Vec<_> =
                ["sh", "-c", caller, &directory].into_iter().chain(words.iter().map(String::as_str)).collect();
            test_support::run(&words)
        });
        let [holm, runc] = outputs;
        assert_eq!((holm.code, &holm.stdout), (runc.code, &runc.stdout), "{holm:?} {runc:?}");
        assert!(holm.stdout.starts_with("three\nfour\n") && holm.stdout.ends_with("1 1\n"), "{holm:?}");
        both.holm.leftovers().assert_none();
    }

    #[test]
    fn the_process_sees_the_same() {
        let text = "id; umask; env | sort; pwd; ulimit -n; grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status; ls /dev; \
                    ls -l /proc/self/fd | wc -l; cut -d' ' -f2,3 /proc/mounts | sort; cat /proc/self/oom_score_adj; stty 2>&1";
        let Some(mut both) = Both::new(text) else { return };
        std::os::unix::fs::symlink("busybox", both.holm.directory().join("rootfs/bin/cut")).unwrap();
        both.set("/process/oomScoreAdj", &json!(100));
        both.set("/process/env", &json!(["PATH=/bin", "A=b c"]));
        both.set("/process/user", &json!({ "uid": 1000, "gid": 1000, "additionalGids": [5] }));
        both.agree(&["run", "ID"]);
        both.holm.leftovers().assert_none();
    }
}
