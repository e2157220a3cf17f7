//! Programs at points of the container's life (config.md, POSIX-platform Hooks).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable};

/// The six kinds of hooks.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hooks {
    /// `prestart`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub prestart: Vec<Hook>,
    /// `create_runtime`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub create_runtime: Vec<Hook>,
    /// `create_container`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub create_container: Vec<Hook>,
    /// `start_container`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub start_container: Vec<Hook>,
    /// `poststart`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub poststart: Vec<Hook>,
    /// `poststop`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub poststop: Vec<Hook>,
}

/// One program.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hook {
    /// The program, absolute.
    pub path: String,
    /// Its arguments, with its name first.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub args: Vec<String>,
    /// Its environment.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub env: Vec<String>,
    /// Seconds until it is killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
}
