//! From a request and the facts to the files that are the container's own and to a configuration for the runtime. Pure.

mod ids;
mod limits;
mod mounts;
mod process;
mod root;

use std::path::PathBuf;

use namespaces::IdMaps;
use runtime::Overlay;
use runtime_spec::{IdMapping, Linux, Namespace, NamespaceKind, Root, Spec};
use steps::Step;

use crate::error::Error;
use crate::facts::EngineFacts;
use crate::files::FileOperation;
use crate::request::{Network, RunRequest};

pub use ids::needs_id_range;
pub use root::own_paths;

/// A container, ready to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerPlan {
    /// Its id.
    pub id: String,
    /// The configuration for the runtime.
    pub spec: Spec,
    /// The files that are the container's own, in the order in which they are made.
    pub files: Vec<Step<FileOperation>>,
    /// Its copy-on-write directories.
    pub overlays: Vec<Overlay>,
    /// Whether the root is shown through the id map.
    pub id_mapped_root: bool,
}

/// Computes the plan of a container whose files lie in `directory`.
///
/// # Errors
/// Everything that can be refused before anything is made.
pub fn plan(
    request: &RunRequest,
    facts: &EngineFacts,
    id: &str,
    directory: &std::path::Path,
) -> Result<ContainerPlan, Error> {
    let ids = ids::plan(request, facts)?;
    let id_mapped = ids.is_some() && facts.host.users.privileged;
    let host_name = host_name(request, facts, id)?;
    let image = root::plan(request, facts, directory, &host_name, ids.as_ref())?;
    let process = process::plan(request, facts, ids.as_ref(), &host_name)?;
    let (mut mounts, devices) = mounts::plan(request, facts, ids.as_ref())?;
    mounts.extend(image.mounts);
    let linux = Linux {
        uid_mappings: ids.as_ref().map(|ids| mappings(&ids.users)).unwrap_or_default(),
        gid_mappings: ids.as_ref().map(|ids| mappings(&ids.groups)).unwrap_or_default(),
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
        root: Some(Root { path: text(&image.rootfs)?, readonly: request.read_only }),
        hostname: Some(host_name),
        mounts,
        linux: Some(linux),
        ..Spec::default()
    };
    Ok(ContainerPlan {
        id: id.to_owned(),
        spec,
        files: image.files,
        overlays: image.overlays,
        id_mapped_root: id_mapped,
    })
}

/// A path as the configuration takes it.
fn text(path: &std::path::Path) -> Result<String, Error> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::request(path.display().to_string(), "is not UTF-8, which a configuration must be"))
}

fn mappings(maps: &[namespaces::IdMap]) -> Vec<IdMapping> {
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

/// What an image gives to the plan.
#[derive(Debug, Default)]
struct ImagePlan {
    rootfs: PathBuf,
    files: Vec<Step<FileOperation>>,
    overlays: Vec<Overlay>,
    mounts: Vec<runtime_spec::Mount>,
}

/// The ids of a container with a user namespace of its own.
type Ids = IdMaps;
