//! Control groups of Linux: v1, hybrid and v2 behind the same verbs.
//!
//! - [`Layout`] is what the host has, read once;
//! - [`Limits`] is what is asked for, in the OCI specification's meaning;
//! - [`plan_group`] turns both into directories to make and (file, value) pairs to write, purely;
//! - [`Group`] is the group that then exists: join, freeze, kill, ask for out-of-memory kills, delete.
//!
//! Kernel documents: `Documentation/admin-guide/cgroup-v1/` and `cgroup-v2.rst`, `cgroups(7)`.

mod conversion;
mod device_program;
mod device_rules;
mod freezer;
mod group;
mod layout;
mod limits;
mod operation;
mod plan;
mod processes;
mod values_v1;
mod values_v2;

pub use conversion::{blkio_weight_to_io_weight, shares_to_weight};
pub use device_rules::{DeviceKind, DeviceRule};
pub use group::Group;
pub use layout::{Hierarchy, Layout, Mode};
pub use limits::{BlockDevice, Cpu, Limits, Memory, Throttle, WeightDevice};
pub use operation::{GroupContext, GroupOperation, advice};
pub use plan::{GroupPlan, GroupRequest, PlanError, plan_group};
