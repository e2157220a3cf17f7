//! Init's side: a pseudo-terminal of the container's own devpts (`pty(7)`).

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use linux::{Error, Named as _, shown};
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;

/// The two sides of the container's terminal.
#[derive(Debug)]
pub(crate) struct Console {
    /// The side that whoever watches the container holds.
    pub(crate) master: OwnedFd,
    /// The side that is the container's terminal.
    pub(crate) slave: OwnedFd,
}

/// Opens a new terminal of the devpts that is mounted in the root.
///
/// What is opened is verified on the descriptors: a tree that puts other files at these places gets no master side of anything
/// (CVE-2025-52565).
pub(crate) fn open_console(root: BorrowedFd<'_>, size: Option<(u16, u16)>, owner: u32) -> Result<Console, Error> {
    const PATH: &str = "dev/pts/ptmx";
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let master = rustix::fs::openat2(root, PATH, flags, Mode::empty(), resolve)
        .named(|| format!("openat2({}, {PATH:?}, O_RDWR|O_NOCTTY)", shown(root)))?;
    let status = rustix::fs::fstat(&master).named(|| format!("fstat({})", shown(&master)))?;
    let is_multiplexer = FileType::from_raw_mode(status.st_mode) == FileType::CharacterDevice
        && status.st_rdev == rustix::fs::makedev(5, 2);
    // The kernel's DEVPTS_SUPER_MAGIC (linux/magic.h).
    const DEVPTS: rustix::fs::FsWord = 0x1cd1;
    let file_system = rustix::fs::fstatfs(&master).named(|| format!("fstatfs({})", shown(&master)))?.f_type;
    if !is_multiplexer || file_system != DEVPTS {
        return Err(Error::new(format!("/{PATH} is not the multiplexer of a devpts"), Errno::NODEV));
    }
    rustix::pty::unlockpt(&master).named(|| format!("ioctl({}, TIOCSPTLCK, 0)", shown(&master)))?;
    let slave = rustix::pty::ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
        .named(|| format!("ioctl({}, TIOCGPTPEER)", shown(&master)))?;
    if let Some((rows, columns)) = size {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&slave, size)
            .named(|| format!("ioctl({}, TIOCSWINSZ, {rows}x{columns})", shown(&slave)))?;
    }
    if owner != 0 {
        rustix::fs::fchown(&slave, Some(rustix::fs::Uid::from_raw(owner)), None)
            .named(|| format!("fchown({}, {owner})", shown(&slave)))?;
    }
    Ok(Console { master, slave })
}

/// Makes the terminal this process's standard input, output and error, and its session's own.
pub(crate) fn become_terminal(slave: &OwnedFd) -> Result<(), Error> {
    rustix::process::ioctl_tiocsctty(slave).named(|| format!("ioctl({}, TIOCSCTTY)", shown(slave)))?;
    rustix::stdio::dup2_stdin(slave.as_fd()).named(|| "dup2(terminal, 0)".to_owned())?;
    rustix::stdio::dup2_stdout(slave.as_fd()).named(|| "dup2(terminal, 1)".to_owned())?;
    rustix::stdio::dup2_stderr(slave.as_fd()).named(|| "dup2(terminal, 2)".to_owned())
}
