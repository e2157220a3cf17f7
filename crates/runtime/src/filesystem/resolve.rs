//! Finding a place beneath the container's root, and nowhere else.
//!
//! `openat2(2)` with `RESOLVE_IN_ROOT` treats the root's descriptor as `/`: `..` and links cannot lead out, and magic links of
//! `/proc` are not followed at all.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use linux::{Error, shown};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// What a place must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A directory.
    Directory,
    /// A directory that no link stands for.
    RealDirectory,
    /// Anything but a directory.
    File,
}

/// Opens a path beneath the root (`O_PATH`).
pub(super) fn open_in(root: BorrowedFd<'_>, path: &str, more: ResolveFlags) -> Result<OwnedFd, Error> {
    open_errno(root, path, more).map_err(|errno| {
        Error::new(format!("openat2({}, {path:?}, O_PATH, RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS)", shown(root)), errno)
    })
}

/// The same where something is there; that nothing is costs no more than the call.
pub(super) fn open_if_there(root: BorrowedFd<'_>, path: &str) -> Result<Option<OwnedFd>, Error> {
    match open_errno(root, path, ResolveFlags::empty()) {
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Ok(target) => Ok(Some(target)),
        // Again, for the words.
        Err(_) => open_in(root, path, ResolveFlags::empty()).map(Some),
    }
}

fn open_errno(root: BorrowedFd<'_>, path: &str, more: ResolveFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | more;
    loop {
        match rustix::fs::openat2(root, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve) {
            // Something on the way was renamed meanwhile: the kernel could not tell whether it stayed inside.
            Err(Errno::AGAIN) => {}
            other => return other,
        }
    }
}

/// Opens a path beneath the root; makes it, with its parents, where it does not exist. A link that leads to nothing is followed: what
/// it names is made.
pub(super) fn open_or_make(root: BorrowedFd<'_>, path: &str, place: Place) -> Result<OwnedFd, Error> {
    /// As many as the kernel follows (`path_resolution(7)`).
    const LINKS: u32 = 40;
    make_over_links(root, path, place, LINKS)
}

fn make_over_links(root: BorrowedFd<'_>, path: &str, place: Place, more: u32) -> Result<OwnedFd, Error> {
    let links = if place == Place::RealDirectory { ResolveFlags::NO_SYMLINKS } else { ResolveFlags::empty() };
    match open_errno(root, path, links) {
        Err(Errno::NOENT) => {}
        Err(Errno::LOOP) if place == Place::RealDirectory => {
            return Err(Error::new(
                format!("{path} leads over a symbolic link, which is not followed here"),
                Errno::LOOP,
            ));
        }
        other => return other.map_err(|errno| Error::new(format!("openat2({}, {path:?})", shown(root)), errno)),
    }
    let trimmed = path.trim_end_matches('/');
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    if name.is_empty() || name == "." || name == ".." {
        return Err(Error::new(format!("openat2({}, {path:?})", shown(root)), Errno::NOENT));
    }
    let made;
    let parent = if parent.is_empty() {
        root
    } else {
        made = make_over_links(root, parent, Place::Directory, more)?;
        made.as_fd()
    };
    let (call, result) = if place == Place::File {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        ("openat", rustix::fs::openat(parent, name, flags, Mode::from_raw_mode(0o644)).map(drop))
    } else {
        ("mkdirat", rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755)))
    };
    match result {
        Ok(()) => {}
        Err(Errno::EXIST) => {
            // Made by somebody else meanwhile, or a link that leads to nothing.
            let target = rustix::fs::readlinkat(parent, name, Vec::new()).ok();
            if let Some(target) = target.as_ref().and_then(|target| target.to_str().ok()).filter(|_| more > 0) {
                let above = trimmed.strip_suffix(name).unwrap_or_default();
                let target = if target.starts_with('/') { target.to_owned() } else { format!("{above}{target}") };
                return make_over_links(root, &target, place, more - 1);
            }
        }
        Err(errno) => return Err(Error::new(format!("{call}({}, {name:?})", shown(parent)), errno)),
    }
    open_in(root, path, links)
}

/// Opens the parent directory of a path beneath the root, making what is missing; gives the last name too.
pub(super) fn open_parent<'path>(root: BorrowedFd<'_>, path: &'path str) -> Result<(OwnedFd, &'path str), Error> {
    let trimmed = path.trim_end_matches('/');
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    if name.is_empty() || name == "." || name == ".." {
        return Err(Error::new(format!("{path:?} names no file"), Errno::INVAL));
    }
    let parent = if parent.is_empty() { "/" } else { parent };
    Ok((open_or_make(root, parent, Place::Directory)?, name))
}
