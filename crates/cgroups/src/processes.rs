//! The processes of a group and of the groups below it.

use std::path::{Path, PathBuf};

use rustix::process::Pid;

/// The directories of a group and of all groups below it, the deepest first.
pub(crate) fn tree(group: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(group, &mut found);
    found
}

fn collect(group: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(group) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), found);
        }
    }
    found.push(group.to_owned());
}

/// The processes of the group and of all groups below it.
pub(crate) fn processes_below(group: &Path) -> Vec<Pid> {
    tree(group)
        .iter()
        .filter_map(|directory| std::fs::read_to_string(directory.join("cgroup.procs")).ok())
        .flat_map(|text| {
            text.split_whitespace().filter_map(|word| Pid::from_raw(word.parse().ok()?)).collect::<Vec<_>>()
        })
        .collect()
}
