//! `kill`.

use std::path::Path;

use runtime::lifecycle;

use crate::arguments::KillArguments;
use crate::failure::Failure;

pub(super) fn kill(arguments: &KillArguments, root: &Path) -> Result<(), Failure> {
    let signal = lifecycle::parse_signal(&arguments.signal).ok_or_else(|| {
        Failure::new(format!(
            "{:?} is no signal: give a name such as SIGTERM or a number from 1 to 64",
            arguments.signal
        ))
    })?;
    lifecycle::kill(root, &arguments.id, signal, arguments.all)?;
    Ok(())
}
