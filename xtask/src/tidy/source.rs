//! What the rules look at.

use std::path::PathBuf;

/// One file of Rust text.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path from the workspace's directory.
    pub(super) path: PathBuf,
    /// Its text.
    pub(super) text: String,
}
