//! Containers made in the old way, on a kernel whose newer calls are denied: they must look just like those of the new way.
//!
//! Without the harness of `cargo test`: whoever clones a process must have one thread. The program calls itself, once with the
//! kernel's real release and once as Linux 5.10 below a filter that refuses what that kernel lacks.

#![expect(clippy::print_stdout, reason = "a test without a harness prints its result itself")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::{Path, PathBuf};

use linux::mount::{MountAttributes, MountChange};
use runtime::{HostFacts, KernelFeature, KernelVersion, Options, Request};
use serde_json::{Value, json};
use test_support::skip;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, directory, kernel] = arguments.as_slice()
        && word == "container"
    {
        return run_container(Path::new(directory), KernelVersion::parse(kernel));
    }
    println!("\nrunning 1 test");
    if let Some(reason) = cannot_run() {
        skip(&reason);
    } else {
        for case in CASES {
            check(&case);
        }
    }
    println!("test the_old_way_gives_the_same_container ... ok");
    println!("\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}

fn cannot_run() -> Option<String> {
    if !test_support::is_root() {
        return Some("only root can filter system calls and make every mount".to_owned());
    }
    let missing = ["perl", "busybox", "unshare"].into_iter().find(|name| test_support::program(name).is_none());
    missing.map(|name| format!("{name} is not installed"))
}

/// A container, by what it changes of the usual one.
struct Case {
    name: &'static str,
    change: fn(&mut Value, &mut Vec<&'static str>),
}

const CASES: [Case; 4] = [
    Case { name: "usual", change: |_, _| {} },
    Case {
        name: "user namespace",
        change: |config, _| {
            let map = json!([{ "containerID": 0, "hostID": 0, "size": 65536 }]);
            config["linux"]["uidMappings"] = map.clone();
            config["linux"]["gidMappings"] = map;
            config["linux"]["namespaces"].as_array_mut().unwrap().push(json!({ "type": "user" }));
            // The host's ways to keep access times are locked there.
            for mount in config["mounts"].as_array_mut().unwrap().iter_mut().filter(|mount| mount["type"] == "bind") {
                mount["options"].as_array_mut().unwrap().retain(|option| option != "noatime" && option != "nodiratime");
            }
        },
    },
    Case { name: "shared root", change: |config, _| config["linux"]["rootfsPropagation"] = json!("rshared") },
    Case { name: "moved root", change: |_, options| options.push("no-pivot") },
];

fn check(case: &Case) {
    let bundle = Directory(std::env::temp_dir().join(format!("holm-old-kernel-{}", std::process::id())));
    make_bundle(&bundle.0, case);
    let old = run(&bundle.0, Some("5.10"));
    // On an old kernel there is no new way to compare with, but what must hold can still be looked at.
    if HostFacts::probe().unwrap().kernel.has(KernelFeature::NoSymlinkAttribute) {
        assert_eq!(old, run(&bundle.0, None), "{}", case.name);
    }
    let has = |words: &str| assert!(old.lines().any(|line| line == words), "{}: no {words:?} in {old}", case.name);
    has("/bound nosuid,noexec,ro");
    has("/bound/inner nosuid");
    has("/plain nosymfollow");
    has("/closed ro");
    has("/closed/inner ro");
    has("/proc/sys ro");
    has(if case.name == "shared root" { "/listening shared" } else { "/listening master" });
    has("descriptor 7 is closed");
    has("write to root refused");
}

/// A directory that goes when this value goes.
struct Directory(PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

/// What the container prints: its mount table without what changes from run to run, and words for [`check`].
const SCRIPT: &str = r#"
while read -r id parent device root point options rest; do
  tags=
  for word in $rest; do [ "$word" = - ] && break; tags="$tags ${word%%:*}"; done
  echo "$point $root $options$tags ${rest##*- }"
  case $point in /bound|/bound/inner|/plain|/closed|/closed/inner|/proc/sys)
    shown=
    for word in nosuid noexec nosymfollow ro; do case ",$options," in *",$word,"*) shown="$shown,$word";; esac; done
    echo "$point ${shown#,}";;
  /listening) echo "$point$tags";; esac
done < /proc/self/mountinfo
[ -e /proc/self/fd/7 ] || echo descriptor 7 is closed
(: > /new) 2>/dev/null || echo write to root refused
(: > /closed/inner/new) 2>/dev/null || echo write to closed refused
(: > /masked/file) 2>/dev/null || echo write to masked refused
grep -E 'Cap|Seccomp:|NoNew' /proc/self/status | grep -v Seccomp
"#;

fn make_bundle(directory: &Path, case: &Case) {
    let rootfs = directory.join("rootfs");
    for name in ["bin", "masked", "closed"] {
        std::fs::create_dir_all(rootfs.join(name)).unwrap();
    }
    std::fs::create_dir_all(directory.join("source/inner")).unwrap();
    std::fs::write(rootfs.join("masked/file"), "x").unwrap();
    std::fs::copy(test_support::program("busybox").unwrap(), rootfs.join("bin/busybox")).unwrap();
    for applet in ["sh", "grep", "cat"] {
        std::os::unix::fs::symlink("busybox", rootfs.join("bin").join(applet)).unwrap();
    }
    let mut config = configuration();
    let mut options = Vec::new();
    (case.change)(&mut config, &mut options);
    std::fs::write(directory.join("config.json"), config.to_string()).unwrap();
    std::fs::write(directory.join("options"), options.join(" ")).unwrap();
}

