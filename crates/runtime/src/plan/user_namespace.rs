//! Whether a container has a user namespace, and with which ids.

use namespaces::{IdMap, IdMaps, MapWriter};
use runtime_spec::{IdMapping, NamespaceKind, Spec};

use super::error::PlanError;
use crate::facts::HostFacts;

/// The user namespace that a configuration asks for, and the way to write its maps.
pub(super) fn plan_user_namespace(spec: &Spec, facts: &HostFacts) -> Result<Option<(IdMaps, MapWriter)>, PlanError> {
    let linux = spec.linux.as_ref();
    if linux.and_then(|linux| linux.namespace(NamespaceKind::User)).is_none() {
        if facts.is_rootless() {
            return Err(PlanError::Configuration {
                path: "linux.namespaces",
                problem: "without root a container needs a user namespace: add one with uidMappings and gidMappings \
                          (`spec --rootless` writes such a configuration)"
                    .to_owned(),
            });
        }
        return Ok(None);
    }
    if let Some(obstacle) = facts.users.obstacle() {
        return Err(PlanError::Host(format!("no user namespace can be made: {obstacle}")));
    }
    let maps = linux.map(|linux| IdMaps { users: id_maps(&linux.uid_mappings), groups: id_maps(&linux.gid_mappings) });
    let maps = maps.filter(|maps| !maps.users.is_empty() && !maps.groups.is_empty()).ok_or_else(|| {
        PlanError::Configuration {
            path: "linux.uidMappings",
            problem: "a new user namespace needs uidMappings and gidMappings, or it would have no ids".to_owned(),
        }
    })?;
    let writer = MapWriter::choose(&facts.users, &maps)?;
    Ok(Some((maps, writer)))
}

fn id_maps(mappings: &[IdMapping]) -> Vec<IdMap> {
    mappings
        .iter()
        .map(|mapping| IdMap { inside: mapping.container_id, outside: mapping.host_id, count: mapping.size })
        .collect()
}
