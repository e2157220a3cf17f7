//! The configuration's resources in the terms of the control groups.

use cgroups::{BlockDevice, Cpu, DeviceKind, DeviceRule, Limits, Memory, Throttle, WeightDevice};
use runtime_spec::{BlockIo, DeviceRule as SpecRule, Resources, ThrottleDevice};

/// The limits that a configuration asks for.
pub(super) fn limits(resources: Option<&Resources>, rootless: bool) -> Limits {
    let empty = Resources::default();
    let resources = resources.unwrap_or(&empty);
    let mut limits = Limits {
        pids: resources.pids.as_ref().and_then(|pids| pids.limit),
        huge_pages: resources.hugepage_limits.iter().map(|limit| (limit.page_size.clone(), limit.limit)).collect(),
        rdma: resources
            .rdma
            .iter()
            .map(|(device, limit)| (device.clone(), limit.hca_handles, limit.hca_objects))
            .collect(),
        unified: resources.unified.clone(),
        // Without root no node can be made, and those that are bound in are the caller's to use already.
        devices: (!rootless).then(|| device_rules(&resources.devices)).flatten(),
        ..Limits::default()
    };
    if let Some(memory) = &resources.memory {
        limits.memory = Memory {
            limit: memory.limit,
            reservation: memory.reservation,
            swap: memory.swap,
            kernel_tcp: memory.kernel_tcp,
            swappiness: memory.swappiness,
            disable_oom_killer: memory.disable_oom_killer.unwrap_or(false),
        };
    }
    if let Some(cpu) = &resources.cpu {
        limits.cpu = Cpu {
            shares: cpu.shares,
            quota: cpu.quota,
            period: cpu.period,
            burst: cpu.burst,
            realtime_runtime: cpu.realtime_runtime,
            realtime_period: cpu.realtime_period,
            cpus: cpu.cpus.clone(),
            mems: cpu.mems.clone(),
            idle: cpu.idle,
        };
    }
    if let Some(block) = &resources.block_io {
        limits.block = block_device(block);
    }
    if let Some(network) = &resources.network {
        limits.network_class = network.class_id;
        limits.network_priorities =
            network.priorities.iter().map(|entry| (entry.name.clone(), entry.priority)).collect();
    }
    limits
}

fn block_device(block: &BlockIo) -> BlockDevice {
    let throttle = |devices: &[ThrottleDevice]| {
        devices.iter().map(|device| Throttle { device: (device.major, device.minor), rate: device.rate }).collect()
    };
    BlockDevice {
        weight: block.weight,
        weight_devices: block
            .weight_device
            .iter()
            .filter_map(|device| Some(WeightDevice { device: (device.major, device.minor), weight: device.weight? }))
            .collect(),
        read_bytes: throttle(&block.throttle_read_bps_device),
        write_bytes: throttle(&block.throttle_write_bps_device),
        read_operations: throttle(&block.throttle_read_iops_device),
        write_operations: throttle(&block.throttle_write_iops_device),
    }
}

/// The devices that every container may use, whatever its configuration denies before (runc's list): making nodes, the default
/// nodes, its own terminals.
const ALWAYS_ALLOWED: [(DeviceKind, Option<u32>, Option<u32>, &str); 10] = [
    (DeviceKind::Character, None, None, "m"),
    (DeviceKind::Block, None, None, "m"),
    (DeviceKind::Character, Some(1), Some(3), "rwm"),
    (DeviceKind::Character, Some(1), Some(8), "rwm"),
    (DeviceKind::Character, Some(1), Some(7), "rwm"),
    (DeviceKind::Character, Some(5), Some(0), "rwm"),
    (DeviceKind::Character, Some(1), Some(5), "rwm"),
    (DeviceKind::Character, Some(1), Some(9), "rwm"),
    (DeviceKind::Character, Some(136), None, "rwm"),
    (DeviceKind::Character, Some(5), Some(2), "rwm"),
];

fn device_rules(rules: &[SpecRule]) -> Option<Vec<DeviceRule>> {
    if rules.is_empty() {
        return None;
    }
    let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let own = rules.iter().map(|rule| DeviceRule {
        allow: rule.allow,
        kind: match rule.kind.as_deref() {
            Some("b") => DeviceKind::Block,
            Some("c") => DeviceKind::Character,
            _ => DeviceKind::All,
        },
        major: number(rule.major),
        minor: number(rule.minor),
        access: DeviceRule::access_bits(rule.access.as_deref().unwrap_or_default()),
    });
    let always = ALWAYS_ALLOWED.iter().map(|(kind, major, minor, access)| DeviceRule {
        allow: true,
        kind: *kind,
        major: *major,
        minor: *minor,
        access: DeviceRule::access_bits(access),
    });
    Some(own.chain(always).collect())
}
