//! What can go wrong, and what to do about it.

use std::path::PathBuf;

use linux::Error as CallError;
use runtime_spec::ParseError;
use rustix::io::Errno;
use steps::Failure;

use crate::channel::InitFailure;
use crate::plan::PlanError;

/// A verb of the runtime that failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The id cannot be one.
    #[error("{0}")]
    BadId(String),
    /// The id belongs to another container.
    #[error("a container with the id `{0}` exists already")]
    IdTaken(String),
    /// There is no such container.
    #[error("container `{0}` does not exist")]
    NoContainer(String),
    /// The configuration file cannot be read.
    #[error("could not read the configuration {path}")]
    ReadConfiguration {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CallError,
    },
    /// The configuration is not what the specification says.
    #[error("the configuration {path} cannot be understood")]
    ParseConfiguration {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: ParseError,
    },
    /// The root is missing or not a directory.
    #[error("the container's root {path} {problem}")]
    BadRoot {
        /// The root.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no plan for what was asked on this host.
    #[error("{0}")]
    Plan(#[from] PlanError),
    /// The verb does not fit the container's state.
    #[error("container `{id}` is {status}: {hint}")]
    WrongStatus {
        /// The container.
        id: String,
        /// Its state.
        status: String,
        /// What to do.
        hint: &'static str,
    },
    /// A call outside of any plan was refused.
    #[error("could not {what}")]
    Call {
        /// What was tried.
        what: String,
        /// The call.
        source: CallError,
    },
    /// A step of the parent's track failed.
    #[error("{failure}")]
    Step {
        /// The step.
        #[source]
        failure: Failure<CallError>,
        /// What to do about it, when that is known.
        advice: Option<String>,
    },
    /// A step of init failed.
    #[error("could not {}: {}", .0.step, failed_call(.0))]
    Init(InitFailure),
    /// Init ended without a word.
    #[error("the container's process ended while it was set up ({0})")]
    InitEnded(String),
    /// Terminal options that do not fit together.
    #[error("{0}")]
    Terminal(&'static str),
    /// Not everything could be cleaned up.
    #[error("could not remove all of container `{id}`: {}", .problems.join("; "))]
    Incomplete {
        /// The container.
        id: String,
        /// What stayed, and why.
        problems: Vec<String>,
    },
}

fn failed_call(failure: &InitFailure) -> String {
    if failure.errno == 0 {
        return failure.call.clone();
    }
    CallError::new(failure.call.clone(), Errno::from_raw_os_error(failure.errno)).to_string()
}

impl Error {
    /// A call that was made for `what`.
    pub(crate) fn call(what: impl Into<String>) -> impl FnOnce(CallError) -> Self {
        let what = what.into();
        move |source| Self::Call { what, source }
    }

    /// The exit code that stands for it: 126 or 127 when the program could not be executed, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Init(failure) => failure.exit_code,
            _ => 1,
        }
    }

    /// What to do about it, when that is known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Step { advice, .. } => advice.clone(),
            Self::Init(failure) => init_advice(failure),
            Self::IdTaken(_) => Some("choose another id, or remove the container with `delete`".to_owned()),
            _ => None,
        }
    }
}

fn init_advice(failure: &InitFailure) -> Option<String> {
    if failure.errno == 0 {
        return None;
    }
    let errno = Errno::from_raw_os_error(failure.errno);
    let tried = |word: &str| failure.call.starts_with(word);
    if errno == Errno::INVAL && tried("pivot_root") {
        return Some("the root is on a ramdisk that cannot be pivoted away: use --no-pivot".to_owned());
    }
    if errno == Errno::PERM && failure.step.contains("mount sysfs") {
        return Some(
            "sysfs belongs to the network namespace's owner: bind the host's /sys instead, or make a network namespace"
                .to_owned(),
        );
    }
    if errno == Errno::INVAL && tried("move_mount") {
        return Some("a directory or a file system goes on a directory, and a file on a file".to_owned());
    }
    if matches!(errno, Errno::PERM | Errno::ACCESS) && (tried("setrlimit") || failure.call.contains("oom_score_adj")) {
        return Some("to raise it needs CAP_SYS_RESOURCE, which holm's own process does not have".to_owned());
    }
    (errno == Errno::NODEV && tried("fsopen"))
        .then(|| "the kernel does not have this file system: is its module loaded?".to_owned())
}

/// The error and all its causes in one line, outermost first.
#[must_use]
pub fn one_line(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        source = cause.source();
    }
    text
}
