//! `kill`: a signal for the container's first process, or for all of them.

use std::os::fd::AsFd as _;
use std::path::Path;

use runtime_spec::Status;
use rustix::process::{PidfdFlags, pidfd_open};

use super::inspect::find;
use crate::error::Error;

/// Sends a signal to the container's first process, or with `all` to every process in its control groups.
///
/// # Errors
/// When the container has ended, or the kernel refuses the signal.
pub fn kill(state_root: &Path, id: &str, signal: i32, all: bool) -> Result<(), Error> {
    let found = find(state_root, id)?;
    let failed = || Error::call(format!("send signal {signal} to container `{id}`"));
    if all {
        return found.group().signal_all(signal).map_err(failed());
    }
    let status = found.status();
    // containerd and CRI-O look for runc's words "container not running".
    let hint = "container not running, its process has ended already";
    let ended = || Error::WrongStatus { id: id.to_owned(), status: status.to_string(), hint };
    let process = found.process.filter(|_| status != Status::Stopped).ok_or_else(ended)?;
    let pidfd = pidfd_open(process.pid, PidfdFlags::empty()).map_err(|_| ended())?;
    // Compared after the descriptor is open: from now on the number cannot change hands.
    if !process.is_alive() {
        return Err(ended());
    }
    linux::signal::send(pidfd.as_fd(), signal).map_err(failed())
}

/// The signals of `signal(7)` by name, without `SIG`, for the architectures whose numbers are these (x86, arm, riscv, s390, ppc).
const SIGNALS: [(&str, i32); 31] = [
    ("HUP", 1),
    ("INT", 2),
    ("QUIT", 3),
    ("ILL", 4),
    ("TRAP", 5),
    ("ABRT", 6),
    ("BUS", 7),
    ("FPE", 8),
    ("KILL", 9),
    ("USR1", 10),
    ("SEGV", 11),
    ("USR2", 12),
    ("PIPE", 13),
    ("ALRM", 14),
    ("TERM", 15),
    ("STKFLT", 16),
    ("CHLD", 17),
    ("CONT", 18),
    ("STOP", 19),
    ("TSTP", 20),
    ("TTIN", 21),
    ("TTOU", 22),
    ("URG", 23),
    ("XCPU", 24),
    ("XFSZ", 25),
    ("VTALRM", 26),
    ("PROF", 27),
    ("WINCH", 28),
    ("IO", 29),
    ("PWR", 30),
    ("SYS", 31),
];

/// Reads a signal as people write it: `9`, `KILL`, `SIGKILL`, `sigkill`, `RTMIN+1`.
#[must_use]
pub fn parse_signal(text: &str) -> Option<i32> {
    if let Ok(number) = text.parse::<i32>() {
        return (0..=64).contains(&number).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let offset = |rest: &str| if rest.is_empty() { Some(0) } else { rest.parse::<i32>().ok() };
    // The C library keeps the first two real-time signals, so that people count from 34.
    if let Some(rest) = name.strip_prefix("RTMIN") {
        return offset(rest).map(|offset| 34 + offset).filter(|number| (34..=64).contains(number));
    }
    if let Some(rest) = name.strip_prefix("RTMAX") {
        return offset(rest).map(|offset| 64 + offset).filter(|number| (34..=64).contains(number));
    }
    let name = match name {
        "IOT" => "ABRT",
        "CLD" => "CHLD",
        "POLL" => "IO",
        other => other,
    };
    SIGNALS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read_as_people_write_them() {
        for (text, expected) in [
            ("9", Some(9)),
            ("KILL", Some(9)),
            ("SIGKILL", Some(9)),
            ("sigterm", Some(15)),
            ("0", Some(0)),
            ("RTMIN", Some(34)),
            ("SIGRTMIN+3", Some(37)),
            ("RTMAX-1", Some(63)),
            ("RTMAX+1", None),
            ("65", None),
            ("-1", None),
            ("", None),
            ("NOPE", None),
        ] {
            assert_eq!(parse_signal(text), expected, "{text:?}");
        }
    }
}
