//! What a validation has found so far.

use std::fmt;

/// A place in a configuration that breaks the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The JSON path, `linux.namespaces[2].type`.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.problem)
    }
}

/// A place that the specification says to pass over with a warning.
pub type Warning = Problem;

/// Everything that breaks the specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Invalid {
    /// The problems; at least one.
    pub problems: Vec<Problem>,
}

#[derive(Debug, Default)]
pub(super) struct Report {
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl Report {
    pub(super) fn fail(&mut self, path: &str, problem: &str) {
        self.problems.push(Problem { path: path.to_owned(), problem: problem.to_owned() });
    }

    pub(super) fn require(&mut self, holds: bool, path: &str, problem: &str) {
        if !holds {
            self.fail(path, problem);
        }
    }

    pub(super) fn warn(&mut self, path: &str, problem: &str) {
        self.warnings.push(Problem { path: path.to_owned(), problem: problem.to_owned() });
    }

    /// A text that goes to the kernel, where a NUL byte would end it early.
    pub(super) fn text(&mut self, path: &str, text: &str) {
        self.require(!text.contains('\0'), path, "has a NUL byte, at which the kernel would cut it");
    }

    pub(super) fn absolute(&mut self, path: &str, value: &str) {
        self.text(path, value);
        self.require(value.starts_with('/'), path, &format!("is {value:?}: must be an absolute path"));
    }

    pub(super) fn finish(self) -> Result<Vec<Warning>, Invalid> {
        if self.problems.is_empty() { Ok(self.warnings) } else { Err(Invalid { problems: self.problems }) }
    }
}
