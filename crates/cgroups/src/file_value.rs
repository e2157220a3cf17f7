//! A value for a file of a group.

use std::borrow::Cow;

/// What to do when a file is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMissing {
    /// The limit cannot be had: fail.
    Refuse,
    /// Nothing is lost: go on.
    Skip,
}

/// A file of a group and what is written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileValue {
    /// The file.
    pub file: Cow<'static, str>,
    /// The value.
    pub value: String,
    /// What if there is no such file; among several choices, only that of the last counts.
    pub if_missing: IfMissing,
}

impl FileValue {
    /// A file that must be there.
    #[must_use]
    pub fn new(file: impl Into<Cow<'static, str>>, value: impl ToString + Copy) -> Self {
        Self { file: file.into(), value: value.to_string(), if_missing: IfMissing::Refuse }
    }

    /// A file that may be missing.
    #[must_use]
    pub fn optional(file: impl Into<Cow<'static, str>>, value: impl ToString + Copy) -> Self {
        Self { if_missing: IfMissing::Skip, ..Self::new(file, value) }
    }
}
