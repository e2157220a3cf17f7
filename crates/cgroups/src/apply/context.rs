//! What the operations of one plan share: the group directories that are open already.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use linux::Error;

use crate::files;

/// Group directories, each opened once, at the first use; and which of them this plan has made.
#[derive(Debug, Default)]
pub struct GroupContext {
    made: Vec<PathBuf>,
    open: Vec<(PathBuf, OwnedFd)>,
}

impl GroupContext {
    /// The directory, opened by now.
    pub(crate) fn directory(&mut self, path: &Path) -> Result<BorrowedFd<'_>, Error> {
        // The last one is the likeliest: the steps of one group stand together.
        let position = match self.open.iter().rposition(|(known, _)| known == path) {
            Some(position) => position,
            None => {
                self.open.push((path.to_owned(), files::open_directory(path)?));
                self.open.len() - 1
            }
        };
        Ok(self.open[position].1.as_fd())
    }

    /// Notes that the directory is new: empty, and with the values that the kernel gives to a new group.
    pub(crate) fn note_made(&mut self, path: &Path) {
        self.made.push(path.to_owned());
    }

    /// Whether this plan made the directory.
    pub(crate) fn has_made(&self, path: &Path) -> bool {
        self.made.iter().any(|made| made == path)
    }

    /// The directories that this plan made, the innermost last: what has to go when a later step fails.
    pub fn made(&self) -> impl DoubleEndedIterator<Item = &Path> {
        self.made.iter().map(PathBuf::as_path)
    }
}
