//! The BPF program that stands for a [`DeviceList`] on v2 (`BPF_PROG_TYPE_CGROUP_DEVICE`, Linux 4.15).
//!
//! The kernel runs it for every use of a device by a process of the group, with `struct bpf_cgroup_dev_ctx` in `r1`:
//!
//! ```text
//! 0  u32  kind in the lower 16 bits (1 block, 2 character), access in the upper 16 (1 make, 2 read, 4 write)
//! 4  u32  major number
//! 8  u32  minor number
//! ```
//!
//! and allows the use when it returns 1. Ours loads kind, access, major and minor into `r2` to `r5`, then compares with one
//! exception after the other; `r0` holds the exceptions' verdict from the start, so that a match is one `exit`.

use linux::bpf::{Condition, Instruction, Register};

use super::list::{DeviceException, DeviceList};
use super::rule::DeviceKind;

/// Compiles the list.
#[must_use]
pub fn compile(list: &DeviceList) -> Vec<Instruction> {
    use Register::{R0, R1, R2, R3, R4, R5};
    let mut program = Vec::with_capacity(9 + 6 * list.exceptions.len());
    if !list.exceptions.is_empty() {
        program.extend([
            Instruction::load_word(R2, R1, 0),
            Instruction::load_word(R3, R1, 0),
            Instruction::load_word(R4, R1, 4),
            Instruction::load_word(R5, R1, 8),
            Instruction::and(R2, 0xffff),
            Instruction::shift_right(R3, 16),
            Instruction::set(R0, u32::from(!list.allow_by_default)),
        ]);
    }
    for exception in &list.exceptions {
        compile_exception(exception, list.allow_by_default, &mut program);
    }
    program.extend([Instruction::set(R0, u32::from(list.allow_by_default)), Instruction::exit()]);
    program
}

