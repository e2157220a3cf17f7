//! The state root: ids, locks, and the directories of the containers.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use linux::{Error, Named as _};
use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::container::ContainerDirectory;

/// The directory below which the containers of a runtime are recorded.
#[derive(Debug)]
pub(crate) struct StateRoot {
    path: PathBuf,
    directory: OwnedFd,
}

/// A container's name in `.active`, locked for as long as this value lives.
#[derive(Debug)]
pub(crate) struct ActiveLock {
    file: OwnedFd,
    left_behind: bool,
}

const ACTIVE: &str = ".active";
/// For the owner alone.
const OWN: Mode = Mode::RUSR.union(Mode::WUSR);

impl StateRoot {
    /// Opens the state root; makes it (mode 0700) where it does not exist.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let directory = match open_directory(path) {
            Ok(directory) => directory,
            Err(error) if error.errno() == Errno::NOENT => {
                make_directories(path)?;
                open_directory(path)?
            }
            Err(error) => return Err(error),
        };
        Ok(Self { path: path.to_owned(), directory })
    }

    /// The same, or `None` where it does not exist.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn open_existing(path: &Path) -> Result<Option<Self>, Error> {
        match open_directory(path) {
            Ok(directory) => Ok(Some(Self { path: path.to_owned(), directory })),
            Err(error) if error.errno() == Errno::NOENT => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Locks a name for the work on it; `None` when a living process has it.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn lock(&self, id: &str) -> Result<Option<ActiveLock>, Error> {
        let call = |verb: &str| format!("{verb}({:?})", self.path.join(ACTIVE).join(id));
        loop {
            match self.make_locked(id) {
                Ok(file) => return Ok(Some(ActiveLock { file, left_behind: false })),
                Err(Errno::NOENT) => match rustix::fs::mkdirat(&self.directory, ACTIVE, Mode::RWXU) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(Error::new(format!("mkdir({:?})", self.path.join(ACTIVE)), errno)),
                },
                Err(Errno::EXIST) => match self.lock_standing(id) {
                    Ok(Standing::Mine(lock)) => return Ok(Some(lock)),
                    Ok(Standing::Others) => return Ok(None),
                    Ok(Standing::Gone) => {}
                    Err(errno) => return Err(Error::new(call("open"), errno)),
                },
                Err(errno) => return Err(Error::new(call("link"), errno)),
            }
        }
    }

    /// Locks a name that a killed process has left; `None` when there is none, or when a living one has it.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn lock_left_behind(&self, id: &str) -> Result<Option<ActiveLock>, Error> {
        match self.lock_standing(id) {
            Ok(Standing::Mine(lock)) => Ok(Some(lock)),
            Ok(Standing::Others | Standing::Gone) => Ok(None),
            Err(errno) => Err(Error::new(format!("open({:?})", self.path.join(ACTIVE).join(id)), errno)),
        }
    }

    /// Makes a name that is locked from the first instant at which others can see it: one that could be found unlocked would pass for
    /// one of a killed process.
    fn make_locked(&self, id: &str) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        let name = format!("{ACTIVE}/{id}");
        let lock = |file: &OwnedFd| rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive);
        match rustix::fs::openat(&self.directory, ACTIVE, flags | OFlags::TMPFILE, OWN) {
            Ok(file) => {
                lock(&file)?;
                let path = format!("/proc/self/fd/{}", file.as_raw_fd());
                rustix::fs::linkat(CWD, path, &self.directory, name, AtFlags::SYMLINK_FOLLOW)?;
                Ok(file)
            }
            // A file system without unnamed files: one with a name that no id can be.
            Err(Errno::OPNOTSUPP | Errno::ISDIR) => {
                let aside = format!("{ACTIVE}/#{}", std::process::id());
                let file = rustix::fs::openat(&self.directory, &*aside, flags | OFlags::CREATE, OWN)?;
                lock(&file)?;
                let linked = rustix::fs::linkat(&self.directory, &*aside, &self.directory, name, AtFlags::empty());
                rustix::fs::unlinkat(&self.directory, aside, AtFlags::empty())?;
                linked.map(|()| file)
            }
            Err(errno) => Err(errno),
        }
    }

    fn lock_standing(&self, id: &str) -> Result<Standing, Errno> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = match rustix::fs::openat(&self.directory, format!("{ACTIVE}/{id}"), flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(Standing::Gone),
            Err(errno) => return Err(errno),
        };
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(Standing::Others),
            Err(errno) => return Err(errno),
        }
        // Whoever took the name away between the two calls has left this lock without one.
        let nameless = rustix::fs::fstat(&file)?.st_nlink == 0;
        Ok(if nameless { Standing::Gone } else { Standing::Mine(ActiveLock { file, left_behind: true }) })
    }

    /// Takes the name out of `.active`: its container is at rest or gone.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn unlock(&self, id: &str, lock: ActiveLock) -> Result<(), Error> {
        let name = format!("{ACTIVE}/{id}");
        let result = rustix::fs::unlinkat(&self.directory, &*name, AtFlags::empty())
            .named(|| format!("unlink({:?})", self.path.join(&name)));
        drop(lock);
        result
    }

    /// The names in `.active`.
    #[must_use]
    pub(crate) fn active(&self) -> Vec<String> {
        names(&self.path.join(ACTIVE)).into_iter().filter(|name| validate_id(name).is_ok()).collect()
    }

    /// The ids of all containers, sorted.
    #[must_use]
    pub(crate) fn containers(&self) -> Vec<String> {
        let mut ids: Vec<_> = names(&self.path).into_iter().filter(|name| validate_id(name).is_ok()).collect();
        ids.sort();
        ids
    }

    /// Makes the directory of a new container.
    ///
    /// # Errors
    /// `EEXIST` when the id is taken.
    pub(crate) fn make(&self, id: &str) -> Result<ContainerDirectory, Error> {
        rustix::fs::mkdirat(&self.directory, id, Mode::RWXU).named(|| format!("mkdir({:?})", self.path.join(id)))?;
        self.container(id)?.ok_or_else(|| Error::new(format!("open({:?})", self.path.join(id)), Errno::NOENT))
    }

    /// The directory of a container, if there is one of that id.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn container(&self, id: &str) -> Result<Option<ContainerDirectory>, Error> {
        let flags = OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        match rustix::fs::openat(&self.directory, id, flags, Mode::empty()) {
            Ok(directory) => Ok(Some(ContainerDirectory::new(self.path.join(id), directory))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Error::new(format!("open({:?}, O_PATH)", self.path.join(id)), errno)),
        }
    }
}

