//! The system-call filter (config-linux.md, Seccomp).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable};

/// A filter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seccomp {
    /// What happens to a call that no rule names.
    pub default_action: String,
    /// The errno of that action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_errno_ret: Option<u32>,
    /// `SCMP_ARCH_…`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub architectures: Vec<String>,
    /// `SECCOMP_FILTER_FLAG_…`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub flags: Vec<String>,
    /// Socket of who answers `SCMP_ACT_NOTIFY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener_path: Option<String>,
    /// Text for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listener_metadata: Option<String>,
    /// Rules.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub syscalls: Vec<SeccompRule>,
}

/// What happens to some calls.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeccompRule {
    /// Calls by name.
    pub names: Vec<String>,
    /// `SCMP_ACT_…`.
    pub action: String,
    /// The errno of the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno_ret: Option<u32>,
    /// Conditions, all of which must hold.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub args: Vec<SeccompArgument>,
}

/// A condition on one argument.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeccompArgument {
    /// 0 to 5.
    pub index: u32,
    /// What it is compared with.
    pub value: u64,
    /// The value of a masked comparison.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub value_two: u64,
    /// `SCMP_CMP_…`.
    pub op: String,
}
