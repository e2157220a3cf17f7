//! The OCI runtime: a container is a plan, computed from what was asked for and what the host can do, and then applied.
//!
//! Facts → plan → apply. [`HostFacts`] is the only reading of the host, [`plan`] is pure, and the tracks of the plan are applied
//! by the parent (`lifecycle`) and by the container's first process (`init`), which speak the protocol of `channel`.
//! [`Plan::script`] writes the same plan as a shell script.

mod channel;
mod error;
mod facts;
mod filesystem;
mod init;
mod kernel;
pub mod lifecycle;
mod look;
mod own_program;
mod plan;
mod process;
mod reaper;
mod request;
mod state;
mod terminal;

pub use channel::InitFailure;
pub use error::{Error, one_line};
pub use facts::HostFacts;
pub use filesystem::{FilesystemError, SourceKind, Sources};
pub use kernel::{KernelFeature, KernelVersion};
pub use look::sources;
pub use own_program::OwnProgram;
pub use plan::{Plan, PlanError, plan};
pub use request::{Options, Overlay, Preparation, Request};
pub use state::validate_id;
