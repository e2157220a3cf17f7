//! The two calls of `bpf(2)` that a device filter needs.

#![expect(unsafe_code, reason = "bpf is a raw call")]

use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;

use crate::error::{Error, Named, shown};
use crate::process::{check, last_errno};

/// `union bpf_attr` of `BPF_PROG_LOAD`, as far as it is used (`linux/bpf.h`).
#[repr(C)]
struct LoadProgram {
    program_type: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buffer: u64,
    kernel_version: u32,
    flags: u32,
}

/// `union bpf_attr` of `BPF_PROG_ATTACH`.
#[repr(C)]
struct AttachProgram {
    target: u32,
    program: u32,
    attach_type: u32,
    flags: u32,
}

const PROG_LOAD: libc::c_int = 5;
const PROG_ATTACH: libc::c_int = 8;
/// `BPF_PROG_TYPE_CGROUP_DEVICE`
const TYPE_CGROUP_DEVICE: u32 = 15;
/// `BPF_CGROUP_DEVICE`
const ATTACH_CGROUP_DEVICE: u32 = 6;
/// `BPF_F_ALLOW_MULTI`: programs of parents stay in force.
const ALLOW_MULTI: u32 = 2;

/// Loads a program that answers for device nodes, one instruction in each word.
///
/// # Errors
/// `EINVAL` or `EACCES` when the kernel's verifier refuses it, `EPERM` without `CAP_BPF`.
pub fn load_device_program(instructions: &[u64]) -> Result<OwnedFd, Error> {
    let attributes = LoadProgram {
        program_type: TYPE_CGROUP_DEVICE,
        instruction_count: u32::try_from(instructions.len()).unwrap_or(u32::MAX),
        instructions: instructions.as_ptr() as u64,
        license: c"Apache".as_ptr() as u64,
        log_level: 0,
        log_size: 0,
        log_buffer: 0,
        kernel_version: 0,
        flags: 0,
    };
    // SAFETY: the structure is initialised and its size is passed; both pointers in it are valid for the call.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, PROG_LOAD, ptr::from_ref(&attributes), size_of::<LoadProgram>()) };
    match i32::try_from(result) {
        // SAFETY: the descriptor is new and nobody else owns it.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(Error::new(
            format!("bpf(BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE, {} instructions)", instructions.len()),
            last_errno(),
        )),
    }
}

/// Attaches a loaded device program to a control group of v2.
///
/// # Errors
/// `EPERM` without the right or when a parent's program does not allow more, `EBADF` for another kind of directory.
pub fn attach_device_program(group: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<(), Error> {
    let attributes = AttachProgram {
        target: group.as_raw_fd().cast_unsigned(),
        program: program.as_raw_fd().cast_unsigned(),
        attach_type: ATTACH_CGROUP_DEVICE,
        flags: ALLOW_MULTI,
    };
    // SAFETY: the structure is initialised and its size is passed; the descriptors are borrowed for the call.
    let result =
        unsafe { libc::syscall(libc::SYS_bpf, PROG_ATTACH, ptr::from_ref(&attributes), size_of::<AttachProgram>()) };
    check(result).named(|| format!("bpf(BPF_PROG_ATTACH, {}, BPF_CGROUP_DEVICE)", shown(group)))
}
