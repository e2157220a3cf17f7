//! The only file that prints.

#![expect(clippy::print_stderr, reason = "a command line prints")]

use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// Prints a text to standard output; a reader that has gone wants no more.
pub(crate) fn text(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Prints a line to standard error.
pub(crate) fn error_line(line: &str) {
    eprintln!("{line}");
}

/// Prints what failed, and what to do about it.
pub(crate) fn error(failure: &Failure) {
    eprintln!("holm-oci: {}", failure.message);
    if let Some(advice) = &failure.advice {
        eprintln!("  hint: {advice}");
    }
}

/// Prints what is wrong with the command line, or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            text(&error.to_string());
            ExitCode::SUCCESS
        }
        // No verb at all, only flags: as without any word.
        ErrorKind::MissingSubcommand => {
            text(&Arguments::command().render_help().to_string());
            ExitCode::SUCCESS
        }
        kind => {
            eprint!("{error}");
            // runc's codes: 3 for a verb that there is not, 1 for all else.
            ExitCode::from(if kind == ErrorKind::InvalidSubcommand { 3 } else { 1 })
        }
    }
}
