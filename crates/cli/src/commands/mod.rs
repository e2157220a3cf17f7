//! The verbs, one file each.

mod man;
mod run;

use std::path::PathBuf;

use clap::CommandFactory as _;
use engine::Places;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::output;

/// Runs the verb; gives this program's exit code.
pub(crate) fn run(arguments: Arguments) -> Result<u8, Failure> {
    match arguments.command {
        Command::Run(run) => {
            let user = rustix::process::geteuid().as_raw();
            let places =
                Places::find(arguments.global.root, user, |name| std::env::var_os(name)).map_err(Failure::new)?;
            let absolute = |path: PathBuf| {
                std::path::absolute(&path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
            };
            run::run(&run, &Places { data: absolute(places.data)?, state: absolute(places.state)? })
        }
        Command::Completion { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "holm", &mut text);
            output::text(&String::from_utf8_lossy(&text))?;
            Ok(0)
        }
        Command::Man { verb } => man::man(verb.as_deref()),
    }
}
