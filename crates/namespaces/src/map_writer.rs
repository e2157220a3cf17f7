//! By which way the maps of a new user namespace are written.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use linux::{Error, Named as _};

use crate::facts::UserNamespaceFacts;
use crate::id_map::{IdMap, IdMaps};
use crate::subordinate::SubordinateRange;

/// The way to write the maps, chosen from the facts before anything is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapWriter {
    /// Into `/proc/PID/uid_map` and `gid_map`, with the privilege to map any id.
    Direct,
    /// The caller's own user and group, one id each: `setgroups` must be denied first (`user_namespaces(7)`).
    OwnIds,
    /// Ranges of `/etc/subuid` and `/etc/subgid`, through the set-user-id helpers.
    Helpers {
        /// `newuidmap`
        users: PathBuf,
        /// `newgidmap`
        groups: PathBuf,
    },
}

/// Why these maps cannot be had on this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The ids are not the user's to map.
    #[error(
        "cannot map ids {first} to {last}: /etc/{kind} has no line that gives them to {who}; root can add one with \
         `usermod --add-{kind}s {first}-{last} {who}`"
    )]
    NotSubordinate {
        /// First id outside.
        first: u32,
        /// Last id outside.
        last: u32,
        /// The user.
        who: String,
        /// `subuid` or `subgid`: the file without such a line, and in the plural the option of `usermod(8)`.
        kind: &'static str,
    },
    /// The helper is missing.
    #[error("cannot map ranges of ids without root: {0} is not installed (Debian's package `uidmap` has it)")]
    NoHelper(&'static str),
}

/// A map that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The kernel refused.
    #[error("the id map of the new user namespace was refused")]
    Kernel(#[from] Error),
    /// The helper refused, with its own words.
    #[error("`{command}` failed: {message}")]
    Helper {
        /// The command line.
        command: String,
        /// What it wrote to its standard error, or its exit status.
        message: String,
    },
}

impl MapWriter {
    /// Chooses the way for these maps.
    ///
    /// # Errors
    /// The ids that the user may not map, or the helper that is missing.
    pub fn choose(facts: &UserNamespaceFacts, maps: &IdMaps) -> Result<Self, Refusal> {
        if facts.privileged {
            return Ok(Self::Direct);
        }
        let own = |maps: &[IdMap], id| matches!(maps, [map] if map.outside == id && map.count == 1);
        if own(&maps.users, facts.user_id) && own(&maps.groups, facts.group_id) {
            return Ok(Self::OwnIds);
        }
        let who = facts.user_name.clone().unwrap_or_else(|| facts.user_id.to_string());
        let check = |maps: &[IdMap], ranges: &[SubordinateRange], id, kind| {
            let foreign = maps.iter().find(|map| !covered(map, ranges, id));
            foreign.map_or(Ok(()), |map| {
                let last = map.outside.saturating_add(map.count.saturating_sub(1));
                Err(Refusal::NotSubordinate { first: map.outside, last, who: who.clone(), kind })
            })
        };
        check(&maps.users, &facts.subordinate_users, facts.user_id, "subuid")?;
        check(&maps.groups, &facts.subordinate_groups, facts.group_id, "subgid")?;
        Ok(Self::Helpers {
            users: facts.newuidmap.clone().ok_or(Refusal::NoHelper("newuidmap"))?,
            groups: facts.newgidmap.clone().ok_or(Refusal::NoHelper("newgidmap"))?,
        })
    }

