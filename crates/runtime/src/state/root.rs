//! The state root: ids, locks, and the directories of the containers.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use linux::{Error, Named as _, shown};
use rustix::fs::{AtFlags, FlockOperation, Mode, OFlags};
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
        let name = format!("{ACTIVE}/{id}");
        loop {
            let file = match self.open_name(&name, OFlags::CREATE | OFlags::EXCL) {
                Err(Errno::NOENT) => {
                    match rustix::fs::mkdirat(&self.directory, ACTIVE, Mode::RWXU) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(errno) => return Err(Error::new(format!("mkdir({:?})", self.path.join(ACTIVE)), errno)),
                    }
                    self.open_name(&name, OFlags::CREATE | OFlags::EXCL)
                }
                Err(Errno::EXIST) => self.open_name(&name, OFlags::empty()),
                other => other,
            };
            match file {
                // Made or cleared away by somebody else between two calls: look again.
                Err(Errno::NOENT | Errno::EXIST) => {}
                Err(errno) => return Err(Error::new(format!("open({:?}, O_RDWR)", self.path.join(&name)), errno)),
                Ok(file) => match lock_file(file)? {
                    Locked::Mine(lock) => return Ok(Some(lock)),
                    Locked::Others => return Ok(None),
                    // Whoever cleared the name away has left this lock without one: take the new file.
                    Locked::Nameless => {}
                },
            }
        }
    }

    /// The same for a name that stands there: `None` also when there is none, and none is made.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn lock_existing(&self, id: &str) -> Result<Option<ActiveLock>, Error> {
        let name = format!("{ACTIVE}/{id}");
        match self.open_name(&name, OFlags::empty()) {
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Error::new(format!("open({:?}, O_RDWR)", self.path.join(&name)), errno)),
            Ok(file) => match lock_file(file)? {
                Locked::Mine(lock) => Ok(Some(lock)),
                Locked::Others | Locked::Nameless => Ok(None),
            },
        }
    }

    fn open_name(&self, name: &str, more: OFlags) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW | more;
        rustix::fs::openat(&self.directory, name, flags, Mode::RUSR | Mode::WUSR)
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

/// What came of locking a file of `.active`.
enum Locked {
    Mine(ActiveLock),
    Others,
    Nameless,
}

fn lock_file(file: OwnedFd) -> Result<Locked, Error> {
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(Locked::Others),
        Err(errno) => return Err(Error::new(format!("flock({}, LOCK_EX)", shown(&file)), errno)),
    }
    let status = rustix::fs::fstat(&file).named(|| format!("fstat({})", shown(&file)))?;
    if status.st_nlink == 0 {
        return Ok(Locked::Nameless);
    }
    Ok(Locked::Mine(ActiveLock { file, left_behind: status.st_size > 0 }))
}

impl ActiveLock {
    /// Writes down that from here on something may be made. An empty file says nothing: whoever made it may only not have locked it
    /// yet, while the container of that id is at rest and no business of his.
    ///
    /// # Errors
    /// `ENOSPC` and the like.
    pub(crate) fn claim(&self) -> Result<(), Error> {
        rustix::io::pwrite(&self.file, b"1", 0).named(|| format!("write({})", shown(&self.file)))?;
        Ok(())
    }

    /// Whether somebody had claimed the name already: its owner was killed in the middle of its work.
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
}
