//! Why there is no plan.

use crate::filesystem::FilesystemError;
use crate::kernel::KernelVersion;
use crate::process::ProcessError;

/// Why there is no plan for what was asked on this host.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The configuration breaks the specification.
    #[error("the configuration is not valid")]
    Invalid(#[from] runtime_spec::Invalid),
    /// This release cannot do it.
    #[error("{path}: this release of holm does not support {what}")]
    Unsupported {
        /// Where the configuration asks for it.
        path: String,
        /// What it asks for.
        what: String,
    },
    /// The configuration lacks what the verb needs.
    #[error("{path}: {problem}")]
    Configuration {
        /// Where.
        path: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The host refuses what was asked for.
    #[error("{0}")]
    Host(String),
    /// The kernel lacks what every container needs.
    #[error("Linux {needed} or later is needed, and this host runs {running}")]
    OldKernel {
        /// The oldest that would do.
        needed: KernelVersion,
        /// The host's.
        running: KernelVersion,
    },
    /// The ids cannot be mapped.
    #[error("linux.uidMappings")]
    Ids(#[from] namespaces::Refusal),
    /// The control groups cannot be had.
    #[error("linux.resources")]
    Groups(#[from] cgroups::PlanError),
    /// The mounts cannot be had.
    #[error("the container's file systems cannot be had")]
    Filesystem(#[from] FilesystemError),
    /// The process cannot be had.
    #[error("the container's process cannot be had")]
    Process(#[from] ProcessError),
}
