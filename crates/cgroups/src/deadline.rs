//! Waiting for the kernel, not longer than agreed.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use linux::{Error, Named as _, shown};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// A point in time after which waiting is given up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    pub(crate) fn has_passed(self) -> bool {
        Instant::now() >= self.0
    }

    /// Waits until the descriptor has the event; false when the time is over first.
    pub(crate) fn wait(self, fd: BorrowedFd<'_>, event: PollFlags) -> Result<bool, Error> {
        loop {
            let remaining = self.0.saturating_duration_since(Instant::now());
            let timeout = Timespec {
                tv_sec: i64::try_from(remaining.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(remaining.subsec_nanos()),
            };
            match poll(&mut [PollFd::from_borrowed_fd(fd, event)], Some(&timeout)) {
                Err(Errno::INTR) => {}
                result => return result.map(|ready| ready > 0).named(|| format!("poll({})", shown(fd))),
            }
        }
    }

    /// Lets others run for a moment: for the few states of v1 that nothing tells of. False when the time is over.
    pub(crate) fn pause(self, round: u32) -> bool {
        if round < 32 {
            rustix::thread::sched_yield();
        } else {
            std::thread::sleep(Duration::from_micros(500));
        }
        !self.has_passed()
    }
}
