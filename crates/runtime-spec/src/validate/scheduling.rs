//! When and where a process runs (config.md, Linux Process; `sched(7)`).

use super::report::Report;
use crate::number_list::parse_number_list;
use crate::place::Place;
use crate::scheduling::{
    ExecCpuAffinity, IO_PRIORITY_CLASSES, IoPriority, SCHEDULER_FLAGS, SCHEDULER_POLICIES, Scheduler,
};

pub(super) fn check_scheduler(scheduler: &Scheduler, at: Place<'_>, report: &mut Report) {
    let policy = scheduler.policy.as_str();
    report.one_of(at.member("policy"), policy, &SCHEDULER_POLICIES);
    for (index, flag) in scheduler.flags.iter().enumerate() {
        report.one_of(at.member("flags").item(index), flag, &SCHEDULER_FLAGS);
    }
    let nice = scheduler.nice.unwrap_or(0);
    report.require((-20..=19).contains(&nice), at.member("nice"), "must be from -20 to 19");
    let priority = scheduler.priority.unwrap_or(0);
    if ["SCHED_FIFO", "SCHED_RR"].contains(&policy) {
        report.require((1..=99).contains(&priority), at.member("priority"), "must be from 1 to 99 with this policy");
    } else {
        report.require(priority == 0, at.member("priority"), "belongs to SCHED_FIFO and SCHED_RR alone");
    }
    let times = [("runtime", scheduler.runtime), ("deadline", scheduler.deadline), ("period", scheduler.period)];
    for (name, time) in times {
        let fits = policy == "SCHED_DEADLINE" || time.unwrap_or(0) == 0;
        report.require(fits, at.member(name), "belongs to SCHED_DEADLINE alone");
    }
}

pub(super) fn check_io_priority(priority: &IoPriority, at: Place<'_>, report: &mut Report) {
    report.one_of(at.member("class"), &priority.class, &IO_PRIORITY_CLASSES);
    report.require((0..=7).contains(&priority.priority), at.member("priority"), "must be from 0 to 7");
}

pub(super) fn check_affinity(affinity: &ExecCpuAffinity, at: Place<'_>, report: &mut Report) {
    for (name, list) in [("initial", &affinity.initial), ("final", &affinity.r#final)] {
        let sane = list.as_deref().is_none_or(|list| parse_number_list(list).is_some());
        report.require(sane, at.member(name), "must be a list of processors such as 0-3,7");
    }
}
