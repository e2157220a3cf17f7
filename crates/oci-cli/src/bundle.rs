//! Reading a bundle's configuration.

use std::path::Path;

use linux::Named as _;
use runtime::Error;
use runtime_spec::Spec;

/// Reads and parses the `config.json` of a bundle.
pub(crate) fn read(bundle: &Path) -> Result<Spec, Error> {
    let path = bundle.join("config.json");
    let text = std::fs::read(&path)
        .named(|| format!("open({path:?})"))
        .map_err(|source| Error::ReadConfiguration { path: path.clone(), source })?;
    Spec::parse(&text).map_err(|source| Error::ParseConfiguration { path, source })
}
