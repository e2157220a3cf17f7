//! What a group may use: plain data with the meaning of `linux.resources` of the OCI runtime specification.
//!
//! An absent value leaves the kernel's own in place. Numbers keep the specification's units and its -1 for "unlimited".

use std::collections::BTreeMap;

use crate::devices::DeviceRule;

/// All limits of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Memory and swap.
    pub memory: Memory,
    /// Kernel memory in bytes: ignored with a warning, since Linux has dropped the limit (as runc does).
    pub kernel_memory: Option<i64>,
    /// Whether a group's use of memory counts for those above it: always so on today's kernels, so that `false` is refused.
    pub use_hierarchy: Option<bool>,
    /// Refuse a limit of memory below what is used already (v2, where such a limit kills).
    pub check_memory_before_update: bool,
    /// Processor time, processors and memory nodes.
    pub cpu: Cpu,
    /// Number of processes and threads: below 0 is unlimited; 0 counts as 1, since systemd has no 0 (as runc 1.4 does).
    pub pids: Option<i64>,
    /// Block devices.
    pub block: BlockDevice,
    /// Weight of the group's own processes against its child groups on block devices, 10 to 1000 (v1 before Linux 5.0).
    pub leaf_weight: Option<u16>,
    /// The same on single devices.
    pub leaf_weight_devices: Vec<WeightDevice>,
    /// Huge pages: size as in the names of the kernel's files (`2MB`), bytes.
    pub huge_pages: Vec<(String, u64)>,
    /// Class of network packets for `tc(8)` (v1); 0 counts as absent.
    pub network_class: Option<u32>,
    /// Priorities of network packets by interface (v1).
    pub network_priorities: Vec<(String, u32)>,
    /// Remote direct memory access: device, handles, objects.
    pub rdma: Vec<(String, Option<u32>, Option<u32>)>,
    /// Files of v2 and what is written into them, after all else.
    pub unified: BTreeMap<String, String>,
    /// Which devices may be used: everything is denied but for what these rules allow, one after the other. `None` leaves the
    /// devices alone.
    pub devices: Option<Vec<DeviceRule>>,
}

/// Limits of memory, in bytes; -1 is unlimited and 0 counts as absent (as in runc).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// Memory.
    pub limit: Option<i64>,
    /// What is left to the group under pressure.
    pub reservation: Option<i64>,
    /// Memory and swap together.
    pub swap: Option<i64>,
    /// Buffers of TCP (v1); on v2 ignored with a warning, as runc does.
    pub kernel_tcp: Option<i64>,
    /// How readily pages are swapped out, 0 to 100 (v1); `u64::MAX`, a -1 without its sign, counts as absent.
    pub swappiness: Option<u64>,
    /// Let processes wait instead of killing one (v1).
    pub disable_oom_killer: bool,
}

/// Limits of processors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cpu {
    /// Weight among siblings, 2 to 262144, default 1024; 0 counts as absent.
    pub shares: Option<u64>,
    /// Microseconds of processor time in each period; below 0 is unlimited, 0 counts as absent.
    pub quota: Option<i64>,
    /// Length of the period in microseconds, default 100000; 0 counts as absent.
    pub period: Option<u64>,
    /// Microseconds that may be saved up for a burst.
    pub burst: Option<u64>,
    /// Microseconds of real-time scheduling in each period (v1); 0 counts as absent.
    pub realtime_runtime: Option<i64>,
    /// Length of the real-time period in microseconds (v1); 0 counts as absent.
    pub realtime_period: Option<u64>,
    /// Processors as a list, `0-3,7`; empty counts as absent.
    pub cpus: Option<String>,
    /// Memory nodes as a list; empty counts as absent.
    pub mems: Option<String>,
    /// 1 runs the group only when nobody else wants to run (`SCHED_IDLE`).
    pub idle: Option<i64>,
}

/// Limits of block devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockDevice {
    /// Weight among siblings, 10 to 1000; 0 counts as absent.
    pub weight: Option<u16>,
    /// Weights on single devices.
    pub weight_devices: Vec<WeightDevice>,
    /// Bytes read in a second.
    pub read_bytes: Vec<Throttle>,
    /// Bytes written in a second.
    pub write_bytes: Vec<Throttle>,
    /// Reads in a second.
    pub read_operations: Vec<Throttle>,
    /// Writes in a second.
    pub write_operations: Vec<Throttle>,
}

/// A weight on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightDevice {
    /// Major and minor number.
    pub device: (i64, i64),
    /// 10 to 1000; 0 counts as absent.
    pub weight: u16,
}

/// A rate on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    /// Major and minor number.
    pub device: (i64, i64),
    /// Bytes or operations in a second; 0 takes a limit away.
    pub rate: u64,
}
