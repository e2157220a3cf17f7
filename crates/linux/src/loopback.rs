//! The loopback link of the calling process's network namespace (`netdevice(7)`).

#![expect(unsafe_code, reason = "SIOCGIFFLAGS and SIOCSIFFLAGS are raw calls")]

use std::os::fd::AsRawFd as _;
use std::ptr;

use rustix::net::{AddressFamily, SocketFlags, SocketType};

use crate::error::{Error, Named};
use crate::result::check;

/// Brings `lo` up: a new network namespace has it, but down.
///
/// # Errors
/// `EPERM` without rights over the network namespace.
pub fn bring_up() -> Result<(), Error> {
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)
        .named(|| "socket(AF_INET, SOCK_DGRAM)".to_owned())?;
    // SAFETY: ifreq is plain integers, for which zero is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, byte) in request.ifr_name.iter_mut().zip(b"lo") {
        *place = libc::c_char::try_from(*byte).unwrap_or_default();
    }
    // SAFETY: the request outlives the call, which writes the flags into it.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS, ptr::from_mut(&mut request)) };
    check(result.into()).named(|| "ioctl(SIOCGIFFLAGS, \"lo\")".to_owned())?;
    // SAFETY: the call above has written this member of the union.
    let flags = unsafe { request.ifr_ifru.ifru_flags };
    request.ifr_ifru.ifru_flags = flags | libc::c_short::try_from(libc::IFF_UP).unwrap_or_default();
    // SAFETY: the request outlives the call, which reads it.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, ptr::from_ref(&request)) };
    check(result.into()).named(|| "ioctl(SIOCSIFFLAGS, \"lo\", IFF_UP)".to_owned())
}
