//! Reading a bundle's configuration.

use std::path::Path;

use linux::Named as _;
use runtime::Error;
use runtime_spec::Spec;

/// Reads and parses the `config.json` of a bundle.
pub(crate) fn read(bundle: &Path) -> Result<Spec, Error> {
    // In messages too: whoever reads a daemon's log does not know where it stood.
    let path = std::path::absolute(bundle).unwrap_or_else(|_| bundle.to_owned()).join("config.json");
    let text = std::fs::read(&path)
        .named(|| format!("open({path:?})"))
        .map_err(|source| Error::ReadConfiguration { path: path.clone(), source })?;
    Spec::parse(&text).map_err(|source| Error::ParseConfiguration { path, source })
}
