//! `cargo xtask test`: everything that must hold, and one last line that counts it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::install::install;
use crate::shell::{find, is_root, output, release_directory, succeeds, workspace};

#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Counts {
    fn check(&mut self, name: &str, holds: bool) {
        if holds {
            self.passed += 1;
        } else {
            self.failed += 1;
            println!("FAILED: {name}");
        }
    }

    fn skip(&mut self, name: &str, reason: &str) {
        self.skipped += 1;
        println!("SKIP {name}: {reason}");
    }
}

pub(crate) fn run(with_install: bool, with_vm: bool) -> Result<(), String> {
    let mut counts = Counts::default();
    let begin = Instant::now();
    let heading = |text: &str| println!("\n== {text} ({} s)", begin.elapsed().as_secs());
    if with_install {
        heading("what the tests need");
        install();
    }
    heading("format, lints, structure");
    counts.check("cargo fmt --check", succeeds("cargo", &["fmt", "--all", "--check"]));
    counts.check(
        "cargo clippy",
        succeeds("cargo", &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    );
    heading("build");
    let built = succeeds("cargo", &["build", "--quiet", "--release", "-p", "oci-cli", "-p", "cli"]);
    counts.check("cargo build --release", built);
    heading("tests on this machine");
    let skip_log = std::env::temp_dir().join(format!("holm-skips-{}", std::process::id()));
    let mut command = Command::new("cargo");
    command.args(["test", "--workspace", "--no-fail-fast"]).current_dir(workspace());
    count_tests(&mut command, &skip_log, &mut counts);
    if with_vm {
        heading("tests on cgroup v2, in a virtual machine");
        test_in_vm(&mut counts);
    } else {
        counts.skip("cgroup v2", "--no-vm was given");
    }
    println!("\n{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    if counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// Runs a program that prints the closing lines of Rust's test runner, and counts them.
fn count_tests(command: &mut Command, skip_log: &Path, counts: &mut Counts) {
    command
        .env("HOLM_BIN_DIR", release_directory())
        .env("HOLM_SKIP_LOG", skip_log)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else { return counts.check("starting the tests", false) };
    let mut seen = false;
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok)
    {
        println!("{line}");
        if let Some(rest) = line.strip_prefix("test result: ") {
            seen = true;
            let number = |word: &str| {
                let before = rest.split(word).next().unwrap_or_default();
                before.rsplit([' ', '.', ';']).find(|part| !part.is_empty()).and_then(|part| part.parse::<usize>().ok())
            };
            counts.passed += number(" passed").unwrap_or(0);
            counts.failed += number(" failed").unwrap_or(0);
        }
    }
    let succeeded = child.wait().is_ok_and(|status| status.success());
    if !seen || (!succeeded && counts.failed == 0) {
        counts.check("the test run", false);
    }
    // A test that skips returns early: it was counted as passed.
    let skips = std::fs::read_to_string(skip_log).unwrap_or_default();
    for skip in skips.lines() {
        counts.passed = counts.passed.saturating_sub(1);
        counts.skipped += 1;
        println!("{skip}");
    }
    // Made by the tests of this run alone; one that skipped nothing made none.
    drop(std::fs::remove_file(skip_log));
}

/// The test programs are static: they run in the machine as they are.
fn test_in_vm(counts: &mut Counts) {
    let cached = std::env::var_os("HOME")
        .map(|home| PathBuf::from(home).join(".cache/vm-run"))
        .is_some_and(|path| path.exists());
    if !cached && (!is_root() || find("apt-get").is_none()) {
        return counts
            .skip("cgroup v2", "the virtual machine's image is not built yet, and only root on Debian can build it");
    }
    let programs = test_programs();
    let Some(tests) = programs.first().and_then(|program| program.parent()) else {
        return counts.check("building the tests", false);
    };
    let binaries = release_directory();
    let runner = workspace().join("tools/vm-run");
    if !Command::new(&runner).arg("--build-only").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return counts.skip("cgroup v2", "the virtual machine's image could not be built");
    }
    // One start of the machine for all of them; a program that fails does not keep the others from running.
    let names = programs.iter().filter_map(|program| program.file_name());
    let lines = names.map(|name| format!("/mnt/tests/{} --test-threads 1 || failed=1", name.to_string_lossy()));
    let script = format!("failed=; {}; [ -z \"$failed\" ]", lines.collect::<Vec<_>>().join("; "));
    for (who, flags) in [
        ("root", &[][..]),
        ("an ordinary user", &["--user"][..]),
        ("a user with a delegated group", &["--user", "--delegate"][..]),
    ] {
        println!("-- as {who}");
        let skip_directory = std::env::temp_dir().join(format!("holm-vm-{}", std::process::id()));
        if std::fs::create_dir_all(&skip_directory).is_err()
            || !succeeds("chmod", &["777", &skip_directory.to_string_lossy()])
        {
            return counts.check("a directory for the machine", false);
        }
        let mut command = Command::new(&runner);
        command
            .args(["--timeout", "1200", "--mount", &format!("{}:/mnt/bin:ro", binaries.display())])
            .args(["--mount", &format!("{}:/mnt/tests:ro", tests.display())])
            .args(["--mount", &format!("{}:/mnt/skips", skip_directory.display())])
            .args(["--env", "HOLM_BIN_DIR=/mnt/bin", "--env", "HOLM_SKIP_LOG=/mnt/skips/log"])
            .args(flags)
            .args(["--", "sh", "-c", &script]);
        count_tests(&mut command, &skip_directory.join("log"), counts);
        // Left empty by then.
        drop(std::fs::remove_dir_all(&skip_directory));
    }
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
