//! A container's directory: locked while the container's supervisor lives, cleared away by the next command when it does not.
//!
//! The lock is on the directory itself (`flock(2)`), taken before the directory gets the container's name, so that whoever finds a
//! directory of that name unlocked knows that its supervisor was killed.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use linux::Named as _;
use namespaces::UserNamespaceFacts;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use crate::error::Error;
use crate::random_name::random_name;
use crate::removal_without_root::remove_tree;

/// The directory that has a directory for each container.
#[derive(Debug)]
pub(crate) struct Containers<'a> {
    path: PathBuf,
    /// Who removes them.
    users: &'a UserNamespaceFacts,
}

/// The directory of a container that this process supervises. It goes when this value goes.
#[derive(Debug)]
pub(crate) struct ContainerDirectory<'a> {
    path: PathBuf,
    users: &'a UserNamespaceFacts,
    _lock: OwnedFd,
    kept: bool,
}

impl<'a> Containers<'a> {
    /// The containers below a directory that is there.
    pub(crate) fn new(path: PathBuf, users: &'a UserNamespaceFacts) -> Self {
        Self { path, users }
    }

    /// Where the directory of a container is, or will be.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the directory of a new container.
    ///
    /// # Errors
    /// The name is taken, or the kernel refused.
    pub(crate) fn make(&self, name: &str) -> Result<ContainerDirectory<'a>, Error> {
        let failed = || Error::call(format!("make the directory of container `{name}`"));
        let path = self.place(name);
        loop {
            let aside = self.path.join(format!(".new-{}", random_name()?));
            // Closed to everybody else: what a container's root writes belongs to the host's root on the disk, set-user-id files too.
            match rustix::fs::mkdir(&aside, Mode::RWXU) {
                Ok(()) => {}
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(failed()(linux::Error::new(format!("mkdir({aside:?})"), errno))),
            }
            // A command that clears away may have found it in between: then it is gone, and the next name is tried.
            let Some(lock) = lock(&aside).map_err(failed())? else { continue };
            match rustix::fs::renameat_with(CWD, &aside, CWD, &path, RenameFlags::NOREPLACE) {
                Ok(()) => return Ok(ContainerDirectory { path, users: self.users, _lock: lock, kept: false }),
                Err(Errno::NOENT) => {}
                Err(errno) => {
                    // Empty, and nobody else's: if it stays, the next command clears it away.
                    let _removed = std::fs::remove_dir(&aside);
                    if errno == Errno::EXIST && self.clear_if_left_behind(&path) {
                        continue;
                    }
                    return Err(match errno {
                        Errno::EXIST => Error::NameTaken(name.to_owned()),
                        errno => failed()(linux::Error::new(format!("rename({aside:?}, {path:?})"), errno)),
                    });
                }
            }
        }
    }

    /// Removes the directories of containers whose supervisor was killed, but for those that are still in use.
    pub(crate) fn sweep(&self, in_use: impl Fn(&str) -> bool) {
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().flatten() {
            if !in_use(&entry.file_name().to_string_lossy()) {
                self.clear_if_left_behind(&entry.path());
            }
        }
    }

    /// Removes a directory that nobody has locked; whether it is gone.
    fn clear_if_left_behind(&self, path: &Path) -> bool {
        match lock(path) {
            Ok(Some(_lock)) => remove_tree(path, self.users).is_ok(),
            _ => false,
        }
    }
}

impl ContainerDirectory<'_> {
    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// What stays, and why.
    pub(crate) fn remove(mut self) -> Result<(), Error> {
        self.kept = true;
        remove_tree(&self.path, self.users)
    }
}

impl Drop for ContainerDirectory<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // On a failure's way out there is one error to report already; what stays is cleared by the next command.
            let _removed = remove_tree(&self.path, self.users);
        }
    }
}

/// Locks a directory; `None` when it is locked already, or gone.
fn lock(path: &Path) -> Result<Option<OwnedFd>, linux::Error> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(directory) => directory,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno).named(|| format!("open({path:?}, O_DIRECTORY)")),
    };
    match rustix::fs::flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(errno) => return Err(errno).named(|| format!("flock({path:?}, LOCK_EX)")),
    }
    // Removed by somebody else between the two calls, it has no name any more.
    let links = rustix::fs::fstat(&directory).named(|| format!("fstat({path:?})"))?.st_nlink;
    Ok((links > 0).then_some(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_its_supervisors_and_goes_with_him() {
        let path = std::env::temp_dir().join(format!("holm-containers-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        let users = UserNamespaceFacts::default();
        let containers = Containers::new(path.clone(), &users);
        let directory = containers.make("web").unwrap();
        assert!(matches!(containers.make("web"), Err(Error::NameTaken(name)) if name == "web"));
        containers.sweep(|_| false);
        assert!(path.join("web").is_dir(), "a locked directory is not swept");
        directory.remove().unwrap();
        // As a killed supervisor leaves it.
        std::fs::create_dir_all(path.join("web/layers/work")).unwrap();
        std::fs::create_dir(path.join(".new-1")).unwrap();
        containers.sweep(|name| name == "web");
        assert!(path.join("web").is_dir() && !path.join(".new-1").exists());
        drop(containers.make("web").unwrap());
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
        std::fs::remove_dir(&path).unwrap();
    }
}
