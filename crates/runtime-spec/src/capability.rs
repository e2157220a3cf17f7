//! Capabilities by name, the unknown ones too (config.md, Linux Process; `capabilities(7)`).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The capabilities of `capabilities(7)` without `CAP_`, each at its number.
pub const KNOWN_CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// A capability; one that this release does not know is kept by its name, since the specification wants a warning and no error.
///
/// In documents only the exact name counts (`CAP_CHOWN`): another spelling is unknown to runc, and nobody should get a capability
/// here that he would not get there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Its number in the kernel.
    Known(u8),
    /// A name that no known kernel has.
    Unknown(String),
}

impl Capability {
    /// All that are known, by number.
    pub fn known() -> impl Iterator<Item = Self> {
        (0..).take(KNOWN_CAPABILITIES.len()).map(Self::Known)
    }

    /// Reads a name as people type it: with or without `CAP_`, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let upper = name.to_ascii_uppercase();
        Self::find(upper.strip_prefix("CAP_").unwrap_or(&upper)).unwrap_or_else(|| Self::Unknown(name.to_owned()))
    }

    /// Its number, if it is known.
    #[must_use]
    pub fn number(&self) -> Option<u8> {
        match self {
            Self::Known(number) => Some(*number),
            Self::Unknown(_) => None,
        }
    }

    /// Finds a name without `CAP_`.
    fn find(short: &str) -> Option<Self> {
        let number = KNOWN_CAPABILITIES.iter().position(|known| *known == short)?;
        u8::try_from(number).ok().map(Self::Known)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(number) => match KNOWN_CAPABILITIES.get(usize::from(*number)) {
                Some(name) => write!(f, "CAP_{name}"),
                // Of a kernel newer than this release.
                None => write!(f, "CAP_{number}"),
            },
            Self::Unknown(name) => f.write_str(name),
        }
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Capability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(name.strip_prefix("CAP_").and_then(Self::find).unwrap_or(Self::Unknown(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_need_the_exact_name() {
        let check = |name: &str, expected: Capability| {
            let capability: Capability = serde_json::from_value(name.into()).unwrap();
            assert_eq!(capability, expected);
            assert_eq!(serde_json::to_value(&capability).unwrap(), name, "written as it was read");
        };
        check("CAP_CHOWN", Capability::Known(0));
        check("CAP_SYS_ADMIN", Capability::Known(21));
        check("CAP_CHECKPOINT_RESTORE", Capability::Known(40));
        for unknown in ["CAP_NEVER_HEARD", "chown", "CHOWN", "cap_chown", "CAP_", "", "CAP_41", "ALL"] {
            check(unknown, Capability::Unknown(unknown.to_owned()));
        }
    }

    #[test]
    fn people_may_spell_it_as_they_like() {
        for name in ["CAP_NET_ADMIN", "net_admin", "cap_Net_Admin", "NET_ADMIN"] {
            assert_eq!(Capability::from_name(name), Capability::Known(12));
        }
        assert_eq!(Capability::from_name("net-admin"), Capability::Unknown("net-admin".to_owned()));
    }

    #[test]
    fn every_number_has_its_name() {
        assert_eq!(Capability::known().count(), 41);
        for capability in Capability::known() {
            assert_eq!(Capability::from_name(&capability.to_string()), capability);
        }
        assert_eq!(Capability::Known(41).to_string(), "CAP_41");
    }
}
