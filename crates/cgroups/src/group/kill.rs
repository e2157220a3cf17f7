//! Signals to all processes of a group, and their end.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::time::Duration;

use linux::Error;
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::process::Pid;

use super::events::GroupEvents;
use super::freezer::Freezer;
use super::processes::{is_gone, open, read_below};
use crate::deadline::Deadline;
use crate::files;

/// `SIGKILL`
pub(crate) const KILL: i32 = 9;

/// How long dying may take: a process may wait for a disk.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long dying takes when nothing stands in the way, a frozen v1 group for one.
const USUALLY: Duration = Duration::from_millis(100);

/// Kills a v2 group and all below it in one call (`cgroup.kill`, Linux 5.14), also what is being forked. False where the kernel
/// cannot do that; a group that is gone is as good as killed.
pub(crate) fn kill_unified(group: &Path) -> Result<bool, Error> {
    match files::write(&group.join("cgroup.kill"), "1") {
        Ok(()) => Ok(true),
        Err(error) => match error.errno() {
            Errno::NODEV => Ok(true),
            Errno::NOENT => Ok(!group.exists()),
            // A threaded group.
            Errno::OPNOTSUPP => Ok(false),
            _ => Err(error),
        },
    }
}

/// Waits until a killed v2 group has no process. One that the v1 freezer holds cannot die before it is let go.
pub(crate) fn await_end_unified(group: &Path, v1_freezer: Option<&Freezer<'_>>) -> Result<(), Error> {
    let events = match GroupEvents::open(group) {
        Err(error) if is_gone(error.errno()) => return Ok(()),
        opened => opened?,
    };
    if events.wait("populated", false, Deadline::after(USUALLY))? {
        return Ok(());
    }
    if let Some(freezer) = v1_freezer {
        freezer.thaw()?;
    }
    if events.wait("populated", false, Deadline::after(PATIENCE))? {
        return Ok(());
    }
    Err(Error::new(format!("write({:?}, \"1\")", group.join("cgroup.kill")), Errno::TIMEDOUT))
}

/// Sends the signal to each process by its descriptor, while the group stands still, so that none is born meanwhile.
pub(crate) fn signal_all(group: &Path, freezer: Option<&Freezer<'_>>, signal: i32) -> Result<(), Error> {
    let freezer = freezer.filter(|freezer| !freezer.is_frozen());
    send(group, freezer, signal).map(drop)
}

/// Kills what is in the group and below, until nothing is.
pub(crate) fn kill_all(group: &Path, freezer: Option<&Freezer<'_>>) -> Result<(), Error> {
    let deadline = Deadline::after(PATIENCE);
    for round in 0.. {
        let killed = send(group, freezer, KILL)?;
        if killed.is_empty() && read_below(group)?.is_empty() {
            return Ok(());
        }
        for (_, pidfd) in &killed {
            deadline.wait(pidfd.as_fd(), PollFlags::IN)?;
        }
        if deadline.has_passed() || (killed.is_empty() && !deadline.pause(round)) {
            break;
        }
    }
    Err(Error::new(format!("kill the processes of {group:?}"), Errno::TIMEDOUT))
}

/// Freezes if it can, signals, and lets the group run: a frozen v1 group takes a signal only then.
fn send(group: &Path, freezer: Option<&Freezer<'_>>, signal: i32) -> Result<Vec<(Pid, OwnedFd)>, Error> {
    let processes = read_below(group)?;
    if processes.is_empty() {
        return Ok(Vec::new());
    }
    // A group that cannot be frozen is signalled as it runs; whoever kills comes again.
    let frozen = freezer.filter(|freezer| freezer.freeze().is_ok());
    let sent = read_below(group).and_then(|processes| open(&processes)).and_then(|open| {
        // Opened by number: whoever is still listed is the one that was opened, for the number was never free.
        let listed = read_below(group)?;
        let members: Vec<_> = open.into_iter().filter(|(pid, _)| listed.contains(pid)).collect();
        let mut refusal = Ok(());
        for (_, pidfd) in &members {
            match linux::signal::send(pidfd.as_fd(), signal) {
                Err(error) if error.errno() != Errno::SRCH => refusal = Err(error),
                _ => {}
            }
        }
        refusal.map(|()| members)
    });
    let thawed = frozen.map_or(Ok(()), Freezer::thaw);
    sent.and_then(|members| thawed.map(|()| members))
}
