//! What the engine refuses, and what to do about it.

use linux::Error as CallError;
use steps::Failure;

/// A container that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for cannot be had.
    #[error("{option}: {problem}")]
    Request {
        /// The option, as it is typed.
        option: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The name belongs to another container.
    #[error("a container with the name `{0}` exists already")]
    NameTaken(String),
    /// A call outside of the runtime was refused.
    #[error(transparent)]
    Call(#[from] Failure<CallError>),
    /// The host has not what is needed.
    #[error("{0}")]
    Host(String),
    /// All ranges of ids are in use.
    #[error("no range of ids is free: {0} containers run")]
    NoIdRange(u32),
    /// The runtime refused.
    #[error(transparent)]
    Runtime(#[from] runtime::Error),
}

impl Error {
    /// An option that cannot be had.
    pub(crate) fn request(option: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Request { option: option.into(), problem: problem.into() }
    }

    /// A call that was made for `what`.
    pub(crate) fn call(what: impl Into<String>) -> impl FnOnce(CallError) -> Self {
        let step = what.into();
        move |cause| Self::Call(Failure { step, cause })
    }

    /// Docker's exit code for it: that of the program where the program could not be executed, else 125.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Runtime(error) if error.exit_code() != 1 => error.exit_code(),
            _ => 125,
        }
    }

    /// What to do about it, when that is known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Runtime(error) => error.advice(),
            Self::NameTaken(_) => Some("choose another --name, or end that container".to_owned()),
            _ => None,
        }
    }
}
