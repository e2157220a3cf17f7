//! From which memory nodes a container's pages come (config-linux.md, Memory policy; `set_mempolicy(2)`).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable, text};

/// The modes that the specification knows; another is refused.
pub const MEMORY_POLICY_MODES: [&str; 7] = [
    "MPOL_DEFAULT",
    "MPOL_BIND",
    "MPOL_INTERLEAVE",
    "MPOL_WEIGHTED_INTERLEAVE",
    "MPOL_PREFERRED",
    "MPOL_PREFERRED_MANY",
    "MPOL_LOCAL",
];

/// The flags that the specification knows; another is refused.
pub const MEMORY_POLICY_FLAGS: [&str; 3] = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"];

/// NUMA policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryPolicy {
    /// One of [`MEMORY_POLICY_MODES`].
    pub mode: String,
    /// List of nodes, `0-3,7`; some modes need it, some forbid it.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub nodes: Option<String>,
    /// Some of [`MEMORY_POLICY_FLAGS`].
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub flags: Vec<String>,
}
