//! The system-call filter (config-linux.md, Seccomp).

use super::report::Report;
use crate::place::Place;
use crate::seccomp::{SECCOMP_ACTIONS, SECCOMP_ARCHITECTURES, SECCOMP_FLAGS, SECCOMP_OPERATORS, Seccomp, SeccompRule};

const NOTIFY: &str = "SCMP_ACT_NOTIFY";

pub(super) fn check(filter: &Seccomp, at: Place<'_>, report: &mut Report) {
    let default = at.member("defaultAction");
    report.one_of(default, &filter.default_action, &SECCOMP_ACTIONS);
    // Whoever should answer could not even be reached: the runtime's own calls would wait for him.
    report.require(filter.default_action != NOTIFY, default, "cannot be SCMP_ACT_NOTIFY: nothing could run at all");
    check_errno(&filter.default_action, filter.default_errno_ret, at.member("defaultErrnoRet"), report);
    for (index, architecture) in filter.architectures.iter().enumerate() {
        report.one_of(at.member("architectures").item(index), architecture, &SECCOMP_ARCHITECTURES);
    }
    for (index, flag) in filter.flags.iter().enumerate() {
        report.one_of(at.member("flags").item(index), flag, &SECCOMP_FLAGS);
    }
    for (index, rule) in filter.syscalls.iter().enumerate() {
        check_rule(rule, at.member("syscalls").item(index), report);
    }
    report.text(at.member("listenerPath"), filter.listener_path.as_deref().unwrap_or_default());
    let listens = filter.listener_path.is_some();
    let fits = listens || filter.listener_metadata.is_none();
    report.require(fits, at.member("listenerMetadata"), "must not be set without listenerPath");
    let notifies = filter.syscalls.iter().any(|rule| rule.action == NOTIFY);
    report.require(
        listens || !notifies,
        at.member("listenerPath"),
        "is needed by SCMP_ACT_NOTIFY: nobody would answer",
    );
}

fn check_rule(rule: &SeccompRule, at: Place<'_>, report: &mut Report) {
    report.require(!rule.names.is_empty(), at.member("names"), "must name at least one system call");
    for (index, name) in rule.names.iter().enumerate() {
        report.filled(at.member("names").item(index), name);
    }
    report.one_of(at.member("action"), &rule.action, &SECCOMP_ACTIONS);
    check_errno(&rule.action, rule.errno_ret, at.member("errnoRet"), report);
    for (index, argument) in rule.args.iter().enumerate() {
        let here = at.member("args");
        report.require(argument.index <= 5, here.item(index).member("index"), "must be from 0 to 5");
        report.one_of(here.item(index).member("op"), &argument.op, &SECCOMP_OPERATORS);
    }
}

fn check_errno(action: &str, errno: Option<u32>, at: Place<'_>, report: &mut Report) {
    let fits = errno.is_none() || ["SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"].contains(&action);
    report.require(fits, at, "belongs to SCMP_ACT_ERRNO and SCMP_ACT_TRACE alone");
    // The low half of a filter's answer (SECCOMP_RET_DATA).
    let sane = errno.is_none_or(|errno| u16::try_from(errno).is_ok());
    report.require(sane, at, "must be below 65536");
}
