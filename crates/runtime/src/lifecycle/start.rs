//! `start`: lets a created container execute its program.

use std::path::Path;

use super::create::start_through;
use super::inspect::find;
use crate::error::Error;

/// Starts a container that was created.
///
/// # Errors
/// When it is not waiting for it, or when its program cannot be executed.
pub fn start(state_root: &Path, id: &str) -> Result<(), Error> {
    let found = find(state_root, id)?;
    let status = found.status();
    let wrong = |hint| Error::WrongStatus { id: id.to_owned(), status: status.to_string(), hint };
    if status != runtime_spec::Status::Created {
        return Err(wrong("only a created container can be started"));
    }
    let directory = &found.directory;
    let channel = directory
        .connect_to_start()
        .map_err(Error::call(format!("reach container `{id}`")))?
        .ok_or_else(|| wrong("its process no longer waits for the start"))?;
    // From here on it counts as started, even if the program cannot be executed: its process has gone either way.
    directory.forget_start().map_err(Error::call(format!("record the start of container `{id}`")))?;
    start_through(&channel)
}
