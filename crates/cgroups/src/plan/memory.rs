//! Limits of memory as files of the `memory` controller.

use super::conversion::swap_alone;
use super::draft::{Draft, Site};
use super::error::PlanError;
use crate::controller::{Controllers, Version};
use crate::file_value::{FileValue, IfMissing};
use crate::limits::Limits;
use crate::operation::GroupOperation;

pub(crate) fn plan(draft: &mut Draft, limits: &Limits) -> Result<(), PlanError> {
    let Limits { memory, kernel_memory, use_hierarchy, check_memory_before_update, .. } = limits;
    let limit = amount("memory.limit", memory.limit)?;
    let swap = amount("memory.swap", memory.swap)?;
    let reservation = amount("memory.reservation", memory.reservation)?;
    let tcp = amount("memory.kernelTCP", memory.kernel_tcp)?;
    // -1 in a field without a sign: "leave it alone", as in runc.
    let swappiness = memory.swappiness.filter(|value| *value != u64::MAX);
    let wait_instead_of_kill = memory.disable_oom_killer;

    if kernel_memory.is_some_and(|bytes| bytes != 0) {
        draft.warnings.push(dropped("memory.kernel"));
    }
    if *use_hierarchy == Some(false) {
        return Err(PlanError::Unsupported {
            what: "memory.useHierarchy",
            reason: "it cannot be false, since Linux 5.11 counts a group's memory for those above it in any case",
        });
    }
    if let Some(value) = swappiness.filter(|value| *value > 100) {
        return Err(value_error("memory.swappiness", value, "it goes from 0 to 100"));
    }
    let first = [
        ("memory.limit", limit != 0),
        ("memory.swap", swap != 0),
        ("memory.reservation", reservation != 0),
        ("memory.kernelTCP", tcp != 0),
        ("memory.swappiness", swappiness.is_some()),
        ("memory.disableOOMKiller", wait_instead_of_kill),
    ];
    let Some((what, _)) = first.into_iter().find(|(_, given)| *given) else { return Ok(()) };
    let site = draft.site(Controllers::MEMORY, what)?;
    match site.version {
        Version::V1 => {
            plan_v1(draft, &site, limit, swap);
            if reservation != 0 {
                draft.write(
                    &site,
                    "memory.soft_limit_in_bytes",
                    reservation,
                    "what is left to the group under pressure",
                );
            }
            if tcp != 0 {
                draft.write(&site, "memory.kmem.tcp.limit_in_bytes", tcp, "buffers of TCP");
            }
            if wait_instead_of_kill {
                draft.write(&site, "memory.oom_control", 1, "without memory, processes wait instead of being killed");
            }
            if let Some(swappiness) = swappiness {
                draft.write(&site, "memory.swappiness", swappiness, "how readily pages are swapped out");
            }
            Ok(())
        }
        Version::V2 => {
            for (what, given) in
                [("memory.swappiness", swappiness.is_some()), ("memory.disableOOMKiller", wait_instead_of_kill)]
            {
                if given {
                    return Err(PlanError::Unsupported { what, reason: "cgroup v2 has nothing like it" });
                }
            }
            if tcp != 0 {
                draft.warnings.push(dropped("memory.kernelTCP"));
            }
            let swap_max = swap_alone(swap, limit).map_err(|problem| value_error("memory.swap", swap, problem))?;
            if *check_memory_before_update {
                check_usage(draft, &site, swap.max(0), limit.max(0));
            }
            plan_v2(draft, &site, limit, swap_max);
            if reservation != 0 {
                draft.write(&site, "memory.low", &maximum(reservation), "what is left to the group under pressure");
            }
            Ok(())
        }
    }
}

fn plan_v1(draft: &mut Draft, site: &Site, limit: i64, swap: i64) {
    let mut writes = Vec::new();
    if limit != 0 {
        writes.push(FileValue::new("memory.limit_in_bytes", limit));
    }
    match swap {
        // Unlimited memory without a word on swap means both, where the kernel counts swap.
        0 if limit == -1 => writes.push(FileValue::optional("memory.memsw.limit_in_bytes", -1)),
        0 => {}
        _ => writes.push(FileValue::new("memory.memsw.limit_in_bytes", swap)),
    }
    draft.write_together(site, writes, "memory, and memory and swap together, which must not be less");
}

fn plan_v2(draft: &mut Draft, site: &Site, limit: i64, swap: Option<i64>) {
    if let Some(swap) = swap {
        // A kernel that does not count swap gives the group none to take away, and no limit to lift.
        let if_missing = if swap <= 0 { IfMissing::Skip } else { IfMissing::Refuse };
        let (group, values) = (site.directory.clone(), vec![maximum(swap)]);
        let operation = GroupOperation::Write { group, file: "memory.swap.max".into(), values, if_missing };
        draft.step(operation, "swap apart from memory");
    }
    if limit != 0 {
        draft.write(site, "memory.max", &maximum(limit), "memory, after which processes are killed");
    }
}

fn check_usage(draft: &mut Draft, site: &Site, swap: i64, limit: i64) {
    let smaller = [swap, limit].into_iter().filter(|value| *value > 0).min();
    if let Some(limit) = smaller.and_then(|value| u64::try_from(value).ok()) {
        let group = site.directory.clone();
        draft.step(
            GroupOperation::CheckUsage { group, file: "memory.current", limit },
            "a limit below what is used would kill processes at once",
        );
    }
}

/// Absent is 0, as in runc.
fn amount(what: &'static str, value: Option<i64>) -> Result<i64, PlanError> {
    match value.unwrap_or(0) {
        value if value < -1 => Err(value_error(what, value, "it is a number of bytes, or -1 for unlimited")),
        value => Ok(value),
    }
}

/// The specification lets such a limit pass with a warning.
fn dropped(what: &str) -> String {
    format!("{what} has no effect: the kernel has no such limit any more")
}

/// What the files of v2 call -1.
fn maximum(value: i64) -> String {
    if value == -1 { "max".to_owned() } else { value.to_string() }
}

fn value_error(what: &str, value: impl ToString + Copy, problem: &str) -> PlanError {
    PlanError::Value { what: what.to_owned(), value: value.to_string(), problem: problem.to_owned() }
}
