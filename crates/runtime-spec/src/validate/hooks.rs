//! Hooks (config.md, POSIX-platform Hooks).

use super::report::Report;
use crate::hooks::Hooks;
use crate::place::Place;

pub(super) fn check(hooks: &Hooks, at: Place<'_>, report: &mut Report) {
    for (kind, hooks) in hooks.by_kind() {
        let at = at.member(kind);
        for (index, hook) in hooks.iter().enumerate() {
            let here = at.item(index);
            report.absolute(here.member("path"), &hook.path);
            for (index, argument) in hook.args.iter().enumerate() {
                report.text(here.member("args").item(index), argument);
            }
            for (index, variable) in hook.env.iter().enumerate() {
                report.variable(here.member("env").item(index), variable);
            }
            let positive = hook.timeout.is_none_or(|seconds| seconds > 0);
            report.require(positive, here.member("timeout"), "must be above 0");
        }
    }
}
