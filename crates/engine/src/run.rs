//! `run`: a container in the foreground, from its request to its end; and the same as a script.

use std::path::Path;

use runtime::{Options, Preparation, Request};
use steps::{Script, apply_all, show_all};

use crate::container_directory::Containers;
use crate::error::Error;
use crate::facts::EngineFacts;
use crate::id_range::IdRange;
use crate::places::Places;
use crate::plan::{ContainerPlan, Reserved, needs_id_range, plan};
use crate::random_name::random_name;
use crate::request::RunRequest;

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its name, or its id where it had none.
    pub name: String,
    /// What a shell would say of its end.
    pub exit_code: u8,
    /// The limit of memory in bytes, when the kernel killed a process of it there.
    pub out_of_memory: Option<u64>,
}

/// Runs a container until it ends, and removes all that was made for it. What of the request has no effect on this host is told to
/// `warn` before anything runs.
///
/// # Errors
/// What was refused, and what could not be removed.
pub fn run(request: &RunRequest, places: &Places, warn: &mut dyn FnMut(&str)) -> Result<Ended, Error> {
    let facts = EngineFacts::probe(request)?;
    let id = identify(request)?;
    places.make()?;
    let range = needs_id_range(request, &facts).then(|| IdRange::take(&places.id_ranges())).transpose()?;
    let containers = Containers::new(places.containers(), &facts.host.users);
    let place = containers.place(&id);
    let reserved = Reserved { id: &id, directory: &place, first_id: range.as_ref().map(|range| range.first) };
    // Both plans come before anything is made, so that whatever can be refused is refused here.
    let plan = plan(request, &facts, &reserved)?;
    let request = runtime_request(request, places, &plan, &reserved);
    let planned = plan_runtime(&request, &facts, &plan)?;
    planned.warnings.iter().for_each(|warning| warn(warning));
    let directory = containers.make(&id)?;
    apply_all(&plan.files, &mut ())?;
    let clear = || {
        let records = places.records();
        containers.sweep(|name| records.join(name).exists());
    };
    let ended = runtime::lifecycle::run(&request, &facts.host, &planned, &mut || clear());
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            // The runtime's error is the one to report: what of the files stays is cleared by the next command.
            drop(directory);
            clear();
            return Err(error.into());
        }
    };
    if let Err(error) = directory.remove() {
        // How the container ended is still to be told; the next command tries again.
        warn(&runtime::one_line(&error));
    }
    drop(range);
    Ok(ended.map_or_else(
        || Ended { name: id.clone(), exit_code: 0, out_of_memory: None },
        |ended| Ended {
            name: id.clone(),
            exit_code: ended.exit_code,
            out_of_memory: ended.memory_limit.filter(|_| ended.out_of_memory),
        },
    ))
}

/// The same as a commented shell script that runs without holm.
///
/// # Errors
/// Everything that can be refused before anything is made.
pub fn show(request: &RunRequest, places: &Places) -> Result<String, Error> {
    let facts = EngineFacts::probe(request)?;
    let id = identify(request)?;
    let first_id = if needs_id_range(request, &facts) {
        // Looked at and let go again: the script runs later, if at all.
        places.make()?;
        Some(IdRange::take(&places.id_ranges())?.first)
    } else {
        None
    };
    let directory = Containers::new(places.containers(), &facts.host.users).place(&id);
    let reserved = Reserved { id: &id, directory: &directory, first_id };
    let plan = plan(request, &facts, &reserved)?;
    let mut script = Script::new();
    let mut preparation = Preparation::default();
    if !plan.files.is_empty() {
        make_directory(&places.containers(), &directory, first_id, &mut script);
        show_all(&plan.files, &mut script);
        preparation = Preparation { script: script.to_string(), remove: vec![directory.clone()] };
    }
    let request = runtime_request(request, places, &plan, &reserved);
    Ok(plan_runtime(&request, &facts, &plan)?.script(&request, &preparation))
}

fn plan_runtime(request: &Request<'_>, facts: &EngineFacts, plan: &ContainerPlan) -> Result<runtime::Plan, Error> {
    let sources = runtime::sources(request, &facts.host, &plan.own_files());
    Ok(runtime::plan(request, &facts.host, &sources).map_err(runtime::Error::from)?)
}

/// The container's directory in the script: as holm makes it, but that the container's root passes through it by its name.
fn make_directory(containers: &Path, directory: &Path, root: Option<u32>, script: &mut Script) {
    let directory = directory.to_string_lossy();
    script.command(["mkdir", "-p", "-m", "0711", &containers.to_string_lossy()]);
    script.command(["mkdir", "-m", "0700", &directory]);
    script.raw("made=yes");
    script.comment("locked, or the next holm would clear it away");
    writeln!(script, "exec 9< {} && flock -n 9", steps::quote(&directory));
    if let Some(group) = root {
        script.comment("only the root of the container may pass, whose group this is on the host");
        script.command(["chgrp", &group.to_string(), &directory]);
        script.command(["chmod", "0710", &directory]);
    }
}

fn runtime_request<'a>(
    request: &RunRequest,
    places: &Places,
    plan: &'a ContainerPlan,
    reserved: &Reserved<'a>,
) -> Request<'a> {
    Request {
        id: reserved.id,
        bundle: reserved.directory,
        spec: &plan.spec,
        options: Options {
            state_root: places.records(),
            id_mapped_root: plan.id_mapped_root,
            overlays: plan.overlays.clone(),
            reaper: request.program.reaper,
            ..Options::default()
        },
    }
}

fn identify(request: &RunRequest) -> Result<String, Error> {
    match &request.name {
        Some(name) => {
            runtime::validate_id(name).map_err(|problem| Error::request(format!("--name {name}"), problem))?;
            // Names with a dot in front are the engine's own.
            if name.starts_with('.') {
                return Err(Error::request(format!("--name {name}"), "a container's name cannot begin with a dot"));
            }
            Ok(name.clone())
        }
        None => random_name(),
    }
}
