//! Plans and refusals for hosts that we do not have. Goldens are renewed with `INSTA_UPDATE=always cargo test -p engine`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cgroups::Layout;
use namespaces::{SubordinateRange, UserNamespaceFacts};
use runtime::{HostFacts, KernelVersion};

use super::assemble::{Reserved, plan};
use crate::facts::{DeviceFacts, EngineFacts, ImageFacts};
use crate::host_image::{Hidden, HostImage, Tree, TreeKind};
use crate::request::{
    Device, Image, Limits, Mount, MountKind, Network, Program, RunRequest, Security, Ulimit, UserNamespace,
};

const HYBRID: (&str, &str) = (
    "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
     39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n",
    "3:pids:/\n2:memory:/\n1:cpu:/\n",
);

/// Root of a host with that kernel.
fn root(release: &str) -> EngineFacts {
    EngineFacts {
        host: HostFacts {
            kernel: KernelVersion::parse(release),
            users: UserNamespaceFacts { privileged: true, maximum: Some(1000), ..UserNamespaceFacts::default() },
            capabilities: 0x1ff_feff_ffff,
            last_capability: 40,
            groups: Layout::parse(HYBRID.0, HYBRID.1),
            working_directory: "/".into(),
            own_program: None,
        },
        image: ImageFacts::Host(image()),
        passwd: "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n".to_owned(),
        groups: "root:x:0:\nann:x:1000:\nvideo:x:44:ann\n".to_owned(),
        host_name: "machine".to_owned(),
        resolver: Some("nameserver 192.0.2.1\n".to_owned()),
        terminal_size: None,
        devices: vec![DeviceFacts { kind: 'c', major: 10, minor: 229, mode: 0o660 }],
    }
}

/// An ordinary user of it.
fn user(ranges: bool) -> EngineFacts {
    let mut facts = root("6.12");
    let range = || if ranges { vec![SubordinateRange { first: 100_000, count: 65_536 }] } else { Vec::new() };
    facts.host.users = UserNamespaceFacts {
        user_id: 1000,
        group_id: 1000,
        maximum: Some(1000),
        subordinate_users: range(),
        subordinate_groups: range(),
        newuidmap: ranges.then(|| "/usr/bin/newuidmap".into()),
        newgidmap: ranges.then(|| "/usr/bin/newgidmap".into()),
        ..UserNamespaceFacts::default()
    };
    facts.host.capabilities = 0;
    facts
}

fn image() -> HostImage {
    let tree = |path: &str, kind, hidden| Tree { path: path.into(), kind, hidden };
    let none = Hidden::default;
    let etc = Hidden { secrets: vec!["shadow".into(), "ssl/private".into()], directories: vec![("ssl".into(), 0o755)] };
    HostImage {
        trees: vec![
            tree("usr", TreeKind::Directory, none()),
            tree("etc", TreeKind::Directory, etc),
            tree("bin", TreeKind::Link("usr/bin".to_owned()), none()),
            tree("var/lib/dpkg", TreeKind::Directory, none()),
        ],
    }
}

fn request() -> RunRequest {
    RunRequest {
        image: Image::Host,
        name: None,
        program: Program { arguments: vec!["ls".to_owned()], ..Program::default() },
        host_name: None,
        mounts: Vec::new(),
        devices: Vec::new(),
        limits: Limits::default(),
        sysctls: Vec::new(),
        network: Network::None,
        user_namespace: UserNamespace::Private,
        security: Security::default(),
        read_only: false,
    }
}

