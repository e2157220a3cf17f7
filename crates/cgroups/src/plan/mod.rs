//! From what was asked for and the layout of the host to the steps that make and limit a group. Pure.

mod assemble;
mod block_io;
mod conversion;
mod cpu;
mod draft;
mod error;
mod memory;
mod name;
mod others;
mod placement;

pub use assemble::{GroupOptions, GroupPlan, GroupRequest, Hierarchies, plan_group, plan_group_with, plan_update};
pub use conversion::{blkio_weight_to_io_weight, shares_to_weight, swap_alone};
pub use error::PlanError;
pub use name::{GroupName, NameError};
pub use placement::SELF_GROUP;
