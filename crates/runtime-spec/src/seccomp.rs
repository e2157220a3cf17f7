//! The system-call filter (config-linux.md, Seccomp).
//!
//! Actions, operators, architectures and flags are closed sets: the specification has runtimes refuse invalid values, and a filter
//! that is not understood must not be loaded as a weaker one. They are kept as words, so that a validation finds all the unknown
//! ones and not only the first. Names of system calls are an open set: which exist depends on kernel and architecture.

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable, text};

/// The actions that the specification knows; another is refused.
pub const SECCOMP_ACTIONS: [&str; 9] = [
    "SCMP_ACT_KILL",
    "SCMP_ACT_KILL_PROCESS",
    "SCMP_ACT_KILL_THREAD",
    "SCMP_ACT_TRAP",
    "SCMP_ACT_ERRNO",
    "SCMP_ACT_TRACE",
    "SCMP_ACT_ALLOW",
    "SCMP_ACT_LOG",
    "SCMP_ACT_NOTIFY",
];

/// The comparisons that the specification knows; another is refused.
pub const SECCOMP_OPERATORS: [&str; 7] =
    ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

/// The architectures that the specification knows; another is refused.
pub const SECCOMP_ARCHITECTURES: [&str; 23] = [
    "SCMP_ARCH_X86",
    "SCMP_ARCH_X86_64",
    "SCMP_ARCH_X32",
    "SCMP_ARCH_ARM",
    "SCMP_ARCH_AARCH64",
    "SCMP_ARCH_MIPS",
    "SCMP_ARCH_MIPS64",
    "SCMP_ARCH_MIPS64N32",
    "SCMP_ARCH_MIPSEL",
    "SCMP_ARCH_MIPSEL64",
    "SCMP_ARCH_MIPSEL64N32",
    "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",
    "SCMP_ARCH_PPC64LE",
    "SCMP_ARCH_S390",
    "SCMP_ARCH_S390X",
    "SCMP_ARCH_PARISC",
    "SCMP_ARCH_PARISC64",
    "SCMP_ARCH_RISCV64",
    "SCMP_ARCH_LOONGARCH64",
    "SCMP_ARCH_M68K",
    "SCMP_ARCH_SH",
    "SCMP_ARCH_SHEB",
];

/// The flags that the specification knows; another is refused.
pub const SECCOMP_FLAGS: [&str; 4] = [
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
];

/// A filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seccomp {
    /// What happens to a call that no rule names: one of [`SECCOMP_ACTIONS`].
    pub default_action: String,
    /// The errno of that action, `EPERM` without; only of `SCMP_ACT_ERRNO` and `SCMP_ACT_TRACE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_errno_ret: Option<u32>,
    /// Some of [`SECCOMP_ARCHITECTURES`]; the host's own without.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub architectures: Vec<String>,
    /// Some of [`SECCOMP_FLAGS`].
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub flags: Vec<String>,
    /// Socket of who answers `SCMP_ACT_NOTIFY`; it receives a [`ContainerProcessState`](crate::ContainerProcessState).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub listener_path: Option<String>,
    /// Text for it, handed on as it is; only with a path.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub listener_metadata: Option<String>,
    /// Rules.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub syscalls: Vec<SeccompRule>,
}

/// What happens to some calls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeccompRule {
    /// Calls by name; at least one.
    #[serde(deserialize_with = "nullable")]
    pub names: Vec<String>,
    /// One of [`SECCOMP_ACTIONS`].
    pub action: String,
    /// The errno of the action, `EPERM` without; only of `SCMP_ACT_ERRNO` and `SCMP_ACT_TRACE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno_ret: Option<u32>,
    /// Conditions, all of which must hold.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub args: Vec<SeccompArgument>,
}

/// A condition on one argument.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeccompArgument {
    /// Which argument, 0 to 5.
    pub index: u32,
    /// What it is compared with; the mask of a masked comparison.
    pub value: u64,
    /// The value of a masked comparison.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub value_two: u64,
    /// One of [`SECCOMP_OPERATORS`].
    pub op: String,
}
