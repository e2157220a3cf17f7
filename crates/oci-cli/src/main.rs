//! `holm-oci`: an OCI runtime with runc's command line.

mod arguments;
mod bundle;
mod commands;
mod default_config;
mod failure;
mod log;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let log = log::Log::open(&arguments.global);
    match commands::run(&arguments, &log) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            log.error(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}
