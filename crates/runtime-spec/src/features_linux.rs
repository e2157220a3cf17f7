//! What a runtime can do on Linux (features-linux.md). In all of it, what is absent is unknown, not false.

use serde::{Deserialize, Serialize};

/// Features on Linux.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinuxFeatures {
    /// Kinds of namespaces (Namespaces).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespaces: Option<Vec<String>>,
    /// Capabilities that are known, `CAP_CHOWN` and so on (Capabilities).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
    /// Managers of control groups (Cgroup).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cgroup: Option<CgroupFeatures>,
    /// System-call filters (Seccomp).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seccomp: Option<SeccompFeatures>,
    /// AppArmor profiles (AppArmor).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apparmor: Option<EnabledFeature>,
    /// SELinux labels (SELinux).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selinux: Option<EnabledFeature>,
    /// Cache and memory bandwidth (Intel RDT).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intel_rdt: Option<IntelRdtFeatures>,
    /// NUMA policies (MemoryPolicy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_policy: Option<MemoryPolicyFeatures>,
    /// Extensions of mounts (MountExtensions).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount_extensions: Option<MountExtensions>,
    /// Network devices that move in (NetDevices).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_devices: Option<EnabledFeature>,
}

/// A feature that is there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnabledFeature {
    /// Whether it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Managers of control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CgroupFeatures {
    /// Version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<bool>,
    /// Version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v2: Option<bool>,
    /// The system's systemd.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub systemd: Option<bool>,
    /// A user's systemd.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub systemd_user: Option<bool>,
    /// The RDMA controller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rdma: Option<bool>,
}

/// System-call filters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeccompFeatures {
    /// Whether filters are loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Actions, `SCMP_ACT_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<String>>,
    /// Comparisons, `SCMP_CMP_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operators: Option<Vec<String>>,
    /// Architectures, `SCMP_ARCH_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archs: Option<Vec<String>>,
    /// Flags that are understood, `SECCOMP_FILTER_FLAG_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_flags: Option<Vec<String>>,
    /// Those of them that work with this kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supported_flags: Option<Vec<String>>,
}

/// Cache and memory bandwidth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntelRdtFeatures {
    /// Whether there is support at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Whether `linux.intelRdt.schemata` is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schemata: Option<bool>,
    /// Whether `linux.intelRdt.enableMonitoring` makes a monitoring group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<bool>,
}

/// NUMA policies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemoryPolicyFeatures {
    /// Modes, `MPOL_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modes: Option<Vec<String>>,
    /// Flags, `MPOL_F_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
}

/// Extensions of mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MountExtensions {
    /// Id-mapped mounts, even if only some of them can be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idmap: Option<EnabledFeature>,
}
