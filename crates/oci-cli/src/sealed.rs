//! This program seen over a mount that nobody can write through.
//!
//! A container that shares its pid namespace with others lets them see init at `/proc/PID/exe` while that is still the host's
//! `holm-oci`: whoever opens it could write into it once it has ended (CVE-2019-5736). Executed again over a detached read-only copy
//! of its mount, the link leads nowhere else. That costs a quarter of a millisecond; a container with a pid namespace of its own
//! has nobody in it who could look, and one with a user namespace has no right over the file.

use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use linux::mount::{MountAttributes, MountChange, set_attributes};
use linux::{Error, Named as _};
use runtime_spec::{NamespaceKind, Spec};
use rustix::fs::{CWD, StatVfsMountFlags};
use rustix::io::Errno;
use rustix::mount::OpenTreeFlags;

use crate::failure::Failure;

/// Executes this program again where the container could reach it; comes back when it is out of reach.
pub(crate) fn seal(spec: &Spec) -> Result<(), Failure> {
    if !rustix::process::geteuid().is_root() || !shares_processes(spec) || is_read_only() {
        return Ok(());
    }
    match execute_sealed() {
        // Kernels before 5.12 cannot make a detached mount read-only: the check of the program itself is all there is.
        Err(error) if error.errno() == Errno::NOSYS => Ok(()),
        Err(error) => Err(Failure::new(format!("could not make holm-oci unwritable for the container: {error}"))),
        Ok(()) => Ok(()),
    }
}

fn shares_processes(spec: &Spec) -> bool {
    let namespaces = spec.linux.iter().flat_map(|linux| &linux.namespaces);
    let own = |kind| namespaces.clone().any(|namespace| namespace.kind == kind && namespace.path.is_none());
    !own(NamespaceKind::Pid) && !own(NamespaceKind::User)
}

const OWN: &str = "/proc/self/exe";

/// Whether that is done already, or the program is installed so.
fn is_read_only() -> bool {
    rustix::fs::statvfs(OWN).is_ok_and(|status| status.f_flag.contains(StatVfsMountFlags::RDONLY))
}

fn execute_sealed() -> Result<(), Error> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let mount = rustix::mount::open_tree(CWD, OWN, flags).named(|| format!("open_tree({OWN:?}, OPEN_TREE_CLONE)"))?;
    let read_only = MountChange { set: MountAttributes::RDONLY, ..MountChange::default() };
    set_attributes(mount.as_fd(), c"", &read_only)?;
    let path = format!("/proc/self/fd/{}", mount.as_raw_fd());
    let mut arguments = std::env::args_os();
    let mut command = Command::new(&path);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    let error = command.args(arguments).exec();
    Err(Error::new(format!("execve({path:?})"), Errno::from_io_error(&error).unwrap_or(Errno::IO)))
}
