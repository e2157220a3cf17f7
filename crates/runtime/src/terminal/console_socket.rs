//! `--console-socket`: the master side of a terminal handed to whoever listens there (runc's docs/terminals.md).

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::path::Path;

use linux::{Error, Named as _};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
};

/// Connects to the socket and sends the descriptor, with its name as the message's bytes.
///
/// # Errors
/// When nobody listens there.
pub(crate) fn send_to_console_socket(path: &Path, master: BorrowedFd<'_>) -> Result<(), Error> {
    let call = |verb: &str| format!("{verb}({path:?})");
    let address = SocketAddrUnix::new(path).named(|| call("sockaddr_un"))?;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
        .named(|| "socket(AF_UNIX, SOCK_STREAM)".to_owned())?;
    rustix::net::connect(&socket, &address).named(|| call("connect"))?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [master];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    rustix::net::sendmsg(&socket, &[IoSlice::new(b"/dev/ptmx")], &mut control, SendFlags::NOSIGNAL)
        .named(|| call("sendmsg"))?;
    Ok(())
}
