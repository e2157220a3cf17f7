//! Limits of the control groups.

use super::report::Report;
use crate::resources::Resources;

pub(super) fn check(resources: &Resources, report: &mut Report) {
    for (index, rule) in resources.devices.iter().enumerate() {
        let path = format!("linux.resources.devices[{index}]");
        let kind = rule.kind.as_deref().unwrap_or("a");
        report.require(["a", "c", "b"].contains(&kind), &format!("{path}.type"), "must be a, c or b");
        let access = rule.access.as_deref().unwrap_or_default();
        report.require(
            access.chars().all(|letter| "rwm".contains(letter)),
            &format!("{path}.access"),
            "may have r, w and m",
        );
        let numbers = [rule.major, rule.minor];
        let sane = numbers.iter().flatten().all(|number| *number == -1 || u32::try_from(*number).is_ok());
        report.require(sane, &path, "has a number that no device has");
    }
    if let Some(memory) = &resources.memory {
        let limits = [
            ("limit", memory.limit),
            ("reservation", memory.reservation),
            ("swap", memory.swap),
            ("kernel", memory.kernel),
            ("kernelTCP", memory.kernel_tcp),
        ];
        for (name, value) in limits {
            let path = format!("linux.resources.memory.{name}");
            report.require(
                value.is_none_or(|bytes| bytes >= -1),
                &path,
                "must be a number of bytes, or -1 for no limit",
            );
        }
        if let (Some(limit), Some(swap)) = (memory.limit, memory.swap) {
            // Memory and swap together: 0 is "not set" in generators' words.
            let sane = limit <= 0 || swap <= 0 || swap >= limit;
            report.require(
                sane,
                "linux.resources.memory.swap",
                "is memory and swap together: must not be below the limit",
            );
        }
        let sane = memory.swappiness.is_none_or(|value| value <= 100);
        report.require(sane, "linux.resources.memory.swappiness", "must be from 0 to 100");
    }
    if let Some(cpu) = &resources.cpu {
        for (name, list) in [("cpus", &cpu.cpus), ("mems", &cpu.mems)] {
            report.text(&format!("linux.resources.cpu.{name}"), list.as_deref().unwrap_or_default());
        }
        let sane = cpu.idle.is_none_or(|idle| idle == 0 || idle == 1);
        report.require(sane, "linux.resources.cpu.idle", "must be 0 or 1");
    }
    for (key, value) in &resources.unified {
        let path = format!("linux.resources.unified.{key}");
        report.text(&path, value);
        let plain = !key.is_empty() && !key.contains('/') && key.contains('.');
        report.require(plain, &path, "must be the name of a file of cgroup v2, such as memory.high");
    }
}
