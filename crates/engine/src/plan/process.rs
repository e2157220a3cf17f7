//! The program of a container, and its rights.

use namespaces::IdMaps;
use runtime_spec::{Capabilities, ConsoleSize, Process, Rlimit, User};

use super::ids::Ids;
use crate::capability_set::capabilities;
use crate::error::Error;
use crate::facts::EngineFacts;
use crate::identity::{Identity, resolve_user};
use crate::request::{Image, RunRequest};

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

pub(super) fn plan(
    request: &RunRequest,
    facts: &EngineFacts,
    ids: Option<&Ids>,
    host_name: &str,
) -> Result<Process, Error> {
    let program = &request.program;
    let asked = program.user.as_deref().unwrap_or_default();
    let refuse = |problem| Error::request(format!("--user {asked}"), problem);
    let identity = resolve_user(asked, &facts.passwd, &facts.groups).map_err(refuse)?;
    let identity = mapped(identity, ids).map_err(refuse)?;
    let capabilities = capability_sets(request, facts, ids.is_some(), identity.user == 0)?;
    let working_directory = program.working_directory.clone().unwrap_or_else(|| "/".to_owned());
    if !working_directory.starts_with('/') {
        return Err(Error::request(format!("--workdir {working_directory}"), "must be an absolute path"));
    }
    Ok(Process {
        terminal: program.terminal,
        // From the first instant: later changes are handed on.
        console_size: facts
            .terminal_size
            .filter(|_| program.terminal)
            .map(|(rows, columns)| ConsoleSize { height: rows.into(), width: columns.into() }),
        user: User { uid: identity.user, gid: identity.group, additional_gids: identity.additional, ..User::default() },
        args: arguments(request)?,
        env: environment(request, host_name)?,
        cwd: working_directory,
        capabilities: Some(capabilities),
        rlimits: program
            .ulimits
            .iter()
            .map(|limit| Rlimit { kind: limit.name.clone(), soft: limit.soft, hard: limit.hard })
            .collect(),
        no_new_privileges: !(request.security.new_privileges || request.security.privileged),
        ..Process::default()
    })
}

/// Ids must exist in the container's user namespace; groups that do not are left out, as they could give nothing.
fn mapped(mut identity: Identity, ids: Option<&Ids>) -> Result<Identity, String> {
    let Some(ids) = ids else { return Ok(identity) };
    let missing = |what, id| {
        format!(
            "{what} {id} has no id on the host to stand for it: /etc/subuid and /etc/subgid give this user too few, or \
             newuidmap is not installed"
        )
    };
    if IdMaps::outside(&ids.maps.users, identity.user).is_none() {
        return Err(missing("user", identity.user));
    }
    if IdMaps::outside(&ids.maps.groups, identity.group).is_none() {
        return Err(missing("group", identity.group));
    }
    // With the user's own group alone the kernel forbids all others (user_namespaces(7), "setgroups").
    let alone = ids.maps.groups.len() == 1 && ids.maps.groups.first().is_some_and(|map| map.count == 1);
    identity.additional.retain(|group| !alone && IdMaps::outside(&ids.maps.groups, *group).is_some());
    Ok(identity)
}

fn arguments(request: &RunRequest) -> Result<Vec<String>, Error> {
    let program = &request.program;
    let words: Vec<_> = program.entrypoint.iter().chain(&program.arguments).cloned().collect();
    match (&request.image, words.is_empty()) {
        (_, false) => Ok(words),
        (Image::Host, true) => Ok(vec!["/bin/sh".to_owned()]),
        (Image::Directory(_), true) => {
            Err(Error::request("--rootfs", "says no program to run: name one after the options"))
        }
    }
}

/// What every program finds, and what is asked for; of one name the last counts.
fn environment(request: &RunRequest, host_name: &str) -> Result<Vec<String>, Error> {
    let terminal = request.program.terminal.then(|| "TERM=xterm".to_owned());
    let usual = [PATH.to_owned(), format!("HOSTNAME={host_name}")].into_iter().chain(terminal);
    let mut variables: Vec<String> = Vec::new();
    for variable in usual.chain(request.program.environment.iter().cloned()) {
        let name = variable.split('=').next().unwrap_or_default();
        if name.is_empty() || variable.contains('\0') {
            return Err(Error::request(format!("--env {variable}"), "is not of the form NAME=value"));
        }
        let same = |known: &String| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('='));
        match variables.iter_mut().find(|known| same(known)) {
            Some(known) => *known = variable,
            None => variables.push(variable),
        }
    }
    Ok(variables)
}

/// Root has what is asked for; another user could have it only through a program that gives it (as in Docker).
fn capability_sets(
    request: &RunRequest,
    facts: &EngineFacts,
    own_ids: bool,
    is_root: bool,
) -> Result<Capabilities, Error> {
    let known = u64::MAX >> (63 - facts.host.last_capability.min(63));
    // A new user namespace begins with all capabilities of its own.
    let possible = if own_ids { known } else { facts.host.capabilities & known };
    let set = capabilities(&request.security, possible)?;
    let own = if is_root { set.clone() } else { Vec::new() };
    Ok(Capabilities { bounding: set, effective: own.clone(), permitted: own, ..Capabilities::default() })
}
