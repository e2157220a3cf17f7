//! The operations on the mount table and on the files of the root.

use std::path::PathBuf;

use linux::mount::Propagation;

use super::control_groups::GroupMount;
use super::options::MountOptions;
use crate::request::Overlay;

/// One operation of init on the mount table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FilesystemOperation {
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
    /// Attaches the layers that the parent has sent, so that overlays can be made of them.
    AttachLayers {
        /// What they show.
        paths: Vec<PathBuf>,
    },
    /// Mounts an overlay.
    Overlay {
        /// Its layers and its place.
        overlay: Overlay,
        /// The attached layers in which its directories are found.
        layers: Vec<PathBuf>,
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
    /// Attaches the next mount that the parent has sent: a bind that is shown through the id map.
    BindReceived {
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
