//! When and where a process runs (config.md, Linux Process: `scheduler`, `ioPriority`, `execCPUAffinity`).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable, text};

/// The scheduling policies that the specification knows; another is refused.
pub const SCHEDULER_POLICIES: [&str; 7] =
    ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];

/// The scheduling flags that the specification knows; another is refused.
pub const SCHEDULER_FLAGS: [&str; 7] = [
    "SCHED_FLAG_RESET_ON_FORK",
    "SCHED_FLAG_RECLAIM",
    "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",
    "SCHED_FLAG_KEEP_PARAMS",
    "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX",
];

/// The classes of I/O priorities; another is refused.
pub const IO_PRIORITY_CLASSES: [&str; 3] = ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"];

/// A scheduling policy (`sched_setattr(2)`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scheduler {
    /// One of [`SCHEDULER_POLICIES`].
    pub policy: String,
    /// Nice value, -20 (most) to 19 (least); 0 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nice: Option<i32>,
    /// Static priority of `SCHED_FIFO` and `SCHED_RR`, 1 to 99; 0 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// Some of [`SCHEDULER_FLAGS`].
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub flags: Vec<String>,
    /// `SCHED_DEADLINE`: nanoseconds of work in each period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<u64>,
    /// `SCHED_DEADLINE`: nanoseconds from a period's begin until the work must be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<u64>,
    /// `SCHED_DEADLINE`: nanoseconds of a period; the deadline's without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u64>,
}

/// An I/O priority (`ioprio_set(2)`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IoPriority {
    /// One of [`IO_PRIORITY_CLASSES`].
    pub class: String,
    /// Within the class, 0 (first) to 7 (last).
    #[serde(default, deserialize_with = "nullable")]
    pub priority: i32,
}

/// Processors of a process that joins later (`exec`); the container's first process is not concerned.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecCpuAffinity {
    /// List of processors, `0-3,7`, before it joins the container's control group.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    /// List of processors after it; the container's own without.
    #[serde(rename = "final", default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub r#final: Option<String>,
}
