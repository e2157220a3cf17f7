//! What a raw call returns, as a result.

use rustix::io::Errno;

/// Success, or the errno of the call that has just returned a negative number.
pub(crate) fn check(result: libc::c_long) -> Result<(), Errno> {
    if result < 0 { Err(last_errno()) } else { Ok(()) }
}

/// The errno of the call that has just failed.
pub(crate) fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
