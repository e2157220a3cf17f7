//! The eight kinds of namespaces as a set of flags, and the calls that leave or enter one.

#![expect(unsafe_code, reason = "unshare and setns are raw calls here: rustix does not know all kinds")]

use std::fmt;
use std::os::fd::{AsRawFd, BorrowedFd};

use bitflags::bitflags;

use crate::error::{Error, Named, shown};
use crate::result::check;

bitflags! {
    /// Kinds of namespaces, with the values of `linux/sched.h`.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
    pub struct Namespaces: u64 {
        /// `CLONE_NEWTIME`: offsets of the monotonic and boot clocks.
        const TIME = 0x0000_0080;
        /// `CLONE_NEWNS`: the mount table.
        const MOUNT = 0x0002_0000;
        /// `CLONE_NEWCGROUP`: which control group looks like the root.
        const CGROUP = 0x0200_0000;
        /// `CLONE_NEWUTS`: host and domain name.
        const UTS = 0x0400_0000;
        /// `CLONE_NEWIPC`: System V IPC and POSIX message queues.
        const IPC = 0x0800_0000;
        /// `CLONE_NEWUSER`: ids and capabilities.
        const USER = 0x1000_0000;
        /// `CLONE_NEWPID`: process numbers.
        const PID = 0x2000_0000;
        /// `CLONE_NEWNET`: links, addresses, routes, sockets.
        const NETWORK = 0x4000_0000;
    }
}

impl fmt::Display for Namespaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (name, _) in self.iter_names() {
            // The constants are named after the flag but for these two, whose flag has another word.
            let word = match name {
                "MOUNT" => "NS",
                "NETWORK" => "NET",
                other => other,
            };
            write!(f, "{separator}CLONE_NEW{word}")?;
            separator = "|";
        }
        if self.is_empty() { f.write_str("0") } else { Ok(()) }
    }
}

/// Moves this process into new namespaces (`unshare(2)`); of a pid or time namespace, its later children.
///
/// # Errors
/// `EPERM` without the right, `ENOSPC` at a limit of `/proc/sys/user`, `EINVAL` for a kind that the kernel lacks.
pub fn unshare(namespaces: Namespaces) -> Result<(), Error> {
    let flags = kernel_flags(namespaces);
    // SAFETY: only namespace flags can be set, never CLONE_FILES, so that no owner of a descriptor is deceived.
    let result = unsafe { libc::unshare(flags) };
    check(result.into()).named(|| format!("unshare({namespaces})"))
}

/// Moves this process into an existing namespace (`setns(2)`); of a pid or time namespace, its later children.
///
/// # Errors
/// `EPERM` without rights over the namespace's owner, `EINVAL` when the descriptor is of another kind.
pub fn enter(namespace: BorrowedFd<'_>, kind: Namespaces) -> Result<(), Error> {
    let flags = kernel_flags(kind);
    // SAFETY: the descriptor is borrowed for the call, which changes no memory.
    let result = unsafe { libc::setns(namespace.as_raw_fd(), flags) };
    check(result.into()).named(|| format!("setns({}, {kind})", shown(namespace)))
}

/// Every flag of this set is below 2^31, which the conversion therefore keeps.
fn kernel_flags(namespaces: Namespaces) -> libc::c_int {
    libc::c_int::try_from(namespaces.bits()).unwrap_or_default()
}
