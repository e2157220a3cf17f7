//! What the operations on the mount table work on.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use linux::Error;
use rustix::io::Errno;

use super::change::MountCalls;

/// The container's root, and the mounts on their way into it.
#[derive(Debug, Default)]
pub(crate) struct FilesystemContext {
    /// The container's root, once it is attached.
    pub(crate) root: Option<OwnedFd>,
    /// The mounts that the parent has sent and that are not attached yet.
    pub(crate) received: Vec<OwnedFd>,
    /// The id-mapped layers of the overlays, attached where only their descriptors lead to them.
    pub(super) layers: Vec<OwnedFd>,
    /// By which calls mounts are changed, as the plan has decided.
    pub(crate) calls: MountCalls,
    /// The empty read-only directory that hides others, once it is mounted somewhere.
    pub(super) empty_directory: Option<OwnedFd>,
}

impl FilesystemContext {
    /// Nothing is attached yet.
    #[must_use]
    pub(crate) fn new(calls: MountCalls) -> Self {
        Self { calls, ..Self::default() }
    }

    pub(crate) fn root(&self) -> Result<BorrowedFd<'_>, Error> {
        self.root.as_ref().map(AsFd::as_fd).ok_or_else(|| Error::new("the container's root", Errno::BADF))
    }

    pub(super) fn next_received(&mut self) -> Result<OwnedFd, Error> {
        if self.received.is_empty() {
            return Err(Error::new("a mount from the parent", Errno::BADF));
        }
        Ok(self.received.remove(0))
    }
}
