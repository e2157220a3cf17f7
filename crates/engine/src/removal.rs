//! Removing a container's files: also what only the container's own root may remove.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use linux::namespace::Namespaces;
use linux::process::{Cloned, clone_process, end};
use namespaces::{IdMaps, MapWriter, UserNamespaceFacts};
use rustix::fs::Mode;
use rustix::process::{Gid, Pid, Uid, WaitId, WaitIdOptions};

use crate::own_ids::own_ids;

/// Removes a tree; what is gone already is no failure.
///
/// # Errors
/// What stays, and why.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    let denied =
        |result: &io::Result<()>| result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied);
    let mut result = remove(path);
    if denied(&result) {
        // Overlay keeps a directory that nobody may enter.
        open_directories(path);
        result = remove(path);
    }
    if denied(&result) && !rustix::process::geteuid().is_root() {
        return remove_as_container_root(path);
    }
    result
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Lets the owner into every directory below.
fn open_directories(path: &Path) {
    // What belongs to another user stays closed: the removal then says so.
    let _opened = rustix::fs::chmod(path, Mode::RWXU);
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_directories(&entry.path());
        }
    }
}

/// Removes the tree as root of a user namespace with the ids that the container had: its users own some of the files.
fn remove_as_container_root(path: &Path) -> io::Result<()> {
    let users = UserNamespaceFacts::probe(false);
    let maps = own_ids(&users);
    let writer = MapWriter::choose(&users, &maps).map_err(io::Error::other)?;
    // The child begins when its ids are there: the end of this pipe tells.
    let (ready, write_end) = std::io::pipe()?;
    match clone_process(Namespaces::USER, None).map_err(io::Error::other)? {
        Cloned::Child => {
            drop(write_end);
            end(i32::from(!child(ready, path)))
        }
        Cloned::Parent { pid, pidfd } => {
            drop(ready);
            let written = write_maps(&writer, pid, &maps);
            drop(write_end);
            let ended = wait(&pidfd)?;
            written?;
            if ended { Ok(()) } else { Err(io::Error::from(io::ErrorKind::PermissionDenied)) }
        }
    }
}

fn write_maps(writer: &MapWriter, pid: Pid, maps: &IdMaps) -> io::Result<()> {
    writer.write(pid, maps).map_err(io::Error::other)
}

/// Whether the tree is gone.
fn child(mut ready: std::io::PipeReader, path: &Path) -> bool {
    let mut nothing = Vec::new();
    let begun = io::Read::read_to_end(&mut ready, &mut nothing).is_ok();
    let is_root = rustix::thread::set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT).is_ok()
        && rustix::thread::set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT).is_ok();
    if !begun || !is_root {
        return false;
    }
    open_directories(path);
    remove(path).is_ok()
}

fn wait(pidfd: &OwnedFd) -> io::Result<bool> {
    let status = rustix::process::waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED)?;
    Ok(status.and_then(|status| status.exit_status()) == Some(0))
}
