//! The only file that prints.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

use std::io::Write as _;
use std::process::ExitCode;

use crate::failure::Failure;

/// Prints a text to standard output; a reader that has gone wants no more.
pub(crate) fn text(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Prints a note about a container to standard error.
pub(crate) fn note(note: &str) {
    eprintln!("holm: {note}");
}

/// Prints what failed, and what to do about it.
pub(crate) fn error(failure: &Failure) {
    eprintln!("holm: {}", failure.message);
    if let Some(advice) = &failure.advice {
        eprintln!("  hint: {advice}");
    }
}

/// Prints what is wrong with the command line, or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        eprint!("{error}");
        ExitCode::from(125)
    } else {
        print!("{error}");
        ExitCode::SUCCESS
    }
}
