//! The root: attached, entered, closed to writing.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;

use linux::mount::{MountAttributes, Propagation};
use linux::{Error, Named as _, shown};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MoveMountFlags, UnmountFlags, move_mount, unmount};

use super::attach::{attach_at, copy_of};
use super::change::MountCalls;
use super::context::FilesystemContext;
use super::mount_table::point_of;
use super::options::MountOptions;

/// Makes the mount on which a path stands private.
pub(super) fn make_parent_private(calls: MountCalls, path: &Path) -> Result<(), Error> {
    calls.set_propagation(&point_of(path)?.to_string_lossy(), Propagation::Private, false)
}

/// Binds the root onto itself.
pub(super) fn attach_root(context: &mut FilesystemContext, path: &Path) -> Result<(), Error> {
    let mount = copy_of(CWD, path, true)?;
    attach_at(mount.as_fd(), path)?;
    context.root = Some(mount);
    Ok(())
}

/// Attaches a mount over `/`: the one place that every process can reach. What is looked for from `/` still begins below it, so that
/// only the mount's descriptor leads there.
pub(super) fn attach_over_root(mount: BorrowedFd<'_>) -> Result<(), Error> {
    attach_at(mount, Path::new("/"))
}

/// Opens the root where it is.
pub(super) fn open_root(context: &mut FilesystemContext, path: &Path) -> Result<(), Error> {
    let root = rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .named(|| format!("open({path:?}, O_PATH)"))?;
    context.root = Some(root);
    Ok(())
}

/// Makes the root read-only, but not what is mounted in it.
pub(super) fn make_read_only(root: BorrowedFd<'_>, calls: MountCalls) -> Result<(), Error> {
    calls.change(root, &MountOptions { set: MountAttributes::RDONLY, ..MountOptions::default() })
}

/// Makes the root the root of the mount namespace.
///
/// `pivot_root(".", ".")` puts the old root over the new one at the same place (`pivot_root(2)`, NOTES): no directory is needed for
/// it, and detaching it uncovers the new root.
pub(super) fn pivot(root: BorrowedFd<'_>, calls: MountCalls) -> Result<(), Error> {
    let old = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .named(|| "open(\"/\", O_PATH)".to_owned())?;
    let enter = |fd: BorrowedFd<'_>| rustix::process::fchdir(fd).named(|| format!("fchdir({})", shown(fd)));
    enter(root)?;
    rustix::process::pivot_root(".", ".").named(|| format!("pivot_root({}, \".\")", shown(root)))?;
    enter(old.as_fd())?;
    // A detach of mounts that are shared would reach the host: as slaves they only listen.
    calls.set_propagation(".", Propagation::Slave, true)?;
    // The name leads to what is mounted on top of it, as the layers of overlays are: each goes, and the old root last. Then there
    // is nothing left to unmount, which the kernel tells by EINVAL.
    let detach = || unmount(".", UnmountFlags::DETACH);
    detach().named(|| "umount2(old root, MNT_DETACH)".to_owned())?;
    loop {
        match detach() {
            Ok(()) => {}
            Err(Errno::INVAL) => break,
            Err(errno) => return Err(Error::new("umount2(old root, MNT_DETACH)", errno)),
        }
    }
    rustix::process::chdir("/").named(|| "chdir(\"/\")".to_owned())
}

/// Moves the root over `/` and changes the process's root to it.
pub(super) fn move_root(root: BorrowedFd<'_>) -> Result<(), Error> {
    rustix::process::fchdir(root).named(|| format!("fchdir({})", shown(root)))?;
    move_mount(root, "", CWD, "/", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        .named(|| format!("move_mount({}, \"/\")", shown(root)))?;
    change_root(Path::new("."))
}

/// Changes the process's root.
pub(super) fn change_root(path: &Path) -> Result<(), Error> {
    rustix::process::chroot(path).named(|| format!("chroot({path:?})"))?;
    rustix::process::chdir("/").named(|| "chdir(\"/\")".to_owned())
}
