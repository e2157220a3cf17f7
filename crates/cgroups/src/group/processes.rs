//! The processes of a group.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use linux::{Error, Named as _};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::files;

/// The processes of the group itself. A group that is gone has none; processes of other pid namespaces read as 0 and are left out.
pub(crate) fn read(group: &Path) -> Result<Vec<Pid>, Error> {
    let text = match files::read(&group.join("cgroup.procs")) {
        // A threaded group of v2 lists threads only.
        Err(error) if error.errno() == Errno::OPNOTSUPP => files::read(&group.join("cgroup.threads")),
        read => read,
    };
    let text = match text {
        Err(error) if is_gone(error.errno()) => return Ok(Vec::new()),
        text => text?,
    };
    let mut processes: Vec<Pid> =
        text.lines().filter_map(|line| line.trim().parse().ok()).filter_map(Pid::from_raw).collect();
    // v1 may list one twice while it is moved.
    processes.sort_unstable_by_key(|process| process.as_raw_nonzero());
    processes.dedup();
    Ok(processes)
}

/// The processes of the group and of all below it.
pub(crate) fn read_below(group: &Path) -> Result<Vec<Pid>, Error> {
    let mut processes = read(group)?;
    for child in children(group)? {
        processes.extend(read_below(&child)?);
    }
    Ok(processes)
}

/// The groups directly below; of one that is gone there are none.
pub(crate) fn children(group: &Path) -> Result<Vec<PathBuf>, Error> {
    let call = || format!("getdents({group:?})");
    let entries = match std::fs::read_dir(group).named(call) {
        Err(error) if is_gone(error.errno()) => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut children = Vec::new();
    for entry in entries {
        let entry = match entry.named(call) {
            Err(error) if is_gone(error.errno()) => break,
            entry => entry?,
        };
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            children.push(entry.path());
        }
    }
    Ok(children)
}

/// A descriptor of each process, which no reuse of its number can turn into another; one that has ended is left out.
pub(crate) fn open(processes: &[Pid]) -> Result<Vec<(Pid, OwnedFd)>, Error> {
    let mut open = Vec::with_capacity(processes.len());
    for process in processes {
        match pidfd_open(*process, PidfdFlags::empty()) {
            Ok(pidfd) => open.push((*process, pidfd)),
            // EINVAL: it is a thread, whose process stands in the list of another group.
            Err(Errno::SRCH | Errno::INVAL) => {}
            Err(errno) => return Err(Error::new(format!("pidfd_open({process}, 0)"), errno)),
        }
    }
    Ok(open)
}

/// The group was removed, before or while its file was read.
pub(crate) fn is_gone(errno: Errno) -> bool {
    matches!(errno, Errno::NOENT | Errno::NODEV)
}
