//! BPF programs that decide about the devices of a control group (`bpf(2)`, `BPF_PROG_TYPE_CGROUP_DEVICE`, Linux 4.15).
//!
//! Programs, groups and their connection are named by descriptors only. Structures and numbers are those of `linux/bpf.h`.

#![expect(unsafe_code, reason = "bpf is a raw call")]

use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::error::{Error, Named, shown};
use crate::result::last_errno;

/// A register of the BPF machine, as far as such a program needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Register {
    /// The result.
    R0 = 0,
    /// The context at the start.
    R1 = 1,
    /// Free.
    R2 = 2,
    /// Free.
    R3 = 3,
    /// Free.
    R4 = 4,
    /// Free.
    R5 = 5,
}

/// When a jump is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The register equals the value.
    Equal,
    /// It differs.
    NotEqual,
}

/// One instruction, laid out as `struct bpf_insn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    /// Operation and class.
    pub code: u8,
    /// Destination register in the lower four bits, source register in the upper four (the other way round on big-endian
    /// machines, which holm does not support).
    pub registers: u8,
    /// Offset of a load or a jump.
    pub offset: i16,
    /// The value in the instruction.
    pub immediate: u32,
}

impl Instruction {
    const fn new(code: u8, to: Register, from: Register, offset: i16, immediate: u32) -> Self {
        Self { code, registers: to as u8 | (from as u8) << 4, offset, immediate }
    }

    /// `to = *(u32 *)(from + offset)`
    #[must_use]
    pub const fn load_word(to: Register, from: Register, offset: i16) -> Self {
        // BPF_LDX | BPF_MEM | BPF_W
        Self::new(0x61, to, from, offset, 0)
    }

    /// `to = value`, 32 bits.
    #[must_use]
    pub const fn set(to: Register, value: u32) -> Self {
        // BPF_ALU | BPF_MOV | BPF_K
        Self::new(0xb4, to, Register::R0, 0, value)
    }

    /// `to = from`, 32 bits.
    #[must_use]
    pub const fn copy(to: Register, from: Register) -> Self {
        // BPF_ALU | BPF_MOV | BPF_X
        Self::new(0xbc, to, from, 0, 0)
    }

    /// `to &= mask`, 32 bits.
    #[must_use]
    pub const fn and(to: Register, mask: u32) -> Self {
        // BPF_ALU | BPF_AND | BPF_K
        Self::new(0x54, to, Register::R0, 0, mask)
    }

    /// `to >>= bits`, 32 bits.
    #[must_use]
    pub const fn shift_right(to: Register, bits: u32) -> Self {
        // BPF_ALU | BPF_RSH | BPF_K
        Self::new(0x74, to, Register::R0, 0, bits)
    }

    /// Leaves out the next `over` instructions when the condition holds for the lower 32 bits of the register (Linux 5.1).
    #[must_use]
    pub const fn jump(register: Register, condition: Condition, value: u32, over: i16) -> Self {
        let code = match condition {
            // BPF_JMP32 | BPF_JEQ | BPF_K
            Condition::Equal => 0x16,
            // BPF_JMP32 | BPF_JNE | BPF_K
            Condition::NotEqual => 0x56,
        };
        Self::new(code, register, Register::R0, over, value)
    }

    /// Ends the program with the result in `r0`.
    #[must_use]
    pub const fn exit() -> Self {
        // BPF_JMP | BPF_EXIT
        Self::new(0x95, Register::R0, Register::R0, 0, 0)
    }
}

const BPF_PROG_LOAD: libc::c_int = 5;
const BPF_PROG_ATTACH: libc::c_int = 8;
const BPF_PROG_DETACH: libc::c_int = 9;
const BPF_PROG_GET_FD_BY_ID: libc::c_int = 13;
const BPF_PROG_QUERY: libc::c_int = 16;

const BPF_PROG_TYPE_CGROUP_DEVICE: u32 = 15;
const BPF_CGROUP_DEVICE: u32 = 6;

const BPF_F_ALLOW_MULTI: u32 = 2;
const BPF_F_REPLACE: u32 = 4;

