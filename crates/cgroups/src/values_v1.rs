//! Limits as files of cgroup v1 and their values.

use crate::device_rules::DevicePolicy;
use crate::limits::{Limits, Throttle};
use crate::plan::PlanError;

/// Controller, file, value, and the file's name on kernels with another scheduler.
pub(crate) type Value = (&'static str, String, String, Option<&'static str>);

/// What a controller limits, for a sentence.
pub(crate) fn limit_name(controller: &str) -> &'static str {
    match controller {
        "memory" => "memory",
        "cpu" | "cpuset" => "processors",
        "pids" => "the number of processes",
        "blkio" => "block devices",
        "hugetlb" => "huge pages",
        "net_cls" | "net_prio" => "network classes",
        _ => "this",
    }
}

/// The values in the order in which they must be written.
pub(crate) fn values(limits: &Limits) -> Result<Vec<Value>, PlanError> {
    if !limits.unified.is_empty() {
        return Err(PlanError::BadValue("`unified` names files of cgroup v2, and this host runs v1".to_owned()));
    }
    let mut values = Vec::new();
    let mut add = |controller, file: &str, value: String| values.push((controller, file.to_owned(), value, None));
    let memory = &limits.memory;
    // The limit of memory and swap together may never be below that of memory: in a new group memory comes first.
    if let Some(limit) = memory.limit.filter(|limit| *limit != 0) {
        add("memory", "memory.limit_in_bytes", limit.to_string());
    }
    if let Some(swap) = memory.swap.filter(|swap| *swap != 0) {
        add("memory", "memory.memsw.limit_in_bytes", swap.to_string());
    }
    if let Some(reservation) = memory.reservation.filter(|reservation| *reservation != 0) {
        add("memory", "memory.soft_limit_in_bytes", reservation.to_string());
    }
    if let Some(limit) = memory.kernel_tcp.filter(|limit| *limit != 0) {
        add("memory", "memory.kmem.tcp.limit_in_bytes", limit.to_string());
    }
    if let Some(swappiness) = memory.swappiness {
        add("memory", "memory.swappiness", swappiness.to_string());
    }
    if memory.disable_oom_killer {
        add("memory", "memory.oom_control", "1".to_owned());
    }
    let cpu = &limits.cpu;
    if let Some(shares) = cpu.shares.filter(|shares| *shares != 0) {
        add("cpu", "cpu.shares", shares.to_string());
    }
    // A quota above the old period would be refused: the period comes first.
    if let Some(period) = cpu.period.filter(|period| *period != 0) {
        add("cpu", "cpu.cfs_period_us", period.to_string());
    }
    if let Some(quota) = cpu.quota.filter(|quota| *quota != 0) {
        add("cpu", "cpu.cfs_quota_us", quota.to_string());
    }
    if let Some(burst) = cpu.burst {
        add("cpu", "cpu.cfs_burst_us", burst.to_string());
    }
    if let Some(period) = cpu.realtime_period.filter(|period| *period != 0) {
        add("cpu", "cpu.rt_period_us", period.to_string());
    }
    if let Some(runtime) = cpu.realtime_runtime.filter(|runtime| *runtime != 0) {
        add("cpu", "cpu.rt_runtime_us", runtime.to_string());
    }
    if let Some(idle) = cpu.idle {
        add("cpu", "cpu.idle", idle.to_string());
    }
    for (file, list) in [("cpuset.cpus", &cpu.cpus), ("cpuset.mems", &cpu.mems)] {
        if let Some(list) = list.as_ref().filter(|list| !list.is_empty()) {
            add("cpuset", file, list.clone());
        }
    }
    if let Some(limit) = limits.pids.filter(|limit| *limit != 0) {
        add("pids", "pids.max", if limit < 0 { "max".to_owned() } else { limit.to_string() });
    }
    for (size, bytes) in &limits.huge_pages {
        add("hugetlb", &format!("hugetlb.{size}.limit_in_bytes"), bytes.to_string());
    }
    if let Some(class) = limits.network_class.filter(|class| *class != 0) {
        add("net_cls", "net_cls.classid", class.to_string());
    }
    for (interface, priority) in &limits.network_priorities {
        add("net_prio", "net_prio.ifpriomap", format!("{interface} {priority}"));
    }
    for (device, handles, objects) in &limits.rdma {
        add("rdma", "rdma.max", rdma_line(device, *handles, *objects));
    }
    add_block(limits, &mut values);
    Ok(values)
}

fn add_block(limits: &Limits, values: &mut Vec<Value>) {
    let block = &limits.block;
    if let Some(weight) = block.weight.filter(|weight| *weight != 0) {
        values.push(("blkio", "blkio.weight".to_owned(), weight.to_string(), Some("blkio.bfq.weight")));
    }
    for entry in &block.weight_devices {
        let value = format!("{}:{} {}", entry.device.0, entry.device.1, entry.weight);
        values.push(("blkio", "blkio.weight_device".to_owned(), value, Some("blkio.bfq.weight_device")));
    }
    let files: [(&str, &[Throttle]); 4] = [
        ("blkio.throttle.read_bps_device", &block.read_bytes),
        ("blkio.throttle.write_bps_device", &block.write_bytes),
        ("blkio.throttle.read_iops_device", &block.read_operations),
        ("blkio.throttle.write_iops_device", &block.write_operations),
    ];
    for (file, entries) in files {
        for entry in entries {
            let value = format!("{}:{} {}", entry.device.0, entry.device.1, entry.rate);
            values.push(("blkio", file.to_owned(), value, None));
        }
    }
}

/// A line of `rdma.max`, of v1 and v2 alike.
pub(crate) fn rdma_line(device: &str, handles: Option<u32>, objects: Option<u32>) -> String {
    let part = |name: &str, value: Option<u32>| value.map(|value| format!(" {name}={value}")).unwrap_or_default();
    format!("{device}{}{}", part("hca_handle", handles), part("hca_object", objects))
}

/// The device policy as lines for `devices.deny` and `devices.allow`.
pub(crate) fn device_writes(policy: &DevicePolicy) -> Vec<(&'static str, String)> {
    let (first, rest) =
        if policy.allow_by_default { ("devices.allow", "devices.deny") } else { ("devices.deny", "devices.allow") };
    let exceptions = policy.exceptions.iter().map(|exception| (rest, exception.to_string()));
    [(first, "a".to_owned())].into_iter().chain(exceptions).collect()
}
