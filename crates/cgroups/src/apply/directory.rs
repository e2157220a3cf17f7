//! Makes the directory of a group, and hands it to a user.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};

use linux::{Error, Named as _, shown};
use rustix::fs::{AtFlags, CWD, Mode, Uid, chownat, mkdirat};
use rustix::io::Errno;

use super::context::GroupContext;
use crate::files;

/// Makes the group; those above it only when the kernel says that they are missing, which is the rare case.
pub(crate) fn make(context: &mut GroupContext, group: &Path, mount_point: &Path) -> Result<(), Error> {
    match make_one(group) {
        Ok(()) => {}
        Err(Errno::NOENT) => {
            let mut above: Vec<_> =
                group.ancestors().skip(1).take_while(|directory| *directory != mount_point).collect();
            above.reverse();
            for directory in above {
                match make_one(directory) {
                    Ok(()) => context.note_made(directory),
                    Err(Errno::EXIST) => {}
                    Err(errno) => return Err(failed(directory, errno)),
                }
            }
            match make_one(group) {
                Err(Errno::EXIST) => return take_over(group),
                made => made.map_err(|errno| failed(group, errno))?,
            }
        }
        Err(Errno::EXIST) => return take_over(group),
        Err(errno) => return Err(failed(group, errno)),
    }
    context.note_made(group);
    Ok(())
}

fn make_one(directory: &Path) -> Result<(), Errno> {
    mkdirat(CWD, directory, Mode::from_raw_mode(0o755))
}

fn failed(directory: &Path, errno: Errno) -> Error {
    Error::new(format!("mkdir({directory:?}, 0755)"), errno)
}

/// A group that is there already may be used when nobody else uses it: without processes, and not frozen, or the container would
/// hang before it begins.
fn take_over(group: &Path) -> Result<(), Error> {
    let directory = files::open_directory(group)?;
    let used = match files::read_at(directory.as_fd(), "cgroup.procs") {
        Ok(processes) => !processes.is_empty(),
        // A threaded group of v2 does not say; it is somebody's in any case.
        Err(error) if error.errno() == Errno::OPNOTSUPP => true,
        Err(error) => return Err(error),
    };
    if used || is_frozen(directory.as_fd()) {
        return Err(failed(group, Errno::EXIST));
    }
    Ok(())
}

fn is_frozen(directory: BorrowedFd<'_>) -> bool {
    let says = |file, value: &str| files::read_at(directory, file).is_ok_and(|text| text.trim() == value);
    says("cgroup.freeze", "1") || says("freezer.state", "FROZEN") || says("freezer.state", "FREEZING")
}

/// Hands a v2 group to a user: the directory, and the files that the kernel lists for it.
pub(crate) fn delegate(context: &mut GroupContext, group: &Path, user: u32) -> Result<(), Error> {
    let directory = context.directory(group)?;
    let owner = Some(Uid::from_raw(user));
    chownat(directory, "", owner, None, AtFlags::EMPTY_PATH)
        .named(|| format!("fchownat({}, \"\", {user}, -1, AT_EMPTY_PATH)", shown(directory)))?;
    // Where the list cannot be read: these are the files that cgroups(7) names.
    let listed = files::read(&PathBuf::from("/sys/kernel/cgroup/delegate"))
        .unwrap_or_else(|_| "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n".to_owned());
    for file in listed.lines() {
        match chownat(directory, file, owner, None, AtFlags::empty()) {
            // The list is that of all controllers; this group has those that are enabled.
            Err(Errno::NOENT) => {}
            result => result.named(|| format!("fchownat({}, {file:?}, {user}, -1, 0)", shown(directory)))?,
        }
    }
    Ok(())
}
