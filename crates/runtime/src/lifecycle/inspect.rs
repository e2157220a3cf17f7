//! `state` and `list`: what is recorded, and what the kernel says of it now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cgroups::Group;
use runtime_spec::Status;
use serde::Serialize;

use crate::error::Error;
use crate::state::{ContainerDirectory, ProcessRecord, Record, StateRoot, validate_id};

/// A container as `state` and `list --format json` print it: the specification's state, and the fields that runc adds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContainerState {
    /// The specification's version that the configuration follows.
    #[serde(rename = "ociVersion")]
    pub oci_version: String,
    /// The container's name.
    pub id: String,
    /// The first process's number; 0 when it has ended.
    pub pid: i32,
    /// What it does now.
    pub status: Status,
    /// The bundle's directory.
    pub bundle: PathBuf,
    /// The root's directory.
    pub rootfs: PathBuf,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// The configuration's annotations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Who made it: a user's name, or the number where there is none.
    pub owner: String,
}

/// A container that was found below a state root.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) root: StateRoot,
    pub(super) directory: ContainerDirectory,
    pub(super) record: Record,
    pub(super) process: Option<ProcessRecord>,
}

impl Found {
    pub(super) fn group(&self) -> Group {
        Group::from_paths(self.record.cgroup_paths.clone())
    }

    pub(super) fn status(&self) -> Status {
        status_of(&self.directory, self.process, &self.group())
    }
}

/// Finds a container by its id.
pub(super) fn find(state_root: &Path, id: &str) -> Result<Found, Error> {
    validate_id(id).map_err(Error::BadId)?;
    let missing = || Error::NoContainer(id.to_owned());
    let root = StateRoot::open_existing(state_root).map_err(Error::call("open the state root"))?.ok_or_else(missing)?;
    let look = || Error::call(format!("read the record of container `{id}`"));
    let directory = root.container(id).map_err(look())?.ok_or_else(missing)?;
    let record = directory.record().map_err(look())?.ok_or_else(missing)?;
    let process = directory.process().map_err(look())?;
    Ok(Found { root, directory, record, process })
}

/// The state of one container.
///
/// # Errors
/// When there is none of that id.
pub fn state(state_root: &Path, id: &str) -> Result<ContainerState, Error> {
    Ok(describe(&find(state_root, id)?, &std::fs::read_to_string("/etc/passwd").unwrap_or_default()))
}

/// The states of all containers below the state root, by id. One that vanishes meanwhile is left out.
///
/// # Errors
/// When the state root cannot be read.
pub fn list(state_root: &Path) -> Result<Vec<ContainerState>, Error> {
    let Some(root) = StateRoot::open_existing(state_root).map_err(Error::call("open the state root"))? else {
        return Ok(Vec::new());
    };
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = root.containers().into_iter().filter_map(|id| find(state_root, &id).ok());
    Ok(found.map(|found| describe(&found, &passwd)).collect())
}

fn describe(found: &Found, passwd: &str) -> ContainerState {
    let status = found.status();
    let pid = match (found.process, status == Status::Stopped) {
        (Some(process), false) => process.pid.as_raw_nonzero().get(),
        _ => 0,
    };
    let record = &found.record;
    ContainerState {
        oci_version: record.oci_version.clone(),
        id: record.id.clone(),
        pid,
        status,
        bundle: record.bundle.clone(),
        rootfs: record.rootfs.clone(),
        created: record.created.clone(),
        annotations: record.annotations.clone(),
        owner: user_name(passwd, record.owner),
    }
}

/// The kernel knows whether the process runs and whether its group is frozen; the record only whether it was started.
fn status_of(directory: &ContainerDirectory, process: Option<ProcessRecord>, group: &Group) -> Status {
    match process {
        None if directory.awaits_start() => Status::Creating,
        None => Status::Stopped,
        Some(process) if !process.is_alive() => Status::Stopped,
        Some(_) if directory.awaits_start() => Status::Created,
        Some(_) if group.is_frozen() => Status::Paused,
        Some(_) => Status::Running,
    }
}

fn user_name(passwd: &str, id: u32) -> String {
    let number = id.to_string();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then_some(name)
    });
    name.map_or(number.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_has_a_name_or_a_number() {
        assert_eq!(user_name("root:x:0:0::/root:/bin/sh\n", 0), "root");
        assert_eq!(user_name("root:x:0:0::/root:/bin/sh\n", 12), "12");
    }
}
