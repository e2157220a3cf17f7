//! Files that the runtime puts into the root: device nodes, links, covers.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use linux::mount::MountAttributes;
use linux::{Error, Named as _, shown};
use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, Uid};
use rustix::io::Errno;

use super::attach::{attach, copy_of, new_mount, open_host, refuse_in_proc};
use super::change::MountCalls;
use super::context::FilesystemContext;
use super::options::MountOptions;
use super::resolve::{Place, open_if_there, open_or_make, open_parent};

/// Makes a device node; one that is there already must be the same.
pub(super) fn make_device(
    root: BorrowedFd<'_>,
    path: &str,
    kind: char,
    (major, minor): (u32, u32),
    mode: u32,
    (user, group): (u32, u32),
) -> Result<(), Error> {
    let (parent, name) = open_parent(root, path)?;
    let file_type = match kind {
        'b' => FileType::BlockDevice,
        'p' => FileType::Fifo,
        _ => FileType::CharacterDevice,
    };
    let device = rustix::fs::makedev(major, minor);
    let call = || format!("mknodat({}, {name:?}, {kind} {major}:{minor})", shown(&parent));
    match rustix::fs::mknodat(&parent, name, file_type, Mode::from_raw_mode(mode), device) {
        Ok(()) => {}
        Err(Errno::EXIST) => {
            let status = rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW).named(call)?;
            let same =
                FileType::from_raw_mode(status.st_mode) == file_type && (kind == 'p' || status.st_rdev == device);
            return if same { Ok(()) } else { Err(Error::new(call(), Errno::EXIST)) };
        }
        Err(errno) => return Err(Error::new(call(), errno)),
    }
    if (user, group) != (0, 0) {
        let (user_id, group_id) = (Some(Uid::from_raw(user)), Some(Gid::from_raw(group)));
        rustix::fs::chownat(&parent, name, user_id, group_id, AtFlags::SYMLINK_NOFOLLOW)
            .named(|| format!("fchownat({}, {name:?}, {user}, {group})", shown(&parent)))?;
    }
    Ok(())
}

/// Binds the host's node of the same path.
pub(super) fn bind_device(root: BorrowedFd<'_>, path: &str) -> Result<(), Error> {
    let node = copy_of(CWD, Path::new(path), false)?;
    let target = open_or_make(root, path, Place::File)?;
    attach(node.as_fd(), target.as_fd())
}

/// Binds what a descriptor refers to over a file of the container's.
pub(crate) fn bind_onto(root: BorrowedFd<'_>, source: BorrowedFd<'_>, destination: &str) -> Result<(), Error> {
    let mount = copy_of(source, Path::new(""), false)?;
    let target = open_or_make(root, destination, Place::File)?;
    // A link of the image's at that place may lead into /proc (CVE-2025-52565).
    refuse_in_proc(target.as_fd(), destination)?;
    attach(mount.as_fd(), target.as_fd())
}

/// Makes a symbolic link; what is there already stays, but for an old `/dev/ptmx`, which would lead to the host's terminals.
pub(super) fn symlink(root: BorrowedFd<'_>, path: &str, target: &str) -> Result<(), Error> {
    let (parent, name) = open_parent(root, path)?;
    let call = || format!("symlinkat({target:?}, {}, {name:?})", shown(&parent));
    match rustix::fs::symlinkat(target, &parent, name) {
        Err(Errno::EXIST) if path == "/dev/ptmx" => {
            rustix::fs::unlinkat(&parent, name, AtFlags::empty())
                .named(|| format!("unlinkat({}, {name:?})", shown(&parent)))?;
            rustix::fs::symlinkat(target, &parent, name).named(call)
        }
        Err(Errno::EXIST) => Ok(()),
        other => other.named(call),
    }
}

/// Binds a path onto itself, read-only; one that does not exist needs no protection.
pub(super) fn make_read_only(root: BorrowedFd<'_>, calls: MountCalls, path: &str) -> Result<(), Error> {
    let Some(target) = open_if_there(root, path)? else { return Ok(()) };
    let mount = copy_of(target.as_fd(), Path::new(""), true)?;
    let options = MountOptions { recursive_set: MountAttributes::RDONLY, ..MountOptions::default() };
    calls.before_attaching(mount.as_fd(), &options)?;
    attach(mount.as_fd(), target.as_fd())?;
    calls.after_attaching(mount.as_fd(), &options)
}

/// Covers a file with `/dev/null` and a directory with an empty one; what does not exist needs no cover.
pub(super) fn mask(context: &mut FilesystemContext, path: &str) -> Result<(), Error> {
    let Some(target) = open_if_there(context.root()?, path)? else { return Ok(()) };
    let status = rustix::fs::fstat(&target).named(|| format!("fstat({})", shown(&target)))?;
    if FileType::from_raw_mode(status.st_mode) != FileType::Directory {
        let null = host_null()?;
        let mount = copy_of(null.as_fd(), Path::new(""), false)?;
        return attach(mount.as_fd(), target.as_fd());
    }
    // One empty directory serves all: it is mounted once, and copied for each further path.
    let mount = match &context.empty_directory {
        Some(mounted) => copy_of(mounted.as_fd(), Path::new(""), false)?,
        None => {
            let data = ["size=0k".to_owned(), "nr_inodes=1".to_owned(), "mode=755".to_owned()];
            new_mount("tmpfs", "tmpfs", &data, MountAttributes::RDONLY)?
        }
    };
    attach(mount.as_fd(), target.as_fd())?;
    context.empty_directory.get_or_insert(mount);
    Ok(())
}

/// The host's `/dev/null`, verified on the descriptor: an image's file of that name must not be bound over what it should hide.
fn host_null() -> Result<OwnedFd, Error> {
    let null = open_host("/dev/null")?;
    let status = rustix::fs::fstat(&null).named(|| format!("fstat({})", shown(&null)))?;
    let is_null = FileType::from_raw_mode(status.st_mode) == FileType::CharacterDevice
        && status.st_rdev == rustix::fs::makedev(1, 3);
    if is_null { Ok(null) } else { Err(Error::new("/dev/null is not the character device 1:3", Errno::NODEV)) }
}
