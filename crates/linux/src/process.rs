//! Processes: clone into new namespaces, execute, end at once, and what a child must undo before it executes.

#![expect(unsafe_code, reason = "clone3, execve, _exit, close_range and keyctl are raw calls")]

use std::convert::Infallible;
use std::ffi::{CStr, CString};
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use rustix::io::Errno;
use rustix::process::Pid;

use crate::error::{Error, Named};
use crate::namespace::Namespaces;
use crate::result::{check, last_errno};

/// Which side of a clone the caller finds itself on.
#[derive(Debug)]
pub enum Cloned {
    /// In the new process: memory is a copy, the descriptors are shared copies, there is one thread.
    Child,
    /// In the calling process.
    Parent {
        /// The child as seen from the caller's pid namespace.
        pid: Pid,
        /// A descriptor of the child, which no reuse of its number can turn into another process.
        pidfd: OwnedFd,
    },
}

/// Makes one new process in new namespaces and, on cgroup v2, in a control group (`clone3(2)`).
///
/// The caller must have one thread: the child would otherwise inherit locks that nobody in it can release.
///
/// # Errors
/// `EPERM` without the right to make a namespace, `ENOSPC` or `EUSERS` at a limit of `/proc/sys/user`, `EBUSY` for a group with
/// enabled controllers, `ENOSYS` before Linux 5.3, `E2BIG` or `EINVAL` for a group before 5.7.
pub fn clone_process(namespaces: Namespaces, group: Option<BorrowedFd<'_>>) -> Result<Cloned, Error> {
    debug_assert!(is_single_threaded(), "a process with several threads must not be cloned");
    let mut pidfd: libc::c_int = -1;
    // SAFETY: clone_args is plain integers, for which zero is a valid value that means "none".
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = namespaces.bits() | flag(libc::CLONE_PIDFD);
    arguments.exit_signal = flag(libc::SIGCHLD);
    arguments.pidfd = ptr::from_mut(&mut pidfd) as u64;
    if let Some(group) = group {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = flag(group.as_raw_fd());
    }
    // SAFETY: the structure is initialised and its size is passed; without CLONE_VM the child runs on a copy of this stack, so
    // that returning into Rust is sound in both processes.
    let result = unsafe { libc::syscall(libc::SYS_clone3, ptr::from_ref(&arguments), size_of::<libc::clone_args>()) };
    match result {
        0 => Ok(Cloned::Child),
        pid if pid > 0 => {
            // SAFETY: the kernel has stored a new descriptor there, which nobody else owns.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            let pid =
                i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or_else(|| Error::new("clone3", Errno::RANGE))?;
            Ok(Cloned::Parent { pid, pidfd })
        }
        _ => Err(Error::new(
            format!("clone3({namespaces}{})", if group.is_some() { " into a control group" } else { "" }),
            last_errno(),
        )),
    }
}

/// `linux/sched.h`; the `libc` crate has it as a type that does not hold it on every architecture.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// A flag or small number of a C header as the unsigned value that a structure wants.
fn flag(value: libc::c_int) -> u64 {
    u64::from(value.cast_unsigned())
}

/// Whether this process has only the calling thread, as far as `/proc` tells.
#[must_use]
pub fn is_single_threaded() -> bool {
    // The directory has one link for each thread beside `.` and `..` (fs/proc/base.c, proc_task_getattr).
    rustix::fs::stat("/proc/self/task").map_or(true, |status| status.st_nlink == 3)
}

/// Strings in the form that `execve(2)` wants, made ready while memory may still be allocated.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    strings: Vec<CString>,
}

impl Strings {
    /// The strings; `None` when one has a NUL byte, which no argument can carry.
    pub fn new<S: AsRef<str>>(strings: impl IntoIterator<Item = S>) -> Option<Self> {
        let strings = strings.into_iter().map(|text| CString::new(text.as_ref()).ok()).collect::<Option<_>>()?;
        Some(Self { strings })
    }

    /// The strings one by one.
    pub fn iter(&self) -> impl Iterator<Item = &CStr> {
        self.strings.iter().map(CString::as_c_str)
    }

    fn pointers(&self) -> Vec<*const libc::c_char> {
        self.strings.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
    }
}

/// Replaces the program of this process (`execve(2)`); comes back only on failure.
///
/// # Errors
/// The reason: `ENOENT` also for a missing interpreter or loader, `EACCES`, `ENOEXEC`, …
pub fn execute(program: &CStr, arguments: &Strings, environment: &Strings) -> Result<Infallible, Errno> {
    let (argv, envp) = (arguments.pointers(), environment.pointers());
    // SAFETY: both arrays end with a null pointer and their strings live until the call returns.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    Err(last_errno())
}

/// Ends this process at once: no destructors, no handlers of the parent's program that a clone copied.
pub fn end(status: i32) -> ! {
    // SAFETY: _exit has no preconditions and does not return.
    unsafe { libc::_exit(status) }
}

/// Marks every descriptor from `first` on to be closed when a program is executed (`close_range(2)`).
///
/// For older kernels there is [`close_on_execute_listed`](crate::descriptors::close_on_execute_listed).
///
/// # Errors
/// `ENOSYS` before Linux 5.9, `EINVAL` for the flag before 5.11.
pub fn close_on_execute_from(first: u32) -> Result<(), Error> {
    // SAFETY: setting a flag on descriptors closes none of them now; whoever owns one keeps it until the program is replaced.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    check(result).named(|| format!("close_range({first}, MAX, CLOSE_RANGE_CLOEXEC)"))
}

/// Closes every descriptor from 3 on but one, which moves to 3: for a process that keeps running a program's copied memory and must
/// not keep what its maker had open. Values that own other descriptors must not be used or dropped any more.
///
/// # Errors
/// `ENOSYS` before Linux 5.9.
pub fn close_all_but(keep: OwnedFd) -> Result<OwnedFd, Error> {
    const PLACE: libc::c_int = 3;
    let number = keep.as_raw_fd();
    if number != PLACE {
        // SAFETY: both are plain numbers; what was at the place is given up, as the caller knows.
        let result = unsafe { libc::dup3(number, PLACE, libc::O_CLOEXEC) };
        check(result.into()).named(|| format!("dup3({number}, {PLACE})"))?;
    }
    // Its number may be above and is closed below.
    std::mem::forget(keep);
    // SAFETY: the caller gives up all of them.
    let result = unsafe { libc::syscall(libc::SYS_close_range, PLACE + 1, u32::MAX, 0) };
    check(result).named(|| format!("close_range({}, MAX)", PLACE + 1))?;
    // SAFETY: the descriptor at that place is this one alone.
    Ok(unsafe { OwnedFd::from_raw_fd(PLACE) })
}

/// Joins a new session keyring of that name, so that the container does not share the caller's keys (`keyctl(2)`).
///
/// # Errors
/// `ENOSYS` where the kernel has no keys, `EDQUOT` at the owner's limit.
pub fn join_session_keyring(name: &CStr) -> Result<(), Error> {
    // SAFETY: the name is a NUL-terminated string that outlives the call.
    let result = unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.as_ptr()) };
    check(result).named(|| format!("keyctl(KEYCTL_JOIN_SESSION_KEYRING, {name:?})"))
}

/// `linux/keyctl.h`
const KEYCTL_JOIN_SESSION_KEYRING: libc::c_int = 1;
