//! Capabilities by name, the unknown ones too.

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Its number in the kernel.
    Known(u8),
    /// A name that no known kernel has.
    Unknown(String),
}

impl Capability {
    /// Reads a name with or without `CAP_`, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let upper = name.to_ascii_uppercase();
        let short = upper.strip_prefix("CAP_").unwrap_or(&upper);
        KNOWN_CAPABILITIES
            .iter()
            .position(|known| *known == short)
            .and_then(|number| u8::try_from(number).ok())
            .map_or_else(|| Self::Unknown(name.to_owned()), Self::Known)
    }

    /// Its number, if it is known.
    #[must_use]
    pub fn number(&self) -> Option<u8> {
        match self {
            Self::Known(number) => Some(*number),
            Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(number) => write!(f, "CAP_{}", KNOWN_CAPABILITIES.get(usize::from(*number)).unwrap_or(&"?")),
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
        Ok(Self::from_name(&String::deserialize(deserializer)?))
    }
}
