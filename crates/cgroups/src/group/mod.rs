//! A group that stands: its directories in all hierarchies, and what can be done with it.

mod events;
mod freezer;
mod kill;
mod memory;
mod processes;
mod removal;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use linux::Error;
use rustix::fs::OFlags;
use rustix::process::Pid;

use crate::controller::{Controllers, Version};
use crate::files;
use freezer::Freezer;

pub use memory::{MemoryEvent, MemoryWatch};

/// A group by its saved directories. Making the value touches nothing; a directory that is gone counts as an empty group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    paths: BTreeMap<String, PathBuf>,
}

impl Group {
    /// The group with these directories: controller of v1, `name=…`, or the empty string for v2 → directory.
    #[must_use]
    pub fn from_paths(paths: BTreeMap<String, PathBuf>) -> Self {
        Self { paths }
    }

    /// The directories.
    #[must_use]
    pub fn paths(&self) -> &BTreeMap<String, PathBuf> {
        &self.paths
    }

    /// The directory in the v2 hierarchy.
    #[must_use]
    pub fn unified_path(&self) -> Option<&Path> {
        self.paths.get("").map(PathBuf::as_path)
    }

    /// The v2 directory, for `CLONE_INTO_CGROUP`; `None` where there is no v2.
    ///
    /// # Errors
    /// `ENOENT` when it is gone.
    pub fn unified_directory(&self) -> Result<Option<OwnedFd>, Error> {
        self.unified_path().map(files::open_directory).transpose()
    }

    /// The `tasks` files of v1, one for each hierarchy. A process with one thread joins by writing `0` into each: the thread that
    /// writes is meant, and joining so waits for no other processor, which by `cgroup.procs` takes milliseconds.
    ///
    /// # Errors
    /// `ENOENT` when a directory is gone, `EACCES` without the right to join.
    pub fn open_join_files(&self) -> Result<Vec<OwnedFd>, Error> {
        self.v1_directories()
            .into_iter()
            .map(|directory| files::open(&directory.join("tasks"), OFlags::WRONLY))
            .collect()
    }

    /// The processes of the group and of all groups below it, as far as they can be read; those of other pid namespaces are left
    /// out.
    #[must_use]
    pub fn processes(&self) -> Vec<Pid> {
        self.all_processes().unwrap_or_default()
    }

    /// The processes of the group itself; those of other pid namespaces are left out.
    ///
    /// # Errors
    /// When they cannot be read; a group that is gone has none.
    pub fn own_processes(&self) -> Result<Vec<Pid>, Error> {
        self.process_directory().map_or(Ok(Vec::new()), processes::read)
    }

    /// The processes of the group and of all groups below it.
    ///
    /// # Errors
    /// As [`own_processes`](Self::own_processes).
    pub fn all_processes(&self) -> Result<Vec<Pid>, Error> {
        self.process_directory().map_or(Ok(Vec::new()), processes::read_below)
    }

    /// Stops all processes of the group and below, and waits until they stand still.
    ///
    /// # Errors
    /// `ENOENT` where there is no freezer, `ETIMEDOUT` after ten seconds: then the group runs again.
    pub fn freeze(&self) -> Result<(), Error> {
        match self.freezer()? {
            Some(freezer) => freezer.freeze(),
            None => Err(Error::new(format!("freeze the groups {:?}", self.paths), rustix::io::Errno::NOENT)),
        }
    }

