//! Ranges of ids (config-linux.md, User namespace mappings; config.md, id-mapped mounts).

use serde::{Deserialize, Serialize};

/// A range of user or group ids that is the same inside and outside, but for its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IdMapping {
    /// First id in the container; of a mount, first id as the mount shows it.
    #[serde(rename = "containerID")]
    pub container_id: u32,
    /// First id on the host; of a mount, first id as the file system has it.
    #[serde(rename = "hostID")]
    pub host_id: u32,
    /// How many ids.
    pub size: u32,
}