/// `union bpf_attr` for `BPF_PROG_LOAD`, as long as Linux 4.15 knows it.
#[repr(C)]
#[derive(Default)]
struct LoadAttributes {
    program_type: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buffer: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
}

/// `union bpf_attr` for `BPF_PROG_ATTACH` and `BPF_PROG_DETACH`.
#[repr(C)]
#[derive(Default)]
struct AttachAttributes {
    target: u32,
    program: u32,
    attach_type: u32,
    flags: u32,
    replaced: u32,
}

/// `union bpf_attr` for `BPF_PROG_QUERY`.
#[repr(C)]
#[derive(Default)]
struct QueryAttributes {
    target: u32,
    attach_type: u32,
    query_flags: u32,
    attach_flags: u32,
    program_ids: u64,
    program_count: u32,
    padding: u32,
}

/// `union bpf_attr` for `BPF_PROG_GET_FD_BY_ID`.
#[repr(C)]
#[derive(Default)]
struct IdAttributes {
    id: u32,
    next_id: u32,
    open_flags: u32,
}

/// Loads a program that decides about devices; the name (15 letters, digits, `_` or `.`) is what `bpftool` shows.
///
/// # Errors
/// `EPERM` without `CAP_BPF` in the initial user namespace, `EINVAL` or `EACCES` with the verifier's words when it does not
/// accept the program, `ENOSYS` in a kernel without BPF.
pub fn load_device_program(instructions: &[Instruction], name: &str) -> Result<OwnedFd, Error> {
    let mut attributes = LoadAttributes {
        program_type: BPF_PROG_TYPE_CGROUP_DEVICE,
        instruction_count: u32::try_from(instructions.len()).unwrap_or(u32::MAX),
        instructions: instructions.as_ptr() as u64,
        license: c"Dual MIT/GPL".as_ptr() as u64,
        ..LoadAttributes::default()
    };
    for (place, byte) in attributes.name.iter_mut().take(15).zip(name.bytes()) {
        *place = byte;
    }
    // SAFETY: the instructions and the licence are borrowed for the call and as long as the attributes say; there is no log.
    let mut loaded = unsafe { call_for_fd(BPF_PROG_LOAD, &mut attributes) };
    if loaded.as_ref().is_err_and(|errno| *errno == Errno::PERM) {
        // Before Linux 5.11 programs counted as locked memory, of which the default limit leaves nothing.
        let before = getrlimit(Resource::Memlock);
        if setrlimit(Resource::Memlock, Rlimit { current: None, maximum: None }).is_ok() {
            // SAFETY: as above.
            loaded = unsafe { call_for_fd(BPF_PROG_LOAD, &mut attributes) };
            let _restored = setrlimit(Resource::Memlock, before);
        }
    }
    loaded.map_err(|errno| {
        let words =
            if matches!(errno, Errno::PERM | Errno::NOSYS) { String::new() } else { verifier_words(&mut attributes) };
        Error::new(
            format!("bpf(BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE, {} instructions){words}", instructions.len()),
            errno,
        )
    })
}

/// What the verifier has against a program that was refused.
fn verifier_words(attributes: &mut LoadAttributes) -> String {
    let mut log = vec![0_u8; 64 * 1024];
    attributes.log_level = 1;
    attributes.log_size = 64 * 1024;
    attributes.log_buffer = log.as_mut_ptr() as u64;
    // SAFETY: the instructions and the licence are those of the first attempt, still borrowed by the caller; the log is as long
    // as the attributes say and outlives the call.
    let accepted = unsafe { call_for_fd(BPF_PROG_LOAD, attributes) };
    drop(accepted);
    let text = String::from_utf8_lossy(&log);
    text.trim_end_matches('\0').trim_end().lines().last().map(|line| format!(" [verifier: {line}]")).unwrap_or_default()
}

