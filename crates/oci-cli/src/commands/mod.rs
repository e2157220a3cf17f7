//! The verbs, one file each, and what a failure of one looks like.

mod create;
mod kill;
mod list;
mod options;
mod run;
mod spec;

use std::path::PathBuf;

use crate::arguments::{Arguments, Command, Global, Rootless};
use crate::descriptors::Inherited;
use crate::failure::Failure;
use crate::log::Log;
use crate::output;
use runtime::lifecycle;

/// Runs the verb; gives this program's exit code.
pub(crate) fn run(arguments: &Arguments, inherited: Inherited, log: &Log) -> Result<u8, Failure> {
    let global = &arguments.global;
    if global.systemd_cgroup {
        return Err(Failure::new(
            "--systemd-cgroup is not supported by this release of holm: control groups are made directly",
        ));
    }
    let root = state_root(global);
    match &arguments.command {
        Command::Create(create) => create::create(create, root, inherited, log)?,
        Command::Run(run) => return run::run(run, root, inherited, log),
        Command::Spec(spec) => spec::spec(spec)?,
        command => {
            // What killed processes have left is cleared before anything is said of the containers.
            lifecycle::sweep(&root)?;
            match command {
                Command::Start(start) => lifecycle::start(&root, &start.id)?,
                Command::State(state) => {
                    let state = lifecycle::state(&root, &state.id)?;
                    let text = serde_json::to_string_pretty(&state).map_err(|error| Failure::new(error.to_string()))?;
                    output::text(&format!("{text}\n"));
                }
                Command::Kill(kill) => kill::kill(kill, &root)?,
                Command::Delete(delete) => lifecycle::delete(&root, &delete.id, delete.force)?,
                Command::List(list) => list::list(list, &root)?,
                Command::Create(_) | Command::Run(_) | Command::Spec(_) => {}
            }
        }
    }
    Ok(0)
}

/// Where the containers are recorded.
fn state_root(global: &Global) -> PathBuf {
    if let Some(root) = &global.root {
        return root.clone();
    }
    let rootless = match global.rootless {
        Rootless::True => true,
        Rootless::False => false,
        Rootless::Auto => !rustix::process::geteuid().is_root(),
    };
    let runtime_directory = std::env::var_os("XDG_RUNTIME_DIR").filter(|directory| !directory.is_empty());
    match runtime_directory {
        Some(directory) if rootless => PathBuf::from(directory).join("holm-oci"),
        None if rootless => std::env::temp_dir().join(format!("holm-oci-{}", rustix::process::geteuid().as_raw())),
        _ => PathBuf::from("/run/holm-oci"),
    }
}
