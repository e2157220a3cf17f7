//! The configuration's resources in the terms of the control groups.

use cgroups::{BlockDevice, Cpu, DeviceKind, DeviceRule, Limits, Memory, Throttle, WeightDevice};
use runtime_spec::{
    BlockIo, Cpu as SpecCpu, DeviceRule as SpecRule, Memory as SpecMemory, Resources, ThrottleDevice,
    WeightDevice as SpecWeight,
};

/// The limits that a configuration asks for. Every field is named, so that a new one cannot be forgotten here.
pub(super) fn limits(resources: Option<&Resources>, rootless: bool) -> Limits {
    let empty = Resources::default();
    let resources = resources.unwrap_or(&empty);
    let memory = resources.memory.as_ref();
    let block = resources.block_io.as_ref();
    let network = resources.network.as_ref();
    Limits {
        memory: memory.map(memory_limits).unwrap_or_default(),
        kernel_memory: memory.and_then(|memory| memory.kernel),
        use_hierarchy: memory.and_then(|memory| memory.use_hierarchy),
        check_memory_before_update: memory.and_then(|memory| memory.check_before_update).unwrap_or(false),
        cpu: resources.cpu.as_ref().map(cpu_limits).unwrap_or_default(),
        pids: resources.pids.as_ref().and_then(|pids| pids.limit),
        block: block.map(block_limits).unwrap_or_default(),
        leaf_weight: block.and_then(|block| block.leaf_weight),
        leaf_weight_devices: block.map(|block| weights(block, |device| device.leaf_weight)).unwrap_or_default(),
        huge_pages: resources.hugepage_limits.iter().map(|limit| (limit.page_size.clone(), limit.limit)).collect(),
        network_class: network.and_then(|network| network.class_id),
        network_priorities: network
            .map(|network| network.priorities.iter().map(|entry| (entry.name.clone(), entry.priority)).collect())
            .unwrap_or_default(),
        rdma: resources
            .rdma
            .iter()
            .map(|(device, limit)| (device.clone(), limit.hca_handles, limit.hca_objects))
            .collect(),
        unified: resources.unified.clone(),
        // Without root no node can be made, and those that are bound in are the caller's to use already.
        devices: (!rootless).then(|| device_rules(&resources.devices)).flatten(),
    }
}

fn memory_limits(memory: &SpecMemory) -> Memory {
    Memory {
        limit: memory.limit,
        reservation: memory.reservation,
        swap: memory.swap,
        kernel_tcp: memory.kernel_tcp,
        swappiness: memory.swappiness,
        disable_oom_killer: memory.disable_oom_killer.unwrap_or(false),
    }
}

fn cpu_limits(cpu: &SpecCpu) -> Cpu {
    Cpu {
        shares: cpu.shares,
        quota: cpu.quota,
        period: cpu.period,
        burst: cpu.burst,
        realtime_runtime: cpu.realtime_runtime,
        realtime_period: cpu.realtime_period,
        cpus: cpu.cpus.clone(),
        mems: cpu.mems.clone(),
        idle: cpu.idle,
    }
}

fn block_limits(block: &BlockIo) -> BlockDevice {
    let throttle = |devices: &[ThrottleDevice]| {
        devices.iter().map(|device| Throttle { device: (device.major, device.minor), rate: device.rate }).collect()
    };
    BlockDevice {
        weight: block.weight,
        weight_devices: weights(block, |device| device.weight),
        read_bytes: throttle(&block.throttle_read_bps_device),
        write_bytes: throttle(&block.throttle_write_bps_device),
        read_operations: throttle(&block.throttle_read_iops_device),
        write_operations: throttle(&block.throttle_write_iops_device),
    }
}

