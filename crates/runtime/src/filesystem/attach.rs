//! Mounts: made detached, attached where they belong.

use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use linux::mount::MountAttributes;
use linux::{Error, Named as _, shown};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_flag,
    fsconfig_set_string, fsmount, fsopen, mount as mount_classic, move_mount, open_tree,
};

use super::change::MountCalls;
use super::change_by_remount::flags_of;
use super::copy_up::copy_up;
use super::options::{Bind, MountOptions};
use super::resolve::{Place, open_in, open_or_make};

/// Attaches a detached mount over what a descriptor refers to.
pub(super) fn attach(mount: BorrowedFd<'_>, target: BorrowedFd<'_>) -> Result<(), Error> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, "", target, "", flags).named(|| format!("move_mount({}, {})", shown(mount), shown(target)))
}

/// Attaches a detached mount at a path of this mount namespace.
pub(super) fn attach_at(mount: BorrowedFd<'_>, path: &Path) -> Result<(), Error> {
    // A root may be given as a link, which the call by itself does not follow.
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_SYMLINKS;
    move_mount(mount, "", CWD, path, flags).named(|| format!("move_mount({}, {path:?})", shown(mount)))
}

/// A detached copy of a mount.
pub(super) fn copy_of(directory: BorrowedFd<'_>, path: &Path, recursive: bool) -> Result<OwnedFd, Error> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    if path.as_os_str().is_empty() {
        flags |= OpenTreeFlags::AT_EMPTY_PATH;
    }
    open_tree(directory, path, flags).named(|| {
        let place = if path.as_os_str().is_empty() { shown(directory) } else { format!("{path:?}") };
        format!("open_tree({place}, OPEN_TREE_CLONE{})", if recursive { "|AT_RECURSIVE" } else { "" })
    })
}

/// A new file system, mounted but attached nowhere.
pub(super) fn new_mount(
    kind: &str,
    source: &str,
    data: &[String],
    attributes: MountAttributes,
) -> Result<OwnedFd, Error> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC).named(|| format!("fsopen({kind:?})"))?;
    if !source.is_empty() {
        fsconfig_set_string(context.as_fd(), "source", source)
            .named(|| format!("fsconfig({kind}, FSCONFIG_SET_STRING, \"source\", {source:?})"))?;
    }
    for option in data {
        match option.split_once('=') {
            Some((key, value)) => fsconfig_set_string(context.as_fd(), key, value)
                .named(|| format!("fsconfig({kind}, FSCONFIG_SET_STRING, {key:?}, {value:?})"))?,
            None => fsconfig_set_flag(context.as_fd(), option.as_str())
                .named(|| format!("fsconfig({kind}, FSCONFIG_SET_FLAG, {option:?})"))?,
        }
    }
    fsconfig_create(context.as_fd()).named(|| format!("fsconfig({kind}, FSCONFIG_CMD_CREATE)"))?;
    // The bits that fsmount takes are the low ones of mount_setattr's.
    let attributes = MountAttrFlags::from_bits_retain(u32::try_from(attributes.bits()).unwrap_or_default());
    fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)
        .named(|| format!("fsmount({kind}, {attributes:?})"))
}

