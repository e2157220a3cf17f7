//! Removing the files of a container of an ordinary user: some may belong to ids that only the container had.

use std::io::{PipeReader, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use linux::namespace::Namespaces;
use linux::process::{Cloned, clone_process, end};
use linux::{Error as CallError, Named as _};
use namespaces::{MapError, MapWriter, UserNamespaceFacts};
use rustix::io::Errno;
use rustix::process::{Gid, Uid, WaitId, WaitIdOptions};

use crate::error::Error;
use crate::own_ids::own_ids;
use crate::removal;

/// Removes a tree; without root, and where the user himself may not, as root of a user namespace with the ids that the container
/// had.
///
/// # Errors
/// What the kernel refused.
pub(crate) fn remove_tree(path: &Path, users: &UserNamespaceFacts) -> Result<(), Error> {
    let removed = removal::remove_tree(path);
    let denied = removed.as_ref().is_err_and(|error| matches!(error.errno(), Errno::ACCESS | Errno::PERM));
    if denied && !users.privileged {
        return remove_as_container_root(path, users);
    }
    removed.map_err(Error::call(format!("remove {}", path.display())))
}

fn remove_as_container_root(path: &Path, users: &UserNamespaceFacts) -> Result<(), Error> {
    let failed = || Error::call(format!("remove {} with the container's ids", path.display()));
    let maps = own_ids(users);
    let writer = MapWriter::choose(users, &maps).map_err(|refusal| Error::Host(refusal.to_string()))?;
    // The child begins when its ids are there: the end of this pipe tells.
    let (ready, write_end) = std::io::pipe().named(|| "pipe2(O_CLOEXEC)".to_owned()).map_err(failed())?;
    match clone_process(Namespaces::USER, None).map_err(failed())? {
        Cloned::Child => {
            drop(write_end);
            end(remove_as_child(ready, path).map_or_else(Errno::raw_os_error, |()| 0))
        }
        Cloned::Parent { pid, pidfd } => {
            drop(ready);
            let written = writer.write(pid, &maps);
            drop(write_end);
            let removed = wait(&pidfd);
            match written {
                Ok(()) => removed.map_err(failed()),
                Err(MapError::Kernel(error)) => Err(failed()(error)),
                Err(helper @ MapError::Helper { .. }) => Err(Error::Host(helper.to_string())),
            }
        }
    }
}

fn remove_as_child(mut ready: PipeReader, path: &Path) -> Result<(), Errno> {
    let errno = |error: std::io::Error| Errno::from_io_error(&error).unwrap_or(Errno::IO);
    ready.read_to_end(&mut Vec::new()).map_err(errno)?;
    rustix::thread::set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT)?;
    rustix::thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT)?;
    removal::remove_tree(path).map_err(|error| error.errno())
}

/// Waits for the child, whose exit code is the errno of what it could not do.
fn wait(pidfd: &OwnedFd) -> Result<(), CallError> {
    const CALL: &str = "the removal in a user namespace";
    let status = rustix::process::waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED)
        .named(|| "waitid(P_PIDFD, WEXITED)".to_owned())?;
    match status.and_then(|status| status.exit_status()) {
        Some(0) => Ok(()),
        Some(errno) => Err(CallError::new(CALL, Errno::from_raw_os_error(errno))),
        None => Err(CallError::new(CALL, Errno::CHILD)),
    }
}
