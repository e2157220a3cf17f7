//! What a configuration may ask for and this release cannot do: refused with a sentence, never dropped in silence. Mounts that
//! cannot be made are refused by the plan of the file systems.

use runtime_spec::{Linux, NamespaceKind, Process, Spec};

use super::error::PlanError;

/// Refuses the first thing that the configuration asks for and that this release cannot do.
pub(super) fn refuse_unsupported(spec: &Spec) -> Result<(), PlanError> {
    // Generators write an object without hooks too.
    let hooks = spec.hooks.iter().flat_map(runtime_spec::Hooks::by_kind);
    if let Some((kind, _)) = hooks.into_iter().find(|(_, hooks)| !hooks.is_empty()) {
        return refuse(format!("hooks.{kind}"), "hooks");
    }
    let sections = [
        ("solaris", spec.solaris.is_some(), "containers of Solaris"),
        ("windows", spec.windows.is_some(), "containers of Windows"),
        ("vm", spec.vm.is_some(), "containers in virtual machines"),
        ("zos", spec.zos.is_some(), "containers of z/OS"),
        ("freebsd", spec.freebsd.is_some(), "containers of FreeBSD"),
    ];
    refuse_first("", &sections)?;
    if let Some(process) = &spec.process {
        refuse_of_process(process)?;
    }
    spec.linux.as_ref().map_or(Ok(()), refuse_of_linux)
}

fn refuse_of_process(process: &Process) -> Result<(), PlanError> {
    let asked = [
        ("apparmorProfile", process.apparmor_profile.is_some(), "AppArmor profiles"),
        ("selinuxLabel", process.selinux_label.is_some(), "SELinux labels"),
        ("scheduler", process.scheduler.is_some(), "scheduling policies"),
        ("ioPriority", process.io_priority.is_some(), "I/O priorities"),
        ("execCPUAffinity", process.exec_cpu_affinity.is_some(), "processor affinities"),
    ];
    refuse_first("process.", &asked)
}

fn refuse_of_linux(linux: &Linux) -> Result<(), PlanError> {
    let asked = [
        ("seccomp", linux.seccomp.is_some(), "seccomp filters"),
        ("mountLabel", linux.mount_label.is_some(), "SELinux labels"),
        ("intelRdt", linux.intel_rdt.is_some(), "shares of cache and memory bandwidth (Intel RDT)"),
        ("memoryPolicy", linux.memory_policy.is_some(), "memory policies"),
        ("personality", linux.personality.is_some(), "personalities"),
        ("netDevices", !linux.net_devices.is_empty(), "network devices that move in"),
        ("timeOffsets", !linux.time_offsets.is_empty(), "clock offsets"),
    ];
    refuse_first("linux.", &asked)?;
    for (index, namespace) in linux.namespaces.iter().enumerate() {
        let path = format!("linux.namespaces[{index}]");
        match (namespace.kind, namespace.path.is_some()) {
            (NamespaceKind::User, true) => return refuse(path, "joining a user namespace"),
            (NamespaceKind::Mount, true) => return refuse(path, "joining a mount namespace"),
            (NamespaceKind::Time, _) => return refuse(path, "time namespaces"),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses the first that is asked for of some members of the object at that path.
fn refuse_first(object: &str, members: &[(&str, bool, &str)]) -> Result<(), PlanError> {
    let first = members.iter().find(|(_, asked, _)| *asked);
    first.map_or(Ok(()), |(member, _, what)| refuse(format!("{object}{member}"), what))
}

fn refuse(path: String, what: &str) -> Result<(), PlanError> {
    Err(PlanError::Unsupported { path, what: what.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `None` for a configuration that is not refused.
    fn check(members: &str, expected: Option<&str>) {
        let comma = if members.is_empty() { "" } else { "," };
        let spec = Spec::parse(format!(r#"{{"ociVersion":"1.3.0"{comma}{members}}}"#).as_bytes()).unwrap();
        let refused = refuse_unsupported(&spec).err().map(|error| error.to_string());
        let expected = expected.map(|expected| {
            let (path, what) = expected.split_once(": ").unwrap();
            format!("{path}: this release of holm does not support {what}")
        });
        assert_eq!(refused, expected, "{members}");
    }

    #[test]
    fn what_is_not_done_is_refused() {
        check("", None);
        check(r#""hooks":{}"#, None);
        check(r#""hooks":{"poststart":[]},"linux":{"netDevices":{},"mountLabel":""}"#, None);
        check(r#""hooks":{"poststop":[{"path":"/a"}]}"#, Some("hooks.poststop: hooks"));
        check(r#""solaris":{}"#, Some("solaris: containers of Solaris"));
        check(r#""windows":{}"#, Some("windows: containers of Windows"));
        check(r#""vm":{}"#, Some("vm: containers in virtual machines"));
        check(r#""zos":{}"#, Some("zos: containers of z/OS"));
        check(r#""freebsd":{}"#, Some("freebsd: containers of FreeBSD"));
    }

    #[test]
    fn of_the_process() {
        let check = |member: &str, expected| check(&format!(r#""process":{{"cwd":"/",{member}}}"#), expected);
        check(r#""apparmorProfile":"","selinuxLabel":"""#, None);
        check(r#""apparmorProfile":"a""#, Some("process.apparmorProfile: AppArmor profiles"));
        check(r#""selinuxLabel":"a""#, Some("process.selinuxLabel: SELinux labels"));
        check(r#""scheduler":{"policy":"SCHED_OTHER"}"#, Some("process.scheduler: scheduling policies"));
        check(r#""ioPriority":{"class":"IOPRIO_CLASS_BE","priority":0}"#, Some("process.ioPriority: I/O priorities"));
        check(r#""execCPUAffinity":{"initial":"0"}"#, Some("process.execCPUAffinity: processor affinities"));
    }

    #[test]
    fn of_linux() {
        let check = |member: &str, expected| check(&format!(r#""linux":{{{member}}}"#), expected);
        check(r#""namespaces":[{"type":"user"},{"type":"mount","path":""},{"type":"network","path":"/n"}]"#, None);
        check(r#""seccomp":{"defaultAction":"SCMP_ACT_ALLOW"}"#, Some("linux.seccomp: seccomp filters"));
        check(r#""mountLabel":"a""#, Some("linux.mountLabel: SELinux labels"));
        check(r#""intelRdt":{}"#, Some("linux.intelRdt: shares of cache and memory bandwidth (Intel RDT)"));
        check(r#""memoryPolicy":{"mode":"MPOL_LOCAL"}"#, Some("linux.memoryPolicy: memory policies"));
        check(r#""personality":{"domain":"LINUX"}"#, Some("linux.personality: personalities"));
        check(r#""netDevices":{"eth0":{}}"#, Some("linux.netDevices: network devices that move in"));
        check(r#""timeOffsets":{"monotonic":{"secs":1}}"#, Some("linux.timeOffsets: clock offsets"));
        check(r#""namespaces":[{"type":"time"}]"#, Some("linux.namespaces[0]: time namespaces"));
        check(
            r#""namespaces":[{"type":"pid"},{"type":"user","path":"/u"}]"#,
            Some("linux.namespaces[1]: joining a user namespace"),
        );
        check(r#""namespaces":[{"type":"mount","path":"/m"}]"#, Some("linux.namespaces[0]: joining a mount namespace"));
    }
}