/// Mounts a file system in the container.
pub(super) fn mount(
    root: BorrowedFd<'_>,
    calls: MountCalls,
    kind: &str,
    source: &str,
    destination: &str,
    options: &MountOptions,
) -> Result<(), Error> {
    // A link in the image must not decide where the kernel's own files appear.
    let place = if matches!(kind, "proc" | "sysfs") { Place::RealDirectory } else { Place::Directory };
    let target = open_or_make(root, destination, place)?;
    if !matches!(kind, "proc" | "sysfs") {
        refuse_in_proc(target.as_fd(), destination)?;
    }
    // A new mount is made with its attributes: there is nothing to clear.
    let rest =
        |made_with| MountOptions { set: options.set - made_with, clear: MountAttributes::empty(), ..options.clone() };
    // fsconfig(2) takes at most 255 bytes; the old call takes a page.
    if options.data.iter().any(|option| option.len() > 255) {
        mount_by_path(target.as_fd(), kind, source, options)?;
        let mounted = open_in(root, destination, rustix::fs::ResolveFlags::empty())?;
        return calls.change(mounted.as_fd(), &rest(MountAttributes::all()));
    }
    let mount = new_mount(kind, source, &options.data, options.set & calls.at_making())?;
    if options.copy_up && kind == "tmpfs" {
        copy_up(target.as_fd(), mount.as_fd())?;
    }
    let rest = rest(calls.at_making());
    calls.before_attaching(mount.as_fd(), &rest)?;
    attach(mount.as_fd(), target.as_fd())?;
    calls.after_attaching(mount.as_fd(), &rest)
}

fn mount_by_path(target: BorrowedFd<'_>, kind: &str, source: &str, options: &MountOptions) -> Result<(), Error> {
    let path = format!("/proc/self/fd/{}", target.as_raw_fd());
    let call = || format!("mount({source:?}, {}, {kind:?})", shown(target));
    let data = std::ffi::CString::new(options.data.join(",")).map_err(|_| Error::new(call(), Errno::INVAL))?;
    mount_classic(source, &*path, kind, flags_of(options.set), data.as_c_str()).named(call)
}

/// Binds a file or directory of the host's.
pub(super) fn bind(
    root: BorrowedFd<'_>,
    calls: MountCalls,
    source: &Path,
    destination: &str,
    directory: bool,
    options: &MountOptions,
) -> Result<(), Error> {
    let mount = copy_of(CWD, source, options.bind == Bind::Recursive)?;
    attach_bind(root, calls, mount.as_fd(), destination, directory, options)
}

/// Attaches the copy of a file or directory of the host's.
pub(super) fn attach_bind(
    root: BorrowedFd<'_>,
    calls: MountCalls,
    mount: BorrowedFd<'_>,
    destination: &str,
    directory: bool,
    options: &MountOptions,
) -> Result<(), Error> {
    calls.before_attaching(mount, options)?;
    let target = open_or_make(root, destination, if directory { Place::Directory } else { Place::File })?;
    refuse_in_proc(target.as_fd(), destination)?;
    attach(mount, target.as_fd())?;
    calls.after_attaching(mount, options)
}

/// Changes the attributes of the mount that is at a place.
pub(super) fn remount(
    root: BorrowedFd<'_>,
    calls: MountCalls,
    destination: &str,
    options: &MountOptions,
) -> Result<(), Error> {
    let target = open_in(root, destination, rustix::fs::ResolveFlags::empty())?;
    calls.change(target.as_fd(), options)
}

/// The files of `/proc` that may be covered: those that tell about the machine, and steer nothing (runc's list).
const COVERABLE: [&str; 11] = [
    "/proc/cpuinfo",
    "/proc/diskstats",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/net/dev",
    "/proc/slabinfo",
    "/proc/stat",
    "/proc/swaps",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/uptime",
    "/proc/version",
];

/// A mount over a file of `/proc` could stand in for what the runtime itself reads or writes there (CVE-2019-16884).
pub(super) fn refuse_in_proc(target: BorrowedFd<'_>, destination: &str) -> Result<(), Error> {
    let status = rustix::fs::fstatfs(target).named(|| format!("fstatfs({})", shown(target)))?;
    let on_proc = status.f_type == rustix::fs::PROC_SUPER_MAGIC;
    if !on_proc || COVERABLE.contains(&destination.trim_end_matches('/')) {
        return Ok(());
    }
    Err(Error::new(format!("{destination} lies in /proc, where only a few files may be covered"), Errno::PERM))
}

/// Opens a path of the host's without following a last link.
pub(super) fn open_host(path: &str) -> Result<OwnedFd, Error> {
    rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
        .named(|| format!("open({path:?}, O_PATH)"))
}
