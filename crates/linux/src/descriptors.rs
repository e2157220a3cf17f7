//! The old way of [`close_on_execute_from`](crate::process::close_on_execute_from), for kernels before 5.11.

#![expect(unsafe_code, reason = "fcntl on descriptors that are known by number only")]

use rustix::fs::{Dir, Mode, OFlags, PROC_SUPER_MAGIC};
use rustix::io::Errno;

use crate::error::{Error, Named, shown};
use crate::result::check;

/// Marks every descriptor from `first` on that `/proc/self/fd` lists to be closed when a program is executed.
///
/// `/proc` must be the host's: a container's own could leave some out.
///
/// # Errors
/// `EPERM` when `/proc` is no procfs, and what opening or reading it gives.
pub fn close_on_execute_listed(first: u32) -> Result<(), Error> {
    const LIST: &str = "/proc/self/fd";
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let list = rustix::fs::open(LIST, flags, Mode::empty()).named(|| format!("open({LIST:?}, O_DIRECTORY)"))?;
    let file_system = rustix::fs::fstatfs(&list).named(|| format!("fstatfs({})", shown(&list)))?.f_type;
    if file_system != PROC_SUPER_MAGIC {
        return Err(Error::new(format!("{LIST} is not a directory of procfs"), Errno::PERM));
    }
    let entries = Dir::new(list).named(|| format!("getdents({LIST:?})"))?;
    for entry in entries {
        let entry = entry.named(|| format!("getdents({LIST:?})"))?;
        // `.` and `..` are no numbers.
        let number = entry.file_name().to_str().ok().and_then(|name| name.parse::<libc::c_int>().ok());
        if let Some(number) = number.filter(|number| number.cast_unsigned() >= first) {
            mark(number)?;
        }
    }
    Ok(())
}

fn mark(number: libc::c_int) -> Result<(), Error> {
    // SAFETY: setting a flag on a descriptor does not close it now; whoever owns it keeps it until the program is replaced.
    let result = unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
    match check(result.into()) {
        // Closed since it was listed.
        Err(Errno::BADF) => Ok(()),
        other => other.named(|| format!("fcntl({number}, F_SETFD, FD_CLOEXEC)")),
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_getfd, fcntl_setfd};

    use super::*;

    #[test]
    fn descriptors_from_a_number_on_are_marked() {
        let file = std::fs::File::open("/proc/self/stat").unwrap();
        // Far above what other tests of this process have open: these are not to be disturbed.
        let opened: Vec<_> = [700, 800].map(|number| fcntl_dupfd_cloexec(&file, number).unwrap()).into();
        for descriptor in &opened {
            fcntl_setfd(descriptor, FdFlags::empty()).unwrap();
        }
        close_on_execute_listed(800).unwrap();
        let marked: Vec<_> =
            opened.iter().map(|descriptor| fcntl_getfd(descriptor).unwrap().contains(FdFlags::CLOEXEC)).collect();
        assert_eq!(marked, [false, true]);
    }
}
