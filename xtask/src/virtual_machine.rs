//! The tests from outside on pure cgroup v2 with systemd: in a throw-away virtual machine, as three kinds of users.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::counts::Counts;
use crate::shell::{find, is_root, output, release_directory, succeeds, workspace};

const USERS: [(&str, &[&str]); 3] =
    [("root", &[]), ("an ordinary user", &["--user"]), ("a user with a delegated group", &["--user", "--delegate"])];

/// Runs them all, one machine for each kind of user, side by side: a test uses one processor. What a machine says is printed when
/// it has ended.
pub(crate) fn test(counts: &mut Counts, out: &mut dyn Write) {
    let cached = std::env::var_os("HOME").is_some_and(|home| PathBuf::from(home).join(".cache/vm-run").exists());
    if !cached && (!is_root() || find("apt-get").is_none()) {
        let reason = "the virtual machine's image is not built yet, and only root on Debian can build it";
        return counts.skip("cgroup v2", reason, out);
    }
    let programs = test_programs();
    if programs.is_empty() {
        return counts.check("building the tests", false, out);
    }
    let runner = workspace().join("tools/vm-run");
    if !Command::new(&runner).arg("--build-only").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return counts.skip("cgroup v2", "the virtual machine's image could not be built", out);
    }
    let machines: Vec<_> = std::thread::scope(|scope| {
        let start = |(who, flags): (&str, &'static [&str])| {
            let (programs, runner) = (&programs, &runner);
            let name = who.replace(' ', "-");
            scope.spawn(move || run(runner, programs, &name, flags))
        };
        let running: Vec<_> = USERS.map(start).into();
        running.into_iter().map(|machine| machine.join().unwrap_or_default()).collect()
    });
    for ((who, _), (said, counted)) in USERS.iter().zip(machines) {
        let heading = format!("-- as {who}\n");
        let _printed = out.write_all(heading.as_bytes()).and_then(|()| out.write_all(&said));
        // A machine whose run ended in nothing at all has tested nothing.
        counts.check(&format!("the virtual machine as {who}"), counted.passed > 0, out);
        counts.add(&counted);
    }
}

/// One machine: what it said, and its numbers. The test programs are static: they run there as they are.
fn run(runner: &Path, programs: &[PathBuf], name: &str, flags: &[&str]) -> (Vec<u8>, Counts) {
    let (mut said, mut counts) = (Vec::new(), Counts::default());
    let Some(tests) = programs.first().and_then(|program| program.parent()) else { return (said, counts) };
    let skips = std::env::temp_dir().join(format!("holm-vm-{}-{name}", std::process::id()));
    let open = std::fs::create_dir_all(&skips).is_ok() && succeeds("chmod", &["777", &skips.to_string_lossy()]);
    if !open {
        counts.check("a directory for the machine", false, &mut said);
        return (said, counts);
    }
    // A program that fails does not keep the others from running.
    let names = programs.iter().filter_map(|program| program.file_name());
    let lines = names.map(|name| format!("/mnt/tests/{} --test-threads 1 || failed=1", name.to_string_lossy()));
    let script = format!("failed=; {}; [ -z \"$failed\" ]", lines.collect::<Vec<_>>().join("; "));
    let mut command = Command::new(runner);
    command
        .args(["--timeout", "2400", "--mount", &format!("{}:/mnt/bin:ro", release_directory().display())])
        .args(["--mount", &format!("{}:/mnt/tests:ro", tests.display())])
        .args(["--mount", &format!("{}:/mnt/skips", skips.display())])
        .args(["--env", "HOLM_BIN_DIR=/mnt/bin", "--env", "HOLM_SKIP_LOG=/mnt/skips/log"])
        .args(flags)
        .args(["--", "sh", "-c", &script]);
    counts.count_tests(&mut command, &skips.join("log"), &mut said);
    // Left empty by then.
    drop(std::fs::remove_dir_all(&skips));
    (said, counts)
}

/// The built tests from outside; `tidy` looks at sources, which the machine does not have.
fn test_programs() -> Vec<PathBuf> {
    let arguments = ["test", "--no-run", "--message-format", "json", "-p", "holm-tests", "--tests"];
    let messages = output("cargo", &arguments).unwrap_or_default();
    let text = |message: &serde_json::Value, pointer: &str| message.pointer(pointer)?.as_str().map(str::to_owned);
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| text(message, "/target/kind/0").as_deref() == Some("test"))
        .filter(|message| text(message, "/target/name").as_deref() != Some("tidy"))
        .filter_map(|message| text(&message, "/executable").map(PathBuf::from))
        .collect()
}
