//! Which ids a container has.

use namespaces::IdMaps;
use runtime::KernelFeature;

use crate::error::Error;
use crate::facts::EngineFacts;
use crate::id_range::COUNT;
use crate::own_ids::own_ids;
use crate::request::{RunRequest, UserNamespace};

/// The ids of a container with a user namespace of its own.
#[derive(Debug)]
pub(super) struct Ids {
    pub(super) maps: IdMaps,
    /// Whether the container sees the host's files through the maps, as only root can show them: on disk they keep their ids.
    pub(super) shown_through: bool,
}

/// Whether the container needs a range of ids that no other has: only root can give it one.
#[must_use]
pub(crate) fn needs_id_range(request: &RunRequest, facts: &EngineFacts) -> bool {
    facts.host.users.privileged && request.user_namespace == UserNamespace::Private
}

/// The container's ids; `None` for those of the host.
pub(super) fn plan(request: &RunRequest, facts: &EngineFacts, first_id: Option<u32>) -> Result<Option<Ids>, Error> {
    if let Some(first) = first_id {
        let needed = KernelFeature::IdMappedMounts;
        // Overlay on such layers needs more, which the plan of the root looks at.
        if !facts.host.kernel.has(needed) {
            return Err(Error::Host(format!(
                "a private user namespace needs files shown through an id map, which kernels can from {} on: \
                 use --userns=host, with which root in the container is root on the host",
                needed.since()
            )));
        }
        return Ok(Some(Ids { maps: IdMaps::range(first, COUNT), shown_through: true }));
    }
    match (facts.host.users.privileged, request.user_namespace) {
        (true, _) => Ok(None),
        (false, UserNamespace::Private) => Ok(Some(Ids { maps: own_ids(&facts.host.users), shown_through: false })),
        (false, UserNamespace::Host) => {
            Err(Error::request("--userns=host", "needs root: without it a container always has its own ids"))
        }
    }
}
