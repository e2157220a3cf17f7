//! Removes a group and those below it.

use std::os::fd::AsFd as _;
use std::path::Path;
use std::time::Duration;

use linux::Error;
use rustix::event::PollFlags;
use rustix::fs::{AtFlags, CWD, unlinkat};
use rustix::io::Errno;

use super::events::GroupEvents;
use super::processes::{children, is_gone, open, read};
use crate::controller::Version;
use crate::deadline::Deadline;

/// How long processes that were killed may take to leave the group.
const PATIENCE: Duration = Duration::from_secs(2);

/// Removes the group and all below it; one that is gone is no error.
pub(crate) fn remove(group: &Path, version: Version) -> Result<(), Error> {
    match remove_one(group) {
        Ok(()) => return Ok(()),
        Err(Errno::BUSY | Errno::NOTEMPTY) => {}
        // A read-only mount says so of what is gone as well.
        Err(_) if !group.exists() => return Ok(()),
        Err(errno) => return Err(failed(group, errno)),
    }
    for child in children(group)? {
        remove(&child, version)?;
    }
    let deadline = Deadline::after(PATIENCE);
    for round in 0.. {
        match remove_one(group) {
            Ok(()) => return Ok(()),
            Err(Errno::BUSY) if !deadline.has_passed() => await_end(group, version, deadline, round)?,
            Err(errno) => return Err(failed(group, errno)),
        }
    }
    Ok(())
}

/// Removes one group; one that is gone is no error.
pub(crate) fn remove_one(group: &Path) -> Result<(), Errno> {
    match unlinkat(CWD, group, AtFlags::REMOVEDIR) {
        Err(Errno::NOENT) => Ok(()),
        result => result,
    }
}

fn failed(group: &Path, errno: Errno) -> Error {
    Error::new(format!("rmdir({group:?})"), errno)
}

/// Waits for the last processes: v2 tells when there is none, on v1 each is waited for.
fn await_end(group: &Path, version: Version, deadline: Deadline, round: u32) -> Result<(), Error> {
    if version == Version::V2 {
        return match GroupEvents::open(group) {
            Err(error) if is_gone(error.errno()) => Ok(()),
            Err(error) => Err(error),
            Ok(events) => events.wait("populated", false, deadline).map(drop),
        };
    }
    let dying = open(&read(group)?)?;
    for (_, pidfd) in &dying {
        deadline.wait(pidfd.as_fd(), PollFlags::IN)?;
    }
    if dying.is_empty() {
        // None is listed, but the last one has not left its group yet: that takes as long as a process switch.
        deadline.pause(round);
    }
    Ok(())
}
