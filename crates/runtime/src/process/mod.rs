//! What the container's first process does to itself before it executes: names, limits, ids, capabilities, the program.

mod apply;
mod diagnosis;
mod error;
mod execute;
mod operation;
mod plan;
mod show;
mod sysctl;

pub(crate) use error::ProcessError;
pub(crate) use execute::{ExecuteError, Prepared, execute};
pub(crate) use operation::ProcessOperation;
pub(crate) use plan::{ProcessInput, plan_after_root, plan_before_root};
pub(crate) use show::setpriv_words;
