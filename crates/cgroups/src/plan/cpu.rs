//! Limits of processors as files of the `cpu` and `cpuset` controllers.

use super::conversion::shares_to_weight;
use super::draft::{Draft, Site};
use super::error::PlanError;
use crate::controller::{Controllers, Version};
use crate::file_value::FileValue;
use crate::limits::Cpu;

/// The kernel's default period, in microseconds (`Documentation/admin-guide/cgroup-v2.rst`, "cpu.max").
const DEFAULT_PERIOD: u64 = 100_000;

/// The limits of `cpu`, where 0 is absent as in runc.
struct Time {
    shares: u64,
    quota: i64,
    period: u64,
    burst: Option<u64>,
    runtime: i64,
    runtime_period: u64,
    idle: Option<i64>,
}

pub(crate) fn plan(draft: &mut Draft, limits: &Cpu) -> Result<(), PlanError> {
    let time = Time {
        shares: limits.shares.unwrap_or(0),
        quota: limits.quota.unwrap_or(0),
        period: limits.period.unwrap_or(0),
        burst: limits.burst,
        runtime: limits.realtime_runtime.unwrap_or(0),
        runtime_period: limits.realtime_period.unwrap_or(0),
        idle: limits.idle,
    };
    let first = [
        ("cpu.shares", time.shares != 0),
        ("cpu.quota", time.quota != 0),
        ("cpu.period", time.period != 0),
        ("cpu.burst", time.burst.is_some()),
        ("cpu.idle", time.idle.is_some()),
        ("cpu.realtimeRuntime", time.runtime != 0),
        ("cpu.realtimePeriod", time.runtime_period != 0),
    ];
    if let Some((what, _)) = first.into_iter().find(|(_, given)| *given) {
        let site = draft.site(Controllers::CPU, what)?;
        match site.version {
            Version::V1 => plan_v1(draft, &site, &time)?,
            Version::V2 => plan_v2(draft, &site, &time)?,
        }
    }
    plan_sets(draft, limits)
}

fn plan_v1(draft: &mut Draft, site: &Site, time: &Time) -> Result<(), PlanError> {
    // The kernel would take another value in silence (kernel/sched, MIN_SHARES and MAX_SHARES).
    if !matches!(time.shares, 0 | 2..=262_144) {
        let (value, problem) = (time.shares.to_string(), "it goes from 2 to 262144".to_owned());
        return Err(PlanError::Value { what: "cpu.shares".to_owned(), value, problem });
    }
    if time.shares != 0 {
        draft.write(site, "cpu.shares", time.shares, "the weight among siblings when there is less time than wanted");
    }
    let mut writes = Vec::new();
    if time.period != 0 {
        writes.push(FileValue::new("cpu.cfs_period_us", time.period));
    }
    if let Some(burst) = time.burst {
        // Linux 5.14; as in runc, an older kernel goes without.
        writes.push(FileValue::optional("cpu.cfs_burst_us", burst));
    }
    if time.quota != 0 {
        writes.push(FileValue::new("cpu.cfs_quota_us", time.quota));
    }
    draft.write_together(site, writes, "how much time the group gets in each period");
    if let Some(idle) = time.idle {
        draft.write(site, "cpu.idle", idle, "whether the group runs only when nobody else wants to");
    }
    let mut writes = Vec::new();
    if time.runtime_period != 0 {
        writes.push(FileValue::new("cpu.rt_period_us", time.runtime_period));
    }
    if time.runtime != 0 {
        writes.push(FileValue::new("cpu.rt_runtime_us", time.runtime));
    }
    draft.write_together(site, writes, "real-time scheduling, before a process that uses it joins");
    Ok(())
}

fn plan_v2(draft: &mut Draft, site: &Site, time: &Time) -> Result<(), PlanError> {
    for (what, given) in [("cpu.realtimeRuntime", time.runtime != 0), ("cpu.realtimePeriod", time.runtime_period != 0)]
    {
        if given {
            return Err(PlanError::Unsupported {
                what,
                reason: "cgroup v2 does not divide real-time scheduling among groups",
            });
        }
    }
    if let Some(idle) = time.idle {
        draft.write(site, "cpu.idle", idle, "whether the group runs only when nobody else wants to");
    }
    if time.shares != 0 {
        draft.write(
            site,
            "cpu.weight",
            shares_to_weight(time.shares),
            "the weight among siblings when there is less time than wanted",
        );
    }
    let mut writes = Vec::new();
    if let Some(burst) = time.burst {
        writes.push(FileValue::new("cpu.max.burst", burst));
    }
    if time.quota != 0 || time.period != 0 {
        let quota = if time.quota > 0 { time.quota.to_string() } else { "max".to_owned() };
        let period = if time.period == 0 { DEFAULT_PERIOD } else { time.period };
        writes.push(FileValue::new("cpu.max", &format!("{quota} {period}")));
    }
    draft.write_together(site, writes, "how much time the group gets in each period");
    Ok(())
}

fn plan_sets(draft: &mut Draft, limits: &Cpu) -> Result<(), PlanError> {
    let sets = [
        ("cpu.cpus", &limits.cpus, "cpuset.cpus", "cpus", "the processors that the group may use"),
        ("cpu.mems", &limits.mems, "cpuset.mems", "mems", "the memory nodes that the group may use"),
    ];
    for (what, value, file, bare, why) in sets {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            let site = draft.site(Controllers::CPUSET, what)?;
            draft.write(&site, if site.no_prefix { bare } else { file }, value, why);
        }
    }
    Ok(())
}
