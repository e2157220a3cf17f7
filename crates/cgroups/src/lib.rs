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
mod apply_cpuset;
mod apply_devices;
mod apply_directory;
mod apply_subtree;
mod apply_write;
mod context;
mod controller;
mod conversion;
mod deadline;
mod device_list;
mod device_program;
mod device_rule;
mod draft;
mod file_value;
mod files;
mod group;
mod group_events;
mod group_freezer;
mod group_kill;
mod group_memory;
mod group_processes;
mod group_removal;
mod hierarchy;
mod layout;
mod limits;
mod mount_table;
mod name;
mod operation;
mod placement;
mod plan;
mod plan_block_io;
mod plan_cpu;
mod plan_error;
mod plan_memory;
mod plan_others;

pub use advice::advice;
pub use context::GroupContext;
pub use controller::{Controllers, Version};
pub use conversion::{blkio_weight_to_io_weight, shares_to_weight, swap_alone};
pub use device_list::{DeviceException, DeviceHole, DeviceList};
pub use device_program::compile as compile_device_program;
pub use device_rule::{DeviceAccess, DeviceKind, DeviceRule};
pub use file_value::{FileValue, IfMissing};
pub use group::Group;
pub use group_memory::{MemoryEvent, MemoryWatch};
pub use hierarchy::Hierarchy;
pub use layout::{Layout, Mode};
pub use limits::{BlockDevice, Cpu, Limits, Memory, Throttle, WeightDevice};
pub use name::{GroupName, NameError};
pub use operation::GroupOperation;
pub use placement::SELF_GROUP;
pub use plan::{GroupOptions, GroupPlan, GroupRequest, Hierarchies, plan_group, plan_group_with, plan_update};
pub use plan_error::PlanError;
