//! Reading documents, with errors that say where.

use serde::de::DeserializeOwned;

use crate::container_process_state::ContainerProcessState;
use crate::features::Features;
use crate::locate::locate;
use crate::objects::Objects;
use crate::process::Process;
use crate::resources::Resources;
use crate::spec::Spec;
use crate::state::State;

/// A text that is not the document that it should be: where it goes wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem} (line {line}, column {column})", if .path.is_empty() { String::new() } else { format!("{path}: ") })]
pub struct ParseError {
    /// The JSON path, `linux.namespaces[2].type`; empty for the document as a whole.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1; 0 when the line is at fault before its first byte.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
}

impl Spec {
    /// Reads a configuration, `config.json`.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        parse(text)
    }
}

impl Process {
    /// Reads a process by itself, as `exec --process` takes it.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        parse(text)
    }
}

impl Resources {
    /// Reads resources by themselves, as `update --resources` takes them.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        parse(text)
    }
}

impl State {
    /// Reads a state, as hooks receive it.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        parse(text)
    }
}

impl ContainerProcessState {
    /// Reads what a seccomp agent receives.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        parse(text)
    }
}

impl Features {
    /// Reads what a runtime prints for `features`.
    ///
    /// # Errors
    /// Text that is not JSON, or values of another type than the specification's.
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        parse(text)
    }
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, ParseError> {
    read(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let whole = error.to_string();
        // The position has fields of its own here.
        let problem = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(problem, _)| problem);
        ParseError { path: locate(text, offset(text, line, column)), line, column, problem: printable(problem) }
    })
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let document = T::deserialize(Objects(&mut deserializer))?;
    deserializer.end()?;
    Ok(document)
}

/// How many bytes stand before the end of that column.
fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    before.saturating_add(column)
}

/// A message may quote the document: what would move a terminal's cursor is escaped.
fn printable(message: &str) -> String {
    let mut printable = String::with_capacity(message.len());
    for character in message.chars() {
        if character.is_control() {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_where() {
        let check = |text: &str, path: &str, position: (usize, usize), problem: &str| {
            let error = Spec::parse(text.as_bytes()).unwrap_err();
            assert_eq!((error.path.as_str(), (error.line, error.column)), (path, position), "{text}: {error}");
            assert!(error.problem.contains(problem), "{text}: {error}");
        };
        check("", "", (1, 0), "EOF");
        check("nonsense", "", (1, 2), "expected");
        check("[]", "", (1, 0), "invalid type: sequence, expected struct Spec");
        check(r#"{"ociVersion":"1.0.0","root":["rootfs",true]}"#, "root", (1, 29), "sequence, expected struct Root");
        check("{}", "", (1, 2), "missing field `ociVersion`");
        check("{\n  \"ociVersion\": null\n}", "ociVersion", (2, 20), "null");
        check(r#"{"ociVersion":"1.0.0"} x"#, "", (1, 24), "trailing");
        check(r#"{"ociVersion":"1.0.0","process":{}}"#, "process", (1, 34), "missing field `cwd`");
        check(r#"{"ociVersion":"1.0.0","process":{"cwd":7}}"#, "process.cwd", (1, 40), "integer `7`");
        check(
            "{\"ociVersion\":\"1.0.0\",\n\"linux\":{\"namespaces\":[{\"type\":\"pid\"},\n {\"type\":\"net\"}]}}",
            "linux.namespaces[1].type",
            (3, 14),
            "unknown variant `net`, expected one of `pid`, `network`",
        );
        check(r#"{"ociVersion":"1.0.0","mounts":[{},{"destination":"/"}]}"#, "mounts[0]", (1, 34), "destination");
        check(r#"{"ociVersion":"1.0.0","mounts":["a"]}"#, "mounts[0]", (1, 35), "string \"a\"");
        check(
            r#"{"ociVersion":"1.0.0","mounts":[[],{"destination":[]}]}"#,
            "mounts[0]",
            (1, 32),
            "expected struct Mount",
        );
        check(r#"{"ociVersion":"1.0.0","mounts":[{"destination": {"#, "mounts[0].destination", (1, 48), "map");
        check(r#"{"ociVersion":"1.0.0","process":{"cwd":[7]}}"#, "process.cwd", (1, 39), "sequence, expected a string");
        check(r#"{"ociVersion":"1.0.0","ociVersion":"1.0.0"}"#, "ociVersion", (1, 34), "duplicate field");
        check(r#"{"ociVersion":"1.0.0","process":{"cwd":"/","user":{"uid":-1}}}"#, "process.user.uid", (1, 59), "`-1`");
        check(
            "{\"ociVersion\":\"1.0.0\",\"linux\":{\"namespaces\":[{\"type\":\"\\u001b[2J at line \"}]}}",
            "linux.namespaces[0].type",
            (1, 73),
            "\\u{1b}[2J at line `",
        );
    }

    #[test]
    fn an_error_reads_as_a_sentence() {
        let error = Spec::parse(br#"{"ociVersion":"1.0.0","process":{}}"#).unwrap_err();
        assert_eq!(error.to_string(), "process: missing field `cwd` (line 1, column 34)");
        let error = Process::parse(b"{}").unwrap_err();
        assert_eq!(error.to_string(), "missing field `cwd` (line 1, column 2)");
    }
}
