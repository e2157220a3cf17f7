//! What is refused before anything is made, each with the sentence that a person reads.

use std::path::Path;

use namespaces::UserNamespaceFacts;
use runtime::{HostFacts, Options, Overlay, Request};
use runtime_spec::Spec;
use serde_json::{Value, json};

use crate::configurations::{remove, rootless, sources, usual, with_user_namespace, without_limits};
use crate::hosts;

#[track_caller]
fn check(facts: &HostFacts, config: &Value, options: Options, expected: &str) {
    let spec = Spec::parse(config.to_string().as_bytes()).unwrap();
    let request = Request { id: "web", bundle: Path::new("bundle"), spec: &spec, options };
    let error = runtime::plan(&request, facts, &sources()).expect_err(expected);
    assert_eq!(runtime::one_line(&error), expected);
}

#[track_caller]
fn check_change(change: impl FnOnce(&mut Value), expected: &str) {
    let mut config = usual();
    change(&mut config);
    check(&hosts::root_on_unified(), &config, Options::default(), expected);
}

#[track_caller]
fn check_user(change: impl FnOnce(&mut UserNamespaceFacts), ranges: &[(u32, u32, u32)], expected: &str) {
    let mut facts = hosts::user_with_delegation();
    change(&mut facts.users);
    check(&facts, &rootless(ranges), Options::default(), expected);
}

#[track_caller]
fn check_kernel(release: &str, change: impl FnOnce(&mut Value, &mut Options), expected: &str) {
    let (mut config, mut options) = (usual(), Options::default());
    change(&mut config, &mut options);
    check(&hosts::with_kernel(release, hosts::root_on_unified()), &config, options, expected);
}

fn add_mount(config: &mut Value, mount: Value) {
    config["mounts"].as_array_mut().unwrap().push(mount);
}

const ONE_ID: &[(u32, u32, u32)] = &[(0, 1000, 1)];
const RANGES: &[(u32, u32, u32)] = &[(0, 1000, 1), (1, 100_000, 65_536)];

#[test]
fn configurations() {
    check_change(
        |config| config["process"]["cwd"] = json!("tmp"),
        "the configuration is not valid: process.cwd is \"tmp\": must be an absolute path",
    );
    check_change(
        |config| config["hooks"] = json!({ "prestart": [{ "path": "/bin/true" }] }),
        "hooks.prestart: this release of holm does not support hooks",
    );
    check_change(
        |config| remove(config, "", "root"),
        "the configuration is not valid: root is missing: a container needs a root file system",
    );
    check_change(
        |config| remove(config, "", "process"),
        "the container's process cannot be had: process: there is no program to run",
    );
    check_change(
        |config| config["linux"]["sysctl"] = json!({ "vm.swappiness": "1" }),
        "the container's process cannot be had: linux.sysctl: vm.swappiness belongs to no namespace: setting it would change \
         the whole host",
    );
}

#[test]
fn mounts() {
    check_change(
        |config| add_mount(config, json!({ "destination": "/x", "type": "bind", "source": "/nowhere" })),
        "the container's file systems cannot be had: mounts[7].source: /nowhere does not exist on the host",
    );
    check_change(
        |config| add_mount(config, json!({ "destination": "/x", "type": "bind" })),
        "the container's file systems cannot be had: mounts[7].source: a bind mount needs a source",
    );
    let without = |config: &mut Value| {
        config["linux"]["namespaces"].as_array_mut().unwrap().retain(|namespace| namespace["type"] != "mount");
    };
    check_change(
        without,
        "the container's file systems cannot be had: mounts[0]: mounts without a mount namespace are not supported by this \
         release of holm",
    );
    let mut config = rootless(RANGES);
    add_mount(
        &mut config,
        json!({ "destination": "/x", "type": "bind", "source": "/var/data", "options": ["bind", "idmap"] }),
    );
    check(
        &hosts::user_with_delegation(),
        &config,
        Options::default(),
        "the container's file systems cannot be had: mounts[7]: an id-mapped mount needs the rights of root over the file \
         system",
    );
}

#[test]
fn user_namespaces() {
    check_user(
        |users| users.maximum = Some(0),
        ONE_ID,
        "no user namespace can be made: user.max_user_namespaces is 0: root can raise it with `sysctl \
         user.max_user_namespaces=10000`",
    );
    check_user(
        |users| users.unprivileged_clone = Some(false),
        ONE_ID,
        "no user namespace can be made: kernel.unprivileged_userns_clone is 0: root can allow it with `sysctl \
         kernel.unprivileged_userns_clone=1`",
    );
    check_user(
        |users| users.apparmor_restricts = Some(true),
        ONE_ID,
        "no user namespace can be made: kernel.apparmor_restrict_unprivileged_userns is 1: root can allow it with `sysctl \
         kernel.apparmor_restrict_unprivileged_userns=0`, or for this program alone with an AppArmor profile that says \
         `userns,`",
    );
    check_user(
        |users| users.maximum = None,
        ONE_ID,
        "no user namespace can be made: this kernel has no user namespaces (CONFIG_USER_NS)",
    );
    check(
        &hosts::user_with_delegation(),
        &usual(),
        Options::default(),
        "linux.namespaces: without root a container needs a user namespace: add one with uidMappings and gidMappings \
         (`spec --rootless` writes such a configuration)",
    );
}

