//! Which ids a container has.

use namespaces::{IdMap, IdMaps};

use crate::error::Error;
use crate::facts::EngineFacts;
use crate::id_range::COUNT;
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
    let own = |outside| IdMap { inside: 0, outside, count: 1 };
    let mut maps = IdMaps { users: vec![own(users.user_id)], groups: vec![own(users.group_id)] };
    // More ids than the user's own only where the host gives him some of both kinds, and the helpers that can map them.
    if let (Some(subordinate), Some(subordinate_groups), Some(_), Some(_)) =
        (users.subordinate_users.first(), users.subordinate_groups.first(), &users.newuidmap, &users.newgidmap)
    {
        let more = |first, count| IdMap { inside: 1, outside: first, count };
        maps.users.push(more(subordinate.first, subordinate.count));
        maps.groups.push(more(subordinate_groups.first, subordinate_groups.count));
    }
    Ok(Some(maps))
}
