//! A control group that exists.

use std::collections::BTreeMap;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use linux::{Error, Named as _};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::freezer;
use crate::processes::{processes_below, tree};

/// The group of one container: a directory in each hierarchy that it stands in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    paths: BTreeMap<String, PathBuf>,
}

/// How often a removal is tried while the kernel still unlinks the last process.
const REMOVAL_TRIES: u32 = 2000;

impl Group {
    /// The group at these directories: controller (of v2: the empty name) → directory.
    #[must_use]
    pub fn from_paths(paths: BTreeMap<String, PathBuf>) -> Self {
        Self { paths }
    }

    /// The directories, each once.
    fn directories(&self) -> Vec<&Path> {
        let mut directories: Vec<_> = self.paths.values().map(PathBuf::as_path).collect();
        directories.sort();
        directories.dedup();
        directories
    }

    fn unified(&self) -> Option<&Path> {
        self.paths.get("").map(PathBuf::as_path)
    }

    fn legacy(&self, controller: &str) -> Option<&Path> {
        self.paths.get(controller).map(PathBuf::as_path)
    }

    /// The v1 files into which a process writes 0 to join by itself: `tasks` moves the writing thread alone, and so needs none of
    /// the kernel's global locks.
    ///
    /// # Errors
    /// `EACCES` without the right to join.
    pub fn open_join_files(&self) -> Result<Vec<OwnedFd>, Error> {
        if self.unified().is_some() {
            return Ok(Vec::new());
        }
        self.directories()
            .into_iter()
            .map(|directory| {
                let path = directory.join("tasks");
                rustix::fs::open(&path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
                    .named(|| format!("open({path:?}, O_WRONLY)"))
            })
            .collect()
    }

    /// The v2 group's directory, into which a process can be cloned (`CLONE_INTO_CGROUP`); `None` on v1.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn unified_directory(&self) -> Result<Option<OwnedFd>, Error> {
        let Some(path) = self.unified() else { return Ok(None) };
        rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .named(|| format!("open({path:?}, O_PATH)"))
            .map(Some)
    }

    /// The processes in it and below it.
    #[must_use]
    pub fn processes(&self) -> Vec<Pid> {
        let directory =
            self.legacy("pids").or_else(|| self.legacy("freezer")).or_else(|| self.directories().first().copied());
        directory.map(processes_below).unwrap_or_default()
    }

    /// Stops all its processes.
    ///
    /// # Errors
    /// What the kernel refused; `ENOENT` where there is no freezer.
    pub fn freeze(&self) -> Result<(), Error> {
        self.set_frozen(true)
    }

    /// Lets them go on.
    ///
    /// # Errors
    /// What the kernel refused.
    pub fn thaw(&self) -> Result<(), Error> {
        self.set_frozen(false)
    }

    fn set_frozen(&self, frozen: bool) -> Result<(), Error> {
        match (self.unified(), self.legacy("freezer")) {
            (Some(group), _) => freezer::set_unified(group, frozen),
            (None, Some(group)) => freezer::set_legacy(group, frozen),
            (None, None) => Err(Error::new("open(freezer.state)", Errno::NOENT)),
        }
    }

