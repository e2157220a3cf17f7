//! From the configuration to the operations of the process on itself. Pure.

use namespaces::IdMaps;
use runtime_spec::{Capability, NamespaceKind, Process, Spec};
use steps::Step;

use super::error::ProcessError;
use super::operation::ProcessOperation;
use super::sysctl::{OwnNamespaces, check};
use crate::kernel::{KernelFeature, KernelVersion};

/// What the plans of this module depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessInput<'a> {
    /// The configuration.
    pub spec: &'a Spec,
    /// The container's id, which names its keyring.
    pub id: &'a str,
    /// Whether the caller's keyring is kept.
    pub no_new_keyring: bool,
    /// How many descriptors from 3 on are inherited.
    pub preserve_descriptors: u32,
    /// The capabilities that this process has.
    pub own_capabilities: u64,
    /// The last capability that the kernel knows.
    pub last_capability: u32,
    /// The host's kernel.
    pub kernel: KernelVersion,
    /// The ids of a new user namespace.
    pub id_maps: Option<&'a IdMaps>,
    /// Whether the kernel forbids additional groups in it.
    pub groups_denied: bool,
}

type Steps = Vec<Step<ProcessOperation>>;

/// What must be done while the host's `/proc` is still in reach.
///
/// # Errors
/// A parameter that is not the container's own.
pub(crate) fn plan_before_root(input: &ProcessInput<'_>) -> Result<Steps, ProcessError> {
    let spec = input.spec;
    let mut steps =
        vec![Step::new(ProcessOperation::NewSession, "signals of the caller's terminal must not reach the container")];
    if !input.no_new_keyring {
        let name = format!("_ses.{}", input.id);
        steps.push(Step::new(
            ProcessOperation::SessionKeyring { name },
            "keys belong to no namespace: the caller's must not be seen",
        ));
    }
    let why = "in the new UTS namespace";
    if let Some(name) = spec.hostname.as_ref().filter(|name| !name.is_empty()) {
        steps.push(Step::new(ProcessOperation::HostName(name.clone()), why));
    }
    if let Some(name) = spec.domainname.as_ref().filter(|name| !name.is_empty()) {
        steps.push(Step::new(ProcessOperation::DomainName(name.clone()), why));
    }
    if let Some(linux) = &spec.linux {
        let network = linux.namespaces.iter().find(|namespace| namespace.kind == NamespaceKind::Network);
        if network.is_some_and(|network| network.path.is_none()) {
            steps.push(Step::new(ProcessOperation::LoopbackUp, "in the new network namespace, whose one link is down"));
        }
        let has = |kind| linux.namespaces.iter().any(|namespace| namespace.kind == kind);
        let own = OwnNamespaces {
            ipc: has(NamespaceKind::Ipc),
            network: has(NamespaceKind::Network),
            uts: has(NamespaceKind::Uts),
        };
        for (key, value) in &linux.sysctl {
            check(key, own)?;
            let operation = ProcessOperation::Sysctl { key: key.clone(), value: value.clone() };
            steps.push(Step::new(operation, "through the host's /proc, which nothing in the image can have covered"));
        }
    }
    // In a user namespace only the parent may lower the score.
    if let Some(score) =
        spec.process.as_ref().and_then(|process| process.oom_score_adj).filter(|_| input.id_maps.is_none())
    {
        steps.push(Step::new(ProcessOperation::OomScore(score), "while /proc is the host's own"));
    }
    if !input.kernel.has(KernelFeature::MarkedDescriptors) {
        steps.push(Step::new(
            ProcessOperation::CloseListedDescriptors { first: first_closed(input) },
            "while /proc is the host's own; whatever is opened later is closed by an execution from its beginning",
        ));
    }
    Ok(steps)
}

