//! The configuration as a whole (config.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hooks::Hooks;
use crate::lenient::{is_default, nullable};
use crate::linux::Linux;
use crate::mount::Mount;
use crate::process::Process;

/// A container's configuration, `config.json` (config.md).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spec {
    /// The version of the specification that it follows.
    pub oci_version: String,
    /// The program to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Process>,
    /// The container's root file system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<Root>,
    /// The host name, in a UTS namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<String>,
    /// The NIS domain name, in a UTS namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domainname: Option<String>,
    /// What is mounted beside the root, in this order.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub mounts: Vec<Mount>,
    /// Programs to run at points of the container's life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hooks: Option<Hooks>,
    /// Notes that the runtime hands on.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub annotations: BTreeMap<String, String>,
    /// What is special to Linux.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linux: Option<Linux>,
    /// Another platform's part, kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solaris: Option<serde_json::Value>,
    /// Another platform's part, kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<serde_json::Value>,
    /// Another platform's part, kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vm: Option<serde_json::Value>,
    /// Another platform's part, kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zos: Option<serde_json::Value>,
    /// Another platform's part, kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freebsd: Option<serde_json::Value>,
}

/// The root file system (config.md, Root).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Root {
    /// Its directory; a relative one is meant from the bundle.
    pub path: String,
    /// Whether it is read-only in the container.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub readonly: bool,
}

/// A text that is no configuration: where it goes wrong, and how.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

impl Spec {
    /// Reads a configuration.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        serde_json::from_slice(text).map_err(|error| {
            let problem = error.to_string();
            // The position has fields of its own here.
            let problem = problem.split(" at line ").next().unwrap_or(&problem).to_owned();
            ParseError { line: error.line(), column: error.column(), problem }
        })
    }
}
