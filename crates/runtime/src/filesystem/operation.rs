//! The operations on the mount table and on the files of the root.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use linux::Error;
use linux::mount::Propagation;
use rustix::io::Errno;
use steps::{Operation, Script};

use super::control_groups::{self, GroupMount};
use super::options::MountOptions;
use super::{attach, files, resolve, root, show};

/// One operation of init on the mount table.
#[derive(Debug, Clone, PartialEq)]
pub enum FilesystemOperation {
    /// Gives all mounts of the new namespace a propagation.
    SetPropagation {
        /// Which.
        propagation: Propagation,
    },
    /// Makes the mount on which the root stands private, so that nothing mounted in the root shows on the host.
    MakeParentPrivate {
        /// The root's directory.
        path: PathBuf,
    },
    /// Binds the root onto itself: only a mount can become the root.
    AttachRoot {
        /// The root's directory.
        path: PathBuf,
    },
    /// Attaches the id-mapped root that the parent has sent.
    AttachReceivedRoot {
        /// The root's directory.
        path: PathBuf,
    },
    /// Attaches the next mount that the parent has sent, at a path of the host's that only this namespace sees.
    AttachReceived {
        /// Where.
        path: PathBuf,
    },
    /// Mounts a file system.
    Mount {
        /// Its type.
        kind: String,
        /// Its source.
        source: String,
        /// Where, in the container.
        destination: String,
        /// Its options.
        options: MountOptions,
    },
    /// Binds a file or directory of the host's.
    Bind {
        /// What is bound.
        source: PathBuf,
        /// Where, in the container.
        destination: String,
        /// Whether the source is a directory.
        directory: bool,
        /// Its options.
        options: MountOptions,
    },
    /// Changes the attributes of a mount that is there already.
    Remount {
        /// Where, in the container.
        destination: String,
        /// Its options.
        options: MountOptions,
    },
    /// Mounts the control groups.
    ControlGroups(GroupMount),
    /// Opens the root where it is: without a mount namespace nothing can be attached.
    OpenRoot {
        /// The root's directory.
        path: PathBuf,
    },
    /// Makes a directory where it is missing.
    MakeDirectory {
        /// Where, in the container.
        path: String,
    },
    /// Makes a device node.
    MakeDevice {
        /// Where, in the container.
        path: String,
        /// `c`, `b` or `p`.
        kind: char,
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
        /// Permissions.
        mode: u32,
        /// Owner and group.
        owner: (u32, u32),
    },
    /// Binds a device node of the host's: in a user namespace none can be made.
    BindDevice {
        /// The host's node, and where it is in the container.
        path: String,
    },
    /// Makes a symbolic link.
    Symlink {
        /// Where, in the container.
        path: String,
        /// What it says.
        target: String,
    },
    /// Makes a path read-only.
    ReadOnlyPath {
        /// The path in the container.
        path: String,
    },
    /// Hides a path behind an empty file or directory.
    Mask {
        /// The path in the container.
        path: String,
    },
    /// Makes the root read-only.
    MakeRootReadOnly,
    /// Makes the root the root of the mount namespace, and detaches the old one.
    PivotRoot,
    /// Moves the root over `/`, for roots that cannot be pivoted.
    MoveRoot,
    /// Changes the root of the process alone: without a mount namespace.
    ChangeRoot {
        /// The root's directory.
        path: PathBuf,
    },
    /// Gives the new root its propagation.
    SetRootPropagation {
        /// Which.
        propagation: Propagation,
        /// Whether to all mounts below as well.
        recursive: bool,
    },
}

/// What the operations work on.
#[derive(Debug, Default)]
pub struct FilesystemContext {
    /// The container's root, once it is attached.
    pub root: Option<OwnedFd>,
    /// The mounts that the parent has sent and that are not attached yet.
    pub received: Vec<OwnedFd>,
    /// The empty read-only directory that hides others, once it is mounted somewhere.
    pub(super) empty_directory: Option<OwnedFd>,
}

impl FilesystemContext {
    pub(crate) fn root(&self) -> Result<BorrowedFd<'_>, Error> {
        self.root.as_ref().map(AsFd::as_fd).ok_or_else(|| Error::new("the container's root", Errno::BADF))
    }

    pub(super) fn next_received(&mut self) -> Result<OwnedFd, Error> {
        if self.received.is_empty() {
            return Err(Error::new("a mount from the parent", Errno::BADF));
        }
        Ok(self.received.remove(0))
    }
}

