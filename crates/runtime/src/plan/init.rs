//! The operations of init: what the container's first process does to itself and to its mount table before it executes.

use std::fmt;
use std::os::fd::{AsFd as _, OwnedFd};

use linux::namespace::Namespaces;
use linux::{Error, Named as _, shown};
use rustix::io::Errno;
use steps::{Operation, Script};

use crate::channel::{Channel, Message};
use crate::filesystem::{FilesystemContext, FilesystemOperation, bind_onto};
use crate::process::ProcessOperation;
use crate::terminal::{become_terminal, open_console};

/// One operation of init's track.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InitOperation {
    /// Joins the control groups of cgroup v1 by writing 0 into their `tasks` files.
    JoinGroups,
    /// Waits until the parent has written the id maps, and takes the mounts that it sends.
    AwaitProceed,
    /// Becomes the new user namespace's root.
    BecomeRoot,
    /// Makes the control groups joined so far look like the root.
    UnshareGroups,
    /// The mount table and the files of the root.
    Filesystem(FilesystemOperation),
    /// The process's own attributes.
    Process(ProcessOperation),
    /// Makes a terminal in the container's devpts, hands its master side to the parent, and lives on its other side.
    OpenConsole {
        /// Rows and columns.
        size: Option<(u16, u16)>,
        /// The program's user, whose terminal it is.
        owner: u32,
    },
}

/// What init's operations work on.
#[derive(Debug)]
pub(crate) struct InitContext {
    /// The root, and the mounts that the parent sent.
    pub(crate) filesystem: FilesystemContext,
    /// The open `tasks` files of the control groups.
    pub(crate) group_files: Vec<OwnedFd>,
    /// The way to the parent.
    pub(crate) channel: Channel,
}

impl Operation for InitOperation {
    type Context = InitContext;
    type Error = Error;

    fn apply(&self, context: &mut InitContext) -> Result<(), Error> {
        match self {
            Self::JoinGroups => {
                for file in context.group_files.drain(..) {
                    // 0 is the writing thread itself: the one form of the join that waits for no other processor.
                    rustix::io::write(&file, b"0").named(|| format!("write({}, \"0\")", shown(&file)))?;
                }
                Ok(())
            }
            Self::AwaitProceed => match context.channel.receive()? {
                Some((Message::Proceed, mounts)) => {
                    context.filesystem.received = mounts;
                    Ok(())
                }
                Some((other, _)) => Err(Error::new(format!("recvmsg(Proceed), got {other:?}"), Errno::PROTO)),
                None => Err(Error::new("recvmsg(Proceed)", Errno::PIPE)),
            },
            Self::BecomeRoot => {
                use rustix::process::{Gid, Uid};
                let (user, group) = (Uid::ROOT, Gid::ROOT);
                rustix::thread::set_thread_res_gid(group, group, group).named(|| "setresgid(0, 0, 0)".to_owned())?;
                rustix::thread::set_thread_res_uid(user, user, user).named(|| "setresuid(0, 0, 0)".to_owned())?;
                close_to_others()
            }
            Self::UnshareGroups => linux::namespace::unshare(Namespaces::CGROUP),
            Self::Filesystem(operation) => operation.apply(&mut context.filesystem),
            Self::Process(operation) => operation.apply(&mut ()),
            Self::OpenConsole { size, owner } => {
                let root = context.filesystem.root()?;
                let console = open_console(root, *size, *owner)?;
                bind_onto(root, console.slave.as_fd(), "/dev/console")?;
                context.channel.send(&Message::Console, &[console.master.as_fd()])?;
                become_terminal(&console.slave)
            }
        }
    }

    fn show(&self, script: &mut Script) {
        match self {
            // Done by the shell around the clone, which the assembled script shows.
            Self::JoinGroups | Self::AwaitProceed | Self::BecomeRoot | Self::UnshareGroups => {}
            Self::Filesystem(operation) => operation.show(script),
            Self::Process(operation) => operation.show(script),
            Self::OpenConsole { .. } => script.comment("(the terminal is the one that runs this script)"),
        }
    }
}

impl fmt::Display for InitOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JoinGroups => f.write_str("join the control groups"),
            Self::AwaitProceed => f.write_str("wait for the id maps"),
            Self::BecomeRoot => f.write_str("become root of the new user namespace"),
            Self::UnshareGroups => f.write_str("make a cgroup namespace"),
            Self::Filesystem(operation) => operation.fmt(f),
            Self::Process(operation) => operation.fmt(f),
            Self::OpenConsole { .. } => f.write_str("open the container's terminal"),
        }
    }
}

/// Nobody may trace this process, or look through `/proc` at what it holds open, until it is the container's program
/// (CVE-2016-9962).
pub(crate) fn close_to_others() -> Result<(), Error> {
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .named(|| "prctl(PR_SET_DUMPABLE, 0)".to_owned())
}
