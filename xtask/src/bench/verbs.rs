//! One verb at a time: create, state, start, kill, and the forced removal of a container that runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::life::{WARM_UP, runtimes};

/// The verbs in the order of a container's life. The signal is one that its program, as first process, does not even notice.
pub(super) const VERBS: [(&str, &[&str]); 5] = [
    ("create", &["create", "--bundle", "BUNDLE", "ID"]),
    ("state", &["state", "ID"]),
    ("start", &["start", "ID"]),
    ("kill", &["kill", "ID", "WINCH"]),
    ("delete --force", &["delete", "--force", "ID"]),
];

/// The times of one runtime, by verb.
pub(super) struct Times {
    pub(super) name: &'static str,
    pub(super) times: [Vec<Duration>; VERBS.len()],
}

/// Takes a container through its life under each runtime in turn, so many times.
pub(super) fn measure(directory: &Path, records: &Path, rounds: usize) -> Result<Vec<Times>, String> {
    let runtimes = runtimes();
    let bundle = directory.join("waiting").to_string_lossy().into_owned();
    let mut all: Vec<_> = runtimes.iter().map(|(name, _)| Times { name, times: Default::default() }).collect();
    for round in 0..rounds + WARM_UP {
        for ((name, program), times) in runtimes.iter().zip(&mut all) {
            let id = format!("holm-bench-{}-{round}", std::process::id());
            for ((verb, words), times) in VERBS.iter().zip(&mut times.times) {
                let own = words.iter().map(|word| match *word {
                    "ID" => id.as_str(),
                    "BUNDLE" => bundle.as_str(),
                    word => word,
                });
                let mut command = Command::new(program);
                command.arg("--root").arg(records.join(name)).args(own);
                // A container that outlives the command keeps what it inherits: nothing may wait for that.
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                let begin = Instant::now();
                let status = command.status().map_err(|error| format!("{name} {verb}: {error}"))?;
                let time = begin.elapsed();
                if !status.success() {
                    return Err(format!("{name} {verb} failed: {status}"));
                }
                if round >= WARM_UP {
                    times.push(time);
                }
            }
        }
    }
    Ok(all)
}
