//! `run`: a container in the foreground, from its request to its end; and the same as a script.

use std::path::Path;

use runtime::{Options, Preparation, Request};
use steps::{Failure, Operation as _, Script, show_all};

use crate::container_directory::{ContainerDirectory, random_name, sweep};
use crate::error::Error;
use crate::facts::EngineFacts;
use crate::id_range::IdRange;
use crate::places::Places;
use crate::plan::{ContainerPlan, needs_id_range, own_paths, plan};
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
    let mut facts = EngineFacts::probe(request)?;
    let id = identify(request)?;
    places.make()?;
    let range = needs_id_range(request, &facts).then(|| IdRange::take(&places.id_ranges())).transpose()?;
    facts.first_id = range.as_ref().map(|range| range.first);
    // Refuses before anything is made what can be refused then.
    let plan = plan(request, &facts, &id, &places.containers().join(&id))?;
    let directory = ContainerDirectory::make(&places.containers(), &id)?;
    for step in &plan.files {
        step.operation.apply(&mut ()).map_err(|cause| {
            Error::from(runtime::Error::Step {
                failure: Failure { step: step.operation.to_string(), cause },
                advice: None,
            })
        })?;
    }
    let request = runtime_request(request, places, &plan, directory.path());
    let clear = || {
        let records = places.records();
        sweep(&places.containers(), |name| records.join(name).exists());
    };
    let planned = runtime::lifecycle::prepare(&request, &facts.host)?;
    planned.warnings.iter().for_each(|warning| warn(&warning.to_string()));
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
    directory.remove()?;
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
    let mut facts = EngineFacts::probe(request)?;
    let id = identify(request)?;
    if needs_id_range(request, &facts) {
        // Looked at and let go again: the script runs later, if at all.
        places.make()?;
        facts.first_id = Some(IdRange::take(&places.id_ranges())?.first);
    }
    let directory = places.containers().join(&id);
    let plan = plan(request, &facts, &id, &directory)?;
    let mut script = Script::new();
    let mut preparation = Preparation::default();
    if !plan.files.is_empty() {
        script.command(["mkdir", "-p", "-m", "0711", &directory.to_string_lossy()]);
        show_all(&plan.files, &mut script);
        preparation =
            Preparation { script: script.to_string(), files: own_paths(&plan.files), remove: vec![directory.clone()] };
    }
    Ok(runtime::show(&runtime_request(request, places, &plan, &directory), &facts.host, &preparation)?)
}

fn runtime_request<'a>(
    request: &RunRequest,
    places: &Places,
    plan: &'a ContainerPlan,
    directory: &'a Path,
) -> Request<'a> {
    Request {
        id: &plan.id,
        bundle: directory,
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
