//! What a configuration may ask for and this release cannot do: refused with a sentence, never dropped in silence.

use runtime_spec::{NamespaceKind, Spec};

use super::PlanError;

/// Refuses the first thing that the configuration asks for and that this release cannot do.
pub(super) fn refuse_unsupported(spec: &Spec) -> Result<(), PlanError> {
    let refuse = |path: &str, what: &str| Err(PlanError::Unsupported { path: path.to_owned(), what: what.to_owned() });
    if spec.hooks.is_some() {
        return refuse("hooks", "hooks");
    }
    if let Some(process) = &spec.process {
        let asked = [
            (
                process.apparmor_profile.as_ref().is_some_and(|profile| !profile.is_empty()),
                "apparmorProfile",
                "AppArmor profiles",
            ),
            (process.selinux_label.as_ref().is_some_and(|label| !label.is_empty()), "selinuxLabel", "SELinux labels"),
            (process.scheduler.is_some(), "scheduler", "scheduling policies"),
            (process.io_priority.is_some(), "ioPriority", "I/O priorities"),
            (process.exec_cpu_affinity.is_some(), "execCPUAffinity", "processor affinities"),
        ];
        if let Some((_, field, what)) = asked.iter().find(|(asked, ..)| *asked) {
            return refuse(&format!("process.{field}"), what);
        }
    }
    let Some(linux) = &spec.linux else { return Ok(()) };
    let asked = [
        (linux.seccomp.is_some(), "seccomp", "seccomp filters"),
        (linux.mount_label.as_ref().is_some_and(|label| !label.is_empty()), "mountLabel", "SELinux labels"),
        (linux.intel_rdt.is_some(), "intelRdt", "Intel RDT"),
        (linux.memory_policy.is_some(), "memoryPolicy", "memory policies"),
        (linux.personality.is_some(), "personality", "personalities"),
        (!linux.net_devices.is_empty(), "netDevices", "moved network devices"),
        (!linux.time_offsets.is_empty(), "timeOffsets", "clock offsets"),
    ];
    if let Some((_, field, what)) = asked.iter().find(|(asked, ..)| *asked) {
        return refuse(&format!("linux.{field}"), what);
    }
    for (index, namespace) in linux.namespaces.iter().enumerate() {
        let path = format!("linux.namespaces[{index}]");
        match (namespace.kind, namespace.path.is_some()) {
            (NamespaceKind::User, true) => return refuse(&path, "joining a user namespace"),
            (NamespaceKind::Mount, true) => return refuse(&path, "joining a mount namespace"),
            (NamespaceKind::Time, _) => return refuse(&path, "time namespaces"),
            _ => {}
        }
    }
    Ok(())
}
