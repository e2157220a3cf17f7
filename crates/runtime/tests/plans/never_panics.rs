//! Whatever a configuration says and whatever the host is like: the planner gives a plan or a sentence.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::sample::{Index, select};
use proptest::test_runner::Config;
use runtime::{HostFacts, Options, Overlay, Preparation, Request};
use runtime_spec::Spec;
use serde_json::{Value, json};

use crate::configurations::{rootless, sources, usual, with_user_namespace};
use crate::hosts;

/// One change of a configuration.
#[derive(Debug, Clone)]
enum Change {
    /// The value at some place becomes another.
    Replace(Index, Value),
    /// The value at some place goes.
    Remove(Index),
    /// A list gets one more value.
    Append(Index, Value),
    /// An object gets one more key.
    Insert(Index, &'static str, Value),
}

/// Keys that a configuration may have and the usual one has not.
const KEYS: [&str; 30] = [
    "ambient",
    "inheritable",
    "umask",
    "additionalGids",
    "username",
    "rootfsPropagation",
    "timeOffsets",
    "seccomp",
    "devices",
    "uidMappings",
    "gidMappings",
    "hugepageLimits",
    "blockIO",
    "network",
    "rdma",
    "unified",
    "reservation",
    "kernel",
    "kernelTCP",
    "swappiness",
    "disableOOMKiller",
    "cpus",
    "mems",
    "burst",
    "idle",
    "realtimeRuntime",
    "domainname",
    "consoleSize",
    "terminal",
    "path",
];

/// Words that mean something somewhere.
const WORDS: [&str; 41] = [
    "",
    "/",
    "/x",
    "../x",
    "x/../..",
    "a\u{0}b",
    "é",
    "proc",
    "tmpfs",
    "overlay",
    "cgroup",
    "cgroup2",
    "bind",
    "rbind",
    "remount",
    "ro",
    "rw",
    "rro",
    "rnoexec",
    "nosymfollow",
    "userxattr",
    "rshared",
    "rslave",
    "private",
    "tmpcopyup",
    "idmap",
    "ridmap",
    "mand",
    "size=1m",
    "user",
    "mount",
    "time",
    "network",
    "CAP_KILL",
    "CAP_FLYING",
    "CAP_CHECKPOINT_RESTORE",
    "RLIMIT_CORE",
    "net.ipv4.ip_forward",
    "kernel.sem",
    "c",
    "rwm",
];

fn value() -> impl Strategy<Value = Value> {
    let number = select(vec![-1_i64, 0, 1, 7, 63, 64, 1000, 65_536, 4_294_967_295, 4_294_967_296, i64::MAX, i64::MIN]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        Just(Value::from(u64::MAX)),
        select(WORDS.to_vec()).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!({ "containerID": 0, "hostID": 100_000, "size": 65_536 })),
        Just(json!({ "containerID": 1, "hostID": 4_294_967_295_u32, "size": 4_294_967_295_u32 })),
        Just(json!({ "destination": "/m", "type": "bind", "source": "/var/data", "options": ["rbind", "rro"] })),
        Just(json!({ "destination": "/m", "source": "/var/data", "options": ["bind", "idmap"] })),
        Just(json!({ "path": "/dev/x", "type": "c", "major": -1, "minor": 4_294_967_295_u32, "fileMode": 511 })),
        Just(json!({ "type": "user" })),
        Just(json!({ "type": "pid", "path": "/proc/1/ns/pid" })),
        Just(json!({ "allow": true, "type": "a", "major": 1, "access": "rw" })),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((select(KEYS.to_vec()), inner), 0..3)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), value()).prop_map(|(place, value)| Change::Replace(place, value)),
        any::<Index>().prop_map(Change::Remove),
        (any::<Index>(), value()).prop_map(|(place, value)| Change::Append(place, value)),
        (any::<Index>(), select(KEYS.to_vec()), value())
            .prop_map(|(place, key, value)| Change::Insert(place, key, value)),
    ]
}

/// The JSON pointers of all values below one.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let place = format!("{here}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(list) => list.iter().enumerate().for_each(|(index, value)| below(&index.to_string(), value)),
        _ => {}
    }
}

fn apply(config: &mut Value, change: &Change) {
    let (Change::Replace(index, _) | Change::Remove(index) | Change::Append(index, _) | Change::Insert(index, ..)) =
        change;
    let mut all = Vec::new();
    places(config, "", &mut all);
    all.retain(|place| match (change, config.pointer(place)) {
        (Change::Append(..), Some(value)) => value.is_array(),
        (Change::Insert(..), Some(value)) => value.is_object(),
        _ => true,
    });
    if all.is_empty() {
        return;
    }
    let place = index.get(&all).clone();
    match change {
        Change::Replace(_, value) => *config.pointer_mut(&place).unwrap() = value.clone(),
        Change::Append(_, value) => config.pointer_mut(&place).unwrap().as_array_mut().unwrap().push(value.clone()),
        Change::Insert(_, key, value) => config.pointer_mut(&place).unwrap()[*key] = value.clone(),
        Change::Remove(_) => {
            let (parent, key) = place.rsplit_once('/').unwrap();
            match config.pointer_mut(parent).unwrap() {
                Value::Object(map) => drop(map.remove(&key.replace("~1", "/").replace("~0", "~"))),
                Value::Array(list) => drop(list.remove(key.parse().unwrap())),
                _ => unreachable!("only objects and lists have values below them"),
            }
        }
    }
}

