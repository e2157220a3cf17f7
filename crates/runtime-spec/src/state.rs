//! The state of a container (runtime.md, State).

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lenient::{is_default, nullable};

/// What a runtime says of a container, also to hooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The version of the specification.
    pub oci_version: String,
    /// The container's name, unique on the host.
    pub id: String,
    /// What it does.
    pub status: Status,
    /// Its first process's number on the host; there when it is created or runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// The bundle's directory, absolute.
    pub bundle: String,
    /// The configuration's annotations.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub annotations: BTreeMap<String, String>,
}

/// What a container does. The set is open: a runtime may define more, and what it says is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is being made.
    Creating,
    /// It is made, and its program not yet executed.
    Created,
    /// Its program runs.
    Running,
    /// It is frozen: runc's addition to the specification.
    Paused,
    /// Its first process has ended.
    Stopped,
    /// Another runtime's word.
    Unknown(String),
}

impl Status {
    /// The word that documents have for it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Creating => "creating",
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Unknown(name) => name,
        }
    }

    /// The status that documents have that word for.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let known = [Self::Creating, Self::Created, Self::Running, Self::Paused, Self::Stopped];
        known.into_iter().find(|status| status.name() == name).unwrap_or_else(|| Self::Unknown(name.to_owned()))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_name(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_status_is_kept() {
        let check = |name: &str, expected: Status| {
            let status: Status = serde_json::from_value(name.into()).unwrap();
            assert_eq!(status, expected);
            assert_eq!(serde_json::to_value(&status).unwrap(), name);
        };
        check("creating", Status::Creating);
        check("paused", Status::Paused);
        check("hibernating", Status::Unknown("hibernating".to_owned()));
        assert_eq!(format!("{:<9}|", Status::Running), "running  |");
    }
}
