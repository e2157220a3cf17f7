//! The plan of a container: computed from the request and the facts, without touching the kernel.

mod assemble;
mod container_plan;
mod error;
mod init;
mod limits;
mod parent;
mod show;
mod unsupported;
mod user_namespace;

pub use assemble::plan;
pub use container_plan::Plan;
pub use error::PlanError;
pub(crate) use init::{InitContext, close_to_others};
pub(crate) use parent::{ParentContext, ParentOperation};
