//! The root: attached, entered, closed to writing.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

use linux::mount::{MountAttributes, MountChange, Propagation, set_attributes};
use linux::{Error, Named as _, shown};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MoveMountFlags, UnmountFlags, move_mount, unmount};

use super::attach::{attach_at, copy_of};
use super::context::FilesystemContext;

/// Gives the mount at a path a propagation.
pub(super) fn set_propagation(path: &str, propagation: Propagation, recursive: bool) -> Result<(), Error> {
    let change = MountChange { propagation: Some(propagation), recursive, ..MountChange::default() };
    let path = std::ffi::CString::new(path).unwrap_or_default();
    set_attributes(CWD, &path, &change)
}

/// Makes the mount on which a path stands private.
pub(super) fn make_parent_private(path: &Path) -> Result<(), Error> {
    let text = std::fs::read_to_string("/proc/self/mountinfo").named(|| "read(\"/proc/self/mountinfo\")".to_owned())?;
    let points =
        text.lines().filter_map(|line| line.split(' ').nth(4)).map(|point| PathBuf::from(point.replace("\\040", " ")));
    let parent = points.filter(|point| path.starts_with(point)).max_by_key(|point| point.components().count());
    let parent = parent.unwrap_or_else(|| PathBuf::from("/"));
    set_propagation(&parent.to_string_lossy(), Propagation::Private, false)
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
pub(super) fn make_read_only(root: BorrowedFd<'_>) -> Result<(), Error> {
    set_attributes(root, c"", &MountChange { set: MountAttributes::RDONLY, ..MountChange::default() })
}

/// Makes the root the root of the mount namespace.
///
/// `pivot_root(".", ".")` puts the old root over the new one at the same place (`pivot_root(2)`, NOTES): no directory is needed for
/// it, and detaching it uncovers the new root.
pub(super) fn pivot(root: BorrowedFd<'_>) -> Result<(), Error> {
    let old = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .named(|| "open(\"/\", O_PATH)".to_owned())?;
    let enter = |fd: BorrowedFd<'_>| rustix::process::fchdir(fd).named(|| format!("fchdir({})", shown(fd)));
    enter(root)?;
    rustix::process::pivot_root(".", ".").named(|| format!("pivot_root({}, \".\")", shown(root)))?;
    enter(old.as_fd())?;
    // A detach of mounts that are shared would reach the host: as slaves they only listen.
    set_propagation(".", Propagation::Slave, true)?;
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