/// The comparisons of one exception: each jumps behind the exception's `exit` when it does not fit.
fn compile_exception(exception: &DeviceException, allow_by_default: bool, program: &mut Vec<Instruction>) {
    use Register::{R1, R2, R3, R4, R5};
    let start = program.len();
    let mut unless = |register, condition, value| program.push(Instruction::jump(register, condition, value, 0));
    unless(R2, Condition::NotEqual, if exception.kind == DeviceKind::Block { 1 } else { 2 });
    if let Some(major) = exception.major {
        unless(R4, Condition::NotEqual, major);
    }
    if let Some(minor) = exception.minor {
        unless(R5, Condition::NotEqual, minor);
    }
    let number_tests = program.len() - start;
    // What is allowed must cover all of the access, what is denied need only touch it; an exception for every access does both.
    if !exception.access.is_all() {
        let access = if allow_by_default { exception.access } else { exception.access.complement() };
        let fails = if allow_by_default { Condition::Equal } else { Condition::NotEqual };
        program.extend([
            Instruction::copy(R1, R3),
            Instruction::and(R1, u32::from(access.bits())),
            Instruction::jump(R1, fails, 0, 1),
        ]);
    }
    program.push(Instruction::exit());
    // An instruction that is `distance` before the exit jumps behind it by leaving out as many.
    let from_the_exit = (0_i16..).zip(program[start..].iter_mut().rev());
    for (distance, test) in from_the_exit.skip(if exception.access.is_all() { 1 } else { 4 }).take(number_tests) {
        test.offset = distance;
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::devices::{DeviceAccess, DeviceRule};

    /// Runs a program as the kernel would; the verifier's rules are checked as far as they concern programs like these.
    fn run(program: &[Instruction], kind: u32, major: u32, minor: u32, access: u32) -> u32 {
        let context = [kind | access << 16, major, minor];
        let mut registers = [None::<u32>; 6];
        let mut position = 0;
        loop {
            let Instruction { code, registers: named, offset, immediate } = program[position];
            let (to, from) = (usize::from(named & 15), usize::from(named >> 4));
            position += 1;
            let value = |register: usize| registers[register].expect("a register is read before it is written");
            match code {
                0x61 => {
                    assert!(from == 1 && registers[1].is_none(), "the context is gone");
                    registers[to] = Some(context[usize::try_from(offset).unwrap() / 4]);
                }
                0xb4 => registers[to] = Some(immediate),
                0xbc => registers[to] = Some(value(from)),
                0x54 => registers[to] = Some(value(to) & immediate),
                0x74 => registers[to] = Some(value(to) >> immediate),
                0x16 | 0x56 => {
                    if (value(to) == immediate) == (code == 0x16) {
                        position += usize::try_from(offset).unwrap();
                    }
                }
                0x95 => return value(0),
                other => panic!("operation {other:#x}"),
            }
        }
    }

    fn check(list: &DeviceList, kind: DeviceKind, major: u32, minor: u32, access: DeviceAccess) {
        let number = if kind == DeviceKind::Block { 1 } else { 2 };
        let result = run(&compile(list), number, major, minor, access.bits().into());
        assert_eq!(result == 1, list.allows(kind, major, minor, access), "{list}: {kind} {major}:{minor} {access}");
    }

    #[test]
    fn the_usual_devices_are_allowed_and_others_are_not() {
        let list = DeviceList::from_rules(&DeviceRule::defaults()).unwrap();
        let (read, make) = (DeviceAccess::READ, DeviceAccess::MAKE);
        for (kind, major, minor, access, expected) in [
            (DeviceKind::Character, 1, 3, DeviceAccess::all(), true),
            (DeviceKind::Character, 1, 3, read, true),
            (DeviceKind::Character, 1, 4, read, false),
            (DeviceKind::Character, 136, 77, read, true),
            (DeviceKind::Block, 8, 0, make, true),
            (DeviceKind::Block, 8, 0, make | read, false),
        ] {
            assert_eq!(list.allows(kind, major, minor, access), expected, "{kind} {major}:{minor} {access}");
            check(&list, kind, major, minor, access);
        }
        assert_eq!(compile(&list).len(), 54);
    }

    #[test]
    fn what_is_denied_in_part_is_denied_with_more() {
        let list = DeviceList {
            allow_by_default: true,
            exceptions: vec![DeviceException {
                kind: DeviceKind::Block,
                major: Some(8),
                minor: None,
                access: DeviceAccess::WRITE,
            }],
        };
        assert!(list.allows(DeviceKind::Block, 8, 1, DeviceAccess::READ));
        assert!(!list.allows(DeviceKind::Block, 8, 1, DeviceAccess::READ | DeviceAccess::WRITE));
        check(&list, DeviceKind::Block, 8, 1, DeviceAccess::READ | DeviceAccess::WRITE);
    }

    #[test]
    fn the_shortest_programs() {
        for (allow_by_default, result) in [(false, 0), (true, 1)] {
            let list = DeviceList { allow_by_default, exceptions: Vec::new() };
            assert_eq!(compile(&list), [Instruction::set(Register::R0, result), Instruction::exit()]);
        }
    }

    fn kind() -> impl Strategy<Value = DeviceKind> {
        prop_oneof![Just(DeviceKind::Block), Just(DeviceKind::Character)]
    }

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![0_u32..4, Just(u32::MAX)]
    }

    fn access() -> impl Strategy<Value = DeviceAccess> {
        (1_u8..8).prop_map(DeviceAccess::from_bits_truncate)
    }

    proptest! {
        #[test]
        fn a_program_decides_as_its_list(
            allow_by_default: bool,
            exceptions in vec((kind(), proptest::option::of(number()), proptest::option::of(number()), access()), 0..6),
            samples in vec((kind(), number(), number(), access()), 1..20),
        ) {
            let exceptions =
                exceptions.into_iter().map(|(kind, major, minor, access)| DeviceException { kind, major, minor, access });
            let list = DeviceList { allow_by_default, exceptions: exceptions.collect() };
            for (kind, major, minor, access) in samples {
                check(&list, kind, major, minor, access);
            }
        }
    }
}
