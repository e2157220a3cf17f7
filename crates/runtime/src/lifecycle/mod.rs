//! The life of a container: one file a verb, and the clearing away of what a killed process has left.

mod create;
mod delete;
mod inspect;
mod kill;
mod prepare;
mod run;
mod start;
mod sweep;
mod teardown;

use create::{Container, Supervision, create as make};
pub use delete::delete;
pub use inspect::{ContainerState, list, state};
pub use kill::{kill, parse_signal};
pub use prepare::prepare;
pub use run::{Ended, run};
pub use start::start;
pub use sweep::sweep;

use crate::error::Error;
use crate::facts::HostFacts;
use crate::plan::Plan;
use crate::request::Request;

/// Makes a container from its plan; its process waits for [`start`].
///
/// # Errors
/// What fails is undone.
pub fn create(request: &Request<'_>, facts: &HostFacts, plan: &Plan) -> Result<(), Error> {
    let container: Container = make(request, facts, plan, Supervision::None)?;
    container.keep()
}