/// What came of a name that stands in `.active`.
enum Standing {
    /// Its owner was killed.
    Mine(ActiveLock),
    /// A living process has it.
    Others,
    /// It has been taken away meanwhile.
    Gone,
}

impl ActiveLock {
    /// Whether the name stood there already: its owner was killed in the middle of its work.
    #[must_use]
    pub(crate) fn is_left_behind(&self) -> bool {
        self.left_behind
    }

    /// Closes the lock without letting it go: for a child, which shares it with its parent.
    pub(crate) fn close(self) {
        drop(self.file);
    }
}

/// Whether a text may be a container's id: letters, digits and `_ + - .`, and not `.` or `..`, as in runc.
///
/// # Errors
/// The sentence that says what is wrong with it.
pub fn validate_id(id: &str) -> Result<(), String> {
    if id.is_empty() {
        return Err("a container id cannot be empty".to_owned());
    }
    if id.len() > 255 {
        return Err(format!("a container id has at most 255 bytes, and this has {}", id.len()));
    }
    if id.starts_with('.') && (id == "." || id == ".." || id == ACTIVE) {
        return Err(format!("{id:?} cannot be a container id"));
    }
    match id.chars().find(|letter| !(letter.is_ascii_alphanumeric() || "_+-.".contains(*letter))) {
        Some(letter) => {
            Err(format!("the container id {id:?} has {letter:?}: only letters, digits and _ + - . may be in one"))
        }
        None => Ok(()),
    }
}

fn open_directory(path: &Path) -> Result<OwnedFd, Error> {
    rustix::fs::open(path, OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .named(|| format!("open({path:?}, O_DIRECTORY)"))
}

fn make_directories(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o711).create(path).named(|| format!("mkdir({path:?})"))
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_lead_anywhere_else() {
        for id in ["web", "a.b-c_d+e", "0", "...", ".hidden"] {
            assert_eq!(validate_id(id), Ok(()), "{id:?}");
        }
        for id in ["", ".", "..", ".active", "a/b", "../a", "a b", "a\0", "ä"] {
            assert!(validate_id(id).is_err(), "{id:?}");
        }
        assert!(validate_id(&"x".repeat(256)).is_err());
    }

    #[test]
    fn a_name_is_locked_or_left_behind() {
        let path = std::env::temp_dir().join(format!("holm-state-root-{}", std::process::id()));
        let root = StateRoot::open(&path).unwrap();
        let lock = root.lock("web").unwrap().unwrap();
        assert!(!lock.is_left_behind() && root.lock("web").unwrap().is_none());
        assert!(root.lock_left_behind("web").unwrap().is_none(), "its owner lives");
        drop(lock);
        let lock = root.lock("web").unwrap().unwrap();
        assert!(lock.is_left_behind());
        root.unlock("web", lock).unwrap();
        assert!(root.lock_left_behind("web").unwrap().is_none() && root.active().is_empty());
        assert!(!root.lock("web").unwrap().unwrap().is_left_behind());
        std::fs::remove_dir_all(&path).unwrap();
    }
}
