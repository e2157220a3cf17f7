//! `holm`: containers with Docker's verbs and no daemon.

mod arguments;
mod commands;
mod failure;
mod output;
mod run_arguments;
mod values;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    match commands::run(arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::error(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}