    /// Whether its processes are stopped.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        match (self.unified(), self.legacy("freezer")) {
            (Some(group), _) => freezer::is_frozen(group, true),
            (None, Some(group)) => freezer::is_frozen(group, false),
            (None, None) => false,
        }
    }

    /// Sends a signal to every process in it. They are stopped meanwhile, so that none is born unseen.
    ///
    /// # Errors
    /// What the kernel refused; a process that has ended meanwhile is no failure.
    pub fn signal_all(&self, signal: i32) -> Result<(), Error> {
        if self.processes().is_empty() {
            return Ok(());
        }
        let was_frozen = self.is_frozen();
        let can_freeze = self.freeze().is_ok();
        let mut first_failure = Ok(());
        for pid in self.processes() {
            let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { continue };
            match linux::signal::send(pidfd.as_fd(), signal) {
                Err(error) if error.errno() != Errno::SRCH && first_failure.is_ok() => first_failure = Err(error),
                _ => {}
            }
        }
        if can_freeze && !was_frozen {
            self.thaw()?;
        }
        first_failure
    }

    /// Kills every process in it and waits until all have ended.
    ///
    /// # Errors
    /// What the kernel refused.
    pub fn kill_all(&self) -> Result<(), Error> {
        const KILL: i32 = 9;
        loop {
            let processes = self.processes();
            if processes.is_empty() {
                return Ok(());
            }
            let ends: Vec<_> = processes.iter().filter_map(|pid| pidfd_open(*pid, PidfdFlags::empty()).ok()).collect();
            let at_once = self.unified().map(|group| std::fs::write(group.join("cgroup.kill"), "1"));
            if !matches!(at_once, Some(Ok(()))) {
                self.signal_all(KILL)?;
                // A frozen process of v1 dies only once it may run again.
                if self.is_frozen() {
                    self.thaw()?;
                }
            }
            for end in &ends {
                match poll(&mut [PollFd::new(end, PollFlags::IN)], None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(errno) => return Err(Error::new("poll(pidfd)", errno)),
                }
            }
            // What is left now was born meanwhile, or is a zombie that its parent has not reaped.
            if ends.is_empty() {
                rustix::thread::sched_yield();
            }
            let zombies_only = self.processes().into_iter().all(is_zombie);
            if zombies_only {
                return Ok(());
            }
        }
    }

    /// Removes it with all groups below it; goes on past errors and gives them all.
    #[must_use]
    pub fn delete(&self) -> Vec<Error> {
        self.directories().into_iter().filter_map(|directory| remove(directory).err()).collect()
    }

    /// How many of its processes the kernel has killed for want of memory.
    #[must_use]
    pub fn oom_kills(&self) -> u64 {
        let file = match (self.unified(), self.legacy("memory")) {
            (Some(group), _) => group.join("memory.events"),
            (None, Some(group)) => group.join("memory.oom_control"),
            (None, None) => return 0,
        };
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok()).unwrap_or(0)
    }

    /// The memory limit in force, in bytes; `None` without one.
    #[must_use]
    pub fn memory_limit(&self) -> Option<u64> {
        let file = match (self.unified(), self.legacy("memory")) {
            (Some(group), _) => group.join("memory.max"),
            (None, Some(group)) => group.join("memory.limit_in_bytes"),
            (None, None) => return None,
        };
        // v1 says "no limit" with a number near the end of the range.
        std::fs::read_to_string(file).ok()?.trim().parse().ok().filter(|bytes| *bytes < 1 << 62)
    }

    /// A descriptor for `poll(2)` that tells when memory runs out: readable on v1 (an eventfd), `POLLPRI` on v2 (`memory.events`).
    ///
    /// # Errors
    /// What the kernel refused; `ENOENT` without a memory controller.
    pub fn out_of_memory_notice(&self) -> Result<OwnedFd, Error> {
        if let Some(group) = self.unified() {
            let path = group.join("memory.events");
            return rustix::fs::open(&path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
                .named(|| format!("open({path:?})"));
        }
        let group = self.legacy("memory").ok_or_else(|| Error::new("open(memory.oom_control)", Errno::NOENT))?;
        let path = group.join("memory.oom_control");
        let control = std::fs::File::open(&path).named(|| format!("open({path:?})"))?;
        let notice =
            rustix::event::eventfd(0, rustix::event::EventfdFlags::CLOEXEC).named(|| "eventfd(0)".to_owned())?;
        use std::os::fd::AsRawFd as _;
        let (registration, value) =
            (group.join("cgroup.event_control"), format!("{} {}", notice.as_raw_fd(), control.as_raw_fd()));
        std::fs::write(&registration, &value).named(|| format!("write({registration:?}, {value:?})"))?;
        Ok(notice)
    }
}

fn is_zombie(pid: Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
        .map_or(true, |text| text.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['Z', 'X'])))
}

fn remove(directory: &Path) -> Result<(), Error> {
    match rustix::fs::rmdir(directory) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::BUSY | Errno::NOTEMPTY) => {}
        Err(errno) => return Err(Error::new(format!("rmdir({directory:?})"), errno)),
    }
    for group in tree(directory) {
        let mut tries = 0;
        loop {
            match rustix::fs::rmdir(&group) {
                Ok(()) | Err(Errno::NOENT) => break,
                // A process that has ended is unlinked from its group a moment after its end is reported, and v1 has no notice of
                // that: the only way is to ask again.
                Err(Errno::BUSY) if tries < REMOVAL_TRIES => {
                    tries += 1;
                    std::thread::sleep(Duration::from_micros(u64::from(tries.min(500))));
                }
                Err(errno) => return Err(Error::new(format!("rmdir({group:?})"), errno)),
            }
        }
    }
    Ok(())
}