/// Everything asked for at once.
fn full_request() -> RunRequest {
    RunRequest {
        program: Program {
            entrypoint: Some("/bin/env".to_owned()),
            arguments: vec!["-i".to_owned()],
            environment: vec!["A=1".to_owned(), "PATH=/bin".to_owned()],
            working_directory: Some("/work".to_owned()),
            user: Some("ann".to_owned()),
            terminal: true,
            reaper: true,
            ulimits: vec![Ulimit { name: "RLIMIT_NOFILE".to_owned(), soft: 1, hard: 2 }],
        },
        host_name: Some("box".to_owned()),
        mounts: vec![
            Mount {
                destination: "/work".to_owned(),
                kind: MountKind::Bind { source: "/home/ann".into(), propagation: None, recursive: true },
                read_only: true,
            },
            Mount {
                destination: "/dev/shm".to_owned(),
                kind: MountKind::Tmpfs { options: vec!["size=1m".to_owned()] },
                read_only: false,
            },
        ],
        devices: vec![Device {
            source: "/dev/fuse".into(),
            destination: "/dev/fuse".to_owned(),
            access: "rw".to_owned(),
        }],
        limits: Limits {
            memory: Some(64 << 20),
            memory_and_swap: Some(-1),
            milli_processors: Some(1500),
            cpu_shares: Some(512),
            cpuset_cpus: Some("0-1".to_owned()),
            processes: Some(20),
        },
        sysctls: vec![("kernel.shmmax".to_owned(), "1".to_owned())],
        network: Network::Host,
        security: Security { added: vec!["NET_ADMIN".to_owned()], unmasked: true, ..Security::default() },
        read_only: true,
        ..request()
    }
}

fn reserved(first_id: Option<u32>) -> Reserved<'static> {
    Reserved { id: "c0ffee", directory: Path::new("/d/containers/c0ffee"), first_id }
}

/// The whole plan as a text: files, overlays, configuration.
fn text(request: &RunRequest, facts: &EngineFacts, first_id: Option<u32>) -> String {
    let plan = plan(request, facts, &reserved(first_id)).unwrap();
    let mut text = String::new();
    for step in &plan.files {
        writeln!(text, "{}", step.operation).unwrap();
    }
    for overlay in &plan.overlays {
        let lower: Vec<_> = overlay.lower.iter().map(|path| path.to_string_lossy()).collect();
        writeln!(
            text,
            "overlay {} = {} under {}{}{}",
            overlay.destination,
            lower.join(" under "),
            overlay.upper.display(),
            if overlay.id_mapped { ", id-mapped" } else { "" },
            if overlay.user_attributes { ", user attributes" } else { "" },
        )
        .unwrap();
    }
    writeln!(text, "root {}", if plan.id_mapped_root { "id-mapped" } else { "as it is" }).unwrap();
    plan.spec.validate().unwrap();
    text + &serde_json::to_string_pretty(&plan.spec).unwrap()
}

#[test]
fn plans() {
    let directory = |facts: EngineFacts, has_etc| EngineFacts {
        image: ImageFacts::Directory { path: "/srv/root".into(), has_etc },
        ..facts
    };
    let directory_request = |request: RunRequest| RunRequest { image: Image::Directory("/srv/root".into()), ..request };
    let as_host = RunRequest { user_namespace: UserNamespace::Host, ..full_request() };
    let privileged =
        RunRequest { security: Security { privileged: true, ..Security::default() }, ..directory_request(request()) };
    for (name, request, facts, first_id) in [
        ("host_as_root", request(), root("6.12"), Some(805_306_368)),
        ("host_as_user", request(), user(true), None),
        ("everything_as_root", full_request(), root("6.12"), Some(805_306_368)),
        ("everything_with_the_hosts_ids", as_host, root("5.10"), None),
        ("directory_as_user", directory_request(request()), directory(user(false), true), None),
        ("privileged_directory", privileged, directory(root("5.12"), false), Some(805_306_368)),
    ] {
        insta::assert_snapshot!(name, text(&request, &facts, first_id));
    }
}

