//! Control groups of version 1, version 2, and both side by side (`cgroups(7)`).
//!
//! - [`Layout`]: which hierarchies this host has mounted, and where this process stands in them: the facts;
//! - [`Limits`]: what a group may use, as data with the meaning of the OCI runtime specification;
//! - [`plan_group`], [`plan_update`]: from both, purely, to a list of [`GroupOperation`]s, which apply themselves and read as shell;
//! - [`Group`]: a group that stands: joining it, its processes, freezing, killing, removing, running out of memory;
//! - [`DeviceList`]: rules about devices, normalised, for the files of v1 and as a BPF program for v2.
//!
//! Nothing here knows a container. What is absent: threads, timers, systemd's bus.

mod advice;
mod apply;
mod controller;
mod deadline;
mod devices;
mod file_value;
mod files;
mod group;
mod hierarchy;
mod layout;
mod limits;
mod mount_table;
mod operation;
mod plan;

pub use advice::advice;
pub use apply::GroupContext;
pub use controller::{Controllers, Version};
pub use devices::{
    DeviceAccess, DeviceException, DeviceHole, DeviceKind, DeviceList, DeviceRule, compile as compile_device_program,
};
pub use file_value::{FileValue, IfMissing};
pub use group::{Group, MemoryEvent, MemoryWatch};
pub use hierarchy::Hierarchy;
pub use layout::{Layout, Mode};
pub use limits::{BlockDevice, Cpu, Limits, Memory, Throttle, WeightDevice};
pub use operation::GroupOperation;
pub use plan::{
    GroupName, GroupOptions, GroupPlan, GroupRequest, Hierarchies, NameError, PlanError, SELF_GROUP,
    blkio_weight_to_io_weight, plan_group, plan_group_with, plan_update, shares_to_weight, swap_alone,
};
