//! What stands at the sources of bind mounts: the part of the facts that depends on the configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use runtime_spec::Spec;

/// What a bind mount's source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A directory.
    Directory,
    /// Anything else.
    File,
}

/// The sources that exist.
pub type Sources = BTreeMap<PathBuf, SourceKind>;

/// Looks at the sources of all bind mounts.
#[must_use]
pub(crate) fn probe_sources(spec: &Spec, bundle: &Path) -> Sources {
    spec.mounts
        .iter()
        .filter(|mount| is_bind(mount))
        .filter_map(|mount| {
            let path = bundle.join(mount.source.as_deref()?);
            let metadata = std::fs::metadata(&path).ok()?;
            let kind = if metadata.is_dir() { SourceKind::Directory } else { SourceKind::File };
            Some((path, kind))
        })
        .collect()
}

/// Whether a mount of the configuration is a bind mount: by its options, as runc sees it, or by its type.
pub(super) fn is_bind(mount: &runtime_spec::Mount) -> bool {
    mount.kind.as_deref() == Some("bind") || mount.options.iter().any(|option| option == "bind" || option == "rbind")
}
