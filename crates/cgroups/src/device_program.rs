//! The device policy as a BPF program of type `BPF_PROG_TYPE_CGROUP_DEVICE` (cgroup v2 has no `devices` controller).
//!
//! The kernel asks the program with a context of three 32-bit words: kind and access (16 bits each), major, minor
//! (`struct bpf_cgroup_dev_ctx`); the program answers 1 for yes, 0 for no.

use crate::device_rules::{DeviceKind, DevicePolicy, Exception};

/// One BPF instruction as the kernel reads it: operation, registers, offset, constant.
fn instruction(operation: u8, destination: u8, source: u8, offset: i16, constant: i32) -> u64 {
    let [low, high] = offset.to_ne_bytes();
    let [a, b, c, d] = constant.to_ne_bytes();
    let registers = if cfg!(target_endian = "little") { destination | source << 4 } else { destination << 4 | source };
    u64::from_ne_bytes([operation, registers, low, high, a, b, c, d])
}

// linux/bpf_common.h, linux/bpf.h
const LOAD_WORD: u8 = 0x61;
const MOVE_REGISTER: u8 = 0xbc;
const MOVE_CONSTANT: u8 = 0xb7;
const AND_CONSTANT: u8 = 0x54;
const SHIFT_RIGHT: u8 = 0x74;
const JUMP_NOT_EQUAL: u8 = 0x55;
const EXIT: u8 = 0x95;

/// Register that holds the kind, the access, the major and the minor number.
const KIND: u8 = 2;
const ACCESS: u8 = 3;
const MAJOR: u8 = 4;
const MINOR: u8 = 5;
const SCRATCH: u8 = 1;

/// `BPF_DEVCG_DEV_BLOCK`, `BPF_DEVCG_DEV_CHAR`
const BLOCK: i32 = 1;
const CHARACTER: i32 = 2;

/// The program of a policy.
pub(crate) fn compile(policy: &DevicePolicy) -> Vec<u64> {
    let mut program = vec![
        instruction(LOAD_WORD, KIND, 1, 0, 0),
        instruction(MOVE_REGISTER, ACCESS, KIND, 0, 0),
        instruction(AND_CONSTANT, KIND, 0, 0, 0xffff),
        instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16),
        instruction(LOAD_WORD, MAJOR, 1, 4, 0),
        instruction(LOAD_WORD, MINOR, 1, 8, 0),
    ];
    for exception in &policy.exceptions {
        program.extend(block(exception, policy.allow_by_default));
    }
    program.push(instruction(MOVE_CONSTANT, 0, 0, 0, i32::from(policy.allow_by_default)));
    program.push(instruction(EXIT, 0, 0, 0, 0));
    program
}

