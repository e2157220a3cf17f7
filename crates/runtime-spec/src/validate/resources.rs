//! Limits of the control groups (config-linux.md, Control groups).

use super::devices::is_number;
use super::report::Report;
use crate::block_io::{BlockIo, ThrottleDevice};
use crate::place::Place;
use crate::resources::{Cpu, DeviceRule, Memory, Network, Resources};

pub(super) fn check(resources: &Resources, at: Place<'_>, report: &mut Report) {
    for (index, rule) in resources.devices.iter().enumerate() {
        check_device_rule(rule, at.member("devices").item(index), report);
    }
    if let Some(memory) = &resources.memory {
        check_memory(memory, at.member("memory"), report);
    }
    if let Some(cpu) = &resources.cpu {
        check_cpu(cpu, at.member("cpu"), report);
    }
    if let Some(block) = &resources.block_io {
        check_block_io(block, at.member("blockIO"), report);
    }
    if let Some(network) = &resources.network {
        check_network(network, at.member("network"), report);
    }
    for (index, limit) in resources.hugepage_limits.iter().enumerate() {
        let problem = "must be a size such as 64KB, 2MB or 1GB";
        report.require(
            is_page_size(&limit.page_size),
            at.member("hugepageLimits").item(index).member("pageSize"),
            problem,
        );
    }
    for (device, limit) in &resources.rdma {
        let here = at.member("rdma");
        report.filled(here.member(device), device);
        let given = limit.hca_handles.is_some() || limit.hca_objects.is_some();
        report.require(given, here.member(device), "must have at least one of hcaHandles and hcaObjects");
    }
    for (file, value) in &resources.unified {
        let here = at.member("unified");
        report.text(here.member(file), value);
        // With a slash the file of another group would be written.
        let plain = !file.contains(['/', '\0']) && file.contains('.') && !file.starts_with('.');
        report.require(plain, here.member(file), "must be the name of a file of cgroup v2, such as memory.high");
    }
}

fn check_device_rule(rule: &DeviceRule, at: Place<'_>, report: &mut Report) {
    let kind = rule.kind.as_deref().unwrap_or("a");
    report.require(["a", "c", "b"].contains(&kind), at.member("type"), "must be a, c or b");
    let access = rule.access.as_deref().unwrap_or_default();
    report.require(access.chars().all(|letter| "rwm".contains(letter)), at.member("access"), "may have r, w and m");
    for (name, number) in [("major", rule.major), ("minor", rule.minor)] {
        // -1 is what generators write for "all".
        let sane = number.is_none_or(|number| number == -1 || is_number(number));
        report.require(sane, at.member(name), "is a number that no device has");
    }
}

fn check_memory(memory: &Memory, at: Place<'_>, report: &mut Report) {
    let limits = [
        ("limit", memory.limit),
        ("reservation", memory.reservation),
        ("swap", memory.swap),
        ("kernel", memory.kernel),
        ("kernelTCP", memory.kernel_tcp),
    ];
    for (name, value) in limits {
        let sane = value.is_none_or(|bytes| bytes >= -1);
        report.require(sane, at.member(name), "must be a number of bytes, or -1 for no limit");
    }
    if let (Some(limit), Some(swap)) = (memory.limit, memory.swap) {
        // 0 is "not set" in generators' words.
        let sane = limit <= 0 || swap <= 0 || swap >= limit;
        report.require(sane, at.member("swap"), "is memory and swap together: must not be below the limit");
    }
    // Generators write the highest number, a -1 without its sign, for "leave it alone".
    let sane = memory.swappiness.is_none_or(|value| value <= 100 || value == u64::MAX);
    report.require(sane, at.member("swappiness"), "must be from 0 to 100");
}

fn check_cpu(cpu: &Cpu, at: Place<'_>, report: &mut Report) {
    // The lists are the kernel's: it knows more forms than plain ranges.
    report.text(at.member("cpus"), cpu.cpus.as_deref().unwrap_or_default());
    report.text(at.member("mems"), cpu.mems.as_deref().unwrap_or_default());
    report.require(cpu.idle.is_none_or(|idle| idle == 0 || idle == 1), at.member("idle"), "must be 0 or 1");
    let quota = cpu.quota.and_then(|quota| u64::try_from(quota).ok()).filter(|quota| *quota > 0);
    if let (Some(quota), Some(burst)) = (quota, cpu.burst) {
        report.require(burst <= quota, at.member("burst"), "must not be above the quota");
    }
}

fn check_block_io(block: &BlockIo, at: Place<'_>, report: &mut Report) {
    for (index, device) in block.weight_device.iter().enumerate() {
        let list = at.member("weightDevice");
        check_numbers(device.major, device.minor, list.item(index), report);
        let given = device.weight.is_some() || device.leaf_weight.is_some();
        report.require(given, list.item(index), "must have at least one of weight and leafWeight");
    }
    let lists: [(&str, &[ThrottleDevice]); 4] = [
        ("throttleReadBpsDevice", &block.throttle_read_bps_device),
        ("throttleWriteBpsDevice", &block.throttle_write_bps_device),
        ("throttleReadIOPSDevice", &block.throttle_read_iops_device),
        ("throttleWriteIOPSDevice", &block.throttle_write_iops_device),
    ];
    for (name, devices) in lists {
        for (index, device) in devices.iter().enumerate() {
            check_numbers(device.major, device.minor, at.member(name).item(index), report);
        }
    }
}

fn check_numbers(major: i64, minor: i64, at: Place<'_>, report: &mut Report) {
    report.require(is_number(major), at.member("major"), "is a number that no device has");
    report.require(is_number(minor), at.member("minor"), "is a number that no device has");
}

fn check_network(network: &Network, at: Place<'_>, report: &mut Report) {
    for (index, entry) in network.priorities.iter().enumerate() {
        report.filled(at.member("priorities").item(index).member("name"), &entry.name);
    }
}

/// `<number><prefix>B`, as in the names of the kernel's files.
fn is_page_size(text: &str) -> bool {
    let Some(text) = text.strip_suffix('B') else { return false };
    let digits = text.strip_suffix(['K', 'M', 'G', 'T', 'P']).unwrap_or(text);
    !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}