impl Operation for FilesystemOperation {
    type Context = FilesystemContext;
    type Error = Error;

    fn apply(&self, context: &mut FilesystemContext) -> Result<(), Error> {
        match self {
            Self::SetPropagation { propagation } => root::set_propagation("/", *propagation, true),
            Self::MakeParentPrivate { path } => root::make_parent_private(path),
            Self::AttachRoot { path } => root::attach_root(context, path),
            Self::AttachReceivedRoot { path } => {
                let mount = context.next_received()?;
                attach::attach_at(mount.as_fd(), path)?;
                context.root = Some(mount);
                Ok(())
            }
            Self::AttachReceived { path } => {
                let mount = context.next_received()?;
                attach::attach_at(mount.as_fd(), path)
            }
            Self::Mount { kind, source, destination, options } => {
                attach::mount(context.root()?, kind, source, destination, options)
            }
            Self::Bind { source, destination, directory, options } => {
                attach::bind(context.root()?, source, destination, *directory, options)
            }
            Self::Remount { destination, options } => attach::remount(context.root()?, destination, options),
            Self::ControlGroups(mount) => control_groups::mount(context.root()?, mount),
            Self::OpenRoot { path } => root::open_root(context, path),
            Self::MakeDirectory { path } => {
                resolve::open_or_make(context.root()?, path, resolve::Place::Directory)?;
                Ok(())
            }
            Self::MakeDevice { path, kind, major, minor, mode, owner } => {
                files::make_device(context.root()?, path, *kind, (*major, *minor), *mode, *owner)
            }
            Self::BindDevice { path } => files::bind_device(context.root()?, path),
            Self::Symlink { path, target } => files::symlink(context.root()?, path, target),
            Self::ReadOnlyPath { path } => files::make_read_only(context.root()?, path),
            Self::Mask { path } => files::mask(context, path),
            Self::MakeRootReadOnly => root::make_read_only(context.root()?),
            Self::PivotRoot => root::pivot(context.root()?),
            Self::MoveRoot => root::move_root(context.root()?),
            Self::ChangeRoot { path } => root::change_root(path),
            Self::SetRootPropagation { propagation, recursive } => root::set_propagation("/", *propagation, *recursive),
        }
    }

    fn show(&self, script: &mut Script) {
        show::show(self, script);
    }
}

impl fmt::Display for FilesystemOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetPropagation { propagation } => write!(f, "make all mounts {}", propagation.word()),
            Self::MakeParentPrivate { path } => write!(f, "make the mount below {} private", path.display()),
            Self::AttachRoot { path } => write!(f, "bind the root {} onto itself", path.display()),
            Self::AttachReceivedRoot { path } => write!(f, "attach the id-mapped root {}", path.display()),
            Self::AttachReceived { path } => write!(f, "attach the id-mapped layer {}", path.display()),
            Self::Mount { kind, destination, .. } => write!(f, "mount {kind} on {destination}"),
            Self::Bind { source, destination, .. } => write!(f, "bind {} on {destination}", source.display()),
            Self::Remount { destination, .. } => write!(f, "change the mount on {destination}"),
            Self::ControlGroups(mount) => write!(f, "mount the control groups on {}", mount.destination),
            Self::OpenRoot { path } => write!(f, "open the root {}", path.display()),
            Self::MakeDirectory { path } => write!(f, "make the directory {path}"),
            Self::MakeDevice { path, .. } => write!(f, "make the device {path}"),
            Self::BindDevice { path } => write!(f, "bind the device {path}"),
            Self::Symlink { path, target } => write!(f, "link {path} to {target}"),
            Self::ReadOnlyPath { path } => write!(f, "make {path} read-only"),
            Self::Mask { path } => write!(f, "hide {path}"),
            Self::MakeRootReadOnly => f.write_str("make the root read-only"),
            Self::PivotRoot => f.write_str("enter the root"),
            Self::MoveRoot => f.write_str("move the root over /"),
            Self::ChangeRoot { path } => write!(f, "change the root to {}", path.display()),
            Self::SetRootPropagation { propagation, .. } => write!(f, "make the root {}", propagation.word()),
        }
    }
}
