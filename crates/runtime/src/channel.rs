//! The init protocol: what the parent and the container's first process say to each other, and how.
//!
//! ```text
//!   parent                                   init (the child of the one clone)
//!     │ clone ────────────────────────────────► its track begins
//!     │ writes the id maps (user namespace)     │
//!     │ Proceed + detached mounts ────────────► │ only with a user namespace
//!     │                                         │ mounts, devices, root, ids, capabilities
//!     │ ◄───────────────── Console + master fd  │ only with a terminal
//!     │ ◄──────────────────────────────── Ready │
//!     │ records the container                   │
//!     │ Start ────────────────────────────────► │ over this channel (run) or the start socket (create, start)
//!     │ ◄───────────────────── end of the file  │ the program runs: executing it closed the channel
//! ```
//!
//! `run` sends `Start` ahead, as soon as the process is recorded, unless a pid file or a console socket is to be served first: init
//! finds it when it is ready.
//!
//! Instead of any of its messages init may send `Failed`, after which it ends. One packet is one message (`SOCK_SEQPACKET`,
//! `unix(7)`): it cannot be torn, and the descriptors that belong to it travel in it and not beside it.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use linux::{Error, Named as _};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType,
};

/// One message of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// The id maps are written and the mounts that only the parent can make are here.
    Proceed,
    /// The master side of the container's terminal.
    Console,
    /// Everything is set up but the program is not executed yet.
    Ready,
    /// Execute the program.
    Start,
    /// A step of init failed; init has ended.
    Failed(InitFailure),
}

/// What failed in init, carried whole to the parent: the step, the call, the errno.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitFailure {
    /// What was tried.
    pub step: String,
    /// The call with its arguments, or the sentence of a failure that is no call.
    pub call: String,
    /// The kernel's answer; 0 when no call failed.
    pub errno: i32,
    /// The exit code that stands for it: 126 or 127 when the program could not be executed, else 1.
    pub exit_code: u8,
}

/// The most descriptors that one packet carries (`SCM_MAX_FD` of the kernel).
const MOST_DESCRIPTORS: usize = 253;
/// A failure's texts are cut to fit the packet.
const PACKET: usize = 8192;

/// One end of the protocol.
#[derive(Debug)]
pub(crate) struct Channel {
    socket: OwnedFd,
}

impl Channel {
    /// The two ends: for the parent and for init.
    ///
    /// # Errors
    /// `EMFILE` or `ENFILE`.
    pub(crate) fn pair() -> Result<(Self, Self), Error> {
        let (parent, init) =
            rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .named(|| "socketpair(AF_UNIX, SOCK_SEQPACKET)".to_owned())?;
        Ok((Self { socket: parent }, Self { socket: init }))
    }

    /// An end that was made in another way: connected to, or accepted from, a start socket.
    #[must_use]
    pub(crate) fn from_socket(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// Sends one message with its descriptors.
    ///
    /// # Errors
    /// `EPIPE` when the other side has ended.
    pub(crate) fn send(&self, message: &Message, descriptors: &[BorrowedFd<'_>]) -> Result<(), Error> {
        let bytes = message.encode();
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
            return Err(Error::new(format!("sendmsg({} descriptors)", descriptors.len()), Errno::TOOBIG));
        }
        rustix::net::sendmsg(&self.socket, &[IoSlice::new(&bytes)], &mut control, SendFlags::NOSIGNAL)
            .named(|| format!("sendmsg({message:?})"))?;
        Ok(())
    }

    /// Says that nothing more will be sent: whoever waits for a message sees the end.
    pub(crate) fn close_sending(&self) {
        // A channel that is broken already is as closed as it can be.
        let _closed = rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Write);
    }

    /// Waits for the next message; `None` when the other side has closed its end.
    ///
    /// # Errors
    /// `EBADMSG` for a packet that is no message.
    pub(crate) fn receive(&self) -> Result<Option<(Message, Vec<OwnedFd>)>, Error> {
        let mut bytes = [0_u8; PACKET];
        let mut space = vec![MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let length = loop {
            let mut parts = [IoSliceMut::new(&mut bytes)];
            match rustix::net::recvmsg(&self.socket, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC) {
                Ok(received) => break received.bytes,
                Err(Errno::INTR) => {}
                // The other side ended without having read all: for this side the same as its end.
                Err(Errno::CONNRESET) => break 0,
                Err(errno) => return Err(Error::new("recvmsg(init channel)", errno)),
            }
        };
        let descriptors = control
            .drain()
            .filter_map(|message| match message {
                RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
                _ => None,
            })
            .flatten()
            .collect();
        if length == 0 {
            return Ok(None);
        }
        let message = bytes.get(..length).and_then(Message::decode);
        message
            .map(|message| Some((message, descriptors)))
            .ok_or_else(|| Error::new("recvmsg(init channel)", Errno::BADMSG))
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Message {
    /// One byte that names the message; of a failure, its exit code, its errno (little endian), its step, a NUL, its call.
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Proceed => vec![b'P'],
            Self::Console => vec![b'C'],
            Self::Ready => vec![b'R'],
            Self::Start => vec![b'S'],
            Self::Failed(failure) => {
                let mut bytes = vec![b'F', failure.exit_code];
                bytes.extend(failure.errno.to_le_bytes());
                bytes.extend(failure.step.bytes().filter(|byte| *byte != 0).take(PACKET / 4));
                bytes.push(0);
                bytes.extend(failure.call.bytes().take(PACKET / 2));
                bytes
            }
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'P'] => Some(Self::Proceed),
            [b'C'] => Some(Self::Console),
            [b'R'] => Some(Self::Ready),
            [b'S'] => Some(Self::Start),
            [b'F', exit_code, a, b, c, d, texts @ ..] => {
                let end = texts.iter().position(|byte| *byte == 0)?;
                let (step, call) = (texts.get(..end)?, texts.get(end + 1..)?);
                Some(Self::Failed(InitFailure {
                    step: String::from_utf8_lossy(step).into_owned(),
                    call: String::from_utf8_lossy(call).into_owned(),
                    errno: i32::from_le_bytes([*a, *b, *c, *d]),
                    exit_code: *exit_code,
                }))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &Message) {
        assert_eq!(Message::decode(&message.encode()).as_ref(), Some(message));
    }

    #[test]
    fn messages_survive_the_packet() {
        for message in [Message::Proceed, Message::Console, Message::Ready, Message::Start] {
            check(&message);
        }
        check(&Message::Failed(InitFailure {
            step: "mount proc on /proc".to_owned(),
            call: "fsmount(5)".to_owned(),
            errno: 1,
            exit_code: 1,
        }));
    }

    #[test]
    fn a_packet_that_is_no_message_is_refused() {
        for bytes in [&b""[..], b"X", b"PP", b"F", b"F\x01\x00\x00\x00\x00no end"] {
            assert_eq!(Message::decode(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_descriptor_travels_in_its_message() {
        let (parent, init) = Channel::pair().unwrap();
        let file = std::fs::File::open("/proc/self/status").unwrap();
        init.send(&Message::Console, &[file.as_fd()]).unwrap();
        let (message, descriptors) = parent.receive().unwrap().unwrap();
        assert_eq!((message, descriptors.len()), (Message::Console, 1));
        drop(init);
        assert!(parent.receive().unwrap().is_none());
    }
}
