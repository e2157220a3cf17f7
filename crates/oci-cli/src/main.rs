//! `holm-oci`: an OCI runtime with runc's command line.

mod arguments;
mod bundle;
mod commands;
mod default_config;
mod descriptors;
mod failure;
mod log;
mod output;
mod sealed;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let inherited = descriptors::Inherited::find(arguments.command.preserved_descriptors());
    let log = match log::Log::open(&arguments.global) {
        Ok(log) => log,
        Err(failure) => {
            output::error(&failure);
            return ExitCode::from(failure.exit_code);
        }
    };
    match inherited.and_then(|inherited| commands::run(&arguments, inherited, &log)) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            log.error(&failure);
            ExitCode::from(failure.exit_code)
        }
    }
}
