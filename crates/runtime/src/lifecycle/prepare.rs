//! The plan of a container that is about to be made.

use crate::error::Error;
use crate::facts::HostFacts;
use crate::look::sources;
use crate::plan::{Plan, plan};
use crate::request::Request;
use crate::state::validate_id;

/// Plans a container for [`create`](super::create) or [`run`](super::run). What is to be passed over is in the plan's warnings:
/// they are the caller's to print, before anything is made.
///
/// # Errors
/// Everything that can be refused before anything is made.
pub fn prepare(request: &Request<'_>, facts: &HostFacts) -> Result<Plan, Error> {
    validate_id(request.id).map_err(Error::BadId)?;
    let plan = plan(request, facts, &sources(request, facts, &[]))?;
    check_root(request, facts)?;
    Ok(plan)
}

/// The root must be a directory that is there.
fn check_root(request: &Request<'_>, facts: &HostFacts) -> Result<(), Error> {
    let Some(root) = &request.spec.root else { return Ok(()) };
    let path = facts.working_directory.join(request.bundle).join(&root.path);
    let problem = match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => "is not a directory",
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "does not exist",
        Err(_) => "cannot be reached by this user",
    };
    Err(Error::BadRoot { path, problem })
}
