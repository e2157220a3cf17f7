//! Mounts (config.md, Mounts).

use super::id_mappings;
use super::report::Report;
use crate::mount::Mount;
use crate::place::Place;

pub(super) fn check(mounts: &[Mount], has_user_namespace: bool, at: Place<'_>, report: &mut Report) {
    for (index, mount) in mounts.iter().enumerate() {
        check_one(mount, has_user_namespace, at.item(index), report);
    }
}

fn check_one(mount: &Mount, has_user_namespace: bool, at: Place<'_>, report: &mut Report) {
    report.filled(at.member("destination"), &mount.destination);
    if !mount.destination.is_empty() && !mount.destination.starts_with('/') {
        report.warn(at.member("destination"), "is not absolute: it is taken as meant from the root (deprecated)");
    }
    report.text(at.member("type"), mount.kind.as_deref().unwrap_or_default());
    report.text(at.member("source"), mount.source.as_deref().unwrap_or_default());
    for (index, option) in mount.options.iter().enumerate() {
        report.text(at.member("options").item(index), option);
    }
    id_mappings::check(&mount.uid_mappings, at.member("uidMappings"), report);
    id_mappings::check(&mount.gid_mappings, at.member("gidMappings"), report);
    let (users, groups) = (!mount.uid_mappings.is_empty(), !mount.gid_mappings.is_empty());
    report.require(users == groups, at, "must have both of uidMappings and gidMappings, or none");
    let mapped = mount.options.iter().position(|option| option == "idmap" || option == "ridmap");
    if let Some(index) = mapped.filter(|_| !users && !groups && !has_user_namespace) {
        let problem = "needs uidMappings and gidMappings, or a user namespace from which they are taken";
        report.fail(at.member("options").item(index), problem);
    }
}
