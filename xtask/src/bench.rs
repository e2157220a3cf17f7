//! `cargo xtask bench`: the whole life of a container that runs `/bin/true`, beside the floor and the peers.
//!
//! All programs are run in turn, round after round, so that the machine's moods fall on all alike; what is compared is the ratio of
//! medians. Everything runs in a mount namespace with device nodes of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::shell::{find, is_root, release_directory, succeeds, workspace};

/// One program under test.
struct Contestant {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    times: Vec<Duration>,
    peak_kib: u64,
}

const MARK: &str = "HOLM_BENCH_INSIDE";

pub(crate) fn run(rounds: usize, json: Option<&Path>) -> Result<(), String> {
    if !is_root() {
        return Err("bench: the floor and most peers need root".to_owned());
    }
    if std::env::var_os(MARK).is_none() {
        return enter_private_namespace();
    }
    let directory = std::env::temp_dir().join(format!("holm-bench-{}", std::process::id()));
    let result = prepare(&directory).and_then(|()| measure(&directory, rounds, json));
    // Whatever came of it, the bundle goes.
    drop(std::fs::remove_dir_all(&directory));
    result
}

/// Builds, and runs this program again where a container cannot spoil the machine's device nodes.
fn enter_private_namespace() -> Result<(), String> {
    if !succeeds("cargo", &["build", "--quiet", "--release", "-p", "oci-cli"]) {
        return Err("bench: the build failed".to_owned());
    }
    let setup = r#"set -e; new=$(mktemp -d); mount -t tmpfs -o mode=755 devices "$new"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do rest=${node#*:}; mknod -m 666 "$new/${node%%:*}" c "${rest%:*}" "${rest#*:}"; done
mkdir "$new/pts" "$new/shm" "$new/mqueue"; mount --bind /dev/pts "$new/pts"; ln -s pts/ptmx "$new/ptmx"; ln -s /proc/self/fd "$new/fd"
mount --move "$new" /dev; rmdir "$new"; exec "$@""#;
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", setup, "sh"])
        .arg(own)
        .args(std::env::args().skip(1))
        .env(MARK, "1")
        .status()
        .map_err(|error| format!("unshare: {error}"))?;
    if status.success() { Ok(()) } else { Err("bench failed".to_owned()) }
}

fn prepare(directory: &Path) -> Result<(), String> {
    let fail = |what: &str| format!("bench: could not {what}");
    let root = directory.join("rootfs");
    for part in ["bin", "proc", "sys", "dev"] {
        std::fs::create_dir_all(root.join(part)).map_err(|_| fail("make the bundle"))?;
    }
    let floor = directory.join("floor");
    let source = workspace().join("benches/floor.c");
    let arguments = ["-O2", "-static", "-o", &floor.to_string_lossy(), &source.to_string_lossy()];
    if !succeeds("gcc", &arguments) {
        return Err(fail("build the floor"));
    }
    // The smallest program: what is measured is the container and not what runs in it.
    let program = directory.join("true.c");
    std::fs::write(&program, "int main(void) { return 0; }\n").map_err(|_| fail("write a program"))?;
    if !succeeds("gcc", &["-O2", "-static", "-o", &root.join("bin/true").to_string_lossy(), &program.to_string_lossy()])
    {
        return Err(fail("build the program"));
    }
    let holm = release_directory().join("holm-oci");
    if !succeeds(&holm.to_string_lossy(), &["spec", "--bundle", &directory.to_string_lossy()]) {
        return Err(fail("write a configuration"));
    }
    let path = directory.join("config.json");
    let text = std::fs::read(&path).map_err(|_| fail("read the configuration"))?;
    let mut config: serde_json::Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    config["process"]["terminal"] = false.into();
    config["process"]["args"] = serde_json::json!(["/bin/true"]);
    // The peers of Debian 12 know the specification up to 1.0; the machine may lack what a limit of open files needs.
    config["ociVersion"] = "1.0.2".into();
    config["process"]["rlimits"] = serde_json::json!([]);
    if let Some(mounts) = config["mounts"].as_array_mut() {
        mounts.retain(|mount| mount["type"] != "cgroup");
    }
    config["linux"]["resources"]["memory"] = serde_json::json!({ "limit": 268_435_456 });
    config["linux"]["resources"]["pids"] = serde_json::json!({ "limit": 100 });
    config["linux"]["resources"]["cpu"] = serde_json::json!({ "shares": 512 });
    std::fs::write(&path, config.to_string()).map_err(|_| fail("write the configuration"))
}

