//! Signals: held back, read from a descriptor, and put back to their defaults for a program that is executed.

#![expect(unsafe_code, reason = "signal masks, dispositions and signalfd are raw calls")]

use std::io::Read as _;
use std::mem::{MaybeUninit, size_of};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use rustix::io::Errno;

use crate::error::{Error, Named};
use crate::result::{check, last_errno};

/// The mask that a process had before all its signals were held back.
#[derive(Debug, Clone, Copy)]
pub struct SignalMask(libc::sigset_t);

/// Holds back every signal of this process, so that [`SignalReader`] can read them; returns what was held back before.
///
/// # Errors
/// None that a supported kernel gives.
pub fn hold_all() -> Result<SignalMask, Error> {
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    let all = full_set();
    // SAFETY: both sets are valid for the call, which initialises `before` when it succeeds.
    let result = unsafe { libc::sigprocmask(libc::SIG_SETMASK, ptr::from_ref(&all), before.as_mut_ptr()) };
    check(result.into()).named(|| "sigprocmask(SIG_SETMASK, all)".to_owned())?;
    // SAFETY: the call succeeded.
    Ok(SignalMask(unsafe { before.assume_init() }))
}

impl SignalMask {
    /// Puts the mask back.
    ///
    /// # Errors
    /// None that a supported kernel gives.
    pub fn restore(&self) -> Result<(), Error> {
        // SAFETY: the set was filled by the kernel; no old set is asked for.
        let result = unsafe { libc::sigprocmask(libc::SIG_SETMASK, ptr::from_ref(&self.0), ptr::null_mut()) };
        check(result.into()).named(|| "sigprocmask(SIG_SETMASK, the mask from before)".to_owned())
    }
}

/// Gives every signal its default effect and holds none back: what a fresh program expects.
///
/// # Errors
/// None that a supported kernel gives.
pub fn reset_all() -> Result<(), Error> {
    for signal in 1..=64 {
        if signal == libc::SIGKILL || signal == libc::SIGSTOP {
            continue;
        }
        // SAFETY: SIG_DFL installs no handler. The C library refuses its own two internal signals, which is what they need.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset initialises the set, which the mask then reads.
    let result = unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut())
    };
    check(result.into()).named(|| "sigprocmask(SIG_SETMASK, none)".to_owned())
}

/// The signals that [`hold_all`] holds back, as a readable descriptor (`signalfd(2)`).
#[derive(Debug)]
pub struct SignalReader {
    file: std::fs::File,
}

impl SignalReader {
    /// A reader of every signal that is held back.
    ///
    /// # Errors
    /// `EMFILE` or `ENOMEM`.
    pub fn new() -> Result<Self, Error> {
        let all = full_set();
        // SAFETY: the set is initialised; -1 asks for a new descriptor.
        let fd = unsafe { libc::signalfd(-1, ptr::from_ref(&all), libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        if fd < 0 {
            return Err(Error::new("signalfd(all)", last_errno()));
        }
        // SAFETY: the descriptor is new and nobody else owns it.
        Ok(Self { file: unsafe { OwnedFd::from_raw_fd(fd) }.into() })
    }

    /// The number of the next signal; `None` when none waits.
    ///
    /// # Errors
    /// What reading gives.
    pub fn read_next(&mut self) -> Result<Option<i32>, Error> {
        let mut record = [0_u8; size_of::<libc::signalfd_siginfo>()];
        match self.file.read(&mut record) {
            Ok(length) if length == record.len() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(Error::new("read(signalfd)", Errno::from_io_error(&error).unwrap_or(Errno::IO))),
        }
        // The structure begins with the signal's number, 32 bits in the machine's byte order (signalfd(2)).
        let number = u32::from_ne_bytes([record[0], record[1], record[2], record[3]]);
        Ok(i32::try_from(number).ok())
    }
}

impl From<OwnedFd> for SignalReader {
    /// A reader on a descriptor that was one's before, under another number.
    fn from(descriptor: OwnedFd) -> Self {
        Self { file: descriptor.into() }
    }
}

impl From<SignalReader> for OwnedFd {
    fn from(reader: SignalReader) -> Self {
        reader.file.into()
    }
}

impl AsFd for SignalReader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

fn full_set() -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigfillset initialises the set that it is given.
    unsafe {
        libc::sigfillset(set.as_mut_ptr());
        set.assume_init()
    }
}

/// Sends a signal by number to the process behind a pidfd: real-time signals too, which rustix has no names for.
///
/// # Errors
/// `ESRCH` when the process has ended, `EPERM`, `EINVAL` for a number that is no signal.
pub fn send(pidfd: BorrowedFd<'_>, signal: i32) -> Result<(), Error> {
    use std::os::fd::AsRawFd as _;
    // SAFETY: no siginfo is passed, and the descriptor is borrowed for the call.
    let result = unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, ptr::null::<libc::siginfo_t>(), 0_u32)
    };
    check(result).named(|| format!("pidfd_send_signal({}, {signal})", crate::error::shown(pidfd)))
}
