//! Rules that a look at the text can check.

use super::source::Source;

/// Marks that must not stand, in pieces so that this file does not break its own rule.
const MARKS: [(&str, &str); 5] = [
    (concat!("todo", "!("), "unfinished work is not landed"),
    (concat!("unimplemented", "!("), "unfinished work is not landed"),
    (concat!("#[", "ignore"), "a test that does not run tests nothing; skip with a printed reason"),
    (concat!("dbg", "!("), "a leftover of debugging"),
    (concat!("#[", "allow("), "use #[expect], which says when it is no longer needed"),
];

/// The same.
const UNSAFE: [&str; 3] = [concat!("unsafe", " {"), concat!("unsafe", " fn"), concat!("unsafe", " impl")];

const LONGEST: usize = 800;
const NAMELESS: [&str; 4] = ["utils.rs", "common.rs", "helpers.rs", "misc.rs"];

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    sources.iter().flat_map(check_one).collect()
}

fn check_one(source: &Source) -> Vec<String> {
    let path = source.path.display();
    let mut findings = Vec::new();
    let lines = source.text.lines().count();
    if lines > LONGEST {
        findings.push(format!("{path}: {lines} lines, at most {LONGEST}: one file has one subject"));
    }
    let name = source.path.file_name().unwrap_or_default().to_string_lossy();
    if NAMELESS.contains(&&*name) {
        findings.push(format!("{path}: a file is named after its subject"));
    }
    if !source.text.is_empty() && !source.text.ends_with('\n') {
        findings.push(format!("{path}: no line end at the end"));
    }
    let in_linux = source.path.starts_with("crates/linux/src");
    let lines: Vec<&str> = source.text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let here = format!("{path}:{}", index + 1);
        for (mark, reason) in MARKS {
            if line.contains(mark) {
                findings.push(format!("{here}: {mark}: {reason}"));
            }
        }
        let code = line.split("//").next().unwrap_or_default();
        let is_unsafe = UNSAFE.iter().any(|mark| code.contains(mark));
        if is_unsafe && !in_linux {
            findings.push(format!("{here}: unsafe code stands in crates/linux alone, where it can be audited"));
        }
        let explained = || {
            lines[index.saturating_sub(3)..=index]
                .iter()
                .any(|line| line.contains("SAFETY:") || line.contains("# Safety"))
        };
        if is_unsafe && in_linux && !explained() {
            findings.push(format!("{here}: a block of unsafe code needs a SAFETY comment above it"));
        }
        if line.ends_with(' ') || line.ends_with('\t') {
            findings.push(format!("{here}: blanks at the end"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&[Source { path: path.into(), text: text.to_owned() }]).len()
    }

    #[test]
    fn marks_and_unsafe_code_are_found() {
        let block = concat!("unsafe", " { x() }\n");
        assert_eq!(findings("crates/runtime/src/a.rs", "fn a() {}\n"), 0);
        assert_eq!(findings("crates/runtime/src/a.rs", block), 1);
        assert_eq!(findings("crates/linux/src/a.rs", block), 1);
        assert_eq!(findings("crates/linux/src/a.rs", &format!("// SAFETY: sound\n{block}")), 0);
        assert_eq!(findings("crates/runtime/src/utils.rs", "fn a() {} \n"), 2);
        assert_eq!(findings("crates/runtime/src/a.rs", concat!("todo", "!()\n")), 1);
        assert_eq!(findings("crates/runtime/src/a.rs", &"\n".repeat(801)), 1);
    }
}
