//! Devices (config-linux.md, Devices and Network Devices).

use std::collections::BTreeSet;

use super::report::Report;
use crate::device::Device;
use crate::linux::Linux;
use crate::namespace::NamespaceKind;
use crate::place::Place;

/// The longest name of an interface in bytes (`IFNAMSIZ` less its NUL).
const LONGEST_INTERFACE: usize = 15;

pub(super) fn check(devices: &[Device], at: Place<'_>, report: &mut Report) {
    for (index, device) in devices.iter().enumerate() {
        check_one(device, at.item(index), report);
    }
}

fn check_one(device: &Device, at: Place<'_>, report: &mut Report) {
    report.absolute(at.member("path"), &device.path);
    let kind = device.kind.as_str();
    report.require(["c", "b", "u", "p"].contains(&kind), at.member("type"), "must be c, b, u or p");
    for (name, number) in [("major", device.major), ("minor", device.minor)] {
        match number {
            Some(number) => report.require(is_number(number), at.member(name), "is a number that no device has"),
            None => report.require(kind == "p", at, &format!("needs {name}, as every device but a pipe")),
        }
    }
    // Some generators leave the bits of the file's type in; those are given by the type.
    let sane = device.file_mode.is_none_or(|mode| mode <= 0o177_777);
    report.require(sane, at.member("fileMode"), "has bits that no file has");
    for (name, id) in [("uid", device.uid), ("gid", device.gid)] {
        report.require(id != Some(u32::MAX), at.member(name), "is no id: the last one is 4294967294");
    }
}

/// Whether a number is the major or minor one of some device (`dev_t` of the C library has 32 bits for each).
pub(super) fn is_number(number: i64) -> bool {
    u32::try_from(number).is_ok()
}

pub(super) fn check_net_devices(linux: &Linux, at: Place<'_>, report: &mut Report) {
    if linux.net_devices.is_empty() {
        return;
    }
    let own = linux.namespace(NamespaceKind::Network).is_some();
    report.require(own, at, "needs a network namespace (linux.namespaces, type `network`)");
    let mut names = BTreeSet::new();
    for (host, device) in &linux.net_devices {
        let here = at.member(host);
        check_interface(here, host, report);
        let name = device.name.as_deref().unwrap_or(host);
        if device.name.is_some() {
            check_interface(here.member("name"), name, report);
        }
        // A pattern gives each device a number of its own.
        report.require(names.insert(name) || name.contains("%d"), here, "gets the name of another device");
    }
}

fn check_interface(at: Place<'_>, name: &str, report: &mut Report) {
    report.text(at, name);
    let sane = (1..=LONGEST_INTERFACE).contains(&name.len())
        && ![".", ".."].contains(&name)
        && !name.contains(|letter: char| letter == '/' || letter == ':' || letter.is_whitespace());
    report.require(sane, at, "is no name of an interface: 1 to 15 bytes, no blank, no / and no :");
}
