//! Why a container's process cannot be had.

/// An attribute of the process that cannot be had on this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// A capability that this process does not have itself.
    #[error("process.capabilities: {capability} is not to be had here: holm's own process does not have it")]
    NoCapability {
        /// The capability.
        capability: String,
    },
    /// A kernel parameter that is not the container's own.
    #[error("linux.sysctl: {key} {problem}")]
    Sysctl {
        /// The parameter.
        key: String,
        /// Why not.
        problem: String,
    },
    /// An id that the user namespace does not have.
    #[error("{path}: the id {id} is not mapped in the container's user namespace")]
    UnmappedId {
        /// The JSON path.
        path: &'static str,
        /// The id.
        id: u32,
    },
    /// Groups in a namespace that may not set them.
    #[error(
        "process.user.additionalGids: without root and with a single mapped id the kernel allows no additional groups"
    )]
    NoGroups,
    /// A configuration without a program.
    #[error("process: there is no program to run")]
    NoProcess,
    /// A string that cannot reach the kernel.
    #[error("process.{0} has a NUL byte")]
    Nul(&'static str),
}
