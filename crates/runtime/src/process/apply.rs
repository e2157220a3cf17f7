//! How each operation applies itself, reads, and is named.

use std::ffi::CString;
use std::fmt;

use linux::{Error, Named as _};
use runtime_spec::Capability;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Gid, Resource, Rlimit, Uid};
use rustix::thread::{CapabilitySet, CapabilitySets};
use steps::{Operation, Script};

use super::operation::ProcessOperation;
use super::show;

impl Operation for ProcessOperation {
    type Context = ();
    type Error = Error;

    fn apply(&self, _context: &mut ()) -> Result<(), Error> {
        match self {
            Self::NewSession => {
                rustix::process::setsid().named(|| "setsid()".to_owned())?;
                Ok(())
            }
            Self::SessionKeyring { name } => {
                let name = CString::new(name.as_str()).unwrap_or_default();
                match linux::process::join_session_keyring(&name) {
                    // A kernel without keys has none that could be shared.
                    Err(error) if error.errno() == Errno::NOSYS => Ok(()),
                    other => other,
                }
            }
            Self::LoopbackUp => linux::loopback::bring_up(),
            Self::HostName(name) => {
                rustix::system::sethostname(name.as_bytes()).named(|| format!("sethostname({name:?})"))
            }
            Self::DomainName(name) => {
                rustix::system::setdomainname(name.as_bytes()).named(|| format!("setdomainname({name:?})"))
            }
            Self::Sysctl { key, value } => write_proc(&format!("/proc/sys/{}", key.replace('.', "/")), value),
            Self::OomScore(value) => write_proc("/proc/self/oom_score_adj", &value.to_string()),
            Self::ResourceLimit { name, soft, hard } => {
                let call = || format!("setrlimit({name}, soft {soft}, hard {hard})");
                let resource = resource(name).ok_or_else(|| Error::new(call(), Errno::INVAL))?;
                let finite = |value: u64| (value != u64::MAX).then_some(value);
                rustix::process::setrlimit(resource, Rlimit { current: finite(*soft), maximum: finite(*hard) })
                    .named(call)
            }
            Self::Umask(mask) => {
                rustix::process::umask(Mode::from_raw_mode(*mask));
                Ok(())
            }
            Self::BoundingSet { keep, last } => each_missing(*keep, *last, |capability| {
                rustix::thread::remove_capability_from_bounding_set(capability)
                    .named(|| format!("prctl(PR_CAPBSET_DROP, {capability:?})"))
            }),
            Self::KeepCapabilities => {
                rustix::thread::set_keep_capabilities(true).named(|| "prctl(PR_SET_KEEPCAPS, 1)".to_owned())
            }
            Self::Groups(groups) => {
                let groups: Vec<_> = groups.iter().map(|group| Gid::from_raw(*group)).collect();
                rustix::thread::set_thread_groups(&groups).named(|| format!("setgroups({groups:?})"))
            }
            Self::GroupId(id) => {
                let group = Gid::from_raw(*id);
                rustix::thread::set_thread_res_gid(group, group, group).named(|| format!("setresgid({id}, {id}, {id})"))
            }
            Self::UserId(id) => {
                let user = Uid::from_raw(*id);
                rustix::thread::set_thread_res_uid(user, user, user).named(|| format!("setresuid({id}, {id}, {id})"))
            }
            Self::Capabilities { effective, permitted, inheritable } => {
                let set = CapabilitySet::from_bits_retain;
                let sets = CapabilitySets {
                    effective: set(*effective),
                    permitted: set(*permitted),
                    inheritable: set(*inheritable),
                };
                rustix::thread::set_capabilities(None, sets).named(|| {
                    format!("capset(effective {effective:#x}, permitted {permitted:#x}, inheritable {inheritable:#x})")
                })
            }
            Self::AmbientSet { keep, last } => {
                rustix::thread::clear_ambient_capability_set()
                    .named(|| "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)".to_owned())?;
                each_missing(!*keep, *last, |capability| {
                    rustix::thread::configure_capability_in_ambient_set(capability, true)
                        .named(|| format!("prctl(PR_CAP_AMBIENT_RAISE, {capability:?})"))
                })
            }
            Self::NoNewPrivileges => {
                rustix::thread::set_no_new_privs(true).named(|| "prctl(PR_SET_NO_NEW_PRIVS, 1)".to_owned())
            }
            Self::WorkingDirectory(path) => change_directory(path),
            Self::CloseDescriptors { first } => linux::process::close_on_execute_from(*first),
            Self::CloseListedDescriptors { first } => linux::descriptors::close_on_execute_listed(*first),
        }
    }

    fn show(&self, script: &mut Script) {
        show::show(self, script);
    }
}

