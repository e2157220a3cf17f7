//! What the two files of a container hold.

use std::collections::BTreeMap;
use std::path::PathBuf;

use linux::{Error, Named as _};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

/// Everything that is known of a container before its first process exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// The specification's version that the configuration follows.
    pub(crate) oci_version: String,
    /// The container's name.
    pub(crate) id: String,
    /// The bundle's directory.
    pub(crate) bundle: PathBuf,
    /// The root's directory.
    pub(crate) rootfs: PathBuf,
    /// When the container was made, in RFC 3339.
    pub(crate) created: String,
    /// The user id of who made it.
    pub(crate) owner: u32,
    /// The configuration's annotations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
    /// The container's control groups: controller (or `name=…`, or empty for v2) → directory.
    #[serde(default)]
    pub(crate) cgroup_paths: BTreeMap<String, PathBuf>,
    /// Whether the process that made it supervises it, so that it does not outlive that process.
    #[serde(default)]
    pub(crate) foreground: bool,
}

/// The container's first process, told from a later one of the same number by its start time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcessRecord {
    /// Its number in the pid namespace of who made it.
    pub(crate) pid: Pid,
    /// When it started, in clock ticks since boot (field 22 of `/proc/PID/stat`).
    pub(crate) start_time: u64,
}

impl ProcessRecord {
    /// The record of a process that runs now.
    ///
    /// # Errors
    /// `ENOENT` when it does not.
    pub(crate) fn of(pid: Pid) -> Result<Self, Error> {
        let path = format!("/proc/{}/stat", pid.as_raw_nonzero());
        let text = std::fs::read_to_string(&path).named(|| format!("read({path:?})"))?;
        let start_time = parse_stat(&text).map_or(0, |(_, start_time)| start_time);
        Ok(Self { pid, start_time })
    }

    /// Whether that very process still runs (a zombie does not).
    #[must_use]
    pub(crate) fn is_alive(&self) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", self.pid.as_raw_nonzero()))
            .ok()
            .and_then(|text| parse_stat(&text))
            .is_some_and(|(state, start_time)| start_time == self.start_time && state != 'Z' && state != 'X')
    }

    /// The file's text.
    #[must_use]
    pub(crate) fn text(&self) -> String {
        format!("{} {}\n", self.pid.as_raw_nonzero(), self.start_time)
    }

    /// Reads the file's text.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pid, start_time) = text.trim().split_once(' ')?;
        Some(Self { pid: Pid::from_raw(pid.parse().ok()?)?, start_time: start_time.parse().ok()? })
    }
}

/// State letter and start time of `/proc/PID/stat` (`proc_pid_stat(5)`); the name in parentheses may hold anything.
fn parse_stat(text: &str) -> Option<(char, u64)> {
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_start_time() {
        let own = ProcessRecord::of(rustix::process::getpid()).unwrap();
        assert!(own.is_alive());
        assert_eq!(ProcessRecord::parse(&own.text()), Some(own));
        assert!(!ProcessRecord { start_time: own.start_time + 1, ..own }.is_alive());
        assert_eq!(ProcessRecord::parse("0 1"), None);
        assert_eq!(ProcessRecord::parse("garbage"), None);
    }

    #[test]
    fn a_name_in_stat_may_hold_anything() {
        let text = format!("7 (a) b) ) S {} 4242 9\n", vec!["1"; 18].join(" "));
        assert_eq!(parse_stat(&text), Some(('S', 4242)));
        assert_eq!(parse_stat("7 (short) R 1"), None);
    }
}
