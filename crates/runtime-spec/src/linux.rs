//! What is special to Linux (config-linux.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::device::{Device, NetDevice};
use crate::id_mapping::IdMapping;
use crate::intel_rdt::IntelRdt;
use crate::lenient::{is_default, nullable, text};
use crate::memory_policy::MemoryPolicy;
use crate::namespace::{Namespace, NamespaceKind};
use crate::resources::Resources;
use crate::seccomp::Seccomp;

/// The Linux part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Linux {
    /// Users of the user namespace (User namespace mappings).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub uid_mappings: Vec<IdMapping>,
    /// Groups of the user namespace (User namespace mappings).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub gid_mappings: Vec<IdMapping>,
    /// Kernel parameters of the namespaces, `net.ipv4.ip_forward` to its value (Sysctl).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub sysctl: BTreeMap<String, String>,
    /// Limits of the control groups (Control groups).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// The control group: absolute from the mount point of the control groups, or relative to where the runtime decides (Cgroups Path).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub cgroups_path: Option<String>,
    /// Namespaces to make or join (Namespaces).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub namespaces: Vec<Namespace>,
    /// Device nodes to make (Devices).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub devices: Vec<Device>,
    /// Network devices to move in, by their names on the host (Network Devices).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub net_devices: BTreeMap<String, NetDevice>,
    /// The system-call filter (Seccomp).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp: Option<Seccomp>,
    /// Mount propagation of the root: `shared`, `slave`, `private` or `unbindable` (Rootfs Mount Propagation).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub rootfs_propagation: Option<String>,
    /// Paths that cannot be read, absolute in the container (Masked Paths).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub masked_paths: Vec<String>,
    /// Paths that cannot be written, absolute in the container (Readonly Paths).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub readonly_paths: Vec<String>,
    /// SELinux label of the mounts (Mount Label).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub mount_label: Option<String>,
    /// Cache and memory bandwidth (IntelRdt).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intel_rdt: Option<IntelRdt>,
    /// NUMA policy (Memory policy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_policy: Option<MemoryPolicy>,
    /// Execution domain (Personality).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personality: Option<Personality>,
    /// Offsets of the clocks `monotonic` and `boottime` in the time namespace (Offset for Time Namespace).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub time_offsets: BTreeMap<String, TimeOffset>,
}

impl Linux {
    /// The namespace of a kind, if one is made or joined.
    #[must_use]
    pub fn namespace(&self, kind: NamespaceKind) -> Option<&Namespace> {
        self.namespaces.iter().find(|namespace| namespace.kind == kind)
    }
}

/// Execution domain (`personality(2)`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Personality {
    /// `LINUX` or `LINUX32`.
    pub domain: String,
    /// None is defined yet.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub flags: Vec<String>,
}

/// Offset of one clock (`time_namespaces(7)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeOffset {
    /// Seconds, also negative.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub secs: i64,
    /// Nanoseconds on top, below a second.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub nanosecs: u32,
}