impl fmt::Display for ProcessOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewSession => f.write_str("begin a session"),
            Self::SessionKeyring { name } => write!(f, "join the new session keyring {name}"),
            Self::LoopbackUp => f.write_str("bring the loopback link up"),
            Self::HostName(name) => write!(f, "set the host name to {name}"),
            Self::DomainName(name) => write!(f, "set the domain name to {name}"),
            Self::Sysctl { key, value } => write!(f, "set {key} to {value}"),
            Self::OomScore(value) => write!(f, "set the out-of-memory score to {value}"),
            Self::ResourceLimit { name, soft, hard } => write!(f, "set {name} to {soft}, at most {hard}"),
            Self::Umask(mask) => write!(f, "set the umask to {mask:04o}"),
            Self::BoundingSet { keep, .. } => {
                write!(f, "limit the capabilities that can ever be had to {}", capability_names(*keep))
            }
            Self::KeepCapabilities => f.write_str("keep capabilities over the change of ids"),
            Self::Groups(groups) => write!(f, "set the additional groups {groups:?}"),
            Self::GroupId(id) => write!(f, "become group {id}"),
            Self::UserId(id) => write!(f, "become user {id}"),
            Self::Capabilities { effective, permitted, inheritable } => write!(
                f,
                "set the capabilities (effective {}; permitted {}; inheritable {})",
                capability_names(*effective),
                capability_names(*permitted),
                capability_names(*inheritable)
            ),
            Self::AmbientSet { keep, .. } => write!(f, "set the ambient capabilities to {}", capability_names(*keep)),
            Self::NoNewPrivileges => f.write_str("set no_new_privs"),
            Self::WorkingDirectory(path) => write!(f, "change to the working directory {path}"),
            Self::CloseDescriptors { first } => write!(f, "close descriptors from {first} on"),
            Self::CloseListedDescriptors { first } => write!(f, "close the descriptors from {first} on that are open"),
        }
    }
}

fn capability_names(mask: u64) -> String {
    let numbers = (0..64_u8).filter(|number| mask & (1 << number) != 0);
    let names: Vec<_> = numbers.map(|number| Capability::Known(number).to_string()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// Does something for each capability that is not in the mask.
fn each_missing(mask: u64, last: u32, act: impl Fn(CapabilitySet) -> Result<(), Error>) -> Result<(), Error> {
    (0..=last.min(63))
        .map(|number| 1 << number)
        .filter(|bit| mask & bit == 0)
        .try_for_each(|bit| act(CapabilitySet::from_bits_retain(bit)))
}

/// Writes a file of `/proc`, and only of `/proc`: what is bound over such a file would take the value without effect
/// (CVE-2019-16884, CVE-2025-52881).
fn write_proc(path: &str, value: &str) -> Result<(), Error> {
    let call = || format!("write({path:?}, {value:?})");
    let file =
        rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty()).named(call)?;
    if rustix::fs::fstatfs(&file).named(call)?.f_type != rustix::fs::PROC_SUPER_MAGIC {
        return Err(Error::new(format!("{path} is not a file of procfs"), Errno::PERM));
    }
    rustix::io::write(&file, value.as_bytes()).named(call)?;
    Ok(())
}

/// Changes the directory, and makes sure that it lies inside the root (CVE-2024-21626).
fn change_directory(path: &str) -> Result<(), Error> {
    rustix::process::chdir(path).named(|| format!("chdir({path:?})"))?;
    let reached = rustix::process::getcwd(Vec::new()).named(|| "getcwd()".to_owned())?;
    // The kernel marks a directory outside of the root with `(unreachable)` (getcwd(2)).
    if reached.to_bytes().starts_with(b"/") {
        return Ok(());
    }
    Err(Error::new(format!("chdir({path:?}) leads out of the container's root"), Errno::PERM))
}

fn resource(name: &str) -> Option<Resource> {
    Some(match name {
        "RLIMIT_AS" => Resource::As,
        "RLIMIT_CORE" => Resource::Core,
        "RLIMIT_CPU" => Resource::Cpu,
        "RLIMIT_DATA" => Resource::Data,
        "RLIMIT_FSIZE" => Resource::Fsize,
        "RLIMIT_LOCKS" => Resource::Locks,
        "RLIMIT_MEMLOCK" => Resource::Memlock,
        "RLIMIT_MSGQUEUE" => Resource::Msgqueue,
        "RLIMIT_NICE" => Resource::Nice,
        "RLIMIT_NOFILE" => Resource::Nofile,
        "RLIMIT_NPROC" => Resource::Nproc,
        "RLIMIT_RSS" => Resource::Rss,
        "RLIMIT_RTPRIO" => Resource::Rtprio,
        "RLIMIT_RTTIME" => Resource::Rttime,
        "RLIMIT_SIGPENDING" => Resource::Sigpending,
        "RLIMIT_STACK" => Resource::Stack,
        _ => return None,
    })
}
