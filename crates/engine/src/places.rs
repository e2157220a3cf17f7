//! Where holm keeps what it makes.

use std::ffi::OsString;
use std::path::PathBuf;

use linux::Named as _;

use crate::error::Error;

/// The two directories of a holm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// What lasts: the containers' files.
    pub data: PathBuf,
    /// What ends with the machine: records, locks.
    pub state: PathBuf,
}

impl Places {
    /// The directories below one that the user names; else, for root, those of the system, and for others, those of the
    /// XDG base directory specification.
    ///
    /// # Errors
    /// Without root and without a home there is no place.
    pub fn find(
        named: Option<PathBuf>,
        user: u32,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, &'static str> {
        // The specification passes over what is not absolute.
        let directory = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let named = named.or_else(|| variable("HOLM_ROOT").filter(|value| !value.is_empty()).map(PathBuf::from));
        if let Some(root) = named {
            return Ok(Self { data: root.join("data"), state: root.join("state") });
        }
        if user == 0 {
            return Ok(Self { data: "/var/lib/holm".into(), state: "/run/holm".into() });
        }
        let data = directory("XDG_DATA_HOME").or_else(|| Some(directory("HOME")?.join(".local/share")));
        let data = data.ok_or("neither HOME nor XDG_DATA_HOME says where containers are kept: set HOLM_ROOT")?;
        let data = data.join("holm");
        let state = directory("XDG_RUNTIME_DIR").map_or_else(|| data.join("state"), |directory| directory.join("holm"));
        Ok(Self { data, state })
    }

    /// The containers' files, a directory each.
    pub(crate) fn containers(&self) -> PathBuf {
        self.data.join("containers")
    }

    /// The runtime's records of the containers.
    pub(crate) fn records(&self) -> PathBuf {
        self.state.join("containers")
    }

    /// The file of locks on ranges of ids.
    pub(crate) fn id_ranges(&self) -> PathBuf {
        self.state.join("id-ranges")
    }

    /// Makes the directories: others may pass through, as the ids of the containers must, but not look.
    ///
    /// # Errors
    /// `EACCES`, `EROFS` and the like.
    pub(crate) fn make(&self) -> Result<(), Error> {
        use std::os::unix::fs::DirBuilderExt as _;
        for path in [self.containers(), self.state.clone()] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o711)
                .create(&path)
                .named(|| format!("mkdir({path:?})"))
                .map_err(Error::call("make holm's directories"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(named: Option<&str>, user: u32, variables: &[(&str, &str)], expected: Option<(&str, &str)>) {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        let places = Places::find(named.map(PathBuf::from), user, variable).ok();
        let expected = expected.map(|(data, state)| Places { data: data.into(), state: state.into() });
        assert_eq!(places, expected, "{named:?} {user} {variables:?}");
    }

    #[test]
    fn each_user_has_places_of_his_own() {
        check(None, 0, &[("HOME", "/root")], Some(("/var/lib/holm", "/run/holm")));
        check(None, 0, &[("HOLM_ROOT", "/h")], Some(("/h/data", "/h/state")));
        check(Some("/r"), 7, &[("HOLM_ROOT", "/h")], Some(("/r/data", "/r/state")));
        check(
            None,
            7,
            &[("HOME", "/home/a"), ("XDG_RUNTIME_DIR", "/run/user/7")],
            Some(("/home/a/.local/share/holm", "/run/user/7/holm")),
        );
        check(None, 7, &[("HOME", "/home/a")], Some(("/home/a/.local/share/holm", "/home/a/.local/share/holm/state")));
        check(None, 7, &[("XDG_DATA_HOME", "relative")], None);
    }
}
