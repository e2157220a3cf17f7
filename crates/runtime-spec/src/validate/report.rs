//! What a validation has found so far.

use std::fmt;

use crate::place::Place;

/// A place in a document and what is to be said of it; together they read as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The JSON path, `linux.namespaces[2].type`; empty for the document as a whole.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blank = if self.path.is_empty() { "" } else { " " };
        write!(f, "{}{blank}{}", self.path, self.problem)
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
    pub(super) fn fail(&mut self, place: Place<'_>, problem: impl Into<String>) {
        self.problems.push(Problem { path: place.to_string(), problem: problem.into() });
    }

    pub(super) fn warn(&mut self, place: Place<'_>, problem: impl Into<String>) {
        self.warnings.push(Problem { path: place.to_string(), problem: problem.into() });
    }

    pub(super) fn require(&mut self, holds: bool, place: Place<'_>, problem: &str) {
        if !holds {
            self.fail(place, problem);
        }
    }

    /// A text that goes to the kernel, where a NUL byte would end it early.
    pub(super) fn text(&mut self, place: Place<'_>, text: &str) {
        self.require(!text.contains('\0'), place, "has a NUL byte, at which the kernel would cut it");
    }

    /// A text that must not be empty.
    pub(super) fn filled(&mut self, place: Place<'_>, text: &str) {
        self.text(place, text);
        self.require(!text.is_empty(), place, "must not be empty");
    }

    /// An absolute path.
    pub(super) fn absolute(&mut self, place: Place<'_>, path: &str) {
        self.text(place, path);
        if !path.starts_with('/') {
            self.fail(place, format!("is {path:?}: must be an absolute path"));
        }
    }

    /// An environment variable.
    pub(super) fn variable(&mut self, place: Place<'_>, variable: &str) {
        self.text(place, variable);
        if variable.find('=').is_none_or(|at| at == 0) {
            self.fail(place, format!("is {variable:?}: must be NAME=value"));
        }
    }

    /// A word of a closed set.
    pub(super) fn one_of(&mut self, place: Place<'_>, word: &str, set: &[&str]) {
        if !set.contains(&word) {
            self.fail(place, format!("is {word:?}: must be one of {}", set.join(", ")));
        }
    }

    pub(super) fn finish(self) -> Result<Vec<Warning>, Invalid> {
        if self.problems.is_empty() { Ok(self.warnings) } else { Err(Invalid { problems: self.problems }) }
    }
}
