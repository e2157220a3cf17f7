//! Why a program that is there cannot be executed: the kernel's errno says less than the file itself.

use std::ffi::CStr;
use std::io::Read as _;
use std::path::Path;

use rustix::fs::FileType;
use rustix::io::Errno;

/// A sentence on why the execution failed.
pub(super) fn diagnose(path: &CStr, errno: Errno) -> String {
    let shown = path.to_string_lossy();
    if let Ok(status) = rustix::fs::stat(path) {
        match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory => return format!("{shown} is a directory"),
            FileType::RegularFile => {}
            _ => return format!("{shown} is not a regular file"),
        }
        if status.st_mode & 0o111 == 0 {
            return format!("{shown} has no permission to be executed (chmod +x)");
        }
    }
    if errno == Errno::ACCESS {
        return format!("{shown} may not be executed by this user, or lies on a file system that is mounted noexec");
    }
    let mut start = Vec::new();
    if let Ok(file) = std::fs::File::open(Path::new(&*shown)) {
        // What cannot be read cannot be explained.
        let _length = file.take(4096).read_to_end(&mut start);
    }
    explain(&start, errno, |path| Path::new(path).exists()).unwrap_or_else(|| {
        std::io::Error::from(errno).to_string().split(" (os error").next().unwrap_or_default().to_owned()
    })
}

/// What the first bytes of the file say.
fn explain(start: &[u8], errno: Errno, exists: impl Fn(&str) -> bool) -> Option<String> {
    if let Some(rest) = start.strip_prefix(b"#!") {
        let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let interpreter = line.trim_start_matches([' ', '\t']).split([' ', '\t']).next().unwrap_or_default();
        if interpreter.ends_with('\r') {
            return Some(format!(
                "its first line ends with a carriage return, so that its interpreter would be {interpreter:?}: convert it to Unix line ends"
            ));
        }
        return (errno == Errno::NOENT && !exists(interpreter))
            .then(|| format!("its interpreter {interpreter:?} does not exist in the container"));
    }
    let elf = Elf::read(start);
    match (elf, errno) {
        (Some(elf), Errno::NOENT) => elf.interpreter.filter(|loader| !exists(loader)).map(|loader| {
            format!("its loader {loader:?} does not exist in the container: it is linked for another C library or architecture")
        }),
        (Some(elf), Errno::NOEXEC) if elf.machine != OWN_MACHINE => {
            Some(format!("it is a program for {}, and this machine is {}", machine_name(elf.machine), machine_name(OWN_MACHINE)))
        }
        (None, Errno::NOEXEC) if start.is_empty() => Some("it is empty".to_owned()),
        (None, Errno::NOEXEC) => Some("it is neither a program nor a script that begins with #!".to_owned()),
        _ => None,
    }
}

/// What matters of an ELF header (`elf(5)`).
struct Elf {
    machine: u16,
    interpreter: Option<String>,
}

const OWN_MACHINE: u16 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };

fn machine_name(machine: u16) -> String {
    match machine {
        3 => "x86".to_owned(),
        40 => "arm".to_owned(),
        62 => "x86_64".to_owned(),
        183 => "aarch64".to_owned(),
        243 => "riscv".to_owned(),
        21 => "ppc64".to_owned(),
        22 => "s390".to_owned(),
        other => format!("machine {other}"),
    }
}

impl Elf {
    /// Reads what the first page holds of it; every offset comes from the file and may be anything.
    fn read(start: &[u8]) -> Option<Self> {
        start.strip_prefix(b"\x7fELF")?;
        let big = *start.get(5)? == 2;
        let number = |at: usize, length: usize| -> Option<u64> {
            let bytes = start.get(at..at.checked_add(length)?)?;
            let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
            Some(if big { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) })
        };
        let machine = u16::try_from(number(18, 2)?).ok()?;
        let wide = *start.get(4)? == 2;
        // Offsets of: program headers, their size, their number; in each: offset and size in the file.
        let (table, size, count, offset, length) =
            if wide { ((32, 8), 54, 56, (8, 8), (32, 8)) } else { ((28, 4), 42, 44, (4, 4), (16, 4)) };
        let interpreter = (|| {
            let first = usize::try_from(number(table.0, table.1)?).ok()?;
            let (size, count) = (usize::try_from(number(size, 2)?).ok()?, usize::try_from(number(count, 2)?).ok()?);
            (0..count.min(64)).find_map(|index| {
                const PT_INTERP: u64 = 3;
                let header = first.checked_add(index.checked_mul(size)?)?;
                if number(header, 4)? != PT_INTERP {
                    return None;
                }
                let at = usize::try_from(number(header.checked_add(offset.0)?, offset.1)?).ok()?;
                let end = at.checked_add(usize::try_from(number(header.checked_add(length.0)?, length.1)?).ok()?)?;
                let text = start.get(at..end)?;
                Some(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
            })
        })();
        Some(Self { machine, interpreter })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(start: &[u8], errno: Errno, expected: Option<&str>) {
        let reason = explain(start, errno, |path| path == "/bin/sh");
        match expected {
            Some(part) => assert!(reason.as_ref().is_some_and(|reason| reason.contains(part)), "{reason:?}"),
            None => assert_eq!(reason, None),
        }
    }

    #[test]
    fn a_script_names_its_interpreter() {
        check(b"#!/bin/sh\n", Errno::NOENT, None);
        check(b"#! /opt/python -u\n", Errno::NOENT, Some("\"/opt/python\" does not exist"));
        check(b"#!/bin/sh\r\necho\r\n", Errno::NOENT, Some("carriage return"));
        check(b"echo hello\n", Errno::NOEXEC, Some("neither a program nor a script"));
        check(b"", Errno::NOEXEC, Some("empty"));
    }

    #[test]
    fn a_program_names_its_loader_and_its_machine() {
        let mut elf = vec![0_u8; 160];
        elf[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        elf[18] = 62;
        elf[32] = 64;
        elf[54] = 56;
        elf[56] = 1;
        elf[64] = 3;
        elf[72] = 120;
        elf[96] = 8;
        elf[120..128].copy_from_slice(b"/ld.so.1");
        check(&elf, Errno::NOENT, Some("\"/ld.so.1\" does not exist"));
        elf[18] = 8;
        check(&elf, Errno::NOEXEC, Some("machine 8"));
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(tail in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let elf: Vec<u8> = b"\x7fELF".iter().copied().chain(tail).collect();
            let _reason = explain(&elf, Errno::NOENT, |_| false);
        }
    }
}