fn contestants(directory: &Path) -> Vec<Contestant> {
    let path = |name: &str| directory.join(name).to_string_lossy().into_owned();
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let (root, bundle) = (path("rootfs"), directory.to_string_lossy().into_owned());
    let oci = |state: &str| strings(&["--root", &path(state), "run", "--bundle", &bundle, "ID"]);
    let bwrap = strings(&[
        "--bind",
        &root,
        "/",
        "--unshare-all",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--cap-drop",
        "ALL",
        "/bin/true",
    ]);
    let mut list = vec![
        ("floor", Some(directory.join("floor")), strings(&[&root, "ID"])),
        ("holm-oci", Some(release_directory().join("holm-oci")), oci("holm")),
        ("bwrap", find("bwrap"), bwrap),
        ("crun", find("crun"), oci("crun")),
        ("runc", find("runc"), oci("runc")),
    ];
    list.retain(|(name, program, _)| {
        if program.is_none() {
            println!("{name}: not installed");
        }
        program.is_some()
    });
    list.into_iter()
        .filter_map(|(name, program, arguments)| {
            Some(Contestant { name, program: program?, arguments, times: Vec::new(), peak_kib: 0 })
        })
        .collect()
}

fn measure(directory: &Path, rounds: usize, json: Option<&Path>) -> Result<(), String> {
    const WARM_UP: usize = 3;
    let mut contestants = contestants(directory);
    for round in 0..rounds + WARM_UP {
        for contestant in &mut contestants {
            let id = format!("holm-bench-{}-{round}", std::process::id());
            let arguments = contestant.arguments.iter().map(|word| if word == "ID" { &id } else { word });
            let mut command = Command::new(&contestant.program);
            command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
            let begin = Instant::now();
            let status = command.status().map_err(|error| format!("{}: {error}", contestant.name))?;
            let time = begin.elapsed();
            if !status.success() {
                let log = directory.join("log");
                let words = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("{} failed: {status}\n{words}", contestant.name));
            }
            if round >= WARM_UP {
                contestant.times.push(time);
            }
        }
    }
    for contestant in &mut contestants {
        contestant.peak_kib = peak_memory(contestant).unwrap_or(0);
    }
    print(&mut contestants, rounds, json)
}

/// The peak resident size, by GNU time where it is installed: children's sizes cannot be told apart by their parent.
fn peak_memory(contestant: &Contestant) -> Option<u64> {
    let time = find("time")?;
    let id = format!("holm-bench-{}-rss", std::process::id());
    let arguments = contestant.arguments.iter().map(|word| if word == "ID" { &id } else { word });
    let output = Command::new(time).args(["-f", "%M"]).arg(&contestant.program).args(arguments).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}

fn print(contestants: &mut [Contestant], rounds: usize, json: Option<&Path>) -> Result<(), String> {
    let mut median = |contestant: &mut Contestant| {
        contestant.times.sort();
        contestant.times.get(contestant.times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    let medians: Vec<f64> = contestants.iter_mut().map(&mut median).collect();
    let floor = medians.first().copied().unwrap_or(1.0);
    println!("\n{:<10} {:>10} {:>9} {:>13}", "program", "median ms", "x floor", "peak RSS KiB");
    let mut rows = Vec::new();
    for (contestant, median) in contestants.iter().zip(&medians) {
        let ratio = median / floor;
        println!("{:<10} {median:>10.2} {ratio:>9.2} {:>13}", contestant.name, contestant.peak_kib);
        rows.push(serde_json::json!({
            "program": contestant.name, "median_ms": median, "times_floor": ratio, "peak_rss_kib": contestant.peak_kib
        }));
    }
    let report = serde_json::json!({ "rounds": rounds, "work": "run /bin/true", "results": rows });
    json.map_or(Ok(()), |path| std::fs::write(path, format!("{report:#}\n")).map_err(|error| error.to_string()))
}
