//! Limits as files of cgroup v2 and their values, converted as runc converts them.

use crate::conversion::{blkio_weight_to_io_weight, shares_to_weight};
use crate::limits::{Limits, Memory, Throttle};
use crate::plan::PlanError;
use crate::values_v1::{Value, rdma_line};

/// What a controller limits, for a sentence.
pub(crate) fn limit_name(controller: &str) -> &'static str {
    match controller {
        "io" => "block devices",
        other => crate::values_v1::limit_name(other),
    }
}

/// The values in the order in which they must be written.
pub(crate) fn values(limits: &Limits) -> Result<Vec<Value>, PlanError> {
    refuse_what_v2_lacks(limits)?;
    let mut values = Vec::new();
    let mut add = |controller, file: &str, value: String| values.push((controller, file.to_owned(), value, None));
    let or_max = |value: i64| if value < 0 { "max".to_owned() } else { value.to_string() };
    let memory = &limits.memory;
    if let Some(limit) = memory.limit.filter(|limit| *limit != 0) {
        add("memory", "memory.max", or_max(limit));
    }
    if let Some(swap) = swap_alone(memory)? {
        add("memory", "memory.swap.max", or_max(swap));
    }
    if let Some(reservation) = memory.reservation.filter(|reservation| *reservation != 0) {
        add("memory", "memory.low", or_max(reservation));
    }
    let cpu = &limits.cpu;
    if let Some(shares) = cpu.shares.filter(|shares| *shares != 0) {
        add("cpu", "cpu.weight", shares_to_weight(shares).to_string());
    }
    let (quota, period) = (cpu.quota.filter(|quota| *quota != 0), cpu.period.filter(|period| *period != 0));
    if quota.is_some() || period.is_some() {
        // The kernel's own period is 100 ms.
        add("cpu", "cpu.max", format!("{} {}", or_max(quota.unwrap_or(-1)), period.unwrap_or(100_000)));
    }
    if let Some(burst) = cpu.burst {
        add("cpu", "cpu.max.burst", burst.to_string());
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
        add("pids", "pids.max", or_max(limit));
    }
    for (size, bytes) in &limits.huge_pages {
        add("hugetlb", &format!("hugetlb.{size}.max"), bytes.to_string());
    }
    for (device, handles, objects) in &limits.rdma {
        add("rdma", "rdma.max", rdma_line(device, *handles, *objects));
    }
    add_block(limits, &mut values);
    for (file, value) in &limits.unified {
        values.push((controller_of(file), file.clone(), value.clone(), None));
    }
    Ok(values)
}

/// The controller that a file belongs to; files of the core belong to none.
fn controller_of(file: &str) -> &'static str {
    let name = file.split('.').next().unwrap_or_default();
    ["cpu", "cpuset", "memory", "io", "pids", "hugetlb", "rdma", "misc"]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("")
}

fn refuse_what_v2_lacks(limits: &Limits) -> Result<(), PlanError> {
    let asked = [
        (limits.cpu.realtime_runtime.is_some_and(|value| value != 0), "linux.resources.cpu.realtimeRuntime"),
        (limits.cpu.realtime_period.is_some_and(|value| value != 0), "linux.resources.cpu.realtimePeriod"),
        (limits.memory.swappiness.is_some(), "linux.resources.memory.swappiness"),
        (limits.memory.disable_oom_killer, "linux.resources.memory.disableOOMKiller"),
        (limits.network_class.is_some_and(|class| class != 0), "linux.resources.network.classID"),
        (!limits.network_priorities.is_empty(), "linux.resources.network.priorities"),
    ];
    asked.into_iter().find(|(asked, _)| *asked).map_or(Ok(()), |(_, what)| Err(PlanError::NotOnUnified(what)))
}

/// The specification's value is memory and swap together; v2 limits swap alone.
fn swap_alone(memory: &Memory) -> Result<Option<i64>, PlanError> {
    let limit = memory.limit.unwrap_or(0);
    match memory.swap.unwrap_or(0) {
        0 if limit == -1 => Ok(Some(-1)),
        0 => Ok(None),
        swap if swap < 0 => Ok(Some(-1)),
        _ if limit <= 0 => Err(PlanError::BadValue(
            "linux.resources.memory.swap needs linux.resources.memory.limit beside it on cgroup v2".to_owned(),
        )),
        swap => Ok(Some(swap - limit)),
    }
}

fn add_block(limits: &Limits, values: &mut Vec<Value>) {
    let block = &limits.block;
    if let Some(weight) = block.weight.filter(|weight| *weight != 0) {
        let value = format!("default {}", blkio_weight_to_io_weight(weight));
        values.push(("io", "io.weight".to_owned(), value, Some("io.bfq.weight")));
    }
    for entry in &block.weight_devices {
        let value = format!("{}:{} {}", entry.device.0, entry.device.1, blkio_weight_to_io_weight(entry.weight));
        values.push(("io", "io.weight".to_owned(), value, Some("io.bfq.weight")));
    }
    let keys: [(&str, &[Throttle]); 4] = [
        ("rbps", &block.read_bytes),
        ("wbps", &block.write_bytes),
        ("riops", &block.read_operations),
        ("wiops", &block.write_operations),
    ];
    for (key, entries) in keys {
        for entry in entries {
            let value = format!("{}:{} {key}={}", entry.device.0, entry.device.1, entry.rate);
            values.push(("io", "io.max".to_owned(), value, None));
        }
    }
}
