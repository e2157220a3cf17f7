//! `cargo xtask test|tidy|bench|dist`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a task prints")]

mod bench;
mod counts;
mod dist;
mod install;
mod shell;
mod test;
mod virtual_machine;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask TASK

  test [--no-install] [--no-vm]   format, lints, structure, build, all tests, and the tests on cgroup v2 in a virtual machine;
                                  as root it first installs what they need
  tidy                            the workspace's own rules: import direction, unsafe code, file sizes, circles
  bench [--runs N] [--json FILE]  holm-oci beside the floor and its peers, interleaved, medians and ratios
  dist                            the programs and their papers as one archive";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let value =
        |flag: &str| arguments.iter().position(|argument| argument == flag).and_then(|at| arguments.get(at + 1));
    let result = match arguments.first().map(String::as_str) {
        Some("test") => test::run(!has("--no-install"), !has("--no-vm")),
        Some("tidy") => tidy(),
        Some("bench") => {
            let runs = value("--runs").and_then(|text| text.parse().ok()).unwrap_or(25);
            bench::run(runs, value("--json").map(std::path::Path::new))
        }
        Some("dist") => dist::run(),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn tidy() -> Result<(), String> {
    let findings = xtask::tidy::check(&shell::workspace());
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() { Ok(()) } else { Err(format!("tidy: {} findings", findings.len())) }
}
