//! What the container's first process does to itself before it executes: names, limits, ids, capabilities, the program.

mod apply;
mod diagnosis;
mod error;
mod execute;
mod operation;
mod plan;
mod show;
mod sysctl;

pub use error::ProcessError;
pub use execute::{ExecuteError, Prepared, execute};
pub use operation::ProcessOperation;
pub use plan::{ProcessInput, plan_after_root, plan_before_root};
pub use show::setpriv_words;
