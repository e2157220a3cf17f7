//! What is mounted (config.md, Mounts).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable};
use crate::linux::IdMapping;

/// One mount.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    /// Where, in the container.
    pub destination: String,
    /// The file system's type, or `bind`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A device, a name, or what is bound; relative paths are meant from the bundle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// As `mount(8)` takes them, and the specification's own.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub options: Vec<String>,
    /// Users of an id-mapped mount.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub uid_mappings: Vec<IdMapping>,
    /// Groups of an id-mapped mount.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub gid_mappings: Vec<IdMapping>,
}
