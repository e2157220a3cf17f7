//! Shares of cache and memory bandwidth (config-linux.md, IntelRdt).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable, text};

/// Cache and memory bandwidth, through the `resctrl` file system.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntelRdt {
    /// The class of service: a directory of `resctrl`, by default the container's id; `/` is the default class.
    #[serde(rename = "closID", default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub clos_id: Option<String>,
    /// Lines for the `schemata` file; written after the two schemas below.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub schemata: Vec<String>,
    /// Cache allocation, `L3:0=7f0;1=1f`.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub l3_cache_schema: Option<String>,
    /// Bandwidth allocation, `MB:0=20;1=70`, in percent (or in MB/s where the host is set up so).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub mem_bw_schema: Option<String>,
    /// Whether a monitoring group is made, named by the container's id.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub enable_monitoring: bool,
    /// Whether cache occupancy is watched; of 1.1 and 1.2, replaced by `enable_monitoring`.
    #[serde(rename = "enableCMT", default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub enable_cmt: bool,
    /// Whether bandwidth is watched; of 1.1 and 1.2, replaced by `enable_monitoring`.
    #[serde(rename = "enableMBM", default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub enable_mbm: bool,
}
