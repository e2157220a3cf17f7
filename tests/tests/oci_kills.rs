//! Many at a time, and `kill -9` at any instant: nothing stays.

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use serde_json::json;
    use test_support::{Bundle, Leftovers};

    /// A bundle, or the end of a test that has said why it skips.
    macro_rules! bundle {
        ($arguments:expr) => {{
            let Some(mut bundle) = Bundle::shell("") else { return };
            bundle.set("/process/args", json!($arguments));
            bundle.write();
            bundle
        }};
    }

    /// So many on this machine; a virtual one is slow.
    fn times(many: u64) -> u64 {
        if std::path::Path::new("/run/vmrun").exists() { many / 5 } else { many }
    }

    /// Kills the command at an instant of its work, the `number`th of `count` from its begin to its end. The work takes `whole`.
    fn kill_somewhere(mut child: Child, whole: Duration, number: u64, count: u64) {
        // The preparation of device nodes before it takes about half of that time.
        let place = 0.3 + 0.8 * (number as f64 / count as f64);
        std::thread::sleep(whole.mul_f64(place));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// How long the command takes when it is left alone.
    fn whole(bundle: &Bundle, arguments: &[&str]) -> Duration {
        let begin = Instant::now();
        assert_eq!(bundle.oci(arguments).code, 0, "{arguments:?}");
        begin.elapsed()
    }

    fn quiet(mut command: Command) -> Child {
        command.stderr(Stdio::null()).spawn().unwrap()
    }

    /// The next command clears what is left; a process that was killed the instant before may still be on its way out.
    fn assert_cleared(bundle: &Bundle) {
        for _ in 0..200 {
            assert_eq!(bundle.oci(&["list"]).code, 0);
            if bundle.leftovers() == Leftovers::default() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn many_runs_at_a_time_leave_nothing() {
        let bundle = bundle!(["true"]);
        for batch in 0..times(300) / 20 {
            let children: Vec<_> = (0..20)
                .map(|number| bundle.command(&["run", &format!("{}-{batch}-{number}", bundle.id)]).spawn().unwrap())
                .collect();
            for mut child in children {
                assert!(child.wait().unwrap().success());
            }
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn many_of_the_same_id_at_a_time_make_one_container() {
        let bundle = bundle!(["sleep", "1000"]);
        let children: Vec<_> = (0..10).map(|_| quiet(bundle.command(&["run", "--detach", &bundle.id]))).collect();
        let made = children.into_iter().filter_map(|mut child| child.wait().unwrap().success().then_some(())).count();
        assert_eq!((made, bundle.status().as_str()), (1, "running"));
        let children: Vec<_> =
            (0..10).map(|_| bundle.command(&["delete", "--force", &bundle.id]).spawn().unwrap()).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success(), "each finds the container gone, or removes it");
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn commands_beside_it_harm_no_container_that_is_being_made() {
        let bundle = bundle!(["sleep", "1000"]);
        let mut words = vec!["sh".to_owned(), "-c".to_owned(), "while \"$@\" > /dev/null; do :; done".to_owned()];
        words.push("sh".to_owned());
        words.extend(bundle.words(&["list"]));
        let mut listing: Vec<_> = (0..3).map(|_| Command::new(&words[0]).args(&words[1..]).spawn().unwrap()).collect();
        let ids: Vec<_> = (0..times(40)).map(|number| format!("{}-{number}", bundle.id)).collect();
        let children: Vec<_> = ids.iter().map(|id| bundle.command(&["run", "--detach", id]).spawn().unwrap()).collect();
        let all = children.into_iter().all(|mut child| child.wait().unwrap().success());
        for child in &mut listing {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(all);
        for id in &ids {
            let state = bundle.oci(&["state", id]);
            assert!(state.stdout.contains("running"), "{id}: {state:?}");
            assert_eq!(bundle.oci(&["delete", "--force", id]).code, 0);
        }
        bundle.leftovers().assert_none();
    }

    #[test]
    fn killed_runs_are_cleared_away() {
        let bundle = bundle!(["sleep", "1000"]);
        let whole = whole(&bundle, &["run", "--detach", &bundle.id]);
        assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
        for number in 0..times(100) {
            let child = bundle.command(&["run", &format!("{}-{number}", bundle.id)]).spawn().unwrap();
            kill_somewhere(child, whole, number, times(100));
        }
        assert_cleared(&bundle);
    }

    #[test]
    fn killed_creates_are_whole_or_cleared_away() {
        let bundle = bundle!(["sleep", "1000"]);
        let whole = whole(&bundle, &["create", &bundle.id]);
        assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
        for number in 0..times(100) {
            let id = format!("{}-{number}", bundle.id);
            let pid_file = format!("pid-{number}");
            let child = bundle.command(&["create", "--pid-file", &pid_file, &id]).spawn().unwrap();
            kill_somewhere(child, whole, number, times(100));
            // Whoever asks next finds a container that can be started and removed, or none.
            let started = bundle.oci(&["start", &id]);
            assert!(started.code == 0 || started.stderr.contains("does not exist"), "{number}: {started:?}");
            assert_eq!(bundle.oci(&["delete", "--force", &id]).code, 0);
        }
        assert_cleared(&bundle);
    }

    #[test]
    fn killed_deletes_can_be_repeated() {
        let bundle = bundle!(["sleep", "1000"]);
        assert_eq!(bundle.oci(&["run", "--detach", &bundle.id]).code, 0);
        let whole = whole(&bundle, &["delete", "--force", &bundle.id]);
        for number in 0..times(100) {
            let id = format!("{}-{number}", bundle.id);
            let run = bundle.oci(&["run", "--detach", &id]);
            assert_eq!(run.code, 0, "{number}: {run:?}");
            let child = bundle.command(&["delete", "--force", &id]).spawn().unwrap();
            kill_somewhere(child, whole, number, times(100));
            let again = bundle.oci(&["delete", "--force", &id]);
            assert_eq!(again.code, 0, "{number}: {again:?}");
            assert!(bundle.oci(&["state", &id]).stderr.contains("does not exist"), "{number}");
        }
        assert_cleared(&bundle);
    }

    #[test]
    fn killed_starts_leave_a_container_that_can_be_removed() {
        let bundle = bundle!(["sleep", "1000"]);
        assert_eq!(bundle.oci(&["create", &bundle.id]).code, 0);
        let whole = whole(&bundle, &["start", &bundle.id]);
        assert_eq!(bundle.oci(&["delete", "--force", &bundle.id]).code, 0);
        for number in 0..times(50) {
            let id = format!("{}-{number}", bundle.id);
            assert_eq!(bundle.oci(&["create", &id]).code, 0);
            kill_somewhere(bundle.command(&["start", &id]).spawn().unwrap(), whole, number, times(50));
            let state = bundle.oci(&["state", &id]);
            assert_eq!(state.code, 0, "{number}: {state:?}");
            assert_eq!(bundle.oci(&["delete", "--force", &id]).code, 0);
        }
        assert_cleared(&bundle);
    }
}