    /// Lets them run again.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn thaw(&self) -> Result<(), Error> {
        self.freezers().into_iter().try_for_each(|freezer| freezer.thaw())
    }

    /// Whether this very group was stopped, not one above it. A group that is gone is not.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.freezers().into_iter().any(|freezer| freezer.is_frozen())
    }

    /// Sends a signal to all processes of the group and below.
    ///
    /// # Errors
    /// `EPERM`, `EINVAL` for a number that is no signal. A process that ends meanwhile is no error.
    pub fn signal_all(&self, signal: i32) -> Result<(), Error> {
        let Some(directory) = self.process_directory() else { return Ok(()) };
        if signal == kill::KILL && self.unified_path().is_some_and(|group| kill::kill_unified(group) == Ok(true)) {
            return Ok(());
        }
        kill::signal_all(directory, self.freezer()?.as_ref(), signal)
    }

    /// Kills all processes of the group and below, also frozen ones, and waits until none is left.
    ///
    /// # Errors
    /// `EPERM`; `ETIMEDOUT` when one still lives after ten seconds, such as one that waits for a dead disk.
    pub fn kill_all(&self) -> Result<(), Error> {
        let Some(directory) = self.process_directory() else { return Ok(()) };
        let v1_freezer = self.paths.get("freezer").map(|path| Freezer::V1(path));
        if let Some(group) = self.unified_path()
            && kill::kill_unified(group)?
        {
            return kill::await_end_unified(group, v1_freezer.as_ref());
        }
        kill::kill_all(directory, self.freezer()?.as_ref())
    }

    /// Removes the group where it has neither processes nor groups below it, which costs one call a hierarchy; false when something
    /// of it stays, of which [`Group::kill_all`] and [`Group::delete`] then take care.
    #[must_use]
    pub fn delete_if_empty(&self) -> bool {
        let mut directories = self.unified_path().into_iter().chain(self.v1_directories());
        directories.all(|directory| removal::remove_one(directory).is_ok())
    }

    /// Removes the group with all groups below it, from every hierarchy. Goes on past errors and returns them all; what is gone
    /// already is none.
    #[must_use]
    pub fn delete(&self) -> Vec<Error> {
        let unified = self.unified_path().map(|directory| (directory, Version::V2));
        let legacy = self.v1_directories().into_iter().map(|directory| (directory, Version::V1));
        unified
            .into_iter()
            .chain(legacy)
            .filter_map(|(directory, version)| removal::remove(directory, version).err())
            .collect()
    }

    /// How many processes of the group and below were killed for want of memory.
    #[must_use]
    pub fn oom_kills(&self) -> u64 {
        self.memory().map_or(0, |(directory, version)| memory::oom_kills(directory, version))
    }

    /// The limit of memory in bytes, as the kernel has it; `None` when there is none.
    #[must_use]
    pub fn memory_limit(&self) -> Option<u64> {
        self.memory().and_then(|(directory, version)| memory::limit(directory, version))
    }

    /// A descriptor that tells when the group runs out of memory; `None` where memory is not controlled.
    ///
    /// # Errors
    /// When the group is gone.
    pub fn watch_memory(&self) -> Result<Option<MemoryWatch>, Error> {
        self.memory().map(|(directory, version)| MemoryWatch::new(directory, version)).transpose()
    }

    /// The directory in the hierarchy of this controller, and its version; v2's stands for all that v1 does not have.
    #[must_use]
    pub fn directory(&self, controller: Controllers) -> Option<(&Path, Version)> {
        let v1 = controller.names(Version::V1).next().and_then(|name| self.paths.get(name));
        let v1 = v1.map(|directory| (directory.as_path(), Version::V1));
        v1.or_else(|| self.unified_path().map(|directory| (directory, Version::V2)))
    }

    fn memory(&self) -> Option<(&Path, Version)> {
        self.directory(Controllers::MEMORY)
    }

    /// The directories of v1, each once: several controllers may share one.
    fn v1_directories(&self) -> Vec<&Path> {
        let mut directories: Vec<&Path> =
            self.paths.iter().filter(|(key, _)| !key.is_empty()).map(|(_, path)| path.as_path()).collect();
        directories.sort_unstable();
        directories.dedup();
        directories
    }

    /// Where the processes are listed: v2 if there is one, since they are born there.
    fn process_directory(&self) -> Option<&Path> {
        let v1 = || ["freezer", "devices", "pids", "memory"].into_iter().find_map(|key| self.paths.get(key));
        self.unified_path().or_else(|| v1().or_else(|| self.paths.values().next()).map(PathBuf::as_path))
    }

    /// The freezer to use: v2's tells when it is done, and frozen processes can be killed; it is there since Linux 5.2.
    fn freezer(&self) -> Result<Option<Freezer<'_>>, Error> {
        for freezer in self.freezers() {
            if freezer.exists()? {
                return Ok(Some(freezer));
            }
        }
        Ok(None)
    }

    fn freezers(&self) -> Vec<Freezer<'_>> {
        let unified = self.unified_path().map(Freezer::V2);
        unified.into_iter().chain(self.paths.get("freezer").map(|path| Freezer::V1(path))).collect()
    }
}
