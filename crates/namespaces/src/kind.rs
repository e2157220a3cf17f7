//! The eight kinds of namespaces.

use std::fmt;
use std::os::fd::{BorrowedFd, OwnedFd};

use linux::namespace::Namespaces;
use linux::{Error, Named as _};
use rustix::fs::{Mode, OFlags};

/// A kind of namespace (`namespaces(7)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Ids and capabilities. First, because it owns the others.
    User,
    /// The mount table.
    Mount,
    /// Process numbers.
    Pid,
    /// Links, addresses, routes, sockets.
    Network,
    /// System V IPC and POSIX message queues.
    Ipc,
    /// Host and domain name.
    Uts,
    /// The root of the control groups.
    Cgroup,
    /// Offsets of the monotonic and boot clocks.
    Time,
}

impl Kind {
    /// All kinds; the user namespace stands first, because it must be entered or made before the others.
    pub const ALL: [Self; 8] =
        [Self::User, Self::Mount, Self::Pid, Self::Network, Self::Ipc, Self::Uts, Self::Cgroup, Self::Time];

    /// The file's name below `/proc/PID/ns`, which is also the short name on command lines.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Mount => "mnt",
            Self::Pid => "pid",
            Self::Network => "net",
            Self::Ipc => "ipc",
            Self::Uts => "uts",
            Self::Cgroup => "cgroup",
            Self::Time => "time",
        }
    }

    /// The option of `unshare(1)` and `nsenter(1)`.
    #[must_use]
    pub const fn shell_option(self) -> &'static str {
        match self {
            Self::User => "--user",
            Self::Mount => "--mount",
            Self::Pid => "--pid",
            Self::Network => "--net",
            Self::Ipc => "--ipc",
            Self::Uts => "--uts",
            Self::Cgroup => "--cgroup",
            Self::Time => "--time",
        }
    }

    /// The flag of `clone(2)`, `unshare(2)` and `setns(2)`.
    #[must_use]
    pub const fn flag(self) -> Namespaces {
        match self {
            Self::User => Namespaces::USER,
            Self::Mount => Namespaces::MOUNT,
            Self::Pid => Namespaces::PID,
            Self::Network => Namespaces::NETWORK,
            Self::Ipc => Namespaces::IPC,
            Self::Uts => Namespaces::UTS,
            Self::Cgroup => Namespaces::CGROUP,
            Self::Time => Namespaces::TIME,
        }
    }

    /// Opens the namespace of that process.
    ///
    /// # Errors
    /// `ENOENT` when the process or the kind does not exist, `EACCES` without the right to trace the process.
    pub fn open_of(self, pid: rustix::process::Pid) -> Result<OwnedFd, Error> {
        let path = format!("/proc/{}/ns/{}", pid.as_raw_nonzero(), self.file_name());
        rustix::fs::open(&*path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .named(|| format!("open({path:?}, O_RDONLY)"))
    }

    /// Moves the calling process into that namespace; for a pid or time namespace, its later children.
    ///
    /// # Errors
    /// `EPERM` without rights over the namespace's owner, `EINVAL` when the descriptor is of another kind.
    pub fn enter(self, namespace: BorrowedFd<'_>) -> Result<(), Error> {
        linux::namespace::enter(namespace, self.flag())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Mount => "mount",
            Self::Pid => "pid",
            Self::Network => "network",
            Self::Ipc => "ipc",
            Self::Uts => "uts",
            Self::Cgroup => "cgroup",
            Self::Time => "time",
        })
    }
}
