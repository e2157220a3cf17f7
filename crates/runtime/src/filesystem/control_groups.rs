//! The control groups as a container sees them: what a mount of type `cgroup` means on v1, hybrid and v2.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

use linux::Error;
use linux::mount::MountAttributes;
use rustix::fs::CWD;
use rustix::io::Errno;

use super::attach::{attach, copy_of, new_mount};
use super::change::MountCalls;
use super::files::symlink;
use super::options::MountOptions;
use super::resolve::{Place, open_or_make};

/// A mount of type `cgroup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupMount {
    /// Where, in the container.
    pub(crate) destination: String,
    /// Its attributes.
    pub(crate) attributes: MountAttributes,
    /// The v1 hierarchies: the directory's name, the mount's options, the container's group on the host.
    pub(crate) legacy: Vec<(String, Vec<String>, PathBuf)>,
    /// The v2 hierarchy alone: the container's group on the host, or the whole hierarchy.
    pub(crate) unified: Option<PathBuf>,
    /// Whether the container has a cgroup namespace, which makes its group look like the root.
    pub(crate) namespace: bool,
}

/// Mounts them.
pub(super) fn mount(root: BorrowedFd<'_>, calls: MountCalls, mount: &GroupMount) -> Result<(), Error> {
    let target = open_or_make(root, &mount.destination, Place::Directory)?;
    if let Some(group) = &mount.unified {
        return mount_one(calls, mount, ("cgroup2", &[]), group, target.as_fd());
    }
    let base = MountAttributes::NOSUID | MountAttributes::NODEV | MountAttributes::NOEXEC;
    let tree = new_mount("tmpfs", "tmpfs", &["mode=755".to_owned()], base)?;
    attach(tree.as_fd(), target.as_fd())?;
    for (name, options, group) in &mount.legacy {
        let target = open_or_make(root, &format!("{}/{name}", mount.destination), Place::Directory)?;
        mount_one(calls, mount, ("cgroup", options), group, target.as_fd())?;
        // Programs look for each controller by its own name.
        if name.contains(',') {
            for controller in name.split(',') {
                symlink(root, &format!("{}/{controller}", mount.destination), name)?;
            }
        }
    }
    let read_only = mount.attributes & MountAttributes::RDONLY;
    calls.change(tree.as_fd(), &MountOptions { set: read_only, ..MountOptions::default() })
}

/// Mounts one hierarchy, or where that is not possible binds the container's group in it.
fn mount_one(
    calls: MountCalls,
    mount: &GroupMount,
    (kind, data): (&str, &[String]),
    group: &Path,
    target: BorrowedFd<'_>,
) -> Result<(), Error> {
    if mount.namespace {
        match new_mount(kind, "cgroup", data, mount.attributes & calls.at_making()) {
            Ok(made) => {
                let rest = mount.attributes - calls.at_making();
                attach(made.as_fd(), target)?;
                return calls.after_attaching(made.as_fd(), &MountOptions { set: rest, ..MountOptions::default() });
            }
            // In a user namespace that does not own the network namespace, or without a namespace of its own, the kernel
            // refuses a new mount: the group's directory shows the same.
            Err(error) if matches!(error.errno(), Errno::PERM | Errno::BUSY) => {}
            Err(error) => return Err(error),
        }
    }
    let bound = copy_of(CWD, group, false)?;
    let options = MountOptions { set: mount.attributes, ..MountOptions::default() };
    calls.before_attaching(bound.as_fd(), &options)?;
    attach(bound.as_fd(), target)?;
    calls.after_attaching(bound.as_fd(), &options)
}
