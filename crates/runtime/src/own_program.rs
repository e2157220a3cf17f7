//! A container must not execute the runtime's own program (CVE-2019-5736).
//!
//! Until it executes, init's `/proc/self/exe` is the host's `holm-oci`. A container's program that is a link to it, or a script with
//! it as interpreter, would run that file inside the container, where others could open it and write into it once it has ended.

use std::ffi::{CStr, CString};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags};

/// The file that this process executes: device, inode and mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnProgram {
    device: (u32, u32),
    inode: u64,
    /// The same file seen over another mount, one of the container's, is what whoever made that mount has decided about.
    mount: u64,
}

/// How many interpreters the kernel follows (`execve(2)`).
const DEEPEST: usize = 5;
/// How much of a script's first line the kernel reads (`BINPRM_BUF_SIZE`).
const FIRST_LINE: usize = 256;

impl OwnProgram {
    /// Looks at this process.
    #[must_use]
    pub fn probe() -> Option<Self> {
        Self::at(c"/proc/self/exe")
    }

    fn at(path: &CStr) -> Option<Self> {
        // A kernel before 5.8 leaves the mount's field at 0, on both sides.
        let mask = StatxFlags::INO | StatxFlags::MNT_ID;
        let status = rustix::fs::statx(CWD, path, AtFlags::empty(), mask).ok()?;
        let mount = if status.stx_mask & StatxFlags::MNT_ID.bits() == 0 { 0 } else { status.stx_mnt_id };
        Some(Self { device: (status.stx_dev_major, status.stx_dev_minor), inode: status.stx_ino, mount })
    }

    /// Whether that program is this file, or is interpreted by it.
    pub(crate) fn is_behind(self, program: &CStr) -> bool {
        let mut path = program.to_owned();
        for _ in 0..=DEEPEST {
            if Self::at(&path) == Some(self) {
                return true;
            }
            match interpreter(&path) {
                Some(next) => path = next,
                None => return false,
            }
        }
        false
    }
}

/// The interpreter that a script's first line names.
fn interpreter(path: &CStr) -> Option<CString> {
    let file = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK, Mode::empty()).ok()?;
    let mut start = [0_u8; FIRST_LINE];
    let length = rustix::io::read(&file, &mut start).ok()?;
    parse(start.get(..length)?)
}

fn parse(start: &[u8]) -> Option<CString> {
    let line = start.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| matches!(byte, b' ' | b'\t' | 0)).filter(|word| !word.is_empty());
    CString::new(words.next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_names_the_interpreter() {
        for (start, expected) in [
            (&b"#!/bin/sh\n"[..], Some(c"/bin/sh")),
            (b"#! \t/bin/sh -e\n", Some(c"/bin/sh")),
            (b"#!/proc/self/exe", Some(c"/proc/self/exe")),
            (b"#!\n/bin/sh", None),
            (b"\x7fELF", None),
            (b"", None),
        ] {
            assert_eq!(parse(start).as_deref(), expected, "{start:?}");
        }
    }

    #[test]
    fn this_program_is_found_behind_links_and_scripts() {
        let own = OwnProgram::probe().unwrap();
        let directory = std::env::temp_dir().join(format!("holm-own-program-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = |name: &str| CString::new(directory.join(name).to_str().unwrap()).unwrap();
        std::os::unix::fs::symlink("/proc/self/exe", directory.join("link")).unwrap();
        std::fs::write(directory.join("script"), "#!/proc/self/exe\n").unwrap();
        std::fs::write(directory.join("second"), format!("#!{}\n", directory.join("script").display())).unwrap();
        std::fs::write(directory.join("other"), "#!/bin/sh\n").unwrap();
        for name in ["link", "script", "second"] {
            assert!(own.is_behind(&path(name)), "{name}");
        }
        assert!(!own.is_behind(&path("other")) && !own.is_behind(&path("missing")));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
