//! Stopping all processes of a group: `cgroup.freeze` on v2, `freezer.state` on v1
//! (`Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst`).

use std::path::Path;
use std::time::Duration;

use linux::Error;
use rustix::io::Errno;

use super::events::GroupEvents;
use super::processes::is_gone;
use crate::deadline::Deadline;
use crate::files;

/// How long freezing may take; it waits for system calls that cannot be interrupted.
const PATIENCE: Duration = Duration::from_secs(10);

/// The freezer of a group, by the group's directory.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Freezer<'a> {
    V1(&'a Path),
    V2(&'a Path),
}

impl Freezer<'_> {
    /// Whether the kernel has it for this group.
    pub(crate) fn exists(&self) -> Result<bool, Error> {
        let file = match self {
            Self::V1(group) => group.join("freezer.state"),
            Self::V2(group) => group.join("cgroup.freeze"),
        };
        match files::open(&file, rustix::fs::OFlags::RDONLY) {
            Err(error) if error.errno() == Errno::NOENT => Ok(false),
            opened => opened.map(|_| true),
        }
    }

    pub(crate) fn freeze(&self) -> Result<(), Error> {
        let frozen = match self {
            Self::V1(group) => freeze_v1(group),
            Self::V2(group) => freeze_v2(group),
        };
        if frozen.is_err() {
            // Half frozen is worse than not frozen; the first error says what went wrong.
            let _running = self.thaw();
        }
        frozen
    }

    /// A group that is gone, or was never frozen, is thawed.
    pub(crate) fn thaw(&self) -> Result<(), Error> {
        let result = match self {
            Self::V1(group) => files::write(&group.join("freezer.state"), "THAWED"),
            Self::V2(group) => files::write(&group.join("cgroup.freeze"), "0"),
        };
        match result {
            Err(error) if is_gone(error.errno()) => Ok(()),
            result => result,
        }
    }

    /// Whether it was asked to stop this very group.
    pub(crate) fn is_frozen(&self) -> bool {
        let file = match self {
            Self::V1(group) => group.join("freezer.self_freezing"),
            Self::V2(group) => group.join("cgroup.freeze"),
        };
        files::read(&file).is_ok_and(|text| text.trim() == "1")
    }
}

fn freeze_v2(group: &Path) -> Result<(), Error> {
    let deadline = Deadline::after(PATIENCE);
    let events = GroupEvents::open(group)?;
    let file = group.join("cgroup.freeze");
    files::write(&file, "1")?;
    if events.wait("frozen", true, deadline)? {
        return Ok(());
    }
    Err(Error::new(format!("write({file:?}, \"1\")"), Errno::TIMEDOUT))
}

/// v1 tells nobody when it is done, and a process that forks meanwhile may escape: so it is asked again and again, as the
/// documentation says.
fn freeze_v1(group: &Path) -> Result<(), Error> {
    let deadline = Deadline::after(PATIENCE);
    let file = group.join("freezer.state");
    for round in 0.. {
        files::write(&file, "FROZEN")?;
        if files::read(&file)?.trim() == "FROZEN" {
            return Ok(());
        }
        if !deadline.pause(round) {
            break;
        }
    }
    Err(Error::new(format!("write({file:?}, \"FROZEN\")"), Errno::TIMEDOUT))
}
