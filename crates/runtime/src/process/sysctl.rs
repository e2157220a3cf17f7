//! Which kernel parameters belong to a container's own namespaces (`namespaces(7)`).

use super::error::ProcessError;

/// Which namespaces a container does not share with the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OwnNamespaces {
    pub(super) ipc: bool,
    pub(super) network: bool,
    pub(super) uts: bool,
}

const OF_IPC: [&str; 9] = [
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
    "kernel.auto_msgmni",
];

/// Refuses a parameter of the host's.
pub(super) fn check(key: &str, own: OwnNamespaces) -> Result<(), ProcessError> {
    let refuse = |problem: &str| Err(ProcessError::Sysctl { key: key.to_owned(), problem: problem.to_owned() });
    if key.split(['.', '/']).any(|part| part.is_empty() || part == "..") {
        return refuse("is no name of a parameter");
    }
    let of_ipc = OF_IPC.contains(&key) || key.starts_with("fs.mqueue.");
    match key {
        _ if of_ipc && own.ipc => Ok(()),
        _ if of_ipc => refuse("is the host's own: it needs an IPC namespace"),
        _ if key.starts_with("net.") && own.network => Ok(()),
        _ if key.starts_with("net.") => refuse("is the host's own: it needs a network namespace"),
        "kernel.domainname" if own.uts => Ok(()),
        "kernel.domainname" => refuse("is the host's own: it needs a UTS namespace"),
        "kernel.hostname" => refuse("is what the field `hostname` sets: use that"),
        _ => refuse("belongs to no namespace: setting it would change the whole host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_parameters_may_be_set() {
        let all = OwnNamespaces { ipc: true, network: true, uts: true };
        let none = OwnNamespaces { ipc: false, network: false, uts: false };
        for (key, with_all) in [
            ("net.ipv4.ip_forward", true),
            ("kernel.shmmax", true),
            ("fs.mqueue.msg_max", true),
            ("kernel.domainname", true),
            ("kernel.hostname", false),
            ("vm.swappiness", false),
            ("net...evil", false),
            ("net/../kernel/core_pattern", false),
            ("", false),
        ] {
            assert_eq!(check(key, all).is_ok(), with_all, "{key}");
            assert!(check(key, none).is_err(), "{key}");
        }
    }
}
