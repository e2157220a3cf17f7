//! Ranges of ids (config-linux.md, User namespace mappings; `user_namespaces(7)`).

use super::report::Report;
use crate::id_mapping::IdMapping;
use crate::place::Place;

/// The most ranges that the kernel takes (`UID_GID_MAP_MAX_EXTENTS`).
const MOST: usize = 340;

pub(super) fn check(mappings: &[IdMapping], at: Place<'_>, report: &mut Report) {
    if mappings.len() > MOST {
        // Looking for overlaps among any number of them would take the square of that number.
        report.fail(at, format!("has {} mappings: the kernel takes {MOST}", mappings.len()));
        return;
    }
    for (index, mapping) in mappings.iter().enumerate() {
        let here = at.item(index);
        report.require(mapping.size > 0, here.member("size"), "must be above 0");
        let fits = |first: u32| first.checked_add(mapping.size).is_some();
        report.require(fits(mapping.container_id) && fits(mapping.host_id), here, "goes beyond the last id");
        let twice = mappings[..index].iter().any(|other| {
            overlap((mapping.container_id, mapping.size), (other.container_id, other.size))
                || overlap((mapping.host_id, mapping.size), (other.host_id, other.size))
        });
        report.require(!twice, here, "overlaps an earlier mapping");
    }
}

/// Whether two ranges, each of its first id and its size, have an id in common.
fn overlap(one: (u32, u32), other: (u32, u32)) -> bool {
    let end = |range: (u32, u32)| u64::from(range.0) + u64::from(range.1);
    u64::from(one.0) < end(other) && u64::from(other.0) < end(one)
}
