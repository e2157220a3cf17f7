//! Which ids a user namespace has.

use std::fmt;

/// One line of a map: `count` ids that begin with `inside` in the namespace and with `outside` in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdMap {
    /// First id in the namespace.
    pub inside: u32,
    /// First id in the parent namespace.
    pub outside: u32,
    /// How many ids follow each other.
    pub count: u32,
}

impl fmt::Display for IdMap {
    /// As `/proc/PID/uid_map` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.inside, self.outside, self.count)
    }
}

/// The maps of a user namespace's users and groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdMaps {
    /// Lines of `uid_map`.
    pub users: Vec<IdMap>,
    /// Lines of `gid_map`.
    pub groups: Vec<IdMap>,
}

impl IdMaps {
    /// The same range for users and groups, from id 0 on.
    #[must_use]
    pub fn range(outside: u32, count: u32) -> Self {
        let map = vec![IdMap { inside: 0, outside, count }];
        Self { users: map.clone(), groups: map }
    }

    /// The text of a map file.
    #[must_use]
    pub fn text(maps: &[IdMap]) -> String {
        maps.iter().map(|map| format!("{map}\n")).collect()
    }

    /// The id in the parent namespace of an id in the namespace, if it has one.
    #[must_use]
    pub fn outside(maps: &[IdMap], inside: u32) -> Option<u32> {
        maps.iter().find_map(|map| {
            let offset = inside.checked_sub(map.inside)?;
            (offset < map.count).then(|| map.outside.checked_add(offset))?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_its_line() {
        let maps = [IdMap { inside: 0, outside: 1000, count: 1 }, IdMap { inside: 1, outside: 100_000, count: 65_536 }];
        for (inside, expected) in
            [(0, Some(1000)), (1, Some(100_000)), (65_536, Some(165_535)), (65_537, None), (u32::MAX, None)]
        {
            assert_eq!(IdMaps::outside(&maps, inside), expected, "{inside}");
        }
        assert_eq!(IdMaps::text(&maps), "0 1000 1\n1 100000 65536\n");
    }
}
