//! Mounts changed by `mount(2)`, for kernels before 5.12.
//!
//! A remount gives a mount all its flags at once, so that those which are to stay are read first (`statfs(2)`). The call knows no
//! descriptors: `/proc/self/fd` names what one refers to, and `/proc` is the host's until the root is entered.

use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};

use linux::mount::{MountAttributes, Propagation};
use linux::{Error, Named as _, shown};
use rustix::fs::StatVfsMountFlags;
use rustix::mount::{MountFlags, MountPropagationFlags, mount_change, mount_remount};

use super::mount_table::open_below;
use super::options::MountOptions;

/// Each attribute of a mount, as `mount(2)` takes it and as `statfs(2)` gives it; all but the way to keep access times.
const FLAGS: [(MountAttributes, MountFlags, StatVfsMountFlags); 6] = [
    (MountAttributes::RDONLY, MountFlags::RDONLY, StatVfsMountFlags::RDONLY),
    (MountAttributes::NOSUID, MountFlags::NOSUID, StatVfsMountFlags::NOSUID),
    (MountAttributes::NODEV, MountFlags::NODEV, StatVfsMountFlags::NODEV),
    (MountAttributes::NOEXEC, MountFlags::NOEXEC, StatVfsMountFlags::NOEXEC),
    (MountAttributes::NODIRATIME, MountFlags::NODIRATIME, StatVfsMountFlags::NODIRATIME),
    (MountAttributes::NOSYMFOLLOW, MountFlags::NOSYMFOLLOW, ST_NOSYMFOLLOW),
];

/// `ST_NOSYMFOLLOW` of the kernel's `linux/statfs.h`.
const ST_NOSYMFOLLOW: StatVfsMountFlags = StatVfsMountFlags::from_bits_retain(0x2000);

/// Gives an attached mount its attributes, and those of whole trees to all mounts below it.
pub(super) fn attributes(mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
    change(mount, options.set, options.clear)?;
    let (set, clear) = (options.recursive_set, options.recursive_clear);
    if !(set | clear).is_empty() {
        change(mount, set, clear)?;
        for below in open_below(mount)? {
            change(below.as_fd(), set, clear)?;
        }
    }
    Ok(())
}

/// Gives an attached mount its propagation.
pub(super) fn propagation(mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
    options.propagation.iter().try_for_each(|(propagation, recursive)| {
        mount_change(path_of(mount), flags_of_propagation(*propagation, *recursive))
            .named(|| format!("mount({}, {})", shown(mount), call_of_propagation(*propagation, *recursive)))
    })
}

/// Gives the mount at a path a propagation.
pub(super) fn set_propagation(path: &str, propagation: Propagation, recursive: bool) -> Result<(), Error> {
    mount_change(path, flags_of_propagation(propagation, recursive))
        .named(|| format!("mount({path:?}, {})", call_of_propagation(propagation, recursive)))
}

/// The attributes of a new mount as `mount(2)` takes them.
pub(super) fn flags_of(attributes: MountAttributes) -> MountFlags {
    let access_time = if attributes.contains(MountAttributes::NOATIME) {
        MountFlags::NOATIME
    } else if attributes.contains(MountAttributes::STRICTATIME) {
        MountFlags::STRICTATIME
    } else {
        MountFlags::RELATIME
    };
    FLAGS
        .iter()
        .filter(|(attribute, ..)| attributes.contains(*attribute))
        .fold(access_time, |all, (_, flag, _)| all | *flag)
}

fn change(mount: BorrowedFd<'_>, set: MountAttributes, clear: MountAttributes) -> Result<(), Error> {
    if (set | clear).is_empty() {
        return Ok(());
    }
    let present = rustix::fs::fstatvfs(mount).named(|| format!("fstatfs({})", shown(mount)))?.f_flag;
    let attributes = changed(attributes_of(present), set, clear);
    mount_remount(path_of(mount), MountFlags::BIND | flags_of(attributes), c"")
        .named(|| format!("mount({}, MS_REMOUNT|MS_BIND, {attributes:?})", shown(mount)))
}

/// The attributes that a mount has.
fn attributes_of(flags: StatVfsMountFlags) -> MountAttributes {
    let access_time = if flags.contains(StatVfsMountFlags::NOATIME) {
        MountAttributes::NOATIME
    } else if flags.contains(StatVfsMountFlags::RELATIME) {
        MountAttributes::empty()
    } else {
        MountAttributes::STRICTATIME
    };
    FLAGS.iter().filter(|(.., flag)| flags.contains(*flag)).fold(access_time, |all, (attribute, ..)| all | *attribute)
}

/// What `mount_setattr(2)` would make of them: the ways to keep access times exclude each other.
fn changed(present: MountAttributes, set: MountAttributes, clear: MountAttributes) -> MountAttributes {
    let access_time = MountAttributes::NOATIME | MountAttributes::STRICTATIME;
    let clear = if (set | clear).intersects(access_time) { clear | access_time } else { clear };
    (present - clear) | set
}

/// What names the thing behind a descriptor to a call that takes paths.
fn path_of(mount: BorrowedFd<'_>) -> String {
    format!("/proc/self/fd/{}", mount.as_raw_fd())
}

fn flags_of_propagation(propagation: Propagation, recursive: bool) -> MountPropagationFlags {
    let flag = match propagation {
        Propagation::Private => MountPropagationFlags::PRIVATE,
        Propagation::Slave => MountPropagationFlags::DOWNSTREAM,
        Propagation::Shared => MountPropagationFlags::SHARED,
        Propagation::Unbindable => MountPropagationFlags::UNBINDABLE,
    };
    if recursive { flag | MountPropagationFlags::REC } else { flag }
}

fn call_of_propagation(propagation: Propagation, recursive: bool) -> String {
    format!("MS_{}{}", propagation.word().to_ascii_uppercase(), if recursive { "|MS_REC" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_stays() {
        use MountAttributes as A;
        use StatVfsMountFlags as S;
        let check = |present, set, clear, expected| {
            assert_eq!(changed(attributes_of(present), set, clear), expected, "{present:?} + {set:?} - {clear:?}");
        };
        let none = A::empty();
        check(S::NOSUID | S::NODEV | S::RELATIME, A::RDONLY, none, A::NOSUID | A::NODEV | A::RDONLY);
        check(S::NOSUID | S::RDONLY | S::RELATIME, none, A::RDONLY, A::NOSUID);
        check(S::NOATIME | ST_NOSYMFOLLOW, A::NOEXEC, none, A::NOATIME | A::NOSYMFOLLOW | A::NOEXEC);
        check(S::empty(), A::NOEXEC, none, A::STRICTATIME | A::NOEXEC);
        check(S::NOATIME, A::STRICTATIME, none, A::STRICTATIME);
        check(S::NOATIME | S::NODIRATIME, none, A::ATIME_MASK, A::NODIRATIME);
    }

    #[test]
    fn access_times_are_always_said() {
        use MountAttributes as A;
        assert_eq!(flags_of(A::empty()), MountFlags::RELATIME);
        assert_eq!(flags_of(A::RDONLY | A::STRICTATIME), MountFlags::RDONLY | MountFlags::STRICTATIME);
        assert_eq!(flags_of(A::NOATIME | A::NOSYMFOLLOW), MountFlags::NOATIME | MountFlags::NOSYMFOLLOW);
    }
}
