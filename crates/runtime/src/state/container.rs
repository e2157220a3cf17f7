//! The directory of one container.

use std::io::Read as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::PathBuf;

use linux::{Error, Named as _};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::record::{ProcessRecord, Record};
use crate::channel::Channel;

/// The open directory of one container below the state root.
#[derive(Debug)]
pub(crate) struct ContainerDirectory {
    path: PathBuf,
    directory: OwnedFd,
}

const RECORD: &str = "record.json";
const PROCESS: &str = "process";
const START: &str = "start";

impl ContainerDirectory {
    pub(super) fn new(path: PathBuf, directory: OwnedFd) -> Self {
        Self { path, directory }
    }

    /// Writes what is known before the first process exists.
    ///
    /// # Errors
    /// `ENOSPC` and the like.
    pub(crate) fn write_record(&self, record: &Record) -> Result<(), Error> {
        // A record holds strings, numbers and maps of strings: nothing that JSON could refuse.
        let text = serde_json::to_vec(record)
            .map_err(|_| Error::new(format!("write({:?})", self.path.join(RECORD)), Errno::INVAL))?;
        self.write(RECORD, &text)
    }

    /// The record; `None` when its writer was killed before it was whole.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn record(&self) -> Result<Option<Record>, Error> {
        Ok(self.read(RECORD)?.and_then(|text| serde_json::from_slice(&text).ok()))
    }

    /// Writes which process is the container's first.
    ///
    /// # Errors
    /// `ENOSPC` and the like.
    pub(crate) fn write_process(&self, process: &ProcessRecord) -> Result<(), Error> {
        self.write(PROCESS, process.text().as_bytes())
    }

    /// The container's first process, if one was made.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn process(&self) -> Result<Option<ProcessRecord>, Error> {
        Ok(self.read(PROCESS)?.and_then(|text| ProcessRecord::parse(&String::from_utf8_lossy(&text))))
    }

    /// Makes the socket on which init will wait for `start`.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn listen_for_start(&self) -> Result<OwnedFd, Error> {
        let address = self.start_address()?;
        let socket = new_socket()?;
        rustix::net::bind(&socket, &address).named(|| format!("bind({:?})", self.path.join(START)))?;
        rustix::net::listen(&socket, 1).named(|| format!("listen({:?})", self.path.join(START)))?;
        Ok(socket)
    }

    /// Connects to the init that waits for `start`; `None` when none does.
    ///
    /// # Errors
    /// What the kernel refused.
    pub(crate) fn connect_to_start(&self) -> Result<Option<Channel>, Error> {
        let address = self.start_address()?;
        let socket = new_socket()?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) => Ok(Some(Channel::from_socket(socket))),
            Err(Errno::NOENT | Errno::CONNREFUSED) => Ok(None),
            Err(errno) => Err(Error::new(format!("connect({:?})", self.path.join(START)), errno)),
        }
    }

    /// Whether the container still waits for `start`.
    #[must_use]
    pub(crate) fn awaits_start(&self) -> bool {
        rustix::fs::statat(&self.directory, START, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Notes that the container has been started.
    ///
    /// # Errors
    /// `ENOENT` when somebody else has started it.
    pub(crate) fn forget_start(&self) -> Result<(), Error> {
        rustix::fs::unlinkat(&self.directory, START, AtFlags::empty())
            .named(|| format!("unlink({:?})", self.path.join(START)))
    }

    /// Removes the directory with all that stands in it.
    ///
    /// # Errors
    /// What the kernel refused; what is gone already is no failure.
    pub(crate) fn remove(self) -> Result<(), Error> {
        for name in [START, PROCESS, RECORD] {
            match rustix::fs::unlinkat(&self.directory, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(Error::new(format!("unlink({:?})", self.path.join(name)), errno)),
            }
        }
        match rustix::fs::rmdir(&self.path) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(Error::new(format!("rmdir({:?})", self.path), errno)),
        }
    }

    /// A socket's path has at most 107 bytes (`unix(7)`): it is reached through the open directory, which is always short.
    fn start_address(&self) -> Result<SocketAddrUnix, Error> {
        let path = format!("/proc/self/fd/{}/{START}", self.directory.as_raw_fd());
        SocketAddrUnix::new(&*path).named(|| format!("sockaddr_un({path:?})"))
    }

    fn write(&self, name: &str, text: &[u8]) -> Result<(), Error> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let call = |verb: &str| format!("{verb}({:?})", self.path.join(name));
        let file = rustix::fs::openat(&self.directory, name, flags, Mode::RUSR | Mode::WUSR).named(|| call("open"))?;
        std::io::Write::write_all(&mut std::fs::File::from(file), text).named(|| call("write"))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let call = |verb: &str| format!("{verb}({:?})", self.path.join(name));
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let file = match rustix::fs::openat(&self.directory, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(Error::new(call("open"), errno)),
        };
        let mut text = Vec::new();
        std::fs::File::from(file).read_to_end(&mut text).named(|| call("read"))?;
        Ok(Some(text))
    }
}

fn new_socket() -> Result<OwnedFd, Error> {
    rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .named(|| "socket(AF_UNIX, SOCK_SEQPACKET)".to_owned())
}
