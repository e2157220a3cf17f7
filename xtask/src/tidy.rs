//! The workspace's own rules, each with its reason in the finding.

mod circles;
mod layers;
mod source;
mod text;

use std::path::Path;

use source::Source;

/// Checks the whole workspace; gives what breaks a rule.
#[must_use]
pub fn check(workspace: &Path) -> Vec<String> {
    let mut sources = Vec::new();
    for directory in ["crates", "xtask", "tests"] {
        collect(workspace, &workspace.join(directory), &mut sources);
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    let mut findings = text::check(&sources);
    findings.extend(circles::check(&sources));
    findings.extend(layers::check(workspace));
    if sources.is_empty() {
        findings.push(format!("{}: no sources found", workspace.display()));
    }
    findings
}

fn collect(workspace: &Path, directory: &Path, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(workspace, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            sources.push(Source { path: path.strip_prefix(workspace).unwrap_or(&path).to_owned(), text });
        }
    }
}
