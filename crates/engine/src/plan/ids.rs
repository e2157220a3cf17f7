//! Which ids a container has.

use namespaces::IdMaps;

use crate::error::Error;
use crate::facts::EngineFacts;
use crate::id_range::COUNT;
use crate::own_ids::own_ids;
use crate::request::{RunRequest, UserNamespace};

/// Whether the container needs a range of ids that no other has: only root can give it one.
#[must_use]
pub fn needs_id_range(request: &RunRequest, facts: &EngineFacts) -> bool {
    facts.host.users.privileged && request.user_namespace == UserNamespace::Private
}

/// The ids of the container's user namespace; `None` without one.
pub(super) fn plan(request: &RunRequest, facts: &EngineFacts) -> Result<Option<IdMaps>, Error> {
    let users = &facts.host.users;
    if users.privileged {
        let Some(first) = facts.first_id.filter(|_| request.user_namespace == UserNamespace::Private) else {
            return Ok(None);
        };
        // `mount_setattr(2)`; overlay on such layers needs more, which the plan of the root looks at.
        if !facts.host.kernel.at_least(5, 12) {
            return Err(Error::Host(
                "a private user namespace needs files shown through an id map, which kernels can from 5.12 on: \
                 use --userns=host, with which root in the container is root on the host"
                    .to_owned(),
            ));
        }
        return Ok(Some(IdMaps::range(first, COUNT)));
    }
    if request.user_namespace == UserNamespace::Host {
        return Err(Error::request("--userns=host", "needs root: without it a container always has its own ids"));
    }
    Ok(Some(own_ids(users)))
}