/// One exception: every condition that fails jumps behind the block; at its end stands the answer.
fn block(exception: &Exception, allow_by_default: bool) -> Vec<u64> {
    let mut conditions: Vec<Vec<u64>> = Vec::new();
    // A placeholder offset of 0: it is set when the block's length is known.
    let differs = |register, constant| instruction(JUMP_NOT_EQUAL, register, 0, 0, constant);
    match exception.kind {
        DeviceKind::All => {}
        DeviceKind::Block => conditions.push(vec![differs(KIND, BLOCK)]),
        DeviceKind::Character => conditions.push(vec![differs(KIND, CHARACTER)]),
    }
    for (register, number) in [(MAJOR, exception.major), (MINOR, exception.minor)] {
        if let Some(number) = number {
            conditions.push(vec![differs(register, number.cast_signed())]);
        }
    }
    let access = i32::from(exception.access);
    if allow_by_default {
        // Denied when any of the denied accesses is asked for: what remains after the mask must not be 0.
        const JUMP_EQUAL: u8 = 0x15;
        conditions.push(vec![
            instruction(MOVE_REGISTER, SCRATCH, ACCESS, 0, 0),
            instruction(AND_CONSTANT, SCRATCH, 0, 0, access),
            instruction(JUMP_EQUAL, SCRATCH, 0, 0, 0),
        ]);
    } else {
        // Allowed when nothing beyond the allowed accesses is asked for.
        conditions.push(vec![
            instruction(MOVE_REGISTER, SCRATCH, ACCESS, 0, 0),
            instruction(AND_CONSTANT, SCRATCH, 0, 0, 7 & !access),
            instruction(JUMP_NOT_EQUAL, SCRATCH, 0, 0, 0),
        ]);
    }
    let answer = [instruction(MOVE_CONSTANT, 0, 0, 0, i32::from(!allow_by_default)), instruction(EXIT, 0, 0, 0, 0)];
    let mut block: Vec<u64> = conditions.into_iter().flatten().chain(answer).collect();
    let length = block.len();
    for (index, word) in block.iter_mut().enumerate() {
        let mut bytes = word.to_ne_bytes();
        if bytes[0] & 0x07 == 0x05 && bytes[0] != EXIT {
            let offset = i16::try_from(length - index - 1).unwrap_or(i16::MAX).to_ne_bytes();
            bytes[2..4].copy_from_slice(&offset);
            *word = u64::from_ne_bytes(bytes);
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_rules::{DeviceRule, MKNOD, READ, WRITE};

    /// Runs the handful of instructions that the compiler emits.
    fn run(program: &[u64], context: [u32; 3]) -> u64 {
        let mut registers = [0_u64; 11];
        let mut at = 0;
        loop {
            let [operation, pair, low, high, a, b, c, d] = program[at].to_ne_bytes();
            let (destination, source) = (usize::from(pair & 15), usize::from(pair >> 4));
            let offset = i16::from_ne_bytes([low, high]);
            let constant = u64::from(u32::from_ne_bytes([a, b, c, d]));
            at += 1;
            let jump = usize::try_from(offset).unwrap();
            match operation {
                LOAD_WORD => registers[destination] = u64::from(context[jump / 4]),
                MOVE_REGISTER => registers[destination] = registers[source] & 0xffff_ffff,
                MOVE_CONSTANT => registers[destination] = constant,
                AND_CONSTANT => registers[destination] &= constant,
                SHIFT_RIGHT => registers[destination] = (registers[destination] & 0xffff_ffff) >> constant,
                JUMP_NOT_EQUAL if registers[destination] != constant => at += jump,
                0x15 if registers[destination] == constant => at += jump,
                JUMP_NOT_EQUAL | 0x15 => {}
                EXIT => return registers[0],
                other => panic!("operation {other:#x}"),
            }
        }
    }

    fn ask(rules: &[DeviceRule], kind: i32, access: u8, major: u32, minor: u32) -> bool {
        let program = compile(&DevicePolicy::from_rules(rules).unwrap());
        run(&program, [kind.cast_unsigned() | u32::from(access) << 16, major, minor]) == 1
    }

    #[test]
    fn the_program_answers_as_the_rules_say() {
        let rule = |allow, kind, major, minor, access| DeviceRule { allow, kind, major, minor, access };
        let rules = [
            rule(false, DeviceKind::All, None, None, 7),
            rule(true, DeviceKind::Character, Some(1), Some(3), READ | WRITE),
            rule(true, DeviceKind::Character, Some(136), None, 7),
            rule(true, DeviceKind::Block, None, None, MKNOD),
        ];
        for (kind, access, major, minor, expected) in [
            (CHARACTER, READ, 1, 3, true),
            (CHARACTER, READ | WRITE, 1, 3, true),
            (CHARACTER, READ | MKNOD, 1, 3, false),
            (CHARACTER, READ, 1, 5, false),
            (BLOCK, READ, 1, 3, false),
            (CHARACTER, 7, 136, 77, true),
            (BLOCK, MKNOD, 8, 1, true),
        ] {
            assert_eq!(ask(&rules, kind, access, major, minor), expected, "{kind} {access} {major}:{minor}");
        }
        let open = [rule(false, DeviceKind::Character, Some(10), Some(200), WRITE)];
        assert!(ask(&open, CHARACTER, READ, 10, 200) && ask(&open, BLOCK, 7, 8, 0));
        assert!(!ask(&open, CHARACTER, READ | WRITE, 10, 200));
    }
}
