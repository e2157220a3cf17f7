//! The plan of a container, put together from the plans of its parts.

use std::path::{Path, PathBuf};

use namespaces::IdMap;
use runtime::Overlay;
use runtime_spec::{IdMapping, Linux, Namespace, NamespaceKind, Root, Spec};
use steps::Step;

use super::configuration_text::path_text;
use super::{ids, limits, mounts, process, root};
use crate::error::Error;
use crate::facts::EngineFacts;
use crate::files::FileOperation;
use crate::request::{Network, RunRequest};

/// A container, ready to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ContainerPlan {
    /// The configuration for the runtime.
    pub(crate) spec: Spec,
    /// The files that are the container's own, in the order in which they are made.
    pub(crate) files: Vec<Step<FileOperation>>,
    /// Its copy-on-write directories.
    pub(crate) overlays: Vec<Overlay>,
    /// Whether the root is shown through the id map.
    pub(crate) id_mapped_root: bool,
}

impl ContainerPlan {
    /// The texts among its files, for what must know them before they exist.
    pub(crate) fn own_files(&self) -> Vec<PathBuf> {
        let text = |step: &Step<FileOperation>| match &step.operation {
            FileOperation::Text { path, .. } => Some(path.clone()),
            _ => None,
        };
        self.files.iter().filter_map(text).collect()
    }
}

/// What has been set aside for the container that is planned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reserved<'a> {
    /// Its id.
    pub(crate) id: &'a str,
    /// Where its files will lie.
    pub(crate) directory: &'a Path,
    /// The first of the ids that no other container has, where it [needs](super::needs_id_range) such.
    pub(crate) first_id: Option<u32>,
}

/// Computes the plan of a container.
///
/// # Errors
/// Everything that can be refused before anything is made.
pub(crate) fn plan(request: &RunRequest, facts: &EngineFacts, reserved: &Reserved<'_>) -> Result<ContainerPlan, Error> {
    let ids = ids::plan(request, facts, reserved.first_id)?;
    let ids = ids.as_ref();
    let host_name = host_name(request, facts, reserved.id)?;
    let image = root::plan(request, facts, reserved.directory, &host_name, ids)?;
    let process = process::plan(request, facts, ids, &host_name)?;
    let (mut mounts, devices) = mounts::plan(request, facts, ids)?;
    // What is asked for stands in place of the container's own files.
    let is_asked = |place: &str| request.mounts.iter().any(|asked| Path::new(&asked.destination) == Path::new(place));
    mounts.extend(image.mounts.into_iter().filter(|mount| !is_asked(&mount.destination)));
    mounts::sort(&mut mounts);
    let linux = Linux {
        uid_mappings: ids.map(|ids| mappings(&ids.maps.users)).unwrap_or_default(),
        gid_mappings: ids.map(|ids| mappings(&ids.maps.groups)).unwrap_or_default(),
        sysctl: sysctls(request),
        resources: Some(limits::plan(request, facts)?),
        namespaces: namespaces(request, ids.is_some()),
        devices,
        masked_paths: mounts::masked_paths(request),
        readonly_paths: mounts::read_only_paths(request),
        ..Linux::default()
    };
    let spec = Spec {
        oci_version: "1.3.0".to_owned(),
        process: Some(process),
        root: Some(Root { path: path_text(&image.rootfs)?, readonly: request.read_only }),
        hostname: Some(host_name),
        mounts,
        linux: Some(linux),
        ..Spec::default()
    };
    Ok(ContainerPlan {
        spec,
        files: image.files,
        overlays: image.overlays,
        id_mapped_root: ids.is_some_and(|ids| ids.shown_through),
    })
}

fn mappings(maps: &[IdMap]) -> Vec<IdMapping> {
    maps.iter().map(|map| IdMapping { container_id: map.inside, host_id: map.outside, size: map.count }).collect()
}

/// The name as Docker gives it: the id, and with the host's network the host's.
fn host_name(request: &RunRequest, facts: &EngineFacts, id: &str) -> Result<String, Error> {
    /// The longest that the kernel takes (`__NEW_UTS_LEN`).
    const LONGEST: usize = 64;
    let name = match (&request.host_name, request.network) {
        (Some(name), _) => name.clone(),
        (None, Network::Host) => facts.host_name.clone(),
        (None, Network::None) => id.chars().take(LONGEST).collect(),
    };
    if name.is_empty() || name.len() > LONGEST || name.contains(|letter: char| letter.is_control() || letter == ' ') {
        return Err(Error::request(format!("--hostname {name}"), "is no host name: 1 to 64 letters without blanks"));
    }
    Ok(name)
}

fn namespaces(request: &RunRequest, user: bool) -> Vec<Namespace> {
    let mut kinds =
        vec![NamespaceKind::Pid, NamespaceKind::Ipc, NamespaceKind::Uts, NamespaceKind::Mount, NamespaceKind::Cgroup];
    if user {
        kinds.insert(0, NamespaceKind::User);
    }
    if request.network == Network::None {
        kinds.push(NamespaceKind::Network);
    }
    kinds.into_iter().map(|kind| Namespace { kind, path: None }).collect()
}

/// What is asked for, and as in Docker: in a network of its own every user may ping, and listen on low ports.
fn sysctls(request: &RunRequest) -> std::collections::BTreeMap<String, String> {
    let own = [("net.ipv4.ping_group_range", "0 0"), ("net.ipv4.ip_unprivileged_port_start", "0")];
    let own = own.iter().filter(|_| request.network == Network::None);
    let own = own.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    own.chain(request.sysctls.iter().cloned()).collect()
}
