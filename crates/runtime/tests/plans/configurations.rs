//! Configurations, as data that a test changes.

use runtime::{SourceKind, Sources};
use serde_json::{Value, json};

/// The container that runc's `spec` describes, with a few binds and limits.
pub(crate) fn usual() -> Value {
    let capabilities = json!(["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]);
    json!({
        "ociVersion": "1.3.0",
        "process": {
            "user": { "uid": 0, "gid": 0 },
            "args": ["sh", "-c", "echo hello"],
            "env": ["PATH=/usr/bin:/bin", "TERM=xterm"],
            "cwd": "/",
            "capabilities": { "bounding": capabilities, "effective": capabilities, "permitted": capabilities },
            "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 }],
            "oomScoreAdj": 100,
            "noNewPrivileges": true
        },
        "root": { "path": "rootfs", "readonly": true },
        "hostname": "web",
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
              "options": ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            { "destination": "/dev/pts", "type": "devpts", "source": "devpts",
              "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
            { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] },
            { "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
              "options": ["nosuid", "noexec", "nodev", "relatime", "ro"] },
            { "destination": "/data", "type": "bind", "source": "/var/data", "options": ["rbind", "rprivate", "ro"] },
            { "destination": "/etc/resolv.conf", "source": "/etc/resolv.conf", "options": ["bind", "nosuid"] }
        ],
        "linux": {
            "cgroupsPath": "/holm/web",
            "resources": {
                "devices": [{ "allow": false, "access": "rwm" }],
                "memory": { "limit": 67_108_864, "swap": 134_217_728 },
                "cpu": { "shares": 512, "quota": 50_000, "period": 100_000 },
                "pids": { "limit": 100 }
            },
            "sysctl": { "net.ipv4.ip_unprivileged_port_start": "0" },
            "namespaces": [
                { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "mount" },
                { "type": "cgroup" }
            ],
            "maskedPaths": ["/proc/kcore", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/sys"]
        }
    })
}

/// The same without root, with these ranges of ids: first inside, first outside, how many.
pub(crate) fn rootless(ranges: &[(u32, u32, u32)]) -> Value {
    let mut config = with_user_namespace(usual(), ranges);
    for mount in config["mounts"].as_array_mut().unwrap() {
        if mount["destination"] == "/sys" {
            *mount = json!({ "destination": "/sys", "type": "none", "source": "/sys",
                "options": ["rbind", "nosuid", "noexec", "nodev", "ro"] });
        } else if let Some(options) = mount["options"].as_array_mut() {
            options.retain(|option| option != "gid=5");
        }
    }
    config["linux"]["namespaces"].as_array_mut().unwrap().retain(|namespace| namespace["type"] != "network");
    remove(&mut config, "/linux", "sysctl");
    config
}

/// The same with a user namespace of these ranges.
pub(crate) fn with_user_namespace(mut config: Value, ranges: &[(u32, u32, u32)]) -> Value {
    let maps: Vec<_> = ranges
        .iter()
        .map(|(inside, outside, size)| json!({ "containerID": inside, "hostID": outside, "size": size }))
        .collect();
    config["linux"]["uidMappings"] = json!(maps);
    config["linux"]["gidMappings"] = json!(maps);
    config["linux"]["namespaces"].as_array_mut().unwrap().push(json!({ "type": "user" }));
    config
}

/// The same without limits.
pub(crate) fn without_limits(mut config: Value) -> Value {
    remove(&mut config, "/linux", "resources");
    config
}

/// Removes a key of the object at a JSON pointer.
pub(crate) fn remove(config: &mut Value, pointer: &str, key: &str) {
    config.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
}

/// What stands at the sources of the binds.
pub(crate) fn sources() -> Sources {
    [("/var/data", SourceKind::Directory), ("/sys", SourceKind::Directory), ("/etc/resolv.conf", SourceKind::File)]
        .map(|(path, kind)| (path.into(), kind))
        .into()
}
