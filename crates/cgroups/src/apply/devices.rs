//! Attaches the program that decides about devices to a v2 group.

use std::os::fd::AsFd as _;
use std::path::Path;

use linux::Error;
use linux::bpf::{attach_device_program, attached_device_programs, detach_device_program, load_device_program};

use super::context::GroupContext;
use crate::devices::DeviceList;
use crate::devices::compile;

/// A new group has no program. In one that was there before, the new program takes the place of the old ones: without a gap
/// when there is one, else first beside them, so that never more is allowed than either says.
pub(crate) fn attach(context: &mut GroupContext, group: &Path, devices: &DeviceList) -> Result<(), Error> {
    let is_new = context.has_made(group);
    if is_new && devices.allows_all() {
        return Ok(());
    }
    let group = context.directory(group)?;
    let program = load_device_program(&compile(devices), "holm_devices")?;
    let old = if is_new { Vec::new() } else { attached_device_programs(group)? };
    // Linux before 5.6 cannot replace: attach and detach.
    if let [only] = &old[..]
        && attach_device_program(group, program.as_fd(), Some(only.as_fd())).is_ok()
    {
        return Ok(());
    }
    attach_device_program(group, program.as_fd(), None)?;
    for program in &old {
        detach_device_program(group, program.as_fd())?;
    }
    Ok(())
}
