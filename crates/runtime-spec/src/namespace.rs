//! Namespaces to make or to join (config-linux.md, Namespaces).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of namespace. The set is closed: another word is an error, since a container would otherwise be less cut off than asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamespaceKind {
    /// Process numbers.
    Pid,
    /// Links, addresses, routes.
    Network,
    /// The mount table.
    Mount,
    /// System V IPC and POSIX message queues.
    Ipc,
    /// Host and domain name.
    Uts,
    /// Ids and capabilities.
    User,
    /// The root of the control groups.
    Cgroup,
    /// Clock offsets.
    Time,
}

impl NamespaceKind {
    /// All kinds, in the specification's order.
    pub const ALL: [Self; 8] =
        [Self::Pid, Self::Network, Self::Mount, Self::Ipc, Self::Uts, Self::User, Self::Cgroup, Self::Time];

    /// The specification's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pid => "pid",
            Self::Network => "network",
            Self::Mount => "mount",
            Self::Ipc => "ipc",
            Self::Uts => "uts",
            Self::User => "user",
            Self::Cgroup => "cgroup",
            Self::Time => "time",
        }
    }
}

impl fmt::Display for NamespaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A namespace to make, or to join where it has a path. A kind that is not named is shared with the runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Which kind; each at most once.
    #[serde(rename = "type")]
    pub kind: NamespaceKind,
    /// The file of the namespace to join, absolute in the runtime's mount namespace.
    #[serde(default, deserialize_with = "crate::lenient::text", skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_documents() {
        for kind in NamespaceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(serde_json::from_value::<NamespaceKind>(kind.name().into()).unwrap(), kind);
        }
    }
}