    /// Writes the maps of the process that has just been cloned into a new user namespace.
    ///
    /// # Errors
    /// What the kernel or the helper refused.
    pub fn write(&self, pid: rustix::process::Pid, maps: &IdMaps) -> Result<(), MapError> {
        let pid = pid.as_raw_nonzero();
        match self {
            Self::Direct => {
                write_file(&format!("/proc/{pid}/uid_map"), &IdMaps::text(&maps.users))?;
                write_file(&format!("/proc/{pid}/gid_map"), &IdMaps::text(&maps.groups))?;
            }
            Self::OwnIds => {
                write_file(&format!("/proc/{pid}/setgroups"), "deny")?;
                write_file(&format!("/proc/{pid}/uid_map"), &IdMaps::text(&maps.users))?;
                write_file(&format!("/proc/{pid}/gid_map"), &IdMaps::text(&maps.groups))?;
            }
            Self::Helpers { users, groups } => {
                run_helper(users, pid.get(), &maps.users)?;
                run_helper(groups, pid.get(), &maps.groups)?;
            }
        }
        Ok(())
    }

    /// The words of the command that writes one map of the process `pid` (a shell word, such as `$pid`).
    #[must_use]
    pub fn helper_words(helper: &std::path::Path, pid: &str, maps: &[IdMap]) -> Vec<String> {
        let mut words = vec![helper.display().to_string(), pid.to_owned()];
        words.extend(maps.iter().flat_map(|map| [map.inside, map.outside, map.count]).map(|id| id.to_string()));
        words
    }
}

/// Whether the ids are the user's own single id or lie in one of the ranges.
fn covered(map: &IdMap, ranges: &[SubordinateRange], own: u32) -> bool {
    (map.outside == own && map.count == 1)
        || ranges.iter().any(|range| {
            map.outside >= range.first
                && u64::from(map.outside) + u64::from(map.count) <= u64::from(range.first) + u64::from(range.count)
        })
}

/// A map must arrive in one write (`user_namespaces(7)`).
fn write_file(path: &str, text: &str) -> Result<(), Error> {
    fs::write(path, text).named(|| format!("write({path:?}, {text:?})"))
}

fn run_helper(helper: &std::path::Path, pid: i32, maps: &[IdMap]) -> Result<(), MapError> {
    let words = MapWriter::helper_words(helper, &pid.to_string(), maps);
    let output = Command::new(helper)
        .args(words.iter().skip(1))
        .output()
        .named(|| format!("execve({:?})", helper.display().to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let message = if text.is_empty() { output.status.to_string() } else { text };
    Err(MapError::Helper { command: words.join(" "), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(ranges: &[SubordinateRange]) -> UserNamespaceFacts {
        UserNamespaceFacts {
            user_id: 1000,
            group_id: 1000,
            user_name: Some("ann".to_owned()),
            subordinate_users: ranges.to_vec(),
            subordinate_groups: ranges.to_vec(),
            newuidmap: Some("/usr/bin/newuidmap".into()),
            newgidmap: Some("/usr/bin/newgidmap".into()),
            ..UserNamespaceFacts::default()
        }
    }

    #[test]
    fn the_way_follows_from_the_facts() {
        let range = [SubordinateRange { first: 100_000, count: 65_536 }];
        let root = UserNamespaceFacts { privileged: true, ..UserNamespaceFacts::default() };
        assert_eq!(MapWriter::choose(&root, &IdMaps::range(5, 5)), Ok(MapWriter::Direct));

        let own = IdMaps::range(1000, 1);
        assert_eq!(MapWriter::choose(&user(&[]), &own), Ok(MapWriter::OwnIds));

        let ranges = IdMaps::range(100_000, 65_536);
        assert!(matches!(MapWriter::choose(&user(&range), &ranges), Ok(MapWriter::Helpers { .. })));

        let beyond = MapWriter::choose(&user(&range), &IdMaps::range(100_001, 65_536)).unwrap_err().to_string();
        assert!(
            beyond.contains("/etc/subuid") && beyond.contains("usermod --add-subuids 100001-165536 ann"),
            "{beyond}"
        );

        let bare = UserNamespaceFacts { newuidmap: None, ..user(&range) };
        assert_eq!(MapWriter::choose(&bare, &ranges), Err(Refusal::NoHelper("newuidmap")));
    }
}
