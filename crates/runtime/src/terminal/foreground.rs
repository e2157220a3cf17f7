//! The caller's side: signals forwarded, the terminal relayed, the end awaited.

use std::os::fd::{AsFd as _, OwnedFd};

use linux::signal::SignalReader;
use linux::{Error, Named as _};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions};
use rustix::termios::{tcgetwinsize, tcsetwinsize};

use super::raw_mode::RawMode;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessEnd {
    /// By itself, with this code.
    Exited(u8),
    /// By a signal.
    Killed {
        /// Its number.
        signal: i32,
    },
}

/// A container in the foreground.
#[derive(Debug)]
pub(crate) struct Foreground {
    pidfd: OwnedFd,
    signals: SignalReader,
    master: Option<OwnedFd>,
    /// What was typed and the terminal has not taken yet.
    typed: Vec<u8>,
    /// Whether more may be typed.
    input_open: bool,
}

const CHILD: i32 = 17;
const URGENT: i32 = 23;
const WINDOW: i32 = 28;

impl Foreground {
    /// A container's process, the signals of this one, and the master side of the container's terminal if it has one.
    #[must_use]
    pub(crate) fn new(pidfd: OwnedFd, signals: SignalReader, master: Option<OwnedFd>) -> Self {
        let input_open = master.is_some();
        Self { pidfd, signals, master, typed: Vec::new(), input_open }
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn wait(mut self) -> Result<ProcessEnd, Error> {
        let _raw_mode = if self.master.is_some() { RawMode::enter()? } else { None };
        if let Some(master) = &self.master {
            let flags = rustix::fs::fcntl_getfl(master).named(|| "fcntl(terminal, F_GETFL)".to_owned())?;
            rustix::fs::fcntl_setfl(master, flags | OFlags::NONBLOCK)
                .named(|| "fcntl(terminal, O_NONBLOCK)".to_owned())?;
            self.resize();
        }
        loop {
            let ready = self.poll()?;
            if ready.signals {
                self.forward_signals()?;
            }
            if ready.output {
                self.relay_output();
            }
            if ready.input {
                self.read_input();
            }
            if !self.typed.is_empty() {
                self.write_input();
            }
            if ready.end {
                self.relay_output();
                return self.reap();
            }
        }
    }

    fn poll(&self) -> Result<Ready, Error> {
        let input = rustix::stdio::stdin();
        let mut descriptors = vec![PollFd::new(&self.pidfd, PollFlags::IN), PollFd::new(&self.signals, PollFlags::IN)];
        if let Some(master) = &self.master {
            let writing = if self.typed.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
            descriptors.push(PollFd::new(master, PollFlags::IN | writing));
            if self.input_open && self.typed.is_empty() {
                descriptors.push(PollFd::from_borrowed_fd(input, PollFlags::IN));
            }
        }
        loop {
            match poll(&mut descriptors, None) {
                Ok(_) => break,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(Error::new("poll(container, signals, terminal)", errno)),
            }
        }
        let ready = |index: usize| descriptors.get(index).is_some_and(|entry| !entry.revents().is_empty());
        Ok(Ready { end: ready(0), signals: ready(1), output: ready(2), input: ready(3) })
    }

    fn forward_signals(&mut self) -> Result<(), Error> {
        while let Some(signal) = self.signals.read_next()? {
            match signal {
                CHILD | URGENT => {}
                WINDOW => self.resize(),
                // Sent to a container that has just ended, it has no effect.
                _ => drop(linux::signal::send(self.pidfd.as_fd(), signal)),
            }
        }
        Ok(())
    }

    /// Gives the container's terminal the size of the caller's, which may be his for writing only.
    fn resize(&self) {
        let size = tcgetwinsize(rustix::stdio::stdin()).or_else(|_| tcgetwinsize(rustix::stdio::stdout()));
        if let (Some(master), Ok(size)) = (&self.master, size) {
            // A terminal that hangs up needs no size.
            let _resized = tcsetwinsize(master, size);
        }
    }

    /// Copies what the container has written; when its last process has gone, the terminal hangs up.
    fn relay_output(&mut self) {
        let mut buffer = [0_u8; 16 * 1024];
        while let Some(master) = &self.master {
            match rustix::io::read(master, &mut buffer) {
                Ok(0) => self.master = None,
                Ok(length) => write_all(buffer.get(..length).unwrap_or_default()),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => self.master = None,
            }
        }
    }

    fn read_input(&mut self) {
        let mut buffer = [0_u8; 4096];
        match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
            Ok(0) => self.input_open = false,
            Ok(length) => self.typed.extend(buffer.get(..length).unwrap_or_default()),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => self.input_open = false,
        }
    }

    fn write_input(&mut self) {
        let Some(master) = &self.master else { return self.typed.clear() };
        match rustix::io::write(master, &self.typed) {
            Ok(length) => drop(self.typed.drain(..length)),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => self.typed.clear(),
        }
    }

    fn reap(&self) -> Result<ProcessEnd, Error> {
        let status = rustix::process::waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED)
            .named(|| "waitid(P_PIDFD, WEXITED)".to_owned())?;
        let status = status.ok_or_else(|| Error::new("waitid(P_PIDFD, WEXITED)", Errno::CHILD))?;
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ok(ProcessEnd::Exited(u8::try_from(code & 0xff).unwrap_or(u8::MAX))),
            (None, Some(signal)) => Ok(ProcessEnd::Killed { signal }),
            (None, None) => Err(Error::new("waitid(P_PIDFD, WEXITED)", Errno::INVAL)),
        }
    }
}

struct Ready {
    end: bool,
    signals: bool,
    output: bool,
    input: bool,
}

/// Writes to standard output; a reader that has gone wants no more.
fn write_all(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), bytes) {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let stdout = rustix::stdio::stdout();
                // Whatever wakes it, the next write tells.
                let _woken = poll(&mut [PollFd::from_borrowed_fd(stdout, PollFlags::OUT)], None);
            }
            Err(_) => return,
        }
    }
}