/// One of the two kinds of weights, of those devices that have it.
fn weights(block: &BlockIo, weight: impl Fn(&SpecWeight) -> Option<u16>) -> Vec<WeightDevice> {
    let one =
        |device: &SpecWeight| Some(WeightDevice { device: (device.major, device.minor), weight: weight(device)? });
    block.weight_device.iter().filter_map(one).collect()
}

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
    // Whatever the configuration denies before (runc's list): making nodes, the default nodes, its own terminals.
    Some(own.chain(DeviceRule::defaults()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_of_the_specification_arrives() {
        let text = r#"{
            "memory": { "limit": 1, "reservation": 2, "swap": 3, "kernel": 4, "kernelTCP": 5, "swappiness": 6,
                        "disableOOMKiller": true, "useHierarchy": false, "checkBeforeUpdate": true },
            "cpu": { "shares": 7, "quota": 8, "burst": 1, "period": 9, "realtimeRuntime": 10, "realtimePeriod": 11,
                     "cpus": "0", "mems": "1", "idle": 1 },
            "pids": { "limit": 12 },
            "blockIO": { "weight": 13, "leafWeight": 14,
                         "weightDevice": [{ "major": 8, "minor": 0, "weight": 15, "leafWeight": 16 },
                                          { "major": 8, "minor": 16, "leafWeight": 17 }],
                         "throttleReadBpsDevice": [{ "major": 8, "minor": 0, "rate": 18 }],
                         "throttleWriteBpsDevice": [{ "major": 8, "minor": 0, "rate": 19 }],
                         "throttleReadIOPSDevice": [{ "major": 8, "minor": 0, "rate": 20 }],
                         "throttleWriteIOPSDevice": [{ "major": 8, "minor": 0, "rate": 21 }] },
            "hugepageLimits": [{ "pageSize": "2MB", "limit": 22 }],
            "network": { "classID": 23, "priorities": [{ "name": "eth0", "priority": 24 }] },
            "rdma": { "mlx5_1": { "hcaHandles": 25, "hcaObjects": 26 } },
            "unified": { "memory.high": "27" }
        }"#;
        let weight = |minor, weight| WeightDevice { device: (8, minor), weight };
        let rate = |rate| vec![Throttle { device: (8, 0), rate }];
        let expected = Limits {
            memory: Memory {
                limit: Some(1),
                reservation: Some(2),
                swap: Some(3),
                kernel_tcp: Some(5),
                swappiness: Some(6),
                disable_oom_killer: true,
            },
            kernel_memory: Some(4),
            use_hierarchy: Some(false),
            check_memory_before_update: true,
            cpu: Cpu {
                shares: Some(7),
                quota: Some(8),
                period: Some(9),
                burst: Some(1),
                realtime_runtime: Some(10),
                realtime_period: Some(11),
                cpus: Some("0".to_owned()),
                mems: Some("1".to_owned()),
                idle: Some(1),
            },
            pids: Some(12),
            block: BlockDevice {
                weight: Some(13),
                weight_devices: vec![weight(0, 15)],
                read_bytes: rate(18),
                write_bytes: rate(19),
                read_operations: rate(20),
                write_operations: rate(21),
            },
            leaf_weight: Some(14),
            leaf_weight_devices: vec![weight(0, 16), weight(16, 17)],
            huge_pages: vec![("2MB".to_owned(), 22)],
            network_class: Some(23),
            network_priorities: vec![("eth0".to_owned(), 24)],
            rdma: vec![("mlx5_1".to_owned(), Some(25), Some(26))],
            unified: [("memory.high".to_owned(), "27".to_owned())].into(),
            devices: None,
        };
        assert_eq!(limits(Some(&Resources::parse(text.as_bytes()).unwrap()), false), expected);
        assert_eq!(limits(None, false), Limits::default());
    }

    #[test]
    fn devices_are_filtered_only_where_nodes_can_be_made() {
        let resources = Resources::parse(br#"{"devices":[{"allow":false,"access":"rwm"}]}"#).unwrap();
        assert_eq!(limits(Some(&resources), true).devices, None);
        let rules = limits(Some(&resources), false).devices.unwrap();
        assert_eq!(rules.len(), 1 + DeviceRule::defaults().len());
        assert!(!rules[0].allow && rules[1..].iter().all(|rule| rule.allow));
    }
}
