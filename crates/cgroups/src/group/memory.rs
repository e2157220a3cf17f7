//! Running out of memory: how often it happened, how much there is, and a descriptor that tells when it happens
//! (`cgroup-v1/memory.rst`, "OOM Control"; `cgroup-v2.rst`, "memory.events").

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use linux::{Error, Named as _, shown};
use rustix::event::{EventfdFlags, PollFlags, eventfd};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::processes::is_gone;
use crate::controller::Version;
use crate::files;

/// How many processes of the group and below were killed for want of memory; 0 when that cannot be read.
pub(crate) fn oom_kills(group: &Path, version: Version) -> u64 {
    let file = match version {
        Version::V1 => "memory.oom_control",
        Version::V2 => "memory.events",
    };
    files::read(&group.join(file)).ok().and_then(|text| oom_kill_line(&text)).unwrap_or(0)
}

fn oom_kill_line(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}

/// The limit of memory in bytes.
pub(crate) fn limit(group: &Path, version: Version) -> Option<u64> {
    let file = match version {
        Version::V1 => "memory.limit_in_bytes",
        Version::V2 => "memory.max",
    };
    let value = files::read(&group.join(file)).ok()?.trim().parse().ok()?;
    // Without a limit v2 says `max`, and v1 the largest number of whole pages.
    (value < NO_LIMIT_V1).then_some(value)
}

/// v1's "unlimited" is `LONG_MAX` rounded down to a page, of at most 64 KiB (`PAGE_COUNTER_MAX`).
const NO_LIMIT_V1: u64 = 0x7fff_ffff_ffff_0000;

/// A descriptor that tells when a group runs out of memory: poll it for [`events`](Self::events), then call [`read`](Self::read).
#[derive(Debug)]
pub struct MemoryWatch {
    file: File,
    group: PathBuf,
    version: Version,
    kills: u64,
}

/// What a [`MemoryWatch`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryEvent {
    /// Memory ran out.
    OutOfMemory {
        /// Number of processes killed since the last event: 0 where they wait instead, and often on v1, which tells before it
        /// kills; [`Group::oom_kills`](crate::Group::oom_kills) has the number once the process has ended.
        kills: u64,
    },
    /// Memory became scarce, but nothing was killed (only v2).
    Pressure,
    /// The group is gone. v1 tells of it; on v2 nothing does, so that the group's last process is to be waited for beside.
    Removed,
}

impl MemoryWatch {
    pub(crate) fn new(group: &Path, version: Version) -> Result<Self, Error> {
        let kills = oom_kills(group, version);
        let file = match version {
            Version::V1 => watch_v1(group)?,
            Version::V2 => {
                let file = File::from(files::open(&group.join("memory.events"), OFlags::RDONLY)?);
                // Only what happens after the first reading is told.
                file.read_at(&mut [0_u8; 1], 0).named(|| format!("read({})", shown(&file)))?;
                file
            }
        };
        Ok(Self { file, group: group.to_owned(), version, kills })
    }

    /// What to poll the descriptor for.
    #[must_use]
    pub fn events(&self) -> PollFlags {
        match self.version {
            Version::V1 => PollFlags::IN,
            Version::V2 => PollFlags::PRI,
        }
    }

    /// What has happened since the last call; to be called after the descriptor was ready.
    ///
    /// # Errors
    /// What reading gives.
    pub fn read(&mut self) -> Result<MemoryEvent, Error> {
        let count = match self.version {
            Version::V1 => {
                let mut counter = [0_u8; 8];
                self.file.read_exact(&mut counter).named(|| format!("read({})", shown(&self.file)))?;
                files::read(&self.group.join("memory.oom_control"))
            }
            Version::V2 => self.read_events(),
        };
        let count = match count {
            Err(error) if is_gone(error.errno()) => return Ok(MemoryEvent::Removed),
            text => oom_kill_line(&text?).unwrap_or(0),
        };
        let kills = count.saturating_sub(self.kills);
        self.kills = count;
        Ok(match self.version {
            Version::V2 if kills == 0 => MemoryEvent::Pressure,
            _ => MemoryEvent::OutOfMemory { kills },
        })
    }

    fn read_events(&self) -> Result<String, Error> {
        let mut bytes = [0_u8; 1024];
        let length = self.file.read_at(&mut bytes, 0).named(|| format!("read({})", shown(&self.file)))?;
        Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }
}

impl AsFd for MemoryWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl From<MemoryWatch> for OwnedFd {
    fn from(watch: MemoryWatch) -> Self {
        watch.file.into()
    }
}

/// v1 tells through an eventfd that is registered together with the file to watch.
fn watch_v1(group: &Path) -> Result<File, Error> {
    let counter = eventfd(0, EventfdFlags::CLOEXEC).named(|| "eventfd(0, EFD_CLOEXEC)".to_owned())?;
    let control = files::open(&group.join("memory.oom_control"), OFlags::RDONLY)?;
    let value = format!("{} {}", counter.as_raw_fd(), control.as_raw_fd());
    match files::write(&group.join("cgroup.event_control"), &value) {
        // A kernel with real-time preemption has no such notice.
        Err(error) if error.errno() == Errno::INVAL => Err(Error::new(error.call(), Errno::OPNOTSUPP)),
        result => result,
    }?;
    Ok(counter.into())
}
