//! `cargo xtask bench`: the whole life of a container that runs `/bin/true`, beside the floor and the peers, and the verbs one by one.
//!
//! All programs are run in turn, round after round, so that the machine's moods fall on all alike; what is compared is the ratio of
//! medians. Everything runs in a mount namespace with device nodes of its own.

mod bundle;
mod life;
mod report;
mod verbs;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{is_root, succeeds};

const MARK: &str = "HOLM_BENCH_INSIDE";
const RECORDS: &str = "HOLM_BENCH_RECORDS";

pub(crate) fn run(rounds: usize, json: Option<&Path>) -> Result<(), String> {
    if !is_root() {
        return Err("bench: the floor and most peers need root".to_owned());
    }
    if std::env::var_os(MARK).is_none() {
        return enter_private_namespace();
    }
    let directory = std::env::temp_dir().join(format!("holm-bench-{}", std::process::id()));
    let records = std::env::var_os(RECORDS).map_or_else(|| directory.clone(), PathBuf::from);
    let result = measure(&directory, &records, rounds, json);
    // Whatever came of it, the bundle goes.
    drop(std::fs::remove_dir_all(&directory));
    result
}

fn measure(directory: &Path, records: &Path, rounds: usize, json: Option<&Path>) -> Result<(), String> {
    bundle::make(directory)?;
    let life = life::measure(directory, records, rounds)?;
    let verbs = verbs::measure(directory, records, rounds)?;
    let report = report::print(rounds, &life, &verbs);
    json.map_or(Ok(()), |path| std::fs::write(path, format!("{report:#}\n")).map_err(|error| error.to_string()))
}

/// Builds, and runs this program again where a container cannot spoil the machine's device nodes. The runtimes' records go to a
/// tmpfs, as `/run` is one.
///
/// The crun of Debian 12 refuses a hybrid host whose v2 hierarchy has a controller: its list is covered by an empty file, in this
/// namespace alone and for all alike.
fn enter_private_namespace() -> Result<(), String> {
    if !succeeds("cargo", &["build", "--quiet", "--release", "-p", "oci-cli"]) {
        return Err("bench: the build failed".to_owned());
    }
    let setup = r#"set -e; new=/mnt; mount -t tmpfs -o mode=755 devices "$new"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do rest=${node#*:}; mknod -m 666 "$new/${node%%:*}" c "${rest%:*}" "${rest#*:}"; done
mkdir "$new/pts" "$new/shm" "$new/mqueue"; mount --bind /dev/pts "$new/pts"; ln -s pts/ptmx "$new/ptmx"; ln -s /proc/self/fd "$new/fd"
: > "$new/empty"; list=/sys/fs/cgroup/unified/cgroup.controllers; if [ -e "$list" ]; then mount --bind "$new/empty" "$list"; fi
mount --move "$new" /dev; mount -t tmpfs -o mode=700 records "$HOLM_BENCH_RECORDS"; exec "$@""#;
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let records = std::env::temp_dir().join(format!("holm-bench-records-{}", std::process::id()));
    std::fs::create_dir_all(&records).map_err(|error| format!("mkdir({}): {error}", records.display()))?;
    let status = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", setup, "sh"])
        .arg(own)
        .args(std::env::args().skip(1))
        .env(MARK, "1")
        .env(RECORDS, &records)
        .status()
        .map_err(|error| format!("unshare: {error}"));
    // The tmpfs has gone with its namespace.
    drop(std::fs::remove_dir(&records));
    let status = status?;
    if status.success() { Ok(()) } else { Err("bench failed".to_owned()) }
}
