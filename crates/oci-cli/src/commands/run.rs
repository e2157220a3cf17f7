//! `run`.

use std::path::PathBuf;

use runtime::Request;

use super::create::{prepare, probe};
use super::options::options;
use crate::arguments::RunArguments;
use crate::descriptors::Inherited;
use crate::failure::Failure;
use crate::log::Log;
use crate::{bundle, output, sealed};

/// Runs the container; its exit code is this program's.
pub(super) fn run(
    arguments: &RunArguments,
    state_root: PathBuf,
    inherited: Inherited,
    log: &Log,
) -> Result<u8, Failure> {
    let create = &arguments.create;
    let mut spec = bundle::read(&create.bundle)?;
    sealed::seal(&spec)?;
    inherited.announce(&mut spec);
    let mut options = options(create, state_root, inherited);
    options.detach = arguments.detach;
    options.keep = arguments.keep;
    let request = Request { id: &create.id, bundle: &create.bundle, spec: &spec, options };
    let facts = probe()?;
    let plan = prepare(&request, &facts, log)?;
    if create.show {
        output::text(&plan.script(&request, &runtime::Preparation::default()));
        return Ok(0);
    }
    let ended = runtime::lifecycle::run(&request, &facts, &plan, &mut || ())?;
    Ok(ended.map_or(0, |ended| {
        if let (true, Some(limit)) = (ended.out_of_memory, ended.memory_limit) {
            output::error_line(&format!(
                "holm-oci: {}: killed: its memory limit of {limit} bytes was reached",
                create.id
            ));
        }
        ended.exit_code
    }))
}
