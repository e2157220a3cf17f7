//! What a failure of a verb looks like.

/// A verb that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What failed and why, in one line.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
    /// What this program's exit code says of it.
    pub(crate) exit_code: u8,
}

impl Failure {
    /// A sentence.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), advice: None, exit_code: 1 }
    }
}

impl From<runtime::Error> for Failure {
    fn from(error: runtime::Error) -> Self {
        Self { message: runtime::one_line(&error), advice: error.advice(), exit_code: error.exit_code() }
    }
}
