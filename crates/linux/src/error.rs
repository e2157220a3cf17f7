//! The refusal of a system call: the call with its arguments, and the errno.

use std::fmt;
use std::os::fd::{AsFd, AsRawFd};

use rustix::io::Errno;

/// A system call that the kernel refused.
///
/// Prints as `openat(5</srv/root>, "etc", O_PATH): No such file or directory (ENOENT)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    call: String,
    errno: i32,
}

impl Error {
    /// The refusal of `call`, which is the text of the call with its arguments.
    #[must_use]
    pub fn new(call: impl Into<String>, errno: Errno) -> Self {
        Self { call: call.into(), errno: errno.raw_os_error() }
    }

    /// The call with its arguments.
    #[must_use]
    pub fn call(&self) -> &str {
        &self.call
    }

    /// Why the kernel refused.
    #[must_use]
    pub fn errno(&self) -> Errno {
        Errno::from_raw_os_error(self.errno)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = std::io::Error::from_raw_os_error(self.errno).to_string();
        // The standard library appends "(os error N)"; the constant's name says more to a reader.
        let sentence = text.split(" (os error").next().unwrap_or(&text);
        write!(f, "{}: {sentence} ({})", self.call, errno_name(self.errno()))
    }
}

impl std::error::Error for Error {}

/// Gives a failed call its text.
pub trait Named<T> {
    /// Names the call that failed; `call` is only evaluated on failure, so the hot path formats nothing.
    ///
    /// # Errors
    /// The failure, with the call's text.
    fn named(self, call: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Named<T> for Result<T, Errno> {
    fn named(self, call: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|errno| Error::new(call(), errno))
    }
}

impl<T> Named<T> for std::io::Result<T> {
    fn named(self, call: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|error| Error::new(call(), Errno::from_io_error(&error).unwrap_or(Errno::IO)))
    }
}

/// A descriptor as an error shows it: its number and what it refers to, `5</srv/root>`.
#[must_use]
pub fn shown(fd: impl AsFd) -> String {
    let number = fd.as_fd().as_raw_fd();
    match std::fs::read_link(format!("/proc/self/fd/{number}")) {
        Ok(target) => format!("{number}<{}>", target.display()),
        Err(_) if number == libc::AT_FDCWD => "AT_FDCWD".to_owned(),
        Err(_) => number.to_string(),
    }
}

/// The constant's name of an errno, `ENOENT`; of an unknown one, its number.
#[must_use]
pub fn errno_name(errno: Errno) -> String {
    let name = match errno {
        Errno::PERM => "EPERM",
        Errno::NOENT => "ENOENT",
        Errno::SRCH => "ESRCH",
        Errno::INTR => "EINTR",
        Errno::IO => "EIO",
        Errno::NXIO => "ENXIO",
        Errno::TOOBIG => "E2BIG",
        Errno::NOEXEC => "ENOEXEC",
        Errno::BADF => "EBADF",
        Errno::CHILD => "ECHILD",
        Errno::AGAIN => "EAGAIN",
        Errno::NOMEM => "ENOMEM",
        Errno::ACCESS => "EACCES",
        Errno::FAULT => "EFAULT",
        Errno::BUSY => "EBUSY",
        Errno::EXIST => "EEXIST",
        Errno::XDEV => "EXDEV",
        Errno::NODEV => "ENODEV",
        Errno::NOTDIR => "ENOTDIR",
        Errno::ISDIR => "EISDIR",
        Errno::INVAL => "EINVAL",
        Errno::NFILE => "ENFILE",
        Errno::MFILE => "EMFILE",
        Errno::NOTTY => "ENOTTY",
        Errno::TXTBSY => "ETXTBSY",
        Errno::FBIG => "EFBIG",
        Errno::NOSPC => "ENOSPC",
        Errno::SPIPE => "ESPIPE",
        Errno::ROFS => "EROFS",
        Errno::MLINK => "EMLINK",
        Errno::PIPE => "EPIPE",
        Errno::DOM => "EDOM",
        Errno::RANGE => "ERANGE",
        Errno::NAMETOOLONG => "ENAMETOOLONG",
        Errno::NOSYS => "ENOSYS",
        Errno::NOTEMPTY => "ENOTEMPTY",
        Errno::LOOP => "ELOOP",
        Errno::NODATA => "ENODATA",
        Errno::OVERFLOW => "EOVERFLOW",
        Errno::USERS => "EUSERS",
        Errno::NOTSOCK => "ENOTSOCK",
        Errno::MSGSIZE => "EMSGSIZE",
        Errno::OPNOTSUPP => "EOPNOTSUPP",
        Errno::CONNRESET => "ECONNRESET",
        Errno::CONNREFUSED => "ECONNREFUSED",
        Errno::TIMEDOUT => "ETIMEDOUT",
        Errno::STALE => "ESTALE",
        Errno::DQUOT => "EDQUOT",
        Errno::KEYREVOKED => "EKEYREVOKED",
        Errno::NOKEY => "ENOKEY",
        other => return format!("errno {}", other.raw_os_error()),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_prints_its_call_and_the_path_behind_the_descriptor() {
        let directory = std::fs::File::open("/proc").unwrap();
        let error = rustix::fs::mkdirat(&directory, "x", 0o755.into())
            .named(|| format!("mkdirat({}, \"x\", 0755)", shown(&directory)))
            .unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("mkdirat(") && text.contains("</proc>, \"x\", 0755): No such file"), "{text}");
        assert!(text.ends_with("(ENOENT)"), "{text}");
    }
}
