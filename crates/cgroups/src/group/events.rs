//! `cgroup.events` of a v2 group: whether it has processes, and whether they stand still (`cgroup-v2.rst`, "cgroup.events").

use std::fs::File;
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use linux::{Error, Named as _, shown};
use rustix::event::PollFlags;
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::processes::is_gone;
use crate::deadline::Deadline;
use crate::files;

/// The open file: the kernel tells of each change by `POLLPRI`.
#[derive(Debug)]
pub(crate) struct GroupEvents {
    file: File,
}

impl GroupEvents {
    pub(crate) fn open(group: &Path) -> Result<Self, Error> {
        Ok(Self { file: files::open(&group.join("cgroup.events"), OFlags::RDONLY)?.into() })
    }

    /// The value of `populated` or `frozen`; `None` when the group is gone.
    fn value(&self, key: &str) -> Result<Option<bool>, Error> {
        let mut bytes = [0_u8; 256];
        let length = match self.file.read_at(&mut bytes, 0) {
            Ok(length) => length,
            Err(error) if Errno::from_io_error(&error).is_some_and(is_gone) => return Ok(None),
            Err(error) => return Err(error).named(|| format!("read({})", shown(&self.file))),
        };
        let text = String::from_utf8_lossy(&bytes[..length]);
        let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        Ok(Some(value == Some("1")))
    }

    /// Waits until the key has the value or the group is gone; false when the time is over first.
    pub(crate) fn wait(&self, key: &str, wanted: bool, deadline: Deadline) -> Result<bool, Error> {
        loop {
            if self.value(key)?.is_none_or(|value| value == wanted) {
                return Ok(true);
            }
            if deadline.has_passed() {
                return Ok(false);
            }
            deadline.wait(self.file.as_fd(), PollFlags::PRI)?;
        }
    }
}
