//! The Linux part (config-linux.md).

use super::report::Report;
use super::{devices, id_mappings, memory_policy, resources, seccomp};
use crate::intel_rdt::IntelRdt;
use crate::linux::{Linux, Personality};
use crate::namespace::NamespaceKind;
use crate::place::Place;

const PROPAGATIONS: [&str; 8] =
    ["shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable"];

pub(super) fn check(linux: &Linux, at: Place<'_>, report: &mut Report) {
    check_namespaces(linux, at.member("namespaces"), report);
    check_user_namespace(linux, at, report);
    devices::check(&linux.devices, at.member("devices"), report);
    devices::check_net_devices(linux, at.member("netDevices"), report);
    for (name, paths) in [("maskedPaths", &linux.masked_paths), ("readonlyPaths", &linux.readonly_paths)] {
        for (index, path) in paths.iter().enumerate() {
            report.absolute(at.member(name).item(index), path);
        }
    }
    if let Some(propagation) = &linux.rootfs_propagation {
        report.one_of(at.member("rootfsPropagation"), propagation, &PROPAGATIONS);
    }
    report.text(at.member("cgroupsPath"), linux.cgroups_path.as_deref().unwrap_or_default());
    report.text(at.member("mountLabel"), linux.mount_label.as_deref().unwrap_or_default());
    for (key, value) in &linux.sysctl {
        let sysctl = at.member("sysctl");
        report.filled(sysctl.member(key), key);
        report.text(sysctl.member(key), value);
    }
    check_time_offsets(linux, at.member("timeOffsets"), report);
    if let Some(personality) = &linux.personality {
        check_personality(personality, at.member("personality"), report);
    }
    if let Some(intel_rdt) = &linux.intel_rdt {
        check_intel_rdt(intel_rdt, at.member("intelRdt"), report);
    }
    if let Some(policy) = &linux.memory_policy {
        memory_policy::check(policy, at.member("memoryPolicy"), report);
    }
    if let Some(filter) = &linux.seccomp {
        seccomp::check(filter, at.member("seccomp"), report);
    }
    if let Some(resources) = &linux.resources {
        resources::check(resources, at.member("resources"), report);
    }
}

fn check_namespaces(linux: &Linux, at: Place<'_>, report: &mut Report) {
    let mut seen = Vec::new();
    for (index, namespace) in linux.namespaces.iter().enumerate() {
        let here = at.item(index);
        if seen.contains(&namespace.kind) {
            report.fail(here.member("type"), format!("is given twice ({})", namespace.kind));
        } else {
            seen.push(namespace.kind);
        }
        if let Some(path) = &namespace.path {
            report.absolute(here.member("path"), path);
        }
    }
}

fn check_user_namespace(linux: &Linux, at: Place<'_>, report: &mut Report) {
    for (name, mappings) in [("uidMappings", &linux.uid_mappings), ("gidMappings", &linux.gid_mappings)] {
        let here = at.member(name);
        id_mappings::check(mappings, here, report);
        let fits = mappings.is_empty() || linux.namespace(NamespaceKind::User).is_some();
        report.require(fits, here, "needs a user namespace (linux.namespaces, type `user`)");
    }
}

fn check_time_offsets(linux: &Linux, at: Place<'_>, report: &mut Report) {
    for (clock, offset) in &linux.time_offsets {
        let here = at.member(clock);
        report.require(["monotonic", "boottime"].contains(&clock.as_str()), here, "must be monotonic or boottime");
        report.require(offset.nanosecs < 1_000_000_000, here.member("nanosecs"), "must be below a second");
        let new = linux.namespace(NamespaceKind::Time).is_some_and(|namespace| namespace.path.is_none());
        report.require(new, here, "needs a new time namespace (linux.namespaces, type `time` without a path)");
    }
}

fn check_personality(personality: &Personality, at: Place<'_>, report: &mut Report) {
    report.one_of(at.member("domain"), &personality.domain, &["LINUX", "LINUX32"]);
    let none = personality.flags.is_empty();
    report.require(none, at.member("flags"), "must be empty: the specification has no flag yet");
}

fn check_intel_rdt(intel_rdt: &IntelRdt, at: Place<'_>, report: &mut Report) {
    if let Some(class) = &intel_rdt.clos_id {
        report.text(at.member("closID"), class);
        // A directory's name: `..` or a slash would lead out of the file system of the classes.
        let name = class == "/" || !(class.contains('/') || class == "." || class == "..");
        report.require(name, at.member("closID"), "must be the name of a directory, or / for the default class");
    }
    if let Some(schema) = &intel_rdt.mem_bw_schema {
        let sane = schema.starts_with("MB:") && !schema.contains('\n');
        report.require(sane, at.member("memBwSchema"), "must be one line that begins with MB:");
    }
    if let Some(schema) = intel_rdt.l3_cache_schema.as_ref().filter(|schema| !schema.starts_with("L3:")) {
        report.warn(at.member("l3CacheSchema"), format!("is {schema:?}: it should begin with L3:"));
    }
}