/// What is done inside the new root, ending with the rights that the program has; adds to the warnings the capabilities that are
/// not to be had.
///
/// # Errors
/// An id or a capability that is not to be had.
pub(crate) fn plan_after_root(input: &ProcessInput<'_>, warnings: &mut Vec<String>) -> Result<Steps, ProcessError> {
    let process = input.spec.process.as_ref().ok_or(ProcessError::NoProcess)?;
    check_ids(process, input)?;
    let mut steps = Vec::new();
    for limit in &process.rlimits {
        let operation =
            ProcessOperation::ResourceLimit { name: limit.kind.clone(), soft: limit.soft, hard: limit.hard };
        steps.push(Step::new(operation, "a ceiling can only be raised with the rights that are given up below"));
    }
    let sets = Sets::of(process, input.last_capability, warnings);
    // A new user namespace begins with all capabilities of its own.
    if input.id_maps.is_none() {
        refuse_missing(&sets, input)?;
    }
    let last = input.last_capability;
    steps.push(Step::new(
        ProcessOperation::BoundingSet { keep: sets.bounding, last },
        "before the ids change: it needs CAP_SETPCAP",
    ));
    if process.user.uid != 0 {
        steps.push(Step::new(ProcessOperation::KeepCapabilities, "leaving id 0 would clear what is set below"));
    }
    if !input.groups_denied {
        steps.push(Step::new(
            ProcessOperation::Groups(process.user.additional_gids.clone()),
            "groups before the user: it needs the rights that the user's id decides about",
        ));
    }
    steps
        .push(Step::new(ProcessOperation::GroupId(process.user.gid), "the group before the user, for the same reason"));
    steps.push(Step::new(ProcessOperation::UserId(process.user.uid), "the last change that needs id 0"));
    steps.push(Step::new(
        ProcessOperation::WorkingDirectory(process.cwd.clone()),
        "as the program's user, who must be able to reach it",
    ));
    steps.push(Step::new(
        ProcessOperation::Capabilities {
            effective: sets.effective,
            permitted: sets.permitted,
            inheritable: sets.inheritable,
        },
        "after the ids, whose change would have cleared the effective set",
    ));
    steps.push(Step::new(
        ProcessOperation::AmbientSet { keep: sets.ambient, last },
        "ambient capabilities must be permitted and inheritable already",
    ));
    if process.no_new_privileges {
        steps.push(Step::new(ProcessOperation::NoNewPrivileges, "nothing above needs a program that gains rights"));
    }
    steps.push(Step::new(
        ProcessOperation::Umask(process.user.umask.unwrap_or(0o022)),
        "set-up is done: until here modes had to be exact",
    ));
    if input.kernel.has(KernelFeature::MarkedDescriptors) {
        steps.push(Step::new(
            ProcessOperation::CloseDescriptors { first: first_closed(input) },
            "the last step: no descriptor of the host's may reach the program (CVE-2024-21626)",
        ));
    }
    Ok(steps)
}

/// The first descriptor that the program does not inherit.
fn first_closed(input: &ProcessInput<'_>) -> u32 {
    input.preserve_descriptors.saturating_add(3)
}

fn check_ids(process: &Process, input: &ProcessInput<'_>) -> Result<(), ProcessError> {
    let Some(maps) = input.id_maps else { return Ok(()) };
    let check = |path, maps: &[_], id| IdMaps::outside(maps, id).map(drop).ok_or(ProcessError::UnmappedId { path, id });
    check("process.user.uid", &maps.users, process.user.uid)?;
    check("process.user.gid", &maps.groups, process.user.gid)?;
    if input.groups_denied && !process.user.additional_gids.is_empty() {
        return Err(ProcessError::NoGroups);
    }
    process.user.additional_gids.iter().try_for_each(|id| check("process.user.additionalGids", &maps.groups, *id))
}

/// The five sets as masks.
struct Sets {
    bounding: u64,
    effective: u64,
    permitted: u64,
    inheritable: u64,
    ambient: u64,
}

impl Sets {
    /// Those that the kernel knows: the specification says to pass over the others with a warning.
    fn of(process: &Process, last: u32, warnings: &mut Vec<String>) -> Self {
        // A configuration without capabilities gives none, as in runc.
        let sets = process.capabilities.clone().unwrap_or_default();
        let mut mask = |name: &str, capabilities: &[Capability]| {
            let all = mask(capabilities);
            let known = u64::MAX >> (63 - last.min(63));
            for capability in named(all & !known) {
                warnings.push(format!("process.capabilities.{name}: this kernel does not know {capability}"));
            }
            all & known
        };
        let mut found = Self {
            bounding: mask("bounding", &sets.bounding),
            effective: mask("effective", &sets.effective),
            permitted: mask("permitted", &sets.permitted),
            inheritable: mask("inheritable", &sets.inheritable),
            ambient: mask("ambient", &sets.ambient),
        };
        let possible = found.permitted & found.inheritable;
        for capability in named(found.ambient & !possible) {
            warnings.push(format!(
                "process.capabilities.ambient: {capability} is not to be had: it must be permitted and inheritable too"
            ));
        }
        found.ambient &= possible;
        found
    }
}