#[test]
fn refusals() {
    let ids = Some(805_306_368);
    let base = request;
    let program = |program: Program| RunRequest { program, ..base() };
    let with_user = |user: &str| Program { user: Some(user.to_owned()), ..base().program };
    let limits = |limits: Limits| RunRequest { limits, ..base() };
    let place = |destination: &str| Mount {
        destination: destination.to_owned(),
        kind: MountKind::Tmpfs { options: Vec::new() },
        read_only: false,
    };
    let host_ids = || RunRequest { user_namespace: UserNamespace::Host, ..base() };
    for (request, facts, first_id, expected) in [
        (base(), root("5.18"), ids, "5.19"),
        (base(), root("5.10"), ids, "--userns=host"),
        (host_ids(), user(true), None, "--userns=host: needs root"),
        (program(with_user("eve")), root("6.12"), ids, "--user eve: there is no user `eve`"),
        (program(with_user("5")), user(false), None, "--user 5: user 5 has no id"),
        (
            program(Program { working_directory: Some("w".to_owned()), ..base().program }),
            root("6.12"),
            ids,
            "--workdir w",
        ),
        (program(Program { environment: vec!["=1".to_owned()], ..base().program }), root("6.12"), ids, "--env =1"),
        (limits(Limits { memory: Some(4096), ..Limits::default() }), root("6.12"), ids, "--memory"),
        (limits(Limits { memory_and_swap: Some(1 << 30), ..Limits::default() }), root("6.12"), ids, "--memory-swap"),
        (
            limits(Limits { memory: Some(1 << 30), memory_and_swap: Some(1 << 20), ..Limits::default() }),
            root("6.12"),
            ids,
            "cannot be less than --memory",
        ),
        (limits(Limits { milli_processors: Some(0), ..Limits::default() }), root("6.12"), ids, "--cpus"),
        (limits(Limits { cpu_shares: Some(1), ..Limits::default() }), root("6.12"), ids, "--cpu-shares"),
        (limits(Limits { processes: Some(0), ..Limits::default() }), root("6.12"), ids, "--pids-limit"),
        (RunRequest { host_name: Some("a b".to_owned()), ..base() }, root("6.12"), ids, "--hostname a b"),
        (RunRequest { mounts: vec![place("/")], ..base() }, root("6.12"), ids, "absolute path, and not /"),
        (
            RunRequest { security: Security { added: vec!["FLY".to_owned()], ..Security::default() }, ..base() },
            root("6.12"),
            ids,
            "--cap-add FLY",
        ),
        (
            RunRequest {
                security: Security { added: vec!["SYS_RESOURCE".to_owned()], ..Security::default() },
                ..host_ids()
            },
            root("6.12"),
            None,
            "not to be had here",
        ),
    ] {
        let error = plan(&request, &facts, &reserved(first_id)).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected:?} is not in {error:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_request_makes_the_planner_panic(
        words in proptest::collection::vec("\\PC{0,12}", 0..4),
        name in proptest::option::of("\\PC{0,80}"),
        who in proptest::option::of("\\PC{0,12}"),
        numbers in (proptest::option::of(proptest::num::i64::ANY), proptest::option::of(proptest::num::u32::ANY)),
        destination in "\\PC{0,20}",
        privileged: bool,
    ) {
        let request = RunRequest {
            program: Program {
                arguments: words.clone(),
                environment: words.clone(),
                working_directory: words.first().cloned(),
                user: who,
                ..Program::default()
            },
            host_name: name,
            mounts: vec![Mount {
                destination,
                kind: MountKind::Bind { source: PathBuf::from("/s"), propagation: words.last().cloned(), recursive: true },
                read_only: true,
            }],
            limits: Limits {
                memory: numbers.0,
                memory_and_swap: numbers.0,
                milli_processors: numbers.1,
                cpu_shares: numbers.1.map(u64::from),
                processes: numbers.0,
                ..Limits::default()
            },
            sysctls: words.iter().map(|word| (word.clone(), word.clone())).collect(),
            security: Security { privileged, added: words.clone(), dropped: words, ..Security::default() },
            ..request()
        };
        for (facts, first_id) in [(root("6.12"), Some(1 << 20)), (user(true), None), (user(false), None)] {
            if let Ok(plan) = plan(&request, &facts, &reserved(first_id)) {
                proptest::prop_assert!(plan.spec.process.is_some() && plan.spec.linux.is_some());
            }
        }
    }
}
