//! No circles between the files of a crate: whoever opens one can read it from the bottom up.
//!
//! The graph is made from the paths in the code (`crate::a::b`, `super::c`). A file that declares modules and re-exports their items
//! does not thereby import them; and since it may well use them, they must not import from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::source::Source;

type Graph = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut crates: BTreeMap<String, Vec<(Vec<String>, &str)>> = BTreeMap::new();
    for source in sources {
        if let Some((name, module)) = module_of(&source.path) {
            crates.entry(name).or_default().push((module, &source.text));
        }
    }
    crates
        .iter()
        .flat_map(|(name, files)| {
            let graph = graph(files);
            loops(name, &graph).into_iter().chain(upwards(name, &graph)).collect::<Vec<_>>()
        })
        .collect()
}

/// The crate's directory and the module that a file is.
fn module_of(path: &Path) -> Option<(String, Vec<String>)> {
    let text = path.to_string_lossy();
    let (name, inside) = text.split_once("/src/")?;
    let mut parts: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        parts.pop();
    }
    Some((name.to_owned(), parts))
}

fn graph(files: &[(Vec<String>, &str)]) -> Graph {
    let modules: BTreeSet<_> = files.iter().map(|(module, _)| module.clone()).collect();
    let mut graph = Graph::new();
    for (module, text) in files {
        let edges = graph.entry(module.clone()).or_default();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for statement in statements(code) {
            for target in targets(&statement, module) {
                // The deepest module on the path is the one whose item is used.
                let found = (0..=target.len())
                    .rev()
                    .map(|length| target[..length].to_vec())
                    .find(|path| modules.contains(path));
                if let Some(found) = found.filter(|found| found != module && !found.is_empty()) {
                    edges.insert(found);
                }
            }
        }
    }
    graph
}

/// The statements with paths, without comments and re-exports.
fn statements(code: &str) -> Vec<String> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    lines
        .split(';')
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| {
            !["pub use ", "pub(crate) use ", "pub(super) use "].iter().any(|mark| statement.contains(mark))
        })
        .collect()
}

/// The absolute module paths that a statement names; of `crate::a::{b, c::D}` the paths of each branch.
fn targets(statement: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (start, base) in [("crate::", Vec::new()), ("super::", module[..module.len().saturating_sub(1)].to_vec())] {
        for (at, _) in statement.match_indices(start) {
            let before = statement[..at].chars().next_back();
            if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':') {
                continue;
            }
            let mut base = base.clone();
            let mut rest = &statement[at + start.len()..];
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            for branch in branches(rest) {
                found.push(base.iter().cloned().chain(branch).collect());
            }
        }
    }
    found
}

fn branches(text: &str) -> Vec<Vec<String>> {
    let end =
        text.find(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':')).unwrap_or(text.len());
    let head: Vec<String> = text[..end].split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let rest = &text[end..];
    if !rest.starts_with('{') || !text[..end].ends_with("::") && end != 0 {
        return vec![head];
    }
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for letter in rest.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if !(depth == 1 && matches!(letter, '{' | ',')) {
            parts.last_mut().unwrap_or(&mut String::new()).push(letter);
        }
    }
    parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .flat_map(branches)
        .map(|tail| head.iter().cloned().chain(tail).collect())
        .collect()
}

/// Every module that imports from one that it is a part of.
fn upwards(name: &str, graph: &Graph) -> Vec<String> {
    let edges = graph.iter().flat_map(|(module, targets)| targets.iter().map(move |target| (module, target)));
    edges
        .filter(|(module, target)| module.starts_with(target))
        .map(|(module, target)| {
            let (module, target) = (module.join("::"), target.join("::"));
            format!("{name}: {module} imports from {target}, which declares it: the item needs a file of its own")
        })
        .collect()
}

/// Every module that can reach itself, with one way round.
fn loops(name: &str, graph: &Graph) -> Vec<String> {
    let mut reported = BTreeSet::new();
    let mut findings = Vec::new();
    for start in graph.keys() {
        if let Some(way) = way_back(graph, start) {
            let mut members: Vec<_> = way.clone();
            members.sort();
            members.dedup();
            if reported.insert(members) {
                let names: Vec<_> = way.iter().map(|module| module.join("::")).collect();
                findings.push(format!("{name}: files import each other in a circle: {}", names.join(" → ")));
            }
        }
    }
    findings
}

fn way_back(graph: &Graph, start: &[String]) -> Option<Vec<Vec<String>>> {
    let mut ways = vec![vec![start.to_vec()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in way.last().and_then(|last| graph.get(last)).into_iter().flatten() {
            let longer: Vec<_> = way.iter().cloned().chain([next.clone()]).collect();
            if next == start {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.insert(0, longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: &[(&str, &str)]) -> usize {
        let sources: Vec<_> =
            files.iter().map(|(path, text)| Source { path: path.into(), text: (*text).to_owned() }).collect();
        check(&sources).len()
    }

    #[test]
    fn circles_are_found_and_re_exports_are_none() {
        let one_way = [
            ("c/src/lib.rs", "mod a;\nmod b;\npub use a::A;\n"),
            ("c/src/a.rs", "use crate::b::B;\n"),
            ("c/src/b.rs", ""),
        ];
        assert_eq!(findings(&one_way), 0);
        let circle = [("c/src/a.rs", "use crate::b::{B, C};\n"), ("c/src/b.rs", "use super::a::A;\n")];
        assert_eq!(findings(&circle), 1);
        let through_parent =
            [("c/src/p/mod.rs", "mod k;\nuse k::K;\npub struct P;\n"), ("c/src/p/k.rs", "use super::P;\n")];
        assert_eq!(findings(&through_parent), 1, "a child needs nothing of the file that declares it");
        let nested =
            [("c/src/a.rs", "use crate::{b::{c::D}, e};\n"), ("c/src/b/c.rs", "use crate::a;\n"), ("c/src/e.rs", "")];
        assert_eq!(findings(&nested), 1);
    }
}
