//! The caller's terminal in raw mode: every key goes to the container.

use std::os::fd::{AsFd as _, BorrowedFd};

use linux::{Error, Named as _};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

/// Puts the mode back when it is dropped.
#[derive(Debug)]
pub(super) struct RawMode {
    before: Termios,
}

fn terminal() -> BorrowedFd<'static> {
    rustix::stdio::stdin()
}

impl RawMode {
    /// Makes standard input raw; `None` when it is no terminal.
    pub(super) fn enter() -> Result<Option<Self>, Error> {
        if !isatty(terminal()) {
            return Ok(None);
        }
        let before = tcgetattr(terminal()).named(|| "tcgetattr(0)".to_owned())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(terminal().as_fd(), OptionalActions::Now, &raw).named(|| "tcsetattr(0, raw)".to_owned())?;
        Ok(Some(Self { before }))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // A terminal that has gone needs no mode.
        let _restored = tcsetattr(terminal(), OptionalActions::Now, &self.before);
    }
}
