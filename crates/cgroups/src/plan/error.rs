//! Why a group or a limit cannot be had on this host: decided from the facts, before anything is made.

use super::name::NameError;
use crate::devices::DeviceHole;

/// A group or a limit that this host cannot give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The name is none.
    #[error("the control group has no usable name")]
    Name(#[from] NameError),
    /// The rules about devices contradict each other.
    #[error("the device rules cannot be enforced")]
    Devices(#[from] DeviceHole),
    /// No hierarchy has the controller.
    #[error(
        "{what} cannot be set: no mounted cgroup hierarchy has the controller `{controller}` (there are: {available})"
    )]
    NoController {
        /// The limit, in the words of the OCI specification.
        what: String,
        /// The controller that it needs.
        controller: &'static str,
        /// Those that the host has.
        available: String,
    },
    /// The hierarchy has the controller, but not for groups that this process may make.
    #[error(
        "{what} cannot be set: {hierarchy} does not give the controller `{controller}` (it gives: {available}){advice}"
    )]
    NotOffered {
        /// The limit.
        what: String,
        /// The controller.
        controller: &'static str,
        /// Which hierarchy, and below which of its groups.
        hierarchy: String,
        /// Those that it gives.
        available: String,
        /// What to do about it, beginning with a semicolon; empty where nothing is known.
        advice: &'static str,
    },
    /// No group can be made in the hierarchy.
    #[error("{what} cannot be set: {problem}{advice}")]
    Closed {
        /// The limit.
        what: String,
        /// What stands in the way, naming the hierarchy.
        problem: String,
        /// What to do about it, beginning with a semicolon; empty where nothing is known.
        advice: &'static str,
    },
    /// The version of the hierarchy has no such limit.
    #[error("{what} cannot be set: {reason}")]
    Unsupported {
        /// The limit.
        what: &'static str,
        /// What the version lacks.
        reason: &'static str,
    },
    /// The value is none that the kernel takes.
    #[error("{what} cannot be {value}: {problem}")]
    Value {
        /// The limit.
        what: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// How a user without root gets groups to limit.
pub(crate) const DELEGATION_ADVICE: &str = "; start it in a scope of its own with `systemd-run --user --scope -p Delegate=yes -- COMMAND`, and \
     if a controller is missing there, let root write `[Service]` and `Delegate=cpu cpuset io memory pids` into \
     /etc/systemd/system/user@.service.d/delegate.conf";
