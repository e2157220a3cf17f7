//! Stopping all processes of a group at once, and letting them go on.

use std::path::Path;

use linux::{Error, Named as _};
use rustix::event::{PollFd, PollFlags, poll};

/// Stops or continues a group of v2, and waits until it is done.
pub(crate) fn set_unified(group: &Path, frozen: bool) -> Result<(), Error> {
    let (file, value) = (group.join("cgroup.freeze"), if frozen { "1" } else { "0" });
    std::fs::write(&file, value).named(|| format!("write({file:?}, {value:?})"))?;
    let events = group.join("cgroup.events");
    let wanted = format!("frozen {value}");
    let watched = std::fs::File::open(&events).named(|| format!("open({events:?})"))?;
    loop {
        // The kernel marks the file readable anew (POLLPRI) whenever a line of it changes; each look starts at its beginning.
        let text = std::fs::read_to_string(&events).named(|| format!("read({events:?})"))?;
        if text.lines().any(|line| line == wanted) {
            return Ok(());
        }
        match poll(&mut [PollFd::new(&watched, PollFlags::PRI)], None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(Error::new(format!("poll({events:?})"), errno)),
        }
        use std::io::{Read as _, Seek as _};
        let mut seen = &watched;
        let mut text = String::new();
        seen.rewind().and_then(|()| seen.read_to_string(&mut text)).named(|| format!("read({events:?})"))?;
    }
}

/// Stops or continues a group of v1. The state file has no notice of its own: the kernel advances the state when it is read.
pub(crate) fn set_legacy(group: &Path, frozen: bool) -> Result<(), Error> {
    let (file, value) = (group.join("freezer.state"), if frozen { "FROZEN" } else { "THAWED" });
    loop {
        std::fs::write(&file, value).named(|| format!("write({file:?}, {value:?})"))?;
        let state = std::fs::read_to_string(&file).named(|| format!("read({file:?})"))?;
        if state.trim() == value {
            return Ok(());
        }
        rustix::thread::sched_yield();
    }
}

/// Whether the group is stopped, or on its way there.
pub(crate) fn is_frozen(group: &Path, unified: bool) -> bool {
    let file = group.join(if unified { "cgroup.freeze" } else { "freezer.state" });
    std::fs::read_to_string(file).is_ok_and(|text| !matches!(text.trim(), "0" | "THAWED"))
}
