//! What a container must not leave on the machine.

use std::path::{Path, PathBuf};

/// What was found of a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Directories in the control-group hierarchies.
    pub groups: Vec<PathBuf>,
    /// Entries of the state root.
    pub records: Vec<PathBuf>,
    /// Mounts of this namespace whose place names it.
    pub mounts: Vec<String>,
    /// Processes of it, by number.
    pub processes: Vec<u32>,
}

impl Leftovers {
    /// Searches for what belongs to containers whose ids begin so.
    #[must_use]
    pub fn of(id: &str, state_root: &Path) -> Self {
        let mut found = Self::default();
        groups(Path::new("/sys/fs/cgroup"), id, &mut found.groups, 0);
        for directory in [state_root.to_owned(), state_root.join(".active")] {
            let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
            found.records.extend(entries.map(|entry| entry.path()).filter(|path| !path.ends_with(".active")));
        }
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        found.mounts.extend(mounts.lines().filter(|line| line.contains(id)).map(str::to_owned));
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let root = std::fs::read_link(entry.path().join("root")).unwrap_or_default();
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let named = String::from_utf8_lossy(&command).contains(id) && pid != std::process::id();
            if named || root.to_string_lossy().contains(id) {
                found.processes.push(pid);
            }
        }
        found
    }

    /// Fails the test if anything was found.
    ///
    /// # Panics
    /// If anything was found.
    pub fn assert_none(&self) {
        assert_eq!(*self, Self::default(), "something is left behind");
    }
}

fn groups(directory: &Path, id: &str, found: &mut Vec<PathBuf>, depth: usize) {
    const DEEPEST: usize = 8;
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if entry.file_name().to_string_lossy().starts_with(id) {
            found.push(entry.path());
        } else if depth < DEEPEST {
            groups(&entry.path(), id, found, depth + 1);
        }
    }
}