fn facts() -> impl Strategy<Value = HostFacts> {
    let host = select(hosts::all()).prop_map(|(_, facts)| facts);
    let kernel = select(vec!["5.10", "5.11", "5.12", "5.15", "5.19", "6.1", "6.18", "odd"]);
    // Most hosts have no obstacle, or hardly any configuration would come to a plan.
    (host, kernel, any::<u64>(), 0_u32..80, 0_u8..12).prop_map(|(facts, kernel, capabilities, last, obstacle)| {
        let mut facts = hosts::with_kernel(kernel, facts);
        match obstacle {
            0 => facts.capabilities = capabilities,
            1 | 2 => facts.last_capability = last,
            3 => facts.users.unprivileged_clone = Some(false),
            4 => facts.users.apparmor_restricts = Some(true),
            _ => {}
        }
        facts
    })
}

fn options() -> impl Strategy<Value = Options> {
    let overlay = any::<(bool, bool)>().prop_map(|(id_mapped, user_attributes)| Overlay {
        destination: "/usr".to_owned(),
        lower: vec!["/layer".into()],
        upper: "/".into(),
        work: "/work".into(),
        id_mapped,
        user_attributes,
    });
    (any::<(bool, bool, bool)>(), select(vec![0, 3, u32::MAX]), vec(overlay, 0..3)).prop_map(
        |((no_pivot, no_new_keyring, id_mapped_root), preserve_descriptors, overlays)| Options {
            no_pivot,
            no_new_keyring,
            id_mapped_root,
            preserve_descriptors,
            overlays,
            ..Options::default()
        },
    )
}

fn base() -> impl Strategy<Value = Value> {
    let ids = &[(0, 1000, 1), (1, 100_000, 65_536)];
    select(vec![usual(), rootless(ids), rootless(&ids[..1]), with_user_namespace(usual(), &[(0, 200_000, 65_536)])])
}

/// Plans, and checks what must hold of every plan; whether there is one.
fn check(config: &Value, facts: &HostFacts, options: Options) -> bool {
    let Ok(spec) = Spec::parse(config.to_string().as_bytes()) else { return false };
    let request = Request { id: "web", bundle: Path::new("bundle"), spec: &spec, options };
    let (plan, script) = (
        runtime::plan(&request, facts, &sources()),
        runtime::plan(&request, facts, &sources()).map(|plan| plan.script(&request, &Preparation::default())),
    );
    assert_eq!(plan.is_ok(), script.is_ok());
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => {
            assert!(!runtime::one_line(&error).is_empty());
            return false;
        }
    };
    let outline = plan.outline();
    let count = |start: &str| outline.iter().filter(|line| line.starts_with(start)).count();
    let layers = outline.iter().filter_map(|line| line.strip_prefix("init: attach the id-mapped layers "));
    let layers: usize = layers.map(|paths| paths.split(", ").count()).sum();
    let attached = layers + count("init: attach the id-mapped root") + count("init: bind the id-mapped ");
    assert_eq!(count("parent: show "), attached, "what the parent sends is attached: {outline:#?}");
    assert_eq!(count("parent: map the ids"), count("init: wait for the id maps"), "{outline:#?}");
    let entered = count("init: enter the root") + count("init: move the root") + count("init: change the root");
    assert_eq!(entered, 1, "{outline:#?}");
    let closed = count("init: close descriptors") + count("init: close the descriptors");
    assert_eq!(closed, 1, "{outline:#?}");
    true
}

proptest! {
    // A case that fails becomes a test of its own, not a file of seeds.
    #![proptest_config(Config { cases: 1024, failure_persistence: None, ..Config::default() })]

    #[test]
    fn whatever_is_asked_for(base in base(), changes in vec(change(), 0..4), facts in facts(), options in options()) {
        let mut config = base;
        for change in &changes {
            apply(&mut config, change);
        }
        check(&config, &facts, options);
    }

    #[test]
    fn whatever_the_host_is_like(base in base(), facts in facts(), options in options()) {
        check(&base, &facts, options);
    }
}

#[test]
fn the_bases_have_plans() {
    let planned = hosts::all().iter().filter(|(_, facts)| check(&usual(), facts, Options::default())).count();
    assert_eq!(planned, 3, "as root, with control groups");
}
