//! The look at what a request names of the host: the part of the facts that differs from request to request.

use std::path::PathBuf;

use crate::facts::HostFacts;
use crate::filesystem::{SourceKind, Sources, probe_sources};
use crate::request::Request;

/// What stands at the sources of a request's binds on this host, or will when these files are made.
#[must_use]
pub fn sources(request: &Request<'_>, facts: &HostFacts, files: &[PathBuf]) -> Sources {
    let mut sources = probe_sources(request.spec, &facts.working_directory.join(request.bundle));
    sources.extend(files.iter().map(|path| (path.clone(), SourceKind::File)));
    sources
}
