//! What is recorded of a container, and where.
//!
//! ```text
//! ROOT/                  the state root (`--root`)
//!   .active/ID           locked by the process that is making ID, or supervising it in the foreground
//!   ID/record.json       everything that is known before the first process exists; written once
//!   ID/process           its process number and start time; written once
//!   ID/start             while the container waits for `start`: the socket on which it listens
//! ```
//!
//! The lock tells the living from the dead: a name in `.active` is locked from the instant at which it appears, so that whatever
//! stands there and can be locked belongs to a process that was killed, and the next command clears it away
//! ([`crate::lifecycle::sweep`]). Containers at rest have no entry there, so that clearing costs nothing however many there are.
//! Whether a process runs is asked of the kernel, never of the record.

mod container;
mod record;
mod root;

pub(crate) use container::ContainerDirectory;
pub(crate) use record::{ProcessRecord, Record};
pub use root::validate_id;
pub(crate) use root::{ActiveLock, StateRoot};
