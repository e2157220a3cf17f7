//! The workspace keeps its own rules.

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_workspace_is_tidy() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let findings = xtask::tidy::check(workspace);
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }
}
