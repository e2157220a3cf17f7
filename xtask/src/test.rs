//! `cargo xtask test`: everything that must hold, and one last line that counts it.

use std::process::Command;
use std::time::Instant;

use crate::counts::Counts;
use crate::install::install;
use crate::shell::{release_directory, succeeds, workspace};
use crate::virtual_machine;

pub(crate) fn run(with_install: bool, with_vm: bool) -> Result<(), String> {
    let (mut counts, mut out) = (Counts::default(), std::io::stdout());
    let begin = Instant::now();
    let heading = |text: &str| println!("\n== {text} ({} s)", begin.elapsed().as_secs());
    if with_install {
        heading("what the tests need");
        install();
    }
    heading("format, lints, structure");
    counts.check("cargo fmt --check", succeeds("cargo", &["fmt", "--all", "--check"]), &mut out);
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    counts.check("cargo clippy", succeeds("cargo", &clippy), &mut out);
    heading("build");
    let built = succeeds("cargo", &["build", "--quiet", "--release", "-p", "oci-cli", "-p", "cli"]);
    counts.check("cargo build --release", built, &mut out);
    heading("tests on this machine");
    let skip_log = std::env::temp_dir().join(format!("holm-skips-{}", std::process::id()));
    let mut command = Command::new("cargo");
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .current_dir(workspace())
        .env("HOLM_BIN_DIR", release_directory())
        .env("HOLM_SKIP_LOG", &skip_log);
    counts.count_tests(&mut command, &skip_log, &mut out);
    if with_vm {
        heading("tests on cgroup v2, in virtual machines");
        virtual_machine::test(&mut counts, &mut out);
    } else {
        counts.skip("cgroup v2", "--no-vm was given", &mut out);
    }
    heading("the end");
    println!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped);
    if counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}
