//! Texts as a configuration takes them.

use std::path::Path;

use crate::error::Error;

pub(super) fn path_text(path: &Path) -> Result<String, Error> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::request(path.display().to_string(), "is not UTF-8, which a configuration must be"))
}

pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