fn configuration() -> Value {
    let mount = |destination: &str, kind: &str, options: &[&str]| json!({ "destination": destination, "type": kind, "source": kind, "options": options });
    let bind = |destination: &str, source: &str, options: &[&str]| json!({ "destination": destination, "type": "bind", "source": source, "options": options });
    json!({
        "ociVersion": "1.3.0",
        "process": {
            "user": { "uid": 0, "gid": 0 }, "cwd": "/", "args": ["sh", "-c", SCRIPT], "env": ["PATH=/bin"],
            "capabilities": { "bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"] },
            "noNewPrivileges": true
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "old",
        "mounts": [
            mount("/proc", "proc", &[]),
            mount("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount("/dev/pts", "devpts", &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]),
            mount("/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
            mount("/sys/fs/cgroup", "cgroup", &["nosuid", "noexec", "nodev", "relatime", "ro"]),
            bind("/bound", "source", &["rbind", "ro", "nosuid", "noexec", "noatime"]),
            bind("/listening", "source", &["rbind", "rslave", "nodiratime"]),
            bind("/private", "source", &["rbind", "private", "nodev"]),
            mount("/plain", "tmpfs", &["nosymfollow", "noatime", "size=64k"]),
            mount("/closed", "tmpfs", &["size=64k"]),
            mount("/closed/inner", "tmpfs", &["size=64k", "nodiratime"]),
            mount("/again", "tmpfs", &["size=64k", "nosuid"]),
            mount("/again", "tmpfs", &["remount", "ro", "noexec", "nosymfollow"])
        ],
        "linux": {
            "namespaces": [{ "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" },
                { "type": "mount" }, { "type": "cgroup" }],
            "maskedPaths": ["/proc/kcore", "/masked"],
            "readonlyPaths": ["/proc/sys", "/closed", "/not/there"]
        }
    })
}

/// Opens a descriptor that a container must not have, mounts something inside what is bound, and executes the rest.
const AROUND: &str = r#"set -e; exec 7</etc/passwd; directory=$1; shift
mount --bind "$directory" "$directory"; mount --make-rshared "$directory"
mount -t tmpfs -o nosuid,nodev inner "$directory/source/inner"; exec "$@""#;

/// Runs the container, with a kernel's release below a filter.
fn run(directory: &Path, kernel: Option<&str>) -> String {
    let program = std::env::current_exe().unwrap().to_string_lossy().into_owned();
    let place = directory.to_string_lossy().into_owned();
    let real = HostFacts::probe().unwrap().kernel.to_string();
    let mut words = vec!["sh", "-c", AROUND, "sh", &place];
    if kernel.is_some() {
        words.extend(["perl", "-e", FILTER, "--"]);
    }
    words.extend([&program, "container", &place, kernel.unwrap_or(&real)]);
    let output = test_support::run(&words);
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{kernel:?}: {}", output.stdout);
    output.stdout
}

/// Refuses `mount_setattr`, the flags of `close_range`, and `MOUNT_ATTR_NOSYMFOLLOW` in `fsmount`; these numbers are the same on every
/// architecture. Then executes the rest.
const FILTER: &str = r#"
my ($load, $equal, $any, $return) = (0x20, 0x15, 0x45, 0x06);
my ($flags, $enosys, $einval, $allow) = (32, 0x50026, 0x50016, 0x7fff0000);
my @filter = ([$load, 0, 0, 0], [$equal, 0, 1, 442], [$return, 0, 0, $enosys],
  [$equal, 0, 3, 436], [$load, 0, 0, $flags], [$equal, 1, 0, 0], [$return, 0, 0, $einval],
  [$equal, 0, 3, 432], [$load, 0, 0, $flags], [$any, 0, 1, 0x200000], [$return, 0, 0, $einval],
  [$return, 0, 0, $allow]);
my $code = join("", map { pack("SCCL", @$_) } @filter);
my $program = pack("Sx![P]P", scalar(@filter), $code);
my $prctl = `uname -m` =~ /aarch64/ ? 167 : 157;
syscall($prctl, 22, 2, $program) == 0 or die "prctl: $!";
exec(@ARGV) or die "exec: $!";
"#;

/// The inner side: what `holm-oci run` does, with that release among the facts.
fn run_container(directory: &Path, kernel: KernelVersion) {
    let mut facts = HostFacts::probe().unwrap();
    if !kernel.has(KernelFeature::MountAttributes) {
        let refused = linux::mount::set_attributes(
            rustix::fs::CWD,
            c"/",
            &MountChange { set: MountAttributes::empty(), ..MountChange::default() },
        );
        assert_eq!(refused.unwrap_err().errno(), rustix::io::Errno::NOSYS);
        assert_eq!(linux::process::close_on_execute_from(1000).unwrap_err().errno(), rustix::io::Errno::INVAL);
    }
    facts.kernel = kernel;
    let text = std::fs::read(directory.join("config.json")).unwrap();
    let spec = runtime_spec::Spec::parse(&text).unwrap();
    let options = Options {
        state_root: PathBuf::from(directory).join("state"),
        no_pivot: std::fs::read_to_string(directory.join("options")).unwrap().contains("no-pivot"),
        ..Options::default()
    };
    let id = directory.file_name().unwrap().to_string_lossy().into_owned();
    let request = Request { id: &id, bundle: directory, spec: &spec, options };
    let plan = runtime::lifecycle::prepare(&request, &facts).unwrap();
    assert_eq!(plan.warnings, Vec::<String>::new());
    match runtime::lifecycle::run(&request, &facts, &plan, &mut || ()) {
        Ok(ended) => assert_eq!(ended.unwrap().exit_code, 0),
        Err(error) => panic!("{}", runtime::one_line(&error)),
    }
}
