//! From which memory nodes pages come (config-linux.md, Memory policy; `set_mempolicy(2)`).

use super::report::Report;
use crate::memory_policy::{MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES, MemoryPolicy};
use crate::number_list::parse_number_list;
use crate::place::Place;

/// Modes that choose among nodes.
const WITH_NODES: [&str; 4] = ["MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED_MANY"];

/// Modes that know no nodes.
const WITHOUT_NODES: [&str; 2] = ["MPOL_DEFAULT", "MPOL_LOCAL"];

pub(super) fn check(policy: &MemoryPolicy, at: Place<'_>, report: &mut Report) {
    let mode = policy.mode.as_str();
    report.one_of(at.member("mode"), mode, &MEMORY_POLICY_MODES);
    for (index, flag) in policy.flags.iter().enumerate() {
        report.one_of(at.member("flags").item(index), flag, &MEMORY_POLICY_FLAGS);
    }
    let has = |flag: &str| policy.flags.iter().any(|word| word == flag);
    let contradicts = has("MPOL_F_STATIC_NODES") && has("MPOL_F_RELATIVE_NODES");
    report.require(!contradicts, at.member("flags"), "cannot be both static and relative");
    let nodes = policy.nodes.as_deref().unwrap_or_default();
    let sane = parse_number_list(nodes).is_some();
    report.require(sane, at.member("nodes"), "must be a list of memory nodes such as 0-3,7");
    let given = !nodes.trim().is_empty();
    report.require(given || !WITH_NODES.contains(&mode), at.member("nodes"), "is needed by this mode");
    report.require(!given || !WITHOUT_NODES.contains(&mode), at.member("nodes"), "has no meaning in this mode");
}
