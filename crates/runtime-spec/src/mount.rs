//! What is mounted (config.md, Mounts).

use serde::{Deserialize, Serialize};

use crate::id_mapping::IdMapping;
use crate::lenient::{is_default, nullable, text};

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount {
    /// Where in the container; a relative path is meant from `/` (deprecated).
    pub destination: String,
    /// The file system's type; of a bind mount, a word without meaning.
    #[serde(rename = "type", default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A device, a name, or what is bound; a relative path is meant from the bundle.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// As `mount(8)` takes them, and the specification's own (Linux mount options); others go to the file system.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub options: Vec<String>,
    /// Users of an id-mapped mount; only together with `gid_mappings`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub uid_mappings: Vec<IdMapping>,
    /// Groups of an id-mapped mount; only together with `uid_mappings`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub gid_mappings: Vec<IdMapping>,
}
