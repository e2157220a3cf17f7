//! Removing a container's files, and never anything else.
//!
//! The tree was written by a container: it may be of any depth and shape. No link is followed and no mount is entered
//! (`openat2(2)`, `RESOLVE_NO_XDEV`), so that what should not be there is reported and not emptied. What lies too deep is first
//! moved up, so that neither the stack nor the number of open files grows with the depth.

use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

use linux::namespace::Namespaces;
use linux::process::{Cloned, clone_process, end};
use namespaces::{IdMaps, MapWriter, UserNamespaceFacts};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::process::{Gid, Pid, Uid, WaitId, WaitIdOptions};

use crate::own_ids::own_ids;

/// How many directories are open at once.
const DEEPEST: u32 = 64;

/// Removes a tree; what is gone already is no failure.
///
/// # Errors
/// What the kernel refused; `EXDEV` for a mount that stands in it.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    let result = remove_own(path);
    let denied = result.as_ref().is_err_and(|errno| matches!(*errno, Errno::ACCESS | Errno::PERM));
    if denied && !rustix::process::geteuid().is_root() {
        return remove_as_container_root(path);
    }
    Ok(result?)
}

fn remove_own(path: &Path) -> Result<(), Errno> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(Errno::INVAL);
    };
    let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC;
    match rustix::fs::open(parent, flags, Mode::empty()) {
        Ok(parent) => {
            Removal::new(parent.as_fd(), name)?.map_or(Ok(()), |mut removal| removal.run(parent.as_fd(), name))
        }
        Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// The removal of one tree.
struct Removal {
    /// Its top, to which deep directories are moved.
    top: OwnedFd,
    moved: u64,
}

impl Removal {
    /// `None` when there is nothing of that name.
    fn new(parent: BorrowedFd<'_>, name: &str) -> Result<Option<Self>, Errno> {
        match open_directory(parent, name) {
            Ok(top) => Ok(Some(Self { top, moved: 0 })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn run(&mut self, parent: BorrowedFd<'_>, name: &str) -> Result<(), Errno> {
        let top = rustix::io::fcntl_dupfd_cloexec(&self.top, 0)?;
        // What was moved up while the top was read is found by reading it again.
        loop {
            let before = self.moved;
            self.empty(top.as_fd(), 0)?;
            if self.moved == before {
                return rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR);
            }
        }
    }

    /// Removes all that a directory holds.
    fn empty(&mut self, directory: BorrowedFd<'_>, depth: u32) -> Result<(), Errno> {
        let mut entries = Dir::read_from(directory)?;
        entries.rewind();
        while let Some(entry) = entries.read().transpose()? {
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                // POSIX has the second for a directory, and Linux the first.
                Err(Errno::ISDIR | Errno::PERM) => self.remove_directory(directory, name, depth)?,
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    fn remove_directory(&mut self, parent: BorrowedFd<'_>, name: &std::ffi::CStr, depth: u32) -> Result<(), Errno> {
        if depth == DEEPEST {
            self.moved += 1;
            return rustix::fs::renameat(parent, name, &self.top, format!(".deep-{}", self.moved));
        }
        let directory = open_directory(parent, name)?;
        self.empty(directory.as_fd(), depth + 1)?;
        rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
    }
}

/// Opens a directory that is neither a link nor a mount; one that is closed to its owner is opened to him, as overlay keeps such.
fn open_directory<P: rustix::path::Arg + Copy>(parent: BorrowedFd<'_>, name: P) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open = |more| rustix::fs::openat2(parent, name, flags | more, Mode::empty(), resolve);
    match open(OFlags::RDONLY) {
        Err(Errno::ACCESS) => {
            let place = open(OFlags::PATH)?;
            rustix::fs::chmod(format!("/proc/self/fd/{}", place.as_raw_fd()), Mode::RWXU)?;
            open(OFlags::RDONLY)
        }
        other => other,
    }
}

/// Removes the tree as root of a user namespace with the ids that the container had: its users own some of the files.
fn remove_as_container_root(path: &Path) -> io::Result<()> {
    let users = UserNamespaceFacts::probe(false);
    let maps = own_ids(&users);
    let writer = MapWriter::choose(&users, &maps).map_err(io::Error::other)?;
    // The child begins when its ids are there: the end of this pipe tells.
    let (ready, write_end) = std::io::pipe()?;
    match clone_process(Namespaces::USER, None).map_err(io::Error::other)? {
        Cloned::Child => {
            drop(write_end);
            end(i32::from(!remove_as_child(ready, path)))
        }
        Cloned::Parent { pid, pidfd } => {
            drop(ready);
            let written = write_maps(&writer, pid, &maps);
            drop(write_end);
            let removed = wait(&pidfd)?;
            written?;
            if removed { Ok(()) } else { Err(io::Error::from(io::ErrorKind::PermissionDenied)) }
        }
    }
}

fn write_maps(writer: &MapWriter, pid: Pid, maps: &IdMaps) -> io::Result<()> {
    writer.write(pid, maps).map_err(io::Error::other)
}

/// Whether the tree is gone.
fn remove_as_child(mut ready: std::io::PipeReader, path: &Path) -> bool {
    let mut nothing = Vec::new();
    let begun = io::Read::read_to_end(&mut ready, &mut nothing).is_ok();
    let is_root = rustix::thread::set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT).is_ok()
        && rustix::thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).is_ok();
    begun && is_root && remove_own(path).is_ok()
}

fn wait(pidfd: &OwnedFd) -> io::Result<bool> {
    let status = rustix::process::waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED)?;
    Ok(status.and_then(|status| status.exit_status()) == Some(0))
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
            return println!("SKIP a_mount_is_not_entered: only root can mount");
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
        io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0]).unwrap();
        let root = format!("/proc/{}/root", child.id());
        let seen = Path::new(&root).join(path.strip_prefix("/").unwrap());
        assert!(seen.join("inside/file").exists());
        assert_eq!(remove_own(&seen), Err(Errno::XDEV));
        assert!(seen.join("inside/file").exists());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(kept.join("file").exists());
        remove_tree(&path).unwrap();
        remove_tree(&kept).unwrap();
    }
}
