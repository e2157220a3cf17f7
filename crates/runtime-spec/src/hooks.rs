//! Programs at points of the container's life (config.md, POSIX-platform Hooks).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable};

/// The six kinds of hooks; those of a kind run in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hooks {
    /// At `create`, before the root is entered, in the runtime's namespaces; deprecated, and before `create_runtime`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub prestart: Vec<Hook>,
    /// At `create`, before the root is entered, in the runtime's namespaces.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub create_runtime: Vec<Hook>,
    /// At `create`, before the root is entered, in the container's namespaces; the path is the runtime's.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub create_container: Vec<Hook>,
    /// At `start`, before the program, in the container's namespaces; the path is the container's.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub start_container: Vec<Hook>,
    /// At `start`, after the program has begun, in the runtime's namespaces.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub poststart: Vec<Hook>,
    /// At `delete`, when nothing is left, in the runtime's namespaces.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub poststop: Vec<Hook>,
}

impl Hooks {
    /// The kinds in the order of a container's life, each with its hooks.
    #[must_use]
    pub fn by_kind(&self) -> [(&'static str, &[Hook]); 6] {
        [
            ("prestart", &self.prestart),
            ("createRuntime", &self.create_runtime),
            ("createContainer", &self.create_container),
            ("startContainer", &self.start_container),
            ("poststart", &self.poststart),
            ("poststop", &self.poststop),
        ]
    }

    /// Whether there is none at all; many generators write an object without hooks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_kind().iter().all(|(_, hooks)| hooks.is_empty())
    }
}

/// One program. The container's state is its standard input.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hook {
    /// The program, absolute.
    pub path: String,
    /// Its arguments, with its name first, as `execv(3)` takes them.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub args: Vec<String>,
    /// Its environment, `NAME=value`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub env: Vec<String>,
    /// Seconds until it is killed; above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
}
