//! What a seccomp agent receives (config-linux.md, The Container Process State).

use serde::{Deserialize, Serialize};

use crate::lenient::{is_default, nullable, text};
use crate::state::State;

/// The name in [`ContainerProcessState::fds`] of the descriptor that notifications come from.
pub const SECCOMP_FD_NAME: &str = "seccompFd";

/// A process whose system calls an agent answers: sent once over the listener's socket, with the descriptors beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerProcessState {
    /// The version of the specification.
    pub oci_version: String,
    /// Names of the descriptors that are sent, in their order.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub fds: Vec<String>,
    /// The process's number, as the runtime sees it.
    pub pid: i32,
    /// The configuration's `listenerMetadata`.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// The container's state.
    pub state: State,
}
