//! The container engine: from what a person asks for to a container of the runtime.
//!
//! Facts → plan → apply, one floor above the runtime: `facts` reads the host, `plan` turns a [`RunRequest`] into the files that are
//! the container's own and a configuration for the runtime, and [`run`] carries both out; [`show`] prints them.
//!
//! ```text
//! DATA/containers/ID/        a container; locked for as long as the process that supervises it lives
//!   root/                    image `host`: the tree in which the layers below are mounted
//!   layers/NAME, NAME.work   what the container writes to the host's tree NAME
//!   layers/NAME.cover        what stands in place of the host's own files
//!   hostname, hosts, …       files that are bound into a root directory of the user's
//! STATE/containers/          the runtime's records
//! STATE/id-ranges            byte N is locked by the container with the Nth range of ids
//! ```

mod capability_set;
mod container_directory;
mod error;
mod facts;
mod files;
mod host_image;
mod id_range;
mod identity;
mod own_ids;
mod places;
mod plan;
mod random_name;
mod removal;
mod removal_without_root;
mod request;
mod run;

pub use error::Error;
pub use places::Places;
pub use request::{
    Device, Image, Limits, Mount, MountKind, Network, Program, RunRequest, Security, Ulimit, UserNamespace,
};
pub use run::{Ended, run, show};
pub use runtime::one_line;
