//! The content of a directory carried over into a tmpfs that covers it.

use std::os::fd::{AsFd as _, BorrowedFd};

use linux::{Error, Named as _, shown};
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid};

/// Copies what stands in a directory into a tmpfs that is about to cover it (`tmpcopyup`).
pub(super) fn copy_up(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> Result<(), Error> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::openat(from, ".", flags, Mode::empty()).named(|| format!("open({})", shown(from)))?;
    let entries = rustix::fs::Dir::read_from(&directory).named(|| format!("getdents({})", shown(&directory)))?;
    for entry in entries {
        let entry = entry.named(|| format!("getdents({})", shown(&directory)))?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let status = rustix::fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW)
            .named(|| format!("fstatat({}, {name:?})", shown(&directory)))?;
        let mode = Mode::from_raw_mode(status.st_mode);
        let call = || format!("copy {name:?} of {} into the tmpfs", shown(&directory));
        match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => {
                rustix::fs::mkdirat(to, name, mode).named(call)?;
                let open =
                    |parent: BorrowedFd<'_>| rustix::fs::openat(parent, name, flags | OFlags::NOFOLLOW, Mode::empty());
                copy_up(open(directory.as_fd()).named(call)?.as_fd(), open(to).named(call)?.as_fd())?;
            }
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(&directory, name, Vec::new()).named(call)?;
                rustix::fs::symlinkat(target, to, name).named(call)?;
            }
            FileType::RegularFile => {
                let source = rustix::fs::openat(
                    &directory,
                    name,
                    OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW,
                    Mode::empty(),
                );
                let create = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let copy = rustix::fs::openat(to, name, create, mode).named(call)?;
                let mut source = std::fs::File::from(source.named(call)?);
                std::io::copy(&mut source, &mut std::fs::File::from(copy)).named(call)?;
            }
            kind => rustix::fs::mknodat(to, name, kind, mode, status.st_rdev).named(call)?,
        }
        let (user, group) = (Some(Uid::from_raw(status.st_uid)), Some(Gid::from_raw(status.st_gid)));
        rustix::fs::chownat(to, name, user, group, AtFlags::SYMLINK_NOFOLLOW).named(call)?;
    }
    Ok(())
}
