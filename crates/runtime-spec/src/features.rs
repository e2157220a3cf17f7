//! What a runtime can do (features.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::features_linux::LinuxFeatures;
use crate::lenient::{is_default, nullable};

/// A runtime's features, whatever the host supports. An absent list means that nothing is known, an empty one that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Features {
    /// Lowest version of the specification that is understood (Specification version).
    pub oci_version_min: String,
    /// Highest version of the specification that is understood (Specification version).
    pub oci_version_max: String,
    /// Kinds of hooks (Hooks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hooks: Option<Vec<String>>,
    /// Mount options that are understood, without those of single file systems (Mount Options).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount_options: Option<Vec<String>>,
    /// What is special to Linux (features-linux.md).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linux: Option<LinuxFeatures>,
    /// Notes of the runtime about itself (Annotations).
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub annotations: BTreeMap<String, String>,
    /// Annotations that can change what a configuration does; one that ends with `.` is a prefix (Unsafe annotations).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub potentially_unsafe_config_annotations: Option<Vec<String>>,
}
