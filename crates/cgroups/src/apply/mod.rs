//! How the operations on control groups are done.

mod context;
pub(crate) mod cpuset;
pub(crate) mod devices;
pub(crate) mod directory;
pub(crate) mod subtree;
pub(crate) mod write;

pub use context::GroupContext;
