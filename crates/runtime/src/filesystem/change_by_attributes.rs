//! Mounts changed by `mount_setattr(2)`, Linux 5.12.

use std::ffi::CString;
use std::os::fd::BorrowedFd;

use linux::Error;
use linux::mount::{MountAttributes, MountChange, Propagation, set_attributes};
use rustix::fs::CWD;

use super::options::MountOptions;

/// Gives a mount, attached or not, its attributes.
pub(super) fn attributes(mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
    let nothing = MountAttributes::empty();
    let changes = [(options.set, options.clear, false), (options.recursive_set, options.recursive_clear, true)];
    for (set, clear, recursive) in changes {
        if set != nothing || clear != nothing {
            let clear = atime_too(set, clear);
            set_attributes(mount, c"", &MountChange { set, clear, recursive, ..MountChange::default() })?;
        }
    }
    Ok(())
}

/// Gives a mount its propagation.
pub(super) fn propagation(mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
    for (propagation, recursive) in &options.propagation {
        let change = MountChange { propagation: Some(*propagation), recursive: *recursive, ..MountChange::default() };
        set_attributes(mount, c"", &change)?;
    }
    Ok(())
}

/// Gives the mount at a path a propagation.
pub(super) fn set_propagation(path: &str, propagation: Propagation, recursive: bool) -> Result<(), Error> {
    let change = MountChange { propagation: Some(propagation), recursive, ..MountChange::default() };
    let path = CString::new(path).unwrap_or_default();
    set_attributes(CWD, &path, &change)
}

/// The kernel wants all bits of the access-time field cleared when one of them is changed (`mount_setattr(2)`).
fn atime_too(set: MountAttributes, clear: MountAttributes) -> MountAttributes {
    if (set | clear).intersects(MountAttributes::ATIME_MASK) { clear | MountAttributes::ATIME_MASK } else { clear }
}
