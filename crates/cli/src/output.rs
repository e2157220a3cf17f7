//! The only file that prints.

use std::io::Write as _;
use std::process::ExitCode;

use crate::failure::Failure;

/// Prints a text to standard output; a reader that has gone wants no more.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("could not write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a note about a container to standard error.
pub(crate) fn note(note: &str) {
    line(&format!("holm: {note}"));
}

/// Prints what failed, and what to do about it.
pub(crate) fn error(failure: &Failure) {
    line(&format!("holm: {}", failure.message));
    if let Some(advice) = &failure.advice {
        line(&format!("  hint: {advice}"));
    }
}

/// What standard error does not take is lost: the exit code remains.
fn line(line: &str) {
    let _printed = writeln!(std::io::stderr(), "{line}");
}

/// Prints what is wrong with the command line, or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        line(error.to_string().trim_end());
        return ExitCode::from(125);
    }
    match text(&error.to_string()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            self::error(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}
