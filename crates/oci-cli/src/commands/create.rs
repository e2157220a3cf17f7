//! `create`.

use std::path::PathBuf;

use runtime::{HostFacts, Plan, Request};

use super::options::options;
use crate::arguments::CreateArguments;
use crate::descriptors::Inherited;
use crate::failure::Failure;
use crate::log::Log;
use crate::{bundle, output, sealed};

pub(super) fn create(
    arguments: &CreateArguments,
    state_root: PathBuf,
    inherited: Inherited,
    log: &Log,
) -> Result<(), Failure> {
    let mut spec = bundle::read(&arguments.bundle)?;
    sealed::seal(&spec)?;
    inherited.announce(&mut spec);
    let options = options(arguments, state_root, inherited);
    let request = Request { id: &arguments.id, bundle: &arguments.bundle, spec: &spec, options };
    let facts = probe()?;
    let plan = prepare(&request, &facts, log)?;
    if arguments.show {
        output::text(&plan.script(&request, &runtime::Preparation::default()));
        return Ok(());
    }
    runtime::lifecycle::create(&request, &facts, &plan)?;
    Ok(())
}

/// Reads what the host is and can do.
pub(super) fn probe() -> Result<HostFacts, Failure> {
    HostFacts::probe().map_err(|error| Failure::new(format!("could not look at the host: {error}")))
}

/// Plans the container, and logs what of its configuration is passed over, and for who debugs all that will be done.
pub(super) fn prepare(request: &Request<'_>, facts: &HostFacts, log: &Log) -> Result<Plan, Failure> {
    let plan = runtime::lifecycle::prepare(request, facts)?;
    plan.warnings.iter().for_each(|warning| log.warning(warning));
    log.debug(|| plan.outline());
    Ok(plan)
}
