//! The Linux part.

use super::report::Report;
use super::resources;
use crate::linux::{IdMapping, Linux, NamespaceKind};

pub(super) fn check(linux: &Linux, report: &mut Report) {
    for (index, namespace) in linux.namespaces.iter().enumerate() {
        let path = format!("linux.namespaces[{index}]");
        let twice = linux.namespaces[..index].iter().any(|other| other.kind == namespace.kind);
        report.require(!twice, &format!("{path}.type"), "is given twice");
        if let Some(file) = &namespace.path {
            report.absolute(&format!("{path}.path"), file);
        }
    }
    let has = |kind| linux.namespaces.iter().any(|namespace| namespace.kind == kind);
    for (path, mappings) in [("linux.uidMappings", &linux.uid_mappings), ("linux.gidMappings", &linux.gid_mappings)] {
        check_mappings(path, mappings, report);
        let fits = mappings.is_empty() || has(NamespaceKind::User);
        report.require(fits, path, "needs a user namespace (linux.namespaces, type `user`)");
    }
    for (index, device) in linux.devices.iter().enumerate() {
        let path = format!("linux.devices[{index}]");
        report.absolute(&format!("{path}.path"), &device.path);
        report.require(
            ["c", "b", "u", "p"].contains(&device.kind.as_str()),
            &format!("{path}.type"),
            "must be c, b, u or p",
        );
        let numbered = device.kind == "p" || (device.major.is_some() && device.minor.is_some());
        report.require(numbered, &path, "needs major and minor");
    }
    for (name, paths) in [("maskedPaths", &linux.masked_paths), ("readonlyPaths", &linux.readonly_paths)] {
        for (index, path) in paths.iter().enumerate() {
            report.absolute(&format!("linux.{name}[{index}]"), path);
        }
    }
    if let Some(propagation) = linux.rootfs_propagation.as_deref().filter(|text| !text.is_empty()) {
        let word = propagation.strip_prefix('r').unwrap_or(propagation);
        let known = ["shared", "slave", "private", "unbindable"].contains(&word);
        report.require(
            known,
            "linux.rootfsPropagation",
            "must be shared, slave, private or unbindable, or one of them with r",
        );
    }
    for (key, value) in &linux.sysctl {
        report.text(&format!("linux.sysctl.{key}"), value);
        report.require(!key.is_empty(), "linux.sysctl", "must not have an empty key");
    }
    for (clock, offset) in &linux.time_offsets {
        let path = format!("linux.timeOffsets.{clock}");
        report.require(["monotonic", "boottime"].contains(&clock.as_str()), &path, "must be monotonic or boottime");
        report.require(offset.nanosecs < 1_000_000_000, &format!("{path}.nanosecs"), "must be below a second");
        report.require(has(NamespaceKind::Time), &path, "needs a time namespace");
    }
    if let Some(personality) = &linux.personality {
        let known = ["LINUX", "LINUX32"].contains(&personality.domain.as_str());
        report.require(known, "linux.personality.domain", "must be LINUX or LINUX32");
    }
    if let Some(resources) = &linux.resources {
        resources::check(resources, report);
    }
}

fn check_mappings(path: &str, mappings: &[IdMapping], report: &mut Report) {
    let overlap = |a: u32, b: u32, one: &IdMapping, other: &IdMapping| {
        u64::from(a) < u64::from(b) + u64::from(other.size) && u64::from(b) < u64::from(a) + u64::from(one.size)
    };
    for (index, mapping) in mappings.iter().enumerate() {
        let here = format!("{path}[{index}]");
        report.require(mapping.size > 0, &format!("{here}.size"), "must be above 0");
        let fits = |first: u32| first.checked_add(mapping.size).is_some();
        report.require(fits(mapping.container_id) && fits(mapping.host_id), &here, "goes beyond the last id");
        let twice = mappings[..index].iter().any(|other| {
            overlap(mapping.container_id, other.container_id, mapping, other)
                || overlap(mapping.host_id, other.host_id, mapping, other)
        });
        report.require(!twice, &here, "overlaps an earlier mapping");
    }
}
