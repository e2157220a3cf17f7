//! System calls that rustix lacks, typed and by descriptor, the error that prints its call, and how the kernel escapes paths.
//!
//! This is the only crate of the workspace with `unsafe` code; each module that needs it says so, and each block names the
//! invariant that makes it sound. Calls that rustix has are made through rustix, and get their text by [`Named::named`].

pub mod bpf;
pub mod descriptors;
mod error;
pub mod lock;
pub mod loopback;
pub mod mount;
pub mod mount_info;
pub mod namespace;
pub mod process;
mod result;
pub mod signal;

pub use error::{Error, Named, errno_name, shown};
