//! Small files of the kernel's: read whole, written in one call, by directory descriptor.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use linux::{Error, Named as _, shown};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

/// Opens a directory so that it serves to find files in it, and nothing else.
pub(crate) fn open_directory(path: &Path) -> Result<OwnedFd, Error> {
    openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .named(|| format!("open({path:?}, O_PATH|O_DIRECTORY)"))
}

/// Opens a file of a directory.
pub(crate) fn open_at(directory: BorrowedFd<'_>, file: &str, flags: OFlags) -> Result<OwnedFd, Error> {
    openat(directory, file, flags | OFlags::CLOEXEC, Mode::empty())
        .named(|| format!("openat({}, {file:?}, {})", shown(directory), access(flags)))
}

/// Opens a file by its path.
pub(crate) fn open(path: &Path, flags: OFlags) -> Result<OwnedFd, Error> {
    openat(CWD, path, flags | OFlags::CLOEXEC, Mode::empty()).named(|| format!("open({path:?}, {})", access(flags)))
}

/// Writes a value in one call, as the kernel's files want it.
pub(crate) fn write_value(file: BorrowedFd<'_>, value: &str) -> Result<(), Error> {
    loop {
        match rustix::io::write(file, value.as_bytes()) {
            // Interrupted before anything was done; a short write of a value that the kernel took does not exist.
            Err(Errno::INTR) => {}
            result => return result.map(|_| ()).named(|| format!("write({}, {value:?})", shown(file))),
        }
    }
}

/// Opens a file of a directory and writes a value into it.
pub(crate) fn write_at(directory: BorrowedFd<'_>, file: &str, value: &str) -> Result<(), Error> {
    write_value(open_at(directory, file, OFlags::WRONLY)?.as_fd(), value)
}

/// Opens a file by its path and writes a value into it.
pub(crate) fn write(path: &Path, value: &str) -> Result<(), Error> {
    write_value(open(path, OFlags::WRONLY)?.as_fd(), value)
}

/// Reads a file of a directory.
pub(crate) fn read_at(directory: BorrowedFd<'_>, file: &str) -> Result<String, Error> {
    read_open(open_at(directory, file, OFlags::RDONLY)?)
}

/// Reads a file by its path.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    read_open(open(path, OFlags::RDONLY)?)
}

fn read_open(file: OwnedFd) -> Result<String, Error> {
    use std::io::Read as _;
    let mut file = File::from(file);
    // The kernel's files give no size, so that `fs::read` would begin with a small buffer.
    let mut bytes = Vec::with_capacity(4096);
    file.read_to_end(&mut bytes).named(|| format!("read({})", shown(&file)))?;
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

fn access(flags: OFlags) -> &'static str {
    if flags.contains(OFlags::RDWR) {
        "O_RDWR"
    } else if flags.contains(OFlags::WRONLY) {
        "O_WRONLY"
    } else {
        "O_RDONLY"
    }
}
