//! The whole life of a container: made, run, waited for, removed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::shell::{find, release_directory};

/// One program under test.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) times: Vec<Duration>,
    pub(super) peak_kib: u64,
}

/// Rounds that are not counted.
pub(super) const WARM_UP: usize = 3;

/// The OCI runtimes that are installed, ours first.
pub(super) fn runtimes() -> Vec<(&'static str, PathBuf)> {
    let peers = ["crun", "runc"].into_iter().filter_map(|name| Some((name, find(name)?)));
    [("holm-oci", release_directory().join("holm-oci"))].into_iter().chain(peers).collect()
}

fn contestants(directory: &Path, records: &Path) -> Vec<Contestant> {
    let path = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let (root, bundle) = (path("rootfs"), directory.to_string_lossy().into_owned());
    let bwrap =
        ["--bind", &root, "/", "--unshare-all", "--proc", "/proc", "--dev", "/dev", "--cap-drop", "ALL", "/bin/true"];
    let mut list = vec![("floor", directory.join("floor"), strings(&[&root, "ID"]))];
    list.extend(find("bwrap").map(|program| ("bwrap", program, strings(&bwrap))));
    list.extend(runtimes().into_iter().map(|(name, program)| {
        (name, program, strings(&["--root", &records.join(name).to_string_lossy(), "run", "--bundle", &bundle, "ID"]))
    }));
    list.into_iter()
        .map(|(name, program, arguments)| Contestant { name, program, arguments, times: Vec::new(), peak_kib: 0 })
        .collect()
}

/// Runs all in turn, so many times each.
pub(super) fn measure(directory: &Path, records: &Path, rounds: usize) -> Result<Vec<Contestant>, String> {
    let mut contestants = contestants(directory, records);
    let count = contestants.len();
    for round in 0..rounds + WARM_UP {
        for place in 0..count {
            // Each has each of the others before it in turn: the kernel takes a container's namespaces down while the next one runs.
            let place = if (round / count).is_multiple_of(2) { place } else { count - 1 - place };
            let Some(contestant) = contestants.get_mut((place + round) % count) else { continue };
            let id = format!("holm-bench-{}-{round}", std::process::id());
            let arguments = contestant.arguments.iter().map(|word| if word == "ID" { &id } else { word });
            let mut command = Command::new(&contestant.program);
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
            let begin = Instant::now();
            let status = command.status().map_err(|error| format!("{}: {error}", contestant.name))?;
            let time = begin.elapsed();
            if !status.success() {
                return Err(format!("{} failed: {status}", contestant.name));
            }
            if round >= WARM_UP {
                contestant.times.push(time);
            }
        }
    }
    for contestant in &mut contestants {
        contestant.peak_kib = peak_memory(contestant).unwrap_or(0);
    }
    Ok(contestants)
}

/// The peak resident size, by GNU time where it is installed: children's sizes cannot be told apart by their parent.
fn peak_memory(contestant: &Contestant) -> Option<u64> {
    let time = find("time")?;
    let id = format!("holm-bench-{}-rss", std::process::id());
    let arguments = contestant.arguments.iter().map(|word| if word == "ID" { &id } else { word });
    let output = Command::new(time).args(["-f", "%M"]).arg(&contestant.program).args(arguments).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}
