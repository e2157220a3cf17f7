//! The control groups as a container sees them: what a mount of type `cgroup` means on v1, hybrid and v2.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

use linux::Error;
use linux::mount::{MountAttributes, MountChange, set_attributes};
use rustix::fs::CWD;
use rustix::io::Errno;

use super::attach::{attach, copy_of, new_mount};
use super::files::symlink;
use super::resolve::{Place, open_or_make};

/// A mount of type `cgroup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMount {
    /// Where, in the container.
    pub destination: String,
    /// Its attributes.
    pub attributes: MountAttributes,
    /// The v1 hierarchies: the directory's name, the mount's options, the container's group on the host.
    pub legacy: Vec<(String, Vec<String>, PathBuf)>,
    /// The v2 hierarchy alone: the container's group on the host, or the whole hierarchy.
    pub unified: Option<PathBuf>,
    /// Whether the container has a cgroup namespace, which makes its group look like the root.
    pub namespace: bool,
}

/// Mounts them.
pub(super) fn mount(root: BorrowedFd<'_>, mount: &GroupMount) -> Result<(), Error> {
    let target = open_or_make(root, &mount.destination, Place::Directory)?;
    if let Some(group) = &mount.unified {
        let made = if mount.namespace {
            match new_mount("cgroup2", "cgroup", &[], mount.attributes) {
                // In a user namespace that does not own the network namespace, or without a namespace of its own, the kernel
                // refuses a new mount: the group's directory shows the same.
                Err(error) if matches!(error.errno(), Errno::PERM | Errno::BUSY) => bound(group, mount.attributes)?,
                other => other?,
            }
        } else {
            bound(group, mount.attributes)?
        };
        return attach(made.as_fd(), target.as_fd());
    }
    let base = MountAttributes::NOSUID | MountAttributes::NODEV | MountAttributes::NOEXEC;
    let tree = new_mount("tmpfs", "tmpfs", &["mode=755".to_owned()], base)?;
    attach(tree.as_fd(), target.as_fd())?;
    for (name, options, group) in &mount.legacy {
        let path = format!("{}/{name}", mount.destination);
        let made = if mount.namespace {
            match new_mount("cgroup", "cgroup", options, mount.attributes) {
                Err(error) if matches!(error.errno(), Errno::PERM | Errno::BUSY) => bound(group, mount.attributes)?,
                other => other?,
            }
        } else {
            bound(group, mount.attributes)?
        };
        let target = open_or_make(root, &path, Place::Directory)?;
        attach(made.as_fd(), target.as_fd())?;
        // Programs look for each controller by its own name.
        if name.contains(',') {
            for controller in name.split(',') {
                symlink(root, &format!("{}/{controller}", mount.destination), name)?;
            }
        }
    }
    let read_only = mount.attributes & MountAttributes::RDONLY;
    set_attributes(&tree, c"", &MountChange { set: read_only, ..MountChange::default() })
}

fn bound(group: &Path, attributes: MountAttributes) -> Result<std::os::fd::OwnedFd, Error> {
    let mount = copy_of(CWD, group, false)?;
    set_attributes(&mount, c"", &MountChange { set: attributes, ..MountChange::default() })?;
    Ok(mount)
}