#[test]
fn ids() {
    check_user(
        |users| users.subordinate_users.clear(),
        RANGES,
        "linux.uidMappings: cannot map ids 100000 to 165535: /etc/subuid has no line that gives them to ann; root can add one \
         with `usermod --add-subuids 100000-165535 ann`",
    );
    check_user(
        |users| users.newuidmap = None,
        RANGES,
        "linux.uidMappings: cannot map ranges of ids without root: newuidmap is not installed (Debian's package `uidmap` has \
         it)",
    );
    let mut config = without_limits(rootless(ONE_ID));
    config["process"]["user"]["uid"] = json!(7);
    check(
        &hosts::user_without_delegation(),
        &config,
        Options::default(),
        "the container's process cannot be had: process.user.uid: the id 7 is not mapped in the container's user namespace",
    );
    let mut config = without_limits(rootless(ONE_ID));
    config["process"]["user"]["additionalGids"] = json!([0]);
    check(
        &hosts::user_without_delegation(),
        &config,
        Options::default(),
        "the container's process cannot be had: process.user.additionalGids: without root and with a single mapped id the \
         kernel allows no additional groups",
    );
    let mut facts = hosts::root_on_unified();
    facts.capabilities &= !(1 << 5);
    check(
        &facts,
        &usual(),
        Options::default(),
        "the container's process cannot be had: process.capabilities: CAP_KILL is not to be had here: holm's own process does \
         not have it",
    );
}

#[test]
fn control_groups() {
    let advice = "start it in a scope of its own with `systemd-run --user --scope -p Delegate=yes -- COMMAND`, and if a controller \
                  is missing there, let root write `[Service]` and `Delegate=cpu cpuset io memory pids` into \
                  /etc/systemd/system/user@.service.d/delegate.conf";
    check(
        &hosts::user_without_delegation(),
        &rootless(ONE_ID),
        Options::default(),
        &format!(
            "linux.resources: memory.limit cannot be set: this user may not make the group \
             /sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope/holm/web; {advice}"
        ),
    );
    let mut config = rootless(ONE_ID);
    config["linux"]["resources"] = json!({ "cpu": { "cpus": "0" } });
    check(
        &hosts::user_with_delegation(),
        &config,
        Options::default(),
        &format!(
            "linux.resources: cpu.cpus cannot be set: the cgroup v2 hierarchy at /sys/fs/cgroup, below \
             /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope, does not give the controller \
             `cpuset` (it gives: cpu, memory, pids); {advice}"
        ),
    );
    check(
        &hosts::root_without_groups(),
        &usual(),
        Options::default(),
        "linux.resources: devices cannot be set: no mounted cgroup hierarchy has the controller `devices` (there are: none)",
    );
}

#[test]
fn kernels() {
    check_kernel("5.9", |_, _| {}, "Linux 5.10 or later is needed, and this host runs 5.9");
    let tree = json!({ "destination": "/x", "type": "bind", "source": "/var/data", "options": ["rbind", "rro"] });
    check_kernel(
        "5.10",
        |config, _| add_mount(config, tree),
        "the container's file systems cannot be had: mounts[7].options: attributes of whole trees, such as rro, need Linux 5.12 \
         or later, and this host runs 5.10",
    );
    let links = json!({ "destination": "/x", "type": "tmpfs", "options": ["nosymfollow"] });
    check_kernel(
        "5.12",
        |config, _| add_mount(config, links),
        "the container's file systems cannot be had: mounts[7].options: mounts with nosymfollow need Linux 5.14 or later, and \
         this host runs 5.12",
    );
    let mapped = json!({ "destination": "/x", "type": "bind", "source": "/var/data", "options": ["bind", "idmap"] });
    check_kernel(
        "5.10",
        |config, _| {
            *config = with_user_namespace(config.take(), &[(0, 200_000, 65_536)]);
            add_mount(config, mapped);
        },
        "the container's file systems cannot be had: mounts[7]: id-mapped mounts need Linux 5.12 or later, and this host runs \
         5.10",
    );
    let overlay = json!({ "destination": "/x", "type": "overlay", "options": ["lowerdir=/a:/b"] });
    check_kernel(
        "5.10",
        |config, _| {
            *config = with_user_namespace(config.take(), &[(0, 200_000, 65_536)]);
            add_mount(config, overlay);
        },
        "the container's file systems cannot be had: mounts[7].type: overlays in a user namespace need Linux 5.11 or later, and \
         this host runs 5.10",
    );
    check_kernel(
        "5.10",
        |config, options| {
            *config = with_user_namespace(config.take(), &[(0, 200_000, 65_536)]);
            options.id_mapped_root = true;
        },
        "the container's file systems cannot be had: the container's root: roots that are shown through an id map need Linux 5.12 \
         or later, and this host runs 5.10",
    );
    check_kernel(
        "5.18",
        |config, options| {
            *config = with_user_namespace(config.take(), &[(0, 200_000, 65_536)]);
            options.overlays = vec![Overlay {
                destination: "/".to_owned(),
                lower: vec!["/layer".into()],
                upper: "/web/upper".into(),
                work: "/web/work".into(),
                id_mapped: true,
                user_attributes: true,
            }];
        },
        "the container's file systems cannot be had: the copy-on-write directory /: overlays of id-mapped layers need Linux 5.19 \
         or later, and this host runs 5.18",
    );
}

#[test]
fn what_an_older_kernel_can_do_in_the_old_way_is_not_refused() {
    let mut config = usual();
    add_mount(&mut config, json!({ "destination": "/x", "type": "tmpfs", "options": ["nosymfollow"] }));
    let spec = Spec::parse(config.to_string().as_bytes()).unwrap();
    let request = Request { id: "web", bundle: Path::new("bundle"), spec: &spec, options: Options::default() };
    for release in ["5.10", "5.11", "5.14", "6.18"] {
        let facts = hosts::with_kernel(release, hosts::root_on_unified());
        assert!(runtime::plan(&request, &facts, &sources()).is_ok(), "{release}");
    }
}
