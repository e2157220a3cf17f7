//! What is mounted in a container: what every one has, and what is asked for.

use std::path::Path;

use namespaces::IdMaps;
use runtime_spec::{Device, Mount};

use super::closed_paths::{MASKED_PATHS, READ_ONLY_PATHS};
use super::configuration_text::{path_text, words};
use super::ids::Ids;
use crate::error::Error;
use crate::facts::EngineFacts;
use crate::request::{Mount as Asked, MountKind, Network, RunRequest};

type Plan = (Vec<Mount>, Vec<Device>);

pub(super) fn plan(request: &RunRequest, facts: &EngineFacts, ids: Option<&Ids>) -> Result<Plan, Error> {
    let mut mounts = usual(request, facts, ids);
    // Host ids would show in what is bound: through the map they are the container's.
    let id_mapped = ids.is_some_and(|ids| ids.shown_through);
    for (index, asked) in request.mounts.iter().enumerate() {
        let same = |other: &str| Path::new(other) == Path::new(&asked.destination);
        if request.mounts.iter().take(index).any(|earlier| same(&earlier.destination)) {
            return Err(Error::request(asked.destination.clone(), "is the place of two mounts"));
        }
        if !asked.destination.starts_with('/') || asked.destination.trim_matches('/').is_empty() {
            let option = asked.destination.clone();
            return Err(Error::request(option, "a mount's place in the container must be an absolute path, and not /"));
        }
        mounts.retain(|mount| !same(&mount.destination));
        mounts.push(mount(asked, id_mapped)?);
    }
    let mut devices = Vec::new();
    for (asked, found) in request.devices.iter().zip(&facts.devices) {
        if ids.is_some() {
            // No node can be made in a user namespace: the host's own is bound.
            mounts.push(Mount {
                destination: asked.destination.clone(),
                kind: Some("bind".to_owned()),
                source: Some(path_text(&asked.source)?),
                options: words(&["bind", "nosuid", "noexec"]),
                ..Mount::default()
            });
        } else {
            devices.push(Device {
                kind: found.kind.to_string(),
                path: asked.destination.clone(),
                major: Some(found.major.into()),
                minor: Some(found.minor.into()),
                file_mode: Some(found.mode),
                ..Device::default()
            });
        }
    }
    Ok((mounts, devices))
}

/// In an order in which none covers another: what is nearer to the root comes first, as in Docker.
pub(super) fn sort(mounts: &mut [Mount]) {
    mounts.sort_by_key(|mount| Path::new(&mount.destination).components().count());
}

fn usual(request: &RunRequest, facts: &EngineFacts, ids: Option<&Ids>) -> Vec<Mount> {
    let writable = request.security.privileged;
    let access = if writable { "rw" } else { "ro" };
    let new = |destination: &str, kind: &str, options: &[&str]| Mount {
        destination: destination.to_owned(),
        kind: Some(kind.to_owned()),
        source: Some(kind.to_owned()),
        options: words(options),
        ..Mount::default()
    };
    let mut terminals = words(&["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]);
    // The group `tty`, where it exists in the container.
    if ids.is_none_or(|ids| IdMaps::outside(&ids.maps.groups, 5).is_some()) {
        terminals.push("gid=5".to_owned());
    }
    let system = if ids.is_some() && request.network == Network::Host {
        // A new sysfs shows the network, and belongs to whom that belongs.
        let read_only = if writable { "rw" } else { "rro" };
        Mount {
            source: Some("/sys".to_owned()),
            ..new("/sys", "none", &["rbind", "nosuid", "noexec", "nodev", read_only])
        }
    } else {
        new("/sys", "sysfs", &["nosuid", "noexec", "nodev", access])
    };
    let mut mounts = vec![
        new("/proc", "proc", &["nosuid", "noexec", "nodev"]),
        new("/dev", "tmpfs", &["nosuid", "strictatime", "mode=755", "size=65536k"]),
        Mount { options: terminals, ..new("/dev/pts", "devpts", &[]) },
        system,
    ];
    if facts.host.groups.mode() != cgroups::Mode::None && !(ids.is_some() && request.network == Network::Host) {
        mounts.push(new("/sys/fs/cgroup", "cgroup", &["nosuid", "noexec", "nodev", "relatime", access]));
    }
    mounts.push(new("/dev/mqueue", "mqueue", &["nosuid", "noexec", "nodev"]));
    mounts.push(new("/dev/shm", "tmpfs", &["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]));
    mounts
}

fn mount(asked: &Asked, id_mapped: bool) -> Result<Mount, Error> {
    let destination = asked.destination.clone();
    Ok(match &asked.kind {
        MountKind::Bind { source, propagation, recursive } => {
            let mut options = words(&[if *recursive { "rbind" } else { "bind" }]);
            // Everything below is as read-only as the mount itself; and what the host has mounted read-only stays so.
            if asked.read_only {
                options.push(if *recursive { "rro" } else { "ro" }.to_owned());
            }
            options.push(propagation.clone().unwrap_or_else(|| "rprivate".to_owned()));
            if id_mapped {
                options.push("idmap".to_owned());
            }
            Mount {
                destination,
                kind: Some("bind".to_owned()),
                source: Some(path_text(source)?),
                options,
                ..Mount::default()
            }
        }
        MountKind::Tmpfs { options } => {
            let mut all = words(&["nosuid", "nodev", "noexec", if asked.read_only { "ro" } else { "rw" }]);
            all.extend(options.iter().cloned());
            Mount {
                destination,
                kind: Some("tmpfs".to_owned()),
                source: Some("tmpfs".to_owned()),
                options: all,
                ..Mount::default()
            }
        }
    })
}

/// A file of the container's own, bound into a root directory of the user's.
pub(super) fn own_file(source: &Path, destination: &str, id_mapped: bool) -> Result<Mount, Error> {
    let kind = MountKind::Bind { source: source.to_owned(), propagation: None, recursive: false };
    mount(&Asked { destination: destination.to_owned(), kind, read_only: false }, id_mapped)
}

pub(super) fn masked_paths(request: &RunRequest) -> Vec<String> {
    if is_open(request) { Vec::new() } else { words(&MASKED_PATHS) }
}

pub(super) fn read_only_paths(request: &RunRequest) -> Vec<String> {
    if is_open(request) { Vec::new() } else { words(&READ_ONLY_PATHS) }
}

fn is_open(request: &RunRequest) -> bool {
    request.security.privileged || request.security.unmasked
}
