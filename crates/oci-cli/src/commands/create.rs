//! `create`.

use std::path::PathBuf;

use runtime::{HostFacts, Request};

use super::options;
use crate::arguments::CreateArguments;
use crate::failure::Failure;
use crate::{bundle, output};

pub(super) fn create(arguments: &CreateArguments, state_root: PathBuf) -> Result<(), Failure> {
    let spec = bundle::read(&arguments.bundle)?;
    let request =
        Request { id: &arguments.id, bundle: &arguments.bundle, spec: &spec, options: options(arguments, state_root) };
    let facts = probe()?;
    if arguments.show {
        output::text(&runtime::show(&request, &facts, &runtime::Preparation::default())?);
        return Ok(());
    }
    runtime::lifecycle::create(&request, &facts)?;
    Ok(())
}

/// Reads what the host is and can do.
pub(super) fn probe() -> Result<HostFacts, Failure> {
    HostFacts::probe().map_err(|error| Failure::new(format!("could not look at the host: {error}")))
}
