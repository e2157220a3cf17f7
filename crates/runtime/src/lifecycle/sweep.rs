//! Clearing away what processes that were killed have left.

use std::path::Path;

use super::teardown::remove_left_behind;
use crate::error::Error;
use crate::state::StateRoot;

/// Removes every container below the state root whose maker or supervisor was killed. What cannot be removed now is left for the
/// next command; containers at rest are not even looked at.
///
/// # Errors
/// When the state root cannot be opened.
pub fn sweep(state_root: &Path) -> Result<(), Error> {
    if let Some(root) = StateRoot::open_existing(state_root).map_err(Error::call("open the state root"))? {
        sweep_root(&root);
    }
    Ok(())
}

/// The same for an open state root.
pub(super) fn sweep_root(root: &StateRoot) {
    for id in root.active() {
        let Ok(Some(lock)) = root.lock_left_behind(&id) else { continue };
        let problems = match root.container(&id) {
            Ok(Some(directory)) => remove_left_behind(root, &id, &directory),
            Ok(None) => Vec::new(),
            Err(error) => vec![error.to_string()],
        };
        if problems.is_empty() {
            // Still there is as good as unlocked: the next sweep finds it again.
            let _unlocked = root.unlock(&id, lock);
        }
    }
}
