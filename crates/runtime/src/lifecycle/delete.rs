//! `delete`: removes what is left of a container.

use std::path::Path;

use runtime_spec::Status;

use super::inspect::find;
use super::teardown::{kill_first_process, remove_everything};
use crate::error::Error;
use crate::state::StateRoot;

/// Removes a container that has stopped, or, as runc does, one that was never started; with `force` also one that runs, and none
/// at all is no failure then.
///
/// # Errors
/// When there is none, when it still runs, or when the kernel keeps something.
pub fn delete(state_root: &Path, id: &str, force: bool) -> Result<(), Error> {
    let found = match find(state_root, id) {
        Err(Error::NoContainer(_)) if force => return remove_half_made(state_root, id),
        other => other?,
    };
    let status = found.status();
    if !force && !matches!(status, Status::Stopped | Status::Created) {
        return Err(Error::WrongStatus {
            id: id.to_owned(),
            status: status.to_string(),
            hint: "only a stopped container can be deleted; use --force to kill it first",
        });
    }
    let group = found.group();
    if status != Status::Stopped {
        kill_first_process(&found.directory);
    }
    let problems = remove_everything(&found.root, id, &group);
    if problems.is_empty() { Ok(()) } else { Err(Error::Incomplete { id: id.to_owned(), problems }) }
}

/// A directory without a whole record belongs to a maker that was killed before it had made anything else.
fn remove_half_made(state_root: &Path, id: &str) -> Result<(), Error> {
    let root = StateRoot::open_existing(state_root).map_err(Error::call("open the state root"))?;
    let directory = root.and_then(|root| root.container(id).ok().flatten());
    directory.map_or(Ok(()), |directory| directory.remove().map_err(Error::call(format!("remove container `{id}`"))))
}
