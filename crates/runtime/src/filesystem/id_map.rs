//! Bind mounts that show their files through the container's id map (config.md, Mounts: `idmap`, `ridmap`, `uidMappings`).

use runtime_spec::{Mount, NamespaceKind, Spec};

use super::error::FilesystemError;

/// Whether a mount asks for an id map; it is recursive with `ridmap`.
#[must_use]
pub(crate) fn wanted(mount: &Mount) -> bool {
    let word = |option: &String| option == "idmap" || option == "ridmap";
    mount.options.iter().any(word) || !mount.uid_mappings.is_empty() || !mount.gid_mappings.is_empty()
}

/// Whether all mounts below are meant too.
#[must_use]
pub(crate) fn is_recursive(mount: &Mount) -> bool {
    mount.options.iter().any(|option| option == "ridmap")
}

/// Refuses an id map that cannot be had: the container's own is the only one, and only the host's root can give it.
pub(super) fn check(spec: &Spec, privileged: bool, mount: &Mount, path: &str) -> Result<(), FilesystemError> {
    let refuse = |problem: &'static str| Err(FilesystemError::IdMap { path: path.to_owned(), problem });
    let linux = spec.linux.as_ref();
    let namespace = linux.and_then(|linux| linux.namespace(NamespaceKind::User));
    if namespace.is_none_or(|namespace| namespace.path.is_some()) {
        return refuse("needs a new user namespace, whose map is used");
    }
    if !privileged {
        return refuse("needs the rights of root over the file system");
    }
    let (users, groups) = linux.map(|linux| (&linux.uid_mappings, &linux.gid_mappings)).unzip();
    let has_own_map = !mount.uid_mappings.is_empty() || !mount.gid_mappings.is_empty();
    if has_own_map && (Some(&mount.uid_mappings) != users || Some(&mount.gid_mappings) != groups) {
        return refuse("with a map of its own is not supported by this release of holm: only the container's is");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_config(mappings: &str, options: &str, privileged: bool, expected: Option<&str>) {
        let text = format!(
            r#"{{"ociVersion":"1.3.0","root":{{"path":"r"}},
                "mounts":[{{"destination":"/d","source":"/s","options":[{options}]{mappings}}}],
                "linux":{{"namespaces":[{{"type":"user"}},{{"type":"mount"}}],
                "uidMappings":[{{"containerID":0,"hostID":5,"size":9}}],"gidMappings":[{{"containerID":0,"hostID":5,"size":9}}]}}}}"#
        );
        let spec = Spec::parse(text.as_bytes()).unwrap();
        let problem = check(&spec, privileged, &spec.mounts[0], "mounts[0]").err().map(|error| error.to_string());
        assert_eq!(problem.is_some(), expected.is_some(), "{problem:?}");
        assert!(problem.unwrap_or_default().contains(expected.unwrap_or_default()));
    }

    #[test]
    fn only_the_containers_own_map_is_used() {
        let own = r#","uidMappings":[{"containerID":0,"hostID":5,"size":9}],"gidMappings":[{"containerID":0,"hostID":5,"size":9}]"#;
        let other = r#","uidMappings":[{"containerID":0,"hostID":7,"size":9}],"gidMappings":[{"containerID":0,"hostID":7,"size":9}]"#;
        check_config("", r#""bind","idmap""#, true, None);
        check_config(own, r#""bind""#, true, None);
        check_config(other, r#""bind""#, true, Some("map of its own"));
        check_config("", r#""bind","idmap""#, false, Some("root"));
    }
}
