//! The program and the hooks.

use super::report::Report;
use crate::capability::Capability;
use crate::hooks::Hooks;
use crate::process::{Process, Rlimit};

const RLIMITS: [&str; 16] = [
    "RLIMIT_AS",
    "RLIMIT_CORE",
    "RLIMIT_CPU",
    "RLIMIT_DATA",
    "RLIMIT_FSIZE",
    "RLIMIT_LOCKS",
    "RLIMIT_MEMLOCK",
    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",
    "RLIMIT_NOFILE",
    "RLIMIT_NPROC",
    "RLIMIT_RSS",
    "RLIMIT_RTPRIO",
    "RLIMIT_RTTIME",
    "RLIMIT_SIGPENDING",
    "RLIMIT_STACK",
];

pub(super) fn check(process: &Process, report: &mut Report) {
    report.absolute("process.cwd", &process.cwd);
    report.require(!process.args.is_empty(), "process.args", "must name a program");
    report.require(process.args.first().is_none_or(|name| !name.is_empty()), "process.args[0]", "must not be empty");
    for (index, argument) in process.args.iter().enumerate() {
        report.text(&format!("process.args[{index}]"), argument);
    }
    for (index, variable) in process.env.iter().enumerate() {
        let path = format!("process.env[{index}]");
        report.text(&path, variable);
        report.require(
            variable.find('=').is_some_and(|at| at > 0),
            &path,
            &format!("is {variable:?}: must be NAME=value"),
        );
    }
    for (index, limit) in process.rlimits.iter().enumerate() {
        check_rlimit(&process.rlimits[..index], limit, &format!("process.rlimits[{index}]"), report);
    }
    if let Some(score) = process.oom_score_adj {
        report.require((-1000..=1000).contains(&score), "process.oomScoreAdj", "must be from -1000 to 1000");
    }
    if let Some(umask) = process.user.umask {
        report.require(umask <= 0o7777, "process.user.umask", "has bits beyond 07777");
    }
    if let Some(sets) = &process.capabilities {
        let sets = [
            ("bounding", &sets.bounding),
            ("effective", &sets.effective),
            ("inheritable", &sets.inheritable),
            ("permitted", &sets.permitted),
            ("ambient", &sets.ambient),
        ];
        for (name, set) in sets {
            for (index, capability) in set.iter().enumerate() {
                if let Capability::Unknown(unknown) = capability {
                    let path = format!("process.capabilities.{name}[{index}]");
                    report.warn(&path, &format!("is {unknown:?}, which no known kernel has: it is left out"));
                }
            }
        }
    }
    if let Some(priority) = &process.io_priority {
        let known = ["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"].contains(&priority.class.as_str());
        report.require(
            known,
            "process.ioPriority.class",
            "must be IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE",
        );
        report.require((0..=7).contains(&priority.priority), "process.ioPriority.priority", "must be from 0 to 7");
    }
    if let Some(scheduler) = &process.scheduler {
        let known =
            ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE", "SCHED_DEADLINE"];
        report.require(
            known.contains(&scheduler.policy.as_str()),
            "process.scheduler.policy",
            "is no scheduling policy",
        );
    }
}

fn check_rlimit(before: &[Rlimit], limit: &Rlimit, path: &str, report: &mut Report) {
    report.require(
        RLIMITS.contains(&limit.kind.as_str()),
        &format!("{path}.type"),
        &format!("is {:?}: no such limit", limit.kind),
    );
    report.require(limit.soft <= limit.hard, &format!("{path}.soft"), "must not be above the hard limit");
    report.require(before.iter().all(|other| other.kind != limit.kind), &format!("{path}.type"), "is set twice");
}

pub(super) fn check_hooks(hooks: &Hooks, report: &mut Report) {
    let kinds = [
        ("prestart", &hooks.prestart),
        ("createRuntime", &hooks.create_runtime),
        ("createContainer", &hooks.create_container),
        ("startContainer", &hooks.start_container),
        ("poststart", &hooks.poststart),
        ("poststop", &hooks.poststop),
    ];
    for (kind, hooks) in kinds {
        for (index, hook) in hooks.iter().enumerate() {
            let path = format!("hooks.{kind}[{index}]");
            report.absolute(&format!("{path}.path"), &hook.path);
            report.require(
                hook.timeout.is_none_or(|seconds| seconds > 0),
                &format!("{path}.timeout"),
                "must be above 0",
            );
        }
    }
}
