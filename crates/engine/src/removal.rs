//! Removing a container's files, and never anything else.
//!
//! The tree was written by a container: it may be of any depth and shape. No link is followed and no mount is entered
//! (`openat2(2)`, `RESOLVE_NO_XDEV`), so that what should not be there is reported and not emptied. What lies too deep is first
//! moved up, so that neither the stack nor the number of open files grows with the depth.

use std::ffi::CStr;
use std::fmt::Debug;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use linux::{Error, Named as _, shown};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::path::Arg;

/// How many directories are open at once.
const DEEPEST: u32 = 64;

/// Removes a tree; what is gone already is no failure.
///
/// # Errors
/// What the kernel refused; `EXDEV` for a mount that stands in it.
pub(crate) fn remove_tree(path: &Path) -> Result<(), Error> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(Error::new(format!("unlinkat({path:?}, AT_REMOVEDIR)"), Errno::INVAL));
    };
    let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
    let parent = match rustix::fs::open(parent, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        opened => opened.named(|| format!("open({parent:?}, O_PATH)"))?,
    };
    match open_directory(parent.as_fd(), name) {
        Err(error) if error.errno() == Errno::NOENT => Ok(()),
        top => Removal { top: top?, moved: 0, last_name: 0 }.run(parent.as_fd(), name),
    }
}

/// The removal of one tree.
struct Removal {
    /// Its top, to which deep directories are moved.
    top: OwnedFd,
    /// How many have been.
    moved: u64,
    /// The number in the name of the last.
    last_name: u64,
}

impl Removal {
    fn run(&mut self, parent: BorrowedFd<'_>, name: &str) -> Result<(), Error> {
        let top = rustix::io::fcntl_dupfd_cloexec(&self.top, 0).named(|| "fcntl(F_DUPFD_CLOEXEC)".to_owned())?;
        // What was moved up while the top was read is found by reading it again.
        loop {
            let before = self.moved;
            let emptied = self.empty(top.as_fd(), 0);
            if self.moved == before {
                return emptied.and_then(|()| unlink_directory(parent, name));
            }
        }
    }

    /// Removes all that a directory holds; goes on past what cannot be removed, and tells of the first.
    fn empty(&mut self, directory: BorrowedFd<'_>, depth: u32) -> Result<(), Error> {
        let call = || format!("getdents({})", shown(directory));
        let mut entries = Dir::read_from(directory).named(call)?;
        let mut result = Ok(());
        while let Some(entry) = entries.read().transpose().named(call)? {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let refused = |errno| Error::new(format!("unlinkat({}, {name:?})", shown(directory)), errno);
            let removed = match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                // POSIX has the second for a directory, and Linux the first; a file has it when it may not be changed.
                Err(errno @ (Errno::ISDIR | Errno::PERM)) => match self.remove_directory(directory, name, depth) {
                    Err(error) if error.errno() == Errno::NOTDIR => Err(refused(errno)),
                    other => other,
                },
                Err(errno) => Err(refused(errno)),
            };
            result = result.and(removed);
        }
        result
    }

    fn remove_directory(&mut self, parent: BorrowedFd<'_>, name: &CStr, depth: u32) -> Result<(), Error> {
        if depth == DEEPEST {
            loop {
                self.last_name += 1;
                match rustix::fs::renameat(parent, name, &self.top, format!(".deep-{}", self.last_name)) {
                    Ok(()) => {
                        self.moved += 1;
                        return Ok(());
                    }
                    // From a removal that was killed; it is emptied in its turn.
                    Err(Errno::EXIST | Errno::NOTEMPTY) => {}
                    Err(errno) => {
                        let call = format!("renameat({}, {name:?}, {})", shown(parent), shown(&self.top));
                        return Err(Error::new(call, errno));
                    }
                }
            }
        }
        let directory = open_directory(parent, name)?;
        self.empty(directory.as_fd(), depth + 1)?;
        unlink_directory(parent, name)
    }
}

fn unlink_directory<P: Arg + Copy + Debug>(parent: BorrowedFd<'_>, name: P) -> Result<(), Error> {
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
        .named(|| format!("unlinkat({}, {name:?}, AT_REMOVEDIR)", shown(parent)))
}

/// Opens a directory that is neither a link nor a mount; one that is closed to its owner is opened to him, as overlay keeps such.
fn open_directory<P: Arg + Copy + Debug>(parent: BorrowedFd<'_>, name: P) -> Result<OwnedFd, Error> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = |more| {
        rustix::fs::openat2(parent, name, flags | more, Mode::empty(), resolve)
            .named(|| format!("openat2({}, {name:?}, O_DIRECTORY, RESOLVE_BENEATH|RESOLVE_NO_XDEV)", shown(parent)))
    };
    match open(OFlags::RDONLY) {
        Err(error) if error.errno() == Errno::ACCESS => {
            let place = open(OFlags::PATH)?;
            rustix::fs::chmod(format!("/proc/self/fd/{}", place.as_raw_fd()), Mode::RWXU)
                .named(|| format!("chmod({}, 0700)", shown(&place)))?;
            open(OFlags::RDONLY)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("holm-removal-{name}-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        path
    }

    #[test]
    fn trees_of_any_shape_go() {
        let path = place("shape");
        std::fs::create_dir_all(path.join("a/closed")).unwrap();
        std::fs::write(path.join("a/closed/file"), "").unwrap();
        rustix::fs::chmod(path.join("a/closed"), Mode::empty()).unwrap();
        std::os::unix::fs::symlink("/", path.join("link")).unwrap();
        // Deeper than a path can be long, and than there may be open files.
        let mut directory = rustix::fs::open(&path, OFlags::DIRECTORY, Mode::empty()).unwrap();
        for _ in 0..3000 {
            rustix::fs::mkdirat(&directory, "deep", Mode::RWXU).unwrap();
            directory = rustix::fs::openat(&directory, "deep", OFlags::DIRECTORY, Mode::empty()).unwrap();
        }
        drop(directory);
        remove_tree(&path).unwrap();
        assert!(!path.exists() && Path::new("/usr").exists());
        remove_tree(&path).unwrap();
    }

    #[test]
    fn a_mount_is_not_entered() {
        if !rustix::process::geteuid().is_root() {
            return test_support::skip("only root can mount");
        }
        let (path, kept) = (place("mount"), place("kept"));
        std::fs::write(kept.join("file"), "").unwrap();
        std::fs::create_dir(path.join("inside")).unwrap();
        // In a mount namespace of a process that ends with this test: seen through its root.
        let script = format!("mount --bind {} {}/inside && echo && exec cat", kept.display(), path.display());
        let mut child = std::process::Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", &script])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0]).unwrap();
        let root = format!("/proc/{}/root", child.id());
        let seen = Path::new(&root).join(path.strip_prefix("/").unwrap());
        assert!(seen.join("inside/file").exists());
        assert_eq!(remove_tree(&seen).unwrap_err().errno(), Errno::XDEV);
        assert!(seen.join("inside/file").exists());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(kept.join("file").exists());
        remove_tree(&path).unwrap();
        remove_tree(&kept).unwrap();
    }
}
