//! The first process of a container that asks for one beside its program (`--init`): it reaps orphans and hands signals on.
//!
//! It is this process itself, gone on: nothing is executed and nothing of it lies in the image. The program is its child, in a process
//! group of its own, so that the keys of a terminal reach it once.

use std::os::fd::{AsFd as _, OwnedFd};

use linux::process::{Cloned, clone_process, close_all_but};
use linux::signal::{SignalReader, hold_all, reset_all, send};
use linux::{Error, Named as _};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions};

use crate::channel::Channel;

/// In which process of the two the caller goes on.
#[derive(Debug)]
pub(crate) enum Side {
    /// In the program's: it executes, and tells over the channel if that fails.
    Program(Channel),
    /// In the first process, once the program has ended: with the exit code that says how.
    Reaper(i32),
}

/// Divides this process into the first one, which stays here until the program has ended, and the one that executes the program.
///
/// # Errors
/// What the kernel refused, before there is a second process; the channel comes back with it.
pub(crate) fn divide(channel: Channel, terminal: bool) -> Result<Side, (Error, Channel)> {
    let (signals, cloned) = match begin() {
        Ok(begun) => begun,
        Err(error) => return Err((error, channel)),
    };
    match cloned {
        Cloned::Child => {
            drop(signals);
            if rustix::process::setpgid(None, None).is_ok() && terminal {
                // The signal that this would raise is held back; a terminal that has gone has no foreground.
                let _in_front = rustix::termios::tcsetpgrp(rustix::stdio::stdin(), rustix::process::getpgrp());
            }
            match reset_all() {
                Ok(()) => Ok(Side::Program(channel)),
                Err(error) => Err((error, channel)),
            }
        }
        Cloned::Parent { pid, pidfd } => {
            // The end of the channel must mean that the program is executed, and what the maker of the container had open is not
            // the container's. The program is known by its number, which only this process can free.
            drop((channel, pidfd));
            Ok(Side::Reaper(watch(pid, signals).unwrap_or(1)))
        }
    }
}

/// Holds all signals back before the clone, so that none is lost in between.
fn begin() -> Result<(SignalReader, Cloned), Error> {
    hold_all()?;
    let signals = SignalReader::new()?;
    Ok((signals, clone_process(linux::namespace::Namespaces::empty(), None)?))
}

/// Hands signals on and reaps until the program has ended; gives its exit code.
fn watch(program: Pid, signals: SignalReader) -> Result<i32, Error> {
    let mut signals = SignalReader::from(close_all_but(OwnedFd::from(signals))?);
    crate::plan::close_to_others()?;
    loop {
        match poll(&mut [PollFd::new(&signals, PollFlags::IN)], None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(Error::new("poll(signals)", errno)),
        }
        while let Some(signal) = signals.read_next()? {
            if signal != Signal::CHILD.as_raw() {
                hand_on(program, signal);
            }
        }
        if let Some(code) = reap(program)? {
            return Ok(code);
        }
    }
}

fn hand_on(program: Pid, signal: i32) {
    let pidfd = rustix::process::pidfd_open(program, rustix::process::PidfdFlags::empty());
    if let Ok(pidfd) = pidfd {
        // To a program that has just ended it means nothing.
        let _handed = send(pidfd.as_fd(), signal);
    }
}

/// Reaps all that have ended; the exit code if the program is among them.
fn reap(program: Pid) -> Result<Option<i32>, Error> {
    let mut code = None;
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some((ended, status))) => {
                if ended == program {
                    let signal = status.terminating_signal().map(|signal| 128 + signal);
                    code = status.exit_status().or(signal).or(Some(1));
                }
            }
            Ok(None) | Err(Errno::CHILD) => return Ok(code),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno).named(|| "wait4(-1, WNOHANG)".to_owned()),
        }
    }
}
