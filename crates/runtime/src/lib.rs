//! The OCI runtime: a container is a plan, computed from what was asked for and what the host can do, and then applied.
//!
//! Facts → plan → apply. [`HostFacts`] is the only reading of the host, [`plan`] is pure, and the tracks of the plan are applied
//! by the parent (`lifecycle`) and by the container's first process (`init`), which speak the protocol of `channel`.
//! [`show`] prints the same plan as a shell script.

mod channel;
mod error;
mod facts;
mod filesystem;
mod init;
mod kernel;
pub mod lifecycle;
mod own_program;
mod plan;
pub mod process;
mod reaper;
mod request;
mod state;
pub mod terminal;

pub use channel::InitFailure;
pub use error::{Error, one_line};
pub use facts::HostFacts;
pub use filesystem::{FilesystemError, SourceKind, Sources};
pub use kernel::{KernelFeature, KernelVersion};
pub use own_program::OwnProgram;
pub use plan::{Plan, PlanError, plan, show as script};
pub use request::{Options, Overlay, Preparation, Request};
pub use state::validate_id;

use std::path::PathBuf;

/// What stands at the sources of a request's binds on this host, or will when these files are made.
#[must_use]
pub fn sources(request: &Request<'_>, facts: &HostFacts, files: &[PathBuf]) -> Sources {
    let mut sources = filesystem::probe_sources(request.spec, &facts.working_directory.join(request.bundle));
    sources.extend(files.iter().map(|path| (path.clone(), SourceKind::File)));
    sources
}

/// The plan of a request as a commented shell script that runs without holm; [`script`] with what stands at the sources of binds
/// on this host.
///
/// # Errors
/// Everything that can be refused before anything is made.
pub fn show(request: &Request<'_>, facts: &HostFacts, preparation: &Preparation) -> Result<String, Error> {
    Ok(script(request, facts, &sources(request, facts, &preparation.files), preparation)?)
}
