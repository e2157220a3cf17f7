//! Locks on single bytes of a file, which go with the open file description (`fcntl(2)`, open file description locks).

#![expect(unsafe_code, reason = "F_OFD_SETLK is a raw call")]

use std::os::fd::{AsFd, AsRawFd as _};
use std::ptr;

use rustix::io::Errno;

use crate::error::{Error, Named, shown};
use crate::result::check;

/// Locks one byte of a file for this open description, without waiting; `false` when another has it. The byte need not exist.
///
/// The lock ends with the last descriptor of the description, so that a process that is killed leaves none.
///
/// # Errors
/// What the kernel refused.
pub fn try_lock_byte(file: impl AsFd, offset: u32) -> Result<bool, Error> {
    let file = file.as_fd();
    // SAFETY: flock is plain integers, for which zero is a valid value.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = libc::c_short::try_from(libc::F_WRLCK).unwrap_or_default();
    lock.l_whence = libc::c_short::try_from(libc::SEEK_SET).unwrap_or_default();
    lock.l_start = offset.into();
    lock.l_len = 1;
    // SAFETY: the structure outlives the call, which reads it; the descriptor is borrowed for the call.
    let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, ptr::from_ref(&lock)) };
    match check(result.into()) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN | Errno::ACCESS) => Ok(false),
        Err(errno) => Err(errno).named(|| format!("fcntl({}, F_OFD_SETLK, byte {offset})", shown(file))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_belongs_to_one_description() {
        let path = std::env::temp_dir().join(format!("holm-lock-{}", std::process::id()));
        let open =
            || std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).unwrap();
        let (one, other) = (open(), open());
        assert!(try_lock_byte(&one, 7).unwrap());
        assert!(!try_lock_byte(&other, 7).unwrap());
        assert!(try_lock_byte(&other, 8).unwrap());
        drop(one);
        assert!(try_lock_byte(&other, 7).unwrap());
        std::fs::remove_file(&path).unwrap();
    }
}
