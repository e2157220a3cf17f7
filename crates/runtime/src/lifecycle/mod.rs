//! The life of a container: one file a verb, and the clearing away of what a killed process has left.

mod create;
mod delete;
mod inspect;
mod kill;
mod run;
mod start;
mod sweep;
mod teardown;

use create::{Container, Supervision, create as make};
pub use delete::delete;
pub use inspect::{ContainerState, list, state};
pub use kill::{kill, parse_signal};
pub use run::{Ended, run};
pub use start::start;
pub use sweep::sweep;

use crate::error::Error;
use crate::facts::HostFacts;
use crate::request::Request;

/// Makes a container whose process waits for [`start`].
///
/// # Errors
/// Everything that can be refused is refused before anything is made; what fails later is undone.
pub fn create(request: &Request<'_>, facts: &HostFacts) -> Result<(), Error> {
    let container: Container = make(request, facts, Supervision::None)?;
    container.keep()
}
