//! What passed, failed and was skipped.

use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Numbers for the last line.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    /// Counts one thing that holds or does not; a failure is printed.
    pub(crate) fn check(&mut self, name: &str, holds: bool, out: &mut dyn Write) {
        if holds {
            self.passed += 1;
        } else {
            self.failed += 1;
            say(out, &format!("FAILED: {name}"));
        }
    }

    /// Counts one thing that cannot be looked at here, and prints why.
    pub(crate) fn skip(&mut self, name: &str, reason: &str, out: &mut dyn Write) {
        self.skipped += 1;
        say(out, &format!("SKIP {name}: {reason}"));
    }

    /// Counts what others have counted.
    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Runs a program that prints the closing lines of Rust's test runner, passes its words on, and counts them. Tests write why
    /// they skip into the log.
    pub(crate) fn count_tests(&mut self, command: &mut Command, skip_log: &Path, out: &mut dyn Write) {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let Ok(mut child) = command.spawn() else { return self.check("starting the tests", false, out) };
        let mut seen = false;
        let lines = child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines());
        let failed_before = self.failed;
        for line in lines.map_while(Result::ok) {
            say(out, &line);
            if let Some(rest) = line.strip_prefix("test result: ") {
                seen = true;
                self.passed += number_before(rest, " passed");
                self.failed += number_before(rest, " failed");
            }
        }
        let succeeded = child.wait().is_ok_and(|status| status.success());
        if !seen || (!succeeded && self.failed == failed_before) {
            self.check("the test run", false, out);
        }
        // A test that skips returns early: it was counted as passed.
        for skip in std::fs::read_to_string(skip_log).unwrap_or_default().lines() {
            self.passed = self.passed.saturating_sub(1);
            self.skipped += 1;
            say(out, skip);
        }
        // Made by the tests of this run alone; one that skipped nothing made none.
        drop(std::fs::remove_file(skip_log));
    }
}

/// A line for whoever reads along; one who has gone wants no more.
fn say(out: &mut dyn Write, line: &str) {
    let _written = writeln!(out, "{line}");
}

fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    before.rsplit([' ', '.', ';']).find(|part| !part.is_empty()).and_then(|part| part.parse().ok()).unwrap_or(0)
}
