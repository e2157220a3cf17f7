//! The container's terminal: made inside the container, held outside of it.

mod console;
mod console_socket;
mod foreground;
mod raw_mode;

pub(crate) use console::{become_terminal, open_console};
pub(crate) use console_socket::send_to_console_socket;
pub(crate) use foreground::{Foreground, ProcessEnd};
