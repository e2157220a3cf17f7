//! `mount_setattr(2)`: attributes, id maps and propagation of a mount or of a whole tree.

#![expect(unsafe_code, reason = "mount_setattr is a raw call")]

use std::ffi::CStr;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr;

use bitflags::bitflags;

use crate::error::{Error, Named, shown};
use crate::result::check;

bitflags! {
    /// Attributes of a mount (`linux/mount.h`, `MOUNT_ATTR_*`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
    pub struct MountAttributes: u64 {
        /// Nothing can be written through this mount.
        const RDONLY = 0x01;
        /// Set-user-id bits and file capabilities have no effect.
        const NOSUID = 0x02;
        /// Device nodes cannot be opened.
        const NODEV = 0x04;
        /// Programs cannot be executed.
        const NOEXEC = 0x08;
        /// Access times are not kept.
        const NOATIME = 0x10;
        /// Access times are always kept.
        const STRICTATIME = 0x20;
        /// Access times of directories are not kept.
        const NODIRATIME = 0x80;
        /// Ids are mapped by a user namespace.
        const IDMAP = 0x0010_0000;
        /// Symbolic links are not followed.
        const NOSYMFOLLOW = 0x0020_0000;
        /// The three ways to keep access times exclude each other: clear these before one is set (`MOUNT_ATTR__ATIME`).
        const ATIME_MASK = 0x70;
    }
}

/// How mount events pass between a mount and its copies (`mount_namespaces(7)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagation {
    /// Neither gives nor takes.
    Private,
    /// Takes events of its master, gives none.
    Slave,
    /// Gives and takes.
    Shared,
    /// Private, and cannot be bound elsewhere.
    Unbindable,
}

impl Propagation {
    /// The word that `mount --make-…` takes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Slave => "slave",
            Self::Shared => "shared",
            Self::Unbindable => "unbindable",
        }
    }

    const fn flag(self) -> u64 {
        match self {
            Self::Unbindable => libc::MS_UNBINDABLE,
            Self::Private => libc::MS_PRIVATE,
            Self::Slave => libc::MS_SLAVE,
            Self::Shared => libc::MS_SHARED,
        }
    }
}

/// What [`set_attributes`] changes.
#[derive(Debug, Clone, Copy, Default)]
pub struct MountChange<'fd> {
    /// Attributes to set.
    pub set: MountAttributes,
    /// Attributes to clear first.
    pub clear: MountAttributes,
    /// The propagation to give.
    pub propagation: Option<Propagation>,
    /// The user namespace whose map applies, with [`MountAttributes::IDMAP`] in `set`.
    pub user_namespace: Option<BorrowedFd<'fd>>,
    /// All mounts below as well.
    pub recursive: bool,
}

/// Changes the mount that `mount` refers to, or the mount at `path` relative to it.
///
/// # Errors
/// `EINVAL` when the path is no mount point or an id map is not possible there, `EPERM` for a locked attribute, `ENOSYS` before
/// Linux 5.12.
pub fn set_attributes(mount: impl AsFd, path: &CStr, change: &MountChange<'_>) -> Result<(), Error> {
    let mount = mount.as_fd();
    let attributes = libc::mount_attr {
        attr_set: change.set.bits(),
        attr_clr: change.clear.bits(),
        propagation: change.propagation.map_or(0, Propagation::flag),
        userns_fd: change.user_namespace.map_or(0, |fd| u64::from(fd.as_raw_fd().cast_unsigned())),
    };
    let flags = if path.is_empty() { libc::AT_EMPTY_PATH } else { libc::AT_SYMLINK_NOFOLLOW }
        | if change.recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the structure is initialised, its size is passed, and it and the path outlive the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            path.as_ptr(),
            flags,
            ptr::from_ref(&attributes),
            size_of::<libc::mount_attr>(),
        )
    };
    check(result).named(|| {
        let MountChange { set, clear, propagation, recursive, .. } = change;
        let tree = if *recursive { "AT_RECURSIVE, " } else { "" };
        let propagation = propagation.map_or("unchanged", Propagation::word);
        format!(
            "mount_setattr({}, {path:?}, {tree}set {set:?}, clear {clear:?}, propagation {propagation})",
            shown(mount)
        )
    })
}
