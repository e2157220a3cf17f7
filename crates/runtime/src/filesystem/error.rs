//! Why a container's mounts cannot be had.

use std::path::PathBuf;

use crate::kernel::{KernelFeature, KernelVersion};

/// A mount or device of the configuration that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilesystemError {
    /// What is to be bound does not exist.
    #[error("{path}: {file} does not exist on the host")]
    MissingSource {
        /// The JSON path.
        path: String,
        /// The missing file.
        file: PathBuf,
    },
    /// A bind without a source.
    #[error("{path}: a bind mount needs a source")]
    NoSource {
        /// The JSON path.
        path: String,
    },
    /// This release cannot do it.
    #[error("{path}: {what} are not supported by this release of holm")]
    Unsupported {
        /// The JSON path.
        path: String,
        /// What was asked for.
        what: String,
    },
    /// An id map that cannot be had.
    #[error("{path}: an id-mapped mount {problem}")]
    IdMap {
        /// The JSON path.
        path: String,
        /// Why not.
        problem: &'static str,
    },
    /// The kernel is too old for it.
    #[error("{path}: {what} need Linux {} or later, and this host runs {running}", .feature.since())]
    OldKernel {
        /// The JSON path, or what else asks for it.
        path: String,
        /// What was asked for, in the plural.
        what: &'static str,
        /// What the kernel lacks.
        feature: KernelFeature,
        /// The host's kernel.
        running: KernelVersion,
    },
    /// A device node without the right to make one.
    #[error("{path}: the device {device} cannot be made in a user namespace, and the host has none to bind")]
    NoDevice {
        /// The JSON path.
        path: String,
        /// The device.
        device: String,
    },
}
