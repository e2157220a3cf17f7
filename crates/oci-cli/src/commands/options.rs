//! The options that `create` and `run` share.

use std::path::PathBuf;

use crate::arguments::CreateArguments;
use crate::descriptors::Inherited;

/// The options of a request, from what is typed.
pub(super) fn options(arguments: &CreateArguments, state_root: PathBuf, inherited: Inherited) -> runtime::Options {
    runtime::Options {
        state_root,
        no_pivot: arguments.no_pivot,
        no_new_keyring: arguments.no_new_keyring,
        preserve_descriptors: inherited.count(),
        pid_file: arguments.pid_file.clone(),
        console_socket: arguments.console_socket.clone(),
        ..runtime::Options::default()
    }
}
