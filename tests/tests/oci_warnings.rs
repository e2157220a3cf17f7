//! What `holm-oci` says of a configuration: warnings in the log, and errors with their place in the file.

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_support::Bundle;

    /// A bundle with a capability that no kernel has; `None` after the reason for the skip.
    fn strange() -> Option<Bundle> {
        let mut bundle = Bundle::shell("true")?;
        bundle.set("/process/capabilities/inheritable", json!(["CAP_TELEPORT"]));
        bundle.write();
        Some(bundle)
    }

    const SENTENCE: &str =
        "process.capabilities.inheritable[0] is \"CAP_TELEPORT\", which no known kernel has: it is left out";

    #[test]
    fn a_warning_goes_to_standard_error_and_stops_nothing() {
        let Some(bundle) = strange() else { return };
        let output = bundle.run();
        assert_eq!(output.code, 0, "{output:?}");
        assert_eq!(output.stderr, format!("holm-oci: warning: {SENTENCE}\n"));
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_warning_is_a_line_of_the_json_log() {
        let Some(bundle) = strange() else { return };
        let log = bundle.directory().join("log.json");
        let (log_text, directory) =
            (log.to_string_lossy().into_owned(), bundle.directory().to_string_lossy().into_owned());
        let words = ["--log", &log_text, "--log-format", "json", "run", "--bundle", &directory, &bundle.id];
        let output = bundle.oci(&words);
        assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
        let text = std::fs::read_to_string(&log).unwrap();
        let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((&line["level"], &line["msg"]), (&json!("warning"), &json!(SENTENCE)));
        assert_eq!(text.lines().count(), 1, "{text}");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn an_error_names_its_place() {
        let cases = [
            ("/linux/namespaces/0/type", json!("net"), "linux.namespaces[0].type: unknown variant `net`"),
            ("/process/cwd", json!(7), "process.cwd: invalid type: integer `7`, expected a string"),
            (
                "/process/cwd",
                json!("tmp"),
                "the configuration is not valid: process.cwd is \"tmp\": must be an absolute path",
            ),
            (
                "/linux/personality",
                json!({ "domain": "LINUX" }),
                "linux.personality: this release of holm does not support",
            ),
        ];
        for (pointer, value, words) in cases {
            let Some(mut bundle) = Bundle::shell("true") else { return };
            bundle.set(pointer, value);
            let output = bundle.run();
            assert_eq!(output.code, 1, "{output:?}");
            assert!(output.stderr.contains(words), "{output:?}");
            bundle.leftovers().assert_none();
        }
    }

    #[test]
    fn with_debug_every_step_is_logged() {
        let Some(bundle) = Bundle::shell("true") else { return };
        bundle.write();
        let directory = bundle.directory().to_string_lossy().into_owned();
        let output = bundle.oci(&["--debug", "run", "--bundle", &directory, &bundle.id]);
        assert_eq!(output.code, 0, "{output:?}");
        for step in ["parent: clone into", "init: mount proc on /proc", "init: enter the root"] {
            assert!(
                output.stderr.contains(&format!("holm-oci: debug: {step}")),
                "{step:?} is not in {}",
                output.stderr
            );
        }
        let quiet = bundle.oci(&["run", "--bundle", &directory, &bundle.id]);
        assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""), "{quiet:?}");
        bundle.leftovers().assert_none();
    }
}
