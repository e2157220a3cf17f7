//! The name of a group: the OCI `linux.cgroupsPath`, or the container's id.

use std::path::{Component, Path, PathBuf};

/// Where a group is to be: absolute names count from the mount points, relative ones from this process's own group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName {
    absolute: bool,
    path: PathBuf,
}

/// A name that no group can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot name a control group: {problem}")]
pub struct NameError {
    /// The name.
    pub name: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl GroupName {
    /// The name that `linux.cgroupsPath` gives, or the id where that is absent or empty.
    ///
    /// # Errors
    /// A name that leaves its directory by `..`, or has a byte that the kernel does not allow.
    pub fn new(cgroups_path: Option<&str>, id: &str) -> Result<Self, NameError> {
        let text = cgroups_path.filter(|path| !path.is_empty()).unwrap_or(id);
        let refuse = |problem| Err(NameError { name: text.to_owned(), problem });
        if text.contains(['\n', '\0']) {
            return refuse("the kernel takes no line break and no NUL byte");
        }
        let mut path = PathBuf::new();
        for component in Path::new(text).components() {
            match component {
                Component::Normal(name) if name.len() > 255 => return refuse("a part of it is longer than 255 bytes"),
                Component::Normal(name) => path.push(name),
                Component::ParentDir => return refuse("`..` would leave the place that the name is meant for"),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
        if path.as_os_str().is_empty() {
            return refuse("it is the root of the hierarchy, which belongs to the whole machine");
        }
        Ok(Self { absolute: text.starts_with('/'), path })
    }

    /// Whether the name counts from the mount points.
    #[must_use]
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }

    /// The name without a slash in front.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: Option<&str>, id: &str, expected: Option<(bool, &str)>) {
        let name = GroupName::new(path, id).ok();
        let expected = expected.map(|(absolute, path)| GroupName { absolute, path: path.into() });
        assert_eq!(name, expected, "{path:?} {id}");
    }

    #[test]
    fn names_are_tidied_and_stay_where_they_belong() {
        check(Some("/a/b"), "id", Some((true, "a/b")));
        check(Some("//a/./b//"), "id", Some((true, "a/b")));
        check(Some("a/b"), "id", Some((false, "a/b")));
        check(Some("system.slice:docker:abc"), "id", Some((false, "system.slice:docker:abc")));
        check(Some(""), "id", Some((false, "id")));
        check(None, "id", Some((false, "id")));
        check(Some("/"), "id", None);
        check(Some("/a/../../b"), "id", None);
        check(Some("../b"), "id", None);
        check(Some("a\nb"), "id", None);
        check(Some(&"x".repeat(256)), "id", None);
    }
}
