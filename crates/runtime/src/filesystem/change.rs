//! Changing the attributes and the propagation of mounts, by the calls that the kernel has.
//!
//! A mount is changed around its attaching: [`MountCalls::before_attaching`], then `move_mount`, then
//! [`MountCalls::after_attaching`]. With `mount_setattr(2)` a mount has its attributes before anybody can reach it; `mount(2)` can only
//! change one that is attached, which is as good here: nobody but init is in the mount namespace yet.

use std::fmt;
use std::os::fd::BorrowedFd;

use linux::Error;
use linux::mount::{MountAttributes, Propagation};

use super::options::MountOptions;
use super::{change_by_attributes, change_by_remount};
use crate::kernel::{KernelFeature, KernelVersion};

/// By which calls mounts are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum MountCalls {
    /// `mount_setattr(2)`.
    #[default]
    Attributes,
    /// `mount(2)` with `MS_REMOUNT|MS_BIND`, through `/proc/self/fd`.
    Remount,
}

impl MountCalls {
    /// The calls that a kernel has.
    #[must_use]
    pub(crate) fn of(kernel: KernelVersion) -> Self {
        if kernel.has(KernelFeature::MountAttributes) { Self::Attributes } else { Self::Remount }
    }

    /// The attributes that a new mount can be made with; what is asked for beside them is changed afterwards.
    pub(super) fn at_making(self) -> MountAttributes {
        match self {
            Self::Attributes => MountAttributes::all(),
            Self::Remount => MountAttributes::all() - MountAttributes::NOSYMFOLLOW,
        }
    }

    /// The part of a change that comes before the mount is attached.
    pub(super) fn before_attaching(self, mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
        match self {
            Self::Attributes => change_by_attributes::attributes(mount, options),
            Self::Remount => Ok(()),
        }
    }

    /// The part of a change that comes once the mount is attached.
    pub(super) fn after_attaching(self, mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
        match self {
            Self::Attributes => change_by_attributes::propagation(mount, options),
            Self::Remount => {
                change_by_remount::attributes(mount, options)?;
                change_by_remount::propagation(mount, options)
            }
        }
    }

    /// Changes a mount that is attached already.
    pub(super) fn change(self, mount: BorrowedFd<'_>, options: &MountOptions) -> Result<(), Error> {
        self.before_attaching(mount, options)?;
        self.after_attaching(mount, options)
    }

    /// Gives the mount at a path a propagation.
    pub(super) fn set_propagation(self, path: &str, propagation: Propagation, recursive: bool) -> Result<(), Error> {
        match self {
            Self::Attributes => change_by_attributes::set_propagation(path, propagation, recursive),
            Self::Remount => change_by_remount::set_propagation(path, propagation, recursive),
        }
    }
}

impl fmt::Display for MountCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attributes => "mount_setattr(2)",
            Self::Remount => "mount(2)",
        })
    }
}