fn mask(capabilities: &[Capability]) -> u64 {
    // The kernel's sets have 64 places.
    let numbers = capabilities.iter().filter_map(Capability::number).filter(|number| *number < 64);
    numbers.fold(0, |mask, number| mask | 1 << number)
}

fn named(mask: u64) -> impl Iterator<Item = Capability> {
    (0..64).filter(move |number| mask & (1 << number) != 0).map(Capability::Known)
}

fn refuse_missing(sets: &Sets, input: &ProcessInput<'_>) -> Result<(), ProcessError> {
    let wanted = sets.effective | sets.permitted | sets.inheritable | sets.ambient;
    let missing = wanted & !input.own_capabilities;
    if missing == 0 {
        return Ok(());
    }
    let capability = named(missing).next().map(|capability| capability.to_string()).unwrap_or_default();
    Err(ProcessError::NoCapability { capability })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Spec {
        Spec::parse(text.as_bytes()).unwrap()
    }

    fn input(spec: &Spec) -> ProcessInput<'_> {
        ProcessInput {
            spec,
            id: "web",
            no_new_keyring: false,
            preserve_descriptors: 0,
            own_capabilities: 0x1ff_feff_ffff,
            last_capability: 40,
            kernel: KernelVersion { major: 6, minor: 12 },
            id_maps: None,
            groups_denied: false,
        }
    }

    #[test]
    fn a_capability_that_is_not_to_be_had_is_named() {
        let spec = spec(
            r#"{"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"cwd":"/","args":["sh"],
                "capabilities":{"permitted":["CAP_KILL","CAP_SYS_RESOURCE","CAP_NOT_KNOWN"]}}}"#,
        );
        let error = plan_after_root(&input(&spec), &mut Vec::new()).unwrap_err();
        assert_eq!(error, ProcessError::NoCapability { capability: "CAP_SYS_RESOURCE".to_owned() });
    }

    #[test]
    fn capabilities_that_cannot_be_are_left_out_with_a_warning() {
        let spec = spec(
            r#"{"ociVersion":"1.0.2","process":{"user":{"uid":0,"gid":0},"cwd":"/","args":["sh"],
                "capabilities":{"bounding":["CAP_KILL","CAP_BPF"],"ambient":["CAP_KILL","CAP_CHOWN"],
                "permitted":["CAP_KILL","CAP_CHOWN"],"inheritable":["CAP_KILL"]}}}"#,
        );
        let mut warnings = Vec::new();
        let steps = plan_after_root(&ProcessInput { last_capability: 38, ..input(&spec) }, &mut warnings).unwrap();
        assert!(warnings[0].contains("bounding") && warnings[0].contains("CAP_BPF"), "{warnings:?}");
        assert!(warnings[1].contains("ambient") && warnings[1].contains("CAP_CHOWN"), "{warnings:?}");
        let ambient = ProcessOperation::AmbientSet { keep: 1 << 5, last: 38 };
        assert!(warnings.len() == 2 && steps.iter().any(|step| step.operation == ambient), "{steps:?}");
    }

    #[test]
    fn ids_must_be_mapped() {
        let spec = spec(r#"{"ociVersion":"1.0.2","process":{"user":{"uid":7,"gid":0},"cwd":"/","args":["sh"]}}"#);
        let maps = IdMaps::range(1000, 1);
        let error =
            plan_after_root(&ProcessInput { id_maps: Some(&maps), ..input(&spec) }, &mut Vec::new()).unwrap_err();
        assert_eq!(error, ProcessError::UnmappedId { path: "process.user.uid", id: 7 });
    }
}