/// Attaches a device program to a control group (v2, or the v2 hierarchy of a hybrid host), beside those of its parents: a use of a
/// device must pass them all. With `replaced` it takes that program's place without a gap (Linux 5.6).
///
/// # Errors
/// `EPERM` without the right or below a group whose program does not allow others, `EBADF` when the descriptor is no group of v2,
/// `ENOENT` when `replaced` is not attached.
pub fn attach_device_program(
    group: BorrowedFd<'_>,
    program: BorrowedFd<'_>,
    replaced: Option<BorrowedFd<'_>>,
) -> Result<(), Error> {
    let mut attributes = AttachAttributes {
        target: number(group),
        program: number(program),
        attach_type: BPF_CGROUP_DEVICE,
        flags: BPF_F_ALLOW_MULTI | if replaced.is_some() { BPF_F_REPLACE } else { 0 },
        replaced: replaced.map_or(0, number),
    };
    // SAFETY: the attributes hold no pointer.
    unsafe { call(BPF_PROG_ATTACH, &mut attributes) }.map(|_| ()).named(|| {
        let flags = if replaced.is_some() { "BPF_F_ALLOW_MULTI|BPF_F_REPLACE" } else { "BPF_F_ALLOW_MULTI" };
        format!("bpf(BPF_PROG_ATTACH, {}, BPF_CGROUP_DEVICE, {flags})", shown(group))
    })
}

/// Detaches a device program from a control group.
///
/// # Errors
/// `ENOENT` when it is not attached there.
pub fn detach_device_program(group: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<(), Error> {
    let mut attributes = AttachAttributes {
        target: number(group),
        program: number(program),
        attach_type: BPF_CGROUP_DEVICE,
        ..AttachAttributes::default()
    };
    // SAFETY: the attributes hold no pointer.
    unsafe { call(BPF_PROG_DETACH, &mut attributes) }
        .map(|_| ())
        .named(|| format!("bpf(BPF_PROG_DETACH, {}, BPF_CGROUP_DEVICE)", shown(group)))
}

/// The device programs that are attached to this very group, not to its parents.
///
/// # Errors
/// `EPERM` without `CAP_NET_ADMIN` or `CAP_SYS_ADMIN`, `EBADF` when the descriptor is no group of v2.
pub fn attached_device_programs(group: BorrowedFd<'_>) -> Result<Vec<OwnedFd>, Error> {
    let mut ids = [0_u32; 64];
    let mut attributes = QueryAttributes {
        target: number(group),
        attach_type: BPF_CGROUP_DEVICE,
        program_ids: ids.as_mut_ptr() as u64,
        program_count: 64,
        ..QueryAttributes::default()
    };
    // SAFETY: the array has as many places as the attributes say and outlives the call.
    unsafe { call(BPF_PROG_QUERY, &mut attributes) }
        .named(|| format!("bpf(BPF_PROG_QUERY, {}, BPF_CGROUP_DEVICE)", shown(group)))?;
    let count = usize::try_from(attributes.program_count).unwrap_or(0).min(ids.len());
    let mut programs = Vec::with_capacity(count);
    for id in &ids[..count] {
        let mut attributes = IdAttributes { id: *id, ..IdAttributes::default() };
        // SAFETY: the attributes hold no pointer.
        match unsafe { call_for_fd(BPF_PROG_GET_FD_BY_ID, &mut attributes) } {
            Ok(program) => programs.push(program),
            // Detached in the meantime.
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(Error::new(format!("bpf(BPF_PROG_GET_FD_BY_ID, {id})"), errno)),
        }
    }
    Ok(programs)
}

fn number(fd: BorrowedFd<'_>) -> u32 {
    fd.as_raw_fd().cast_unsigned()
}

/// # Safety
/// Every pointer in the attributes must be valid for what the command does with it.
unsafe fn call<A>(command: libc::c_int, attributes: &mut A) -> Result<libc::c_long, Errno> {
    // SAFETY: the structure is initialised, its size is passed, and the caller answers for the pointers in it.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, std::ptr::from_mut(attributes), size_of::<A>()) };
    if result < 0 { Err(last_errno()) } else { Ok(result) }
}

/// # Safety
/// As [`call`], and the command must be one that returns a new descriptor.
unsafe fn call_for_fd<A>(command: libc::c_int, attributes: &mut A) -> Result<OwnedFd, Errno> {
    // SAFETY: the caller answers for the attributes.
    let fd = unsafe { call(command, attributes) }?;
    let fd = libc::c_int::try_from(fd).map_err(|_| Errno::RANGE)?;
    // SAFETY: the kernel has made the descriptor for this call, close-on-execute, and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
