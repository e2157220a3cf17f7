//! Imports between crates run downwards only.

use std::path::Path;
use std::process::Command;

/// The crates from the bottom up: each may use only those before it.
const ORDER: [&str; 10] =
    ["linux", "steps", "runtime-spec", "namespaces", "cgroups", "runtime", "engine", "cli", "oci-cli", "test-support"];

/// Who may have unsafe code, and so the raw C structures that it needs.
const RAW: &str = "libc";

pub(super) fn check(workspace: &Path) -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace)
        .output()
        .ok()
        .and_then(|output| serde_json::from_slice(&output.stdout).ok());
    metadata.map_or_else(|| vec!["cargo metadata failed".to_owned()], |metadata| check_metadata(&metadata))
}

fn check_metadata(metadata: &serde_json::Value) -> Vec<String> {
    let mut findings = Vec::new();
    let packages = metadata.get("packages").and_then(|packages| packages.as_array()).into_iter().flatten();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(|value| value.as_str()).unwrap_or_default();
        let name = text("name");
        if ["xtask", "holm-tests"].contains(&name) {
            continue;
        }
        let Some(place) = ORDER.iter().position(|known| *known == name) else {
            findings
                .push(format!("{name}: stands in no layer of xtask's table: a crate has its place, or it is a module"));
            continue;
        };
        for dependency in package.get("dependencies").and_then(|list| list.as_array()).into_iter().flatten() {
            let used = dependency.get("name").and_then(|name| name.as_str()).unwrap_or_default();
            let only_tests = dependency.get("kind").and_then(|kind| kind.as_str()) == Some("dev");
            if used == RAW && name != "linux" {
                findings.push(format!("{name}: uses {RAW}, which belongs to `linux` alone"));
            }
            let above = ORDER.iter().position(|known| *known == used).is_some_and(|used| used >= place);
            let sideways = name == "oci-cli" && used == "engine" || name == "cli" && used == "oci-cli";
            if !only_tests && (above || sideways || used == "test-support") {
                findings.push(format!("{name}: uses {used}, which stands above it: imports run downwards only"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(name: &str, used: &str, kind: Option<&str>) -> usize {
        let dependency = serde_json::json!({ "name": used, "kind": kind });
        check_metadata(&serde_json::json!({ "packages": [{ "name": name, "dependencies": [dependency] }] })).len()
    }

    #[test]
    fn imports_run_downwards() {
        assert_eq!(findings("runtime", "cgroups", None), 0);
        assert_eq!(findings("cgroups", "runtime", None), 1);
        assert_eq!(findings("cgroups", "test-support", Some("dev")), 0);
        assert_eq!(findings("runtime", "libc", None), 1);
        assert_eq!(findings("stranger", "linux", None), 1);
    }
}
