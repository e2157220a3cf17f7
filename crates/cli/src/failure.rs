//! What a failure of a verb looks like: the only place where errors become words and exit codes.

/// A verb that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What failed and why, in one line.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) advice: Option<String>,
    /// What this program's exit code says of it: Docker's 125, or the program's own 126 and 127.
    pub(crate) exit_code: u8,
}

impl Failure {
    /// A sentence about what was typed.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), advice: None, exit_code: 125 }
    }

    /// The same, with what to do.
    pub(crate) fn with_advice(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..Self::new(message) }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        Self { message: engine::one_line(&error), advice: error.advice(), exit_code: error.exit_code() }
    }
}
