//! What a container may use of the machine.

use cgroups::Controllers;
use runtime_spec::{Cpu, DeviceRule, Memory, Pids, Resources};

use crate::error::Error;
use crate::facts::EngineFacts;
use crate::request::{Limits, RunRequest};

/// The length in which processor time is counted, in microseconds (the kernel's default).
const PERIOD: u64 = 100_000;
/// Less memory than this no program can begin with (as in Docker).
const LEAST_MEMORY: i64 = 6 << 20;
/// Where nothing is asked for, as in Podman.
const PROCESSES: i64 = 2048;

pub(super) fn plan(request: &RunRequest, facts: &EngineFacts) -> Result<Resources, Error> {
    let limits = &request.limits;
    Ok(Resources {
        devices: devices(request, facts),
        memory: memory(limits)?,
        cpu: cpu(limits)?,
        pids: processes(limits, facts)?,
        ..Resources::default()
    })
}

fn memory(limits: &Limits) -> Result<Option<Memory>, Error> {
    let Some(limit) = limits.memory else {
        return match limits.memory_and_swap {
            Some(_) => Err(Error::request("--memory-swap", "is memory and swap together: it needs --memory too")),
            None => Ok(None),
        };
    };
    if limit < LEAST_MEMORY {
        return Err(Error::request("--memory", "is less than 6 MiB, with which no program can begin"));
    }
    let swap = limits.memory_and_swap.unwrap_or(limit.saturating_mul(2));
    if swap != -1 && swap < limit {
        return Err(Error::request("--memory-swap", "is memory and swap together: it cannot be less than --memory"));
    }
    Ok(Some(Memory { limit: Some(limit), swap: Some(swap), ..Memory::default() }))
}

fn cpu(limits: &Limits) -> Result<Option<Cpu>, Error> {
    let quota = limits.milli_processors.map(|thousandths| i64::from(thousandths) * 100);
    if quota.is_some_and(|quota| quota < 1000) {
        return Err(Error::request("--cpus", "is less than 0.01, the least that the kernel can give"));
    }
    if limits.cpu_shares.is_some_and(|shares| !(2..=262_144).contains(&shares)) {
        return Err(Error::request("--cpu-shares", "is a weight from 2 to 262144"));
    }
    let cpu = Cpu {
        shares: limits.cpu_shares,
        quota,
        period: quota.map(|_| PERIOD),
        cpus: limits.cpuset_cpus.clone(),
        ..Cpu::default()
    };
    Ok((cpu != Cpu::default()).then_some(cpu))
}

/// A limit that was asked for is set or refused; the usual one only where the host can.
fn processes(limits: &Limits, facts: &EngineFacts) -> Result<Option<Pids>, Error> {
    let limit = match limits.processes {
        Some(limit) if limit == -1 || limit > 0 => limit,
        Some(_) => return Err(Error::request("--pids-limit", "is a number above 0, or -1 for no limit")),
        None if facts.host.users.privileged && facts.host.groups.controllers().contains(Controllers::PIDS) => PROCESSES,
        None => return Ok(None),
    };
    Ok(Some(Pids { limit: Some(limit) }))
}

/// Nothing but what every container has, and what is asked for; without root the devices are the user's own matter.
fn devices(request: &RunRequest, facts: &EngineFacts) -> Vec<DeviceRule> {
    if !facts.host.users.privileged {
        return Vec::new();
    }
    let all = |allow| DeviceRule { allow, access: Some("rwm".to_owned()), ..DeviceRule::default() };
    if request.security.privileged {
        return vec![all(true)];
    }
    let asked = request.devices.iter().zip(&facts.devices).map(|(device, found)| DeviceRule {
        allow: true,
        kind: Some(found.kind.to_string()),
        major: Some(found.major.into()),
        minor: Some(found.minor.into()),
        access: Some(device.access.clone()),
    });
    [all(false)].into_iter().chain(asked).collect()
}
