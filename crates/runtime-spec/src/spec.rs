//! The configuration as a whole (config.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hooks::Hooks;
use crate::lenient::{is_default, nullable, text};
use crate::linux::Linux;
use crate::mount::Mount;
use crate::process::Process;

/// The version of the specification that these types follow.
pub const VERSION: &str = "1.3.0";

/// A container's configuration, `config.json`. Properties that the specification does not know are passed over, and not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// The version of the specification that it follows (Specification version).
    pub oci_version: String,
    /// The program to run; required by `start` (Process).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The container's root file system; required on Linux (Root).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Root>,
    /// The host name, in a UTS namespace (Hostname).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The NIS domain name, in a UTS namespace (Domainname).
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub domainname: Option<String>,
    /// What is mounted beside the root, in this order (Mounts).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub mounts: Vec<Mount>,
    /// Programs to run at points of the container's life (POSIX-platform Hooks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hooks: Option<Hooks>,
    /// Notes that the runtime hands on (Annotations).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub annotations: BTreeMap<String, String>,
    /// What is special to Linux (config-linux.md).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linux: Option<Linux>,
    /// Solaris' part, kept and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solaris: Option<serde_json::Value>,
    /// Windows' part, kept and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<serde_json::Value>,
    /// The part of runtimes on virtual machines, kept and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm: Option<serde_json::Value>,
    /// z/OS' part, kept and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zos: Option<serde_json::Value>,
    /// FreeBSD's part, kept and not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freebsd: Option<serde_json::Value>,
}

/// The root file system (config.md, Root).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Root {
    /// Its directory; a relative one is meant from the bundle.
    pub path: String,
    /// Whether it is read-only in the container.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub readonly: bool,
}
