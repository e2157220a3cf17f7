//! What may be asked of a control group: plain data with the meaning of the OCI specification's `linux.resources`.

use std::collections::BTreeMap;

use crate::device_rules::DeviceRule;

/// All limits of a group. What is `None` or empty is left as the kernel has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Memory.
    pub memory: Memory,
    /// Processors.
    pub cpu: Cpu,
    /// Number of tasks; negative is no limit.
    pub pids: Option<i64>,
    /// Block devices.
    pub block: BlockDevice,
    /// Huge pages: size as the kernel's files name it (`2MB`), bytes.
    pub huge_pages: Vec<(String, u64)>,
    /// Class of packets (v1).
    pub network_class: Option<u32>,
    /// Priorities by interface (v1).
    pub network_priorities: Vec<(String, u32)>,
    /// RDMA by device: handles, objects.
    pub rdma: Vec<(String, Option<u32>, Option<u32>)>,
    /// Files of v2 and their values, as they are.
    pub unified: BTreeMap<String, String>,
    /// Which devices may be used; `None` leaves all as they are.
    pub devices: Option<Vec<DeviceRule>>,
}

/// Memory in bytes; -1 is no limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// The limit.
    pub limit: Option<i64>,
    /// The soft limit.
    pub reservation: Option<i64>,
    /// Memory and swap together.
    pub swap: Option<i64>,
    /// Memory of TCP buffers (v1).
    pub kernel_tcp: Option<i64>,
    /// 0 to 100 (v1).
    pub swappiness: Option<u64>,
    /// Tasks wait at the limit instead of being killed (v1).
    pub disable_oom_killer: bool,
}

/// Processors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cpu {
    /// Relative weight, 2 to 262144.
    pub shares: Option<u64>,
    /// Microseconds of work in a period; negative is no limit.
    pub quota: Option<i64>,
    /// Microseconds.
    pub period: Option<u64>,
    /// Microseconds that may be saved up.
    pub burst: Option<u64>,
    /// Microseconds of real-time work in a period (v1).
    pub realtime_runtime: Option<i64>,
    /// Microseconds (v1).
    pub realtime_period: Option<u64>,
    /// List of processors.
    pub cpus: Option<String>,
    /// List of memory nodes.
    pub mems: Option<String>,
    /// 1 for work that only fills gaps.
    pub idle: Option<i64>,
}

/// Block devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockDevice {
    /// Relative weight, 10 to 1000.
    pub weight: Option<u16>,
    /// Weights by device.
    pub weight_devices: Vec<WeightDevice>,
    /// Bytes read a second.
    pub read_bytes: Vec<Throttle>,
    /// Bytes written a second.
    pub write_bytes: Vec<Throttle>,
    /// Reads a second.
    pub read_operations: Vec<Throttle>,
    /// Writes a second.
    pub write_operations: Vec<Throttle>,
}

/// The weight at one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightDevice {
    /// Major and minor number.
    pub device: (i64, i64),
    /// Relative weight.
    pub weight: u16,
}

/// A rate at one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttle {
    /// Major and minor number.
    pub device: (i64, i64),
    /// A second.
    pub rate: u64,
}
