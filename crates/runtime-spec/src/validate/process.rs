//! The program (config.md, Process, POSIX process, Linux Process, User).

use super::report::Report;
use super::scheduling;
use crate::capability::Capability;
use crate::place::Place;
use crate::process::{Capabilities, Process, RLIMITS, Rlimit, User};

pub(super) fn check(process: &Process, at: Place<'_>, report: &mut Report) {
    check_terminal(process, at, report);
    check_user(&process.user, at.member("user"), report);
    check_program(process, at, report);
    for (place, given) in [
        (at.member("commandLine"), process.command_line.is_some()),
        (at.member("user").member("username"), process.user.username.is_some()),
    ] {
        if given {
            report.warn(place, "belongs to Windows, and has no effect here");
        }
    }
    check_rlimits(&process.rlimits, at.member("rlimits"), report);
    if let Some(capabilities) = &process.capabilities {
        check_capabilities(capabilities, at.member("capabilities"), report);
    }
    report.text(at.member("apparmorProfile"), process.apparmor_profile.as_deref().unwrap_or_default());
    report.text(at.member("selinuxLabel"), process.selinux_label.as_deref().unwrap_or_default());
    if let Some(score) = process.oom_score_adj {
        report.require((-1000..=1000).contains(&score), at.member("oomScoreAdj"), "must be from -1000 to 1000");
    }
    if let Some(scheduler) = &process.scheduler {
        scheduling::check_scheduler(scheduler, at.member("scheduler"), report);
    }
    if let Some(priority) = &process.io_priority {
        scheduling::check_io_priority(priority, at.member("ioPriority"), report);
    }
    if let Some(affinity) = &process.exec_cpu_affinity {
        scheduling::check_affinity(affinity, at.member("execCPUAffinity"), report);
    }
}

fn check_terminal(process: &Process, at: Place<'_>, report: &mut Report) {
    // Without a terminal the size MUST be passed over, whatever it is.
    let Some(size) = process.console_size.filter(|_| process.terminal) else { return };
    for (name, value) in [("height", size.height), ("width", size.width)] {
        let fits = u16::try_from(value).is_ok();
        report.require(fits, at.member("consoleSize").member(name), "must be below 65536, as terminals have it");
    }
}

fn check_user(user: &User, at: Place<'_>, report: &mut Report) {
    // -1 is what the kernel's calls take for "leave it as it is".
    report.require(user.uid != u32::MAX, at.member("uid"), "is no id: the last one is 4294967294");
    report.require(user.gid != u32::MAX, at.member("gid"), "is no id: the last one is 4294967294");
    for (index, id) in user.additional_gids.iter().enumerate() {
        let here = at.member("additionalGids");
        report.require(*id != u32::MAX, here.item(index), "is no id: the last one is 4294967294");
    }
    if let Some(umask) = user.umask {
        report.require(umask <= 0o7777, at.member("umask"), "has bits beyond 07777");
    }
}

fn check_program(process: &Process, at: Place<'_>, report: &mut Report) {
    report.absolute(at.member("cwd"), &process.cwd);
    report.require(!process.args.is_empty(), at.member("args"), "must name a program");
    for (index, argument) in process.args.iter().enumerate() {
        let here = at.member("args");
        report.text(here.item(index), argument);
        report.require(index > 0 || !argument.is_empty(), here.item(index), "must not be empty");
    }
    for (index, variable) in process.env.iter().enumerate() {
        report.variable(at.member("env").item(index), variable);
    }
}

fn check_rlimits(limits: &[Rlimit], at: Place<'_>, report: &mut Report) {
    // One of each kind was seen; those of no kind are refused by their name.
    let mut seen = Vec::new();
    for (index, limit) in limits.iter().enumerate() {
        let here = at.item(index);
        let kind = here.member("type");
        if !RLIMITS.contains(&limit.kind.as_str()) {
            report.fail(kind, format!("is {:?}: no such limit", limit.kind));
        } else if seen.contains(&limit.kind.as_str()) {
            report.fail(kind, "is set twice");
        } else {
            seen.push(limit.kind.as_str());
        }
        report.require(limit.soft <= limit.hard, here.member("soft"), "must not be above the hard limit");
    }
}

fn check_capabilities(capabilities: &Capabilities, at: Place<'_>, report: &mut Report) {
    for (name, set) in capabilities.by_name() {
        for (index, capability) in set.iter().enumerate() {
            if let Capability::Unknown(unknown) = capability {
                let problem = format!("is {unknown:?}, which no known kernel has: it is left out");
                report.warn(at.member(name).item(index), problem);
            }
        }
    }
}
