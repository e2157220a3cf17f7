//! `--env` and `--env-file`.

use std::env::VarError;
use std::path::PathBuf;

use crate::failure::Failure;

/// The variables of the files, then those of the command line. A name alone takes this process's value, if it has one.
pub(crate) fn read(files: &[PathBuf], variables: &[String]) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let option = format!("--env-file {}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| Failure::new(format!("{option}: {error}")))?;
        all.extend(parse_file(&text).map_err(|problem| Failure::new(format!("{option}: {problem}")))?);
    }
    all.extend(variables.iter().cloned());
    let own = |name: &str| match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Failure::new(format!("--env {name}: its value here is not UTF-8"))),
    };
    all.into_iter().filter_map(|variable| complete(variable, own).transpose()).collect()
}

/// The variables of a file: one a line, comments begin with `#`, blanks before a name do not count.
pub(crate) fn parse_file(text: &str) -> Result<Vec<String>, String> {
    let mut variables = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split('=').next().unwrap_or_default();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("line {}: `{line}` is not of the form NAME=VALUE", index + 1));
        }
        variables.push(line.to_owned());
    }
    Ok(variables)
}

fn complete<E>(variable: String, own: impl Fn(&str) -> Result<Option<String>, E>) -> Result<Option<String>, E> {
    if variable.contains('=') {
        return Ok(Some(variable));
    }
    Ok(own(&variable)?.map(|value| format!("{variable}={value}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_variable_a_line() {
        let read = parse_file("# comment\n\nA=1\n  B=two words\nC\nD=a=b # kept\r\n");
        assert_eq!(read, Ok(["A=1", "B=two words", "C", "D=a=b # kept"].map(str::to_owned).to_vec()));
        assert_eq!(parse_file("A=1\nB 2\n"), Err("line 2: `B 2` is not of the form NAME=VALUE".to_owned()));
        assert!(parse_file("=1\n").is_err());
    }

    #[test]
    fn a_name_alone_takes_the_value_from_here() {
        let own = |name: &str| match name {
            "A" => Ok(Some("1".to_owned())),
            "C" => Err("not UTF-8"),
            _ => Ok(None),
        };
        assert_eq!(complete("A".to_owned(), own), Ok(Some("A=1".to_owned())));
        assert_eq!(complete("A=".to_owned(), own), Ok(Some("A=".to_owned())));
        assert_eq!(complete("B".to_owned(), own), Ok(None));
        assert_eq!(complete("C".to_owned(), own), Err("not UTF-8"));
    }
}
