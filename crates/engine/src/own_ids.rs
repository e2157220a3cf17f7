//! The ids of a container without root.

use namespaces::{IdMap, IdMaps, UserNamespaceFacts};

/// The user's own ids as the container's root, and above them the ranges that the host gives him, where it gives some of both kinds
/// and has the helpers that can map them.
pub(crate) fn own_ids(users: &UserNamespaceFacts) -> IdMaps {
    let own = |outside| IdMap { inside: 0, outside, count: 1 };
    let mut maps = IdMaps { users: vec![own(users.user_id)], groups: vec![own(users.group_id)] };
    let has_helpers = users.newuidmap.is_some() && users.newgidmap.is_some();
    let ranges = (users.subordinate_users.first(), users.subordinate_groups.first());
    if let (true, (Some(more_users), Some(more_groups))) = (has_helpers, ranges) {
        let more = |first, count| IdMap { inside: 1, outside: first, count };
        maps.users.push(more(more_users.first, more_users.count));
        maps.groups.push(more(more_groups.first, more_groups.count));
    }
    maps
}

#[cfg(test)]
mod tests {
    use namespaces::SubordinateRange;

    use super::*;

    #[test]
    fn ranges_need_both_kinds_and_the_helpers() {
        let alone = UserNamespaceFacts { user_id: 1000, group_id: 100, ..UserNamespaceFacts::default() };
        let ranges = vec![SubordinateRange { first: 100_000, count: 65_536 }];
        let half = UserNamespaceFacts { subordinate_users: ranges.clone(), ..alone.clone() };
        let no_helpers = UserNamespaceFacts { subordinate_groups: ranges, ..half.clone() };
        let all = UserNamespaceFacts {
            newuidmap: Some("/usr/bin/newuidmap".into()),
            newgidmap: Some("/usr/bin/newgidmap".into()),
            ..no_helpers.clone()
        };
        for (facts, expected) in [(&alone, 1), (&half, 1), (&no_helpers, 1), (&all, 2)] {
            let maps = own_ids(facts);
            assert_eq!((maps.users.len(), maps.groups.len()), (expected, expected));
            assert_eq!((maps.users[0].outside, maps.groups[0].outside), (1000, 100));
        }
    }
}
