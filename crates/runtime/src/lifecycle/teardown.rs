//! Removing a container: goes on past errors and reports them together.

use cgroups::Group;

use crate::state::{ContainerDirectory, StateRoot};

/// Kills what is left in the control groups, removes them and the record; the problems, if any.
pub(super) fn remove_everything(root: &StateRoot, id: &str, group: &Group) -> Vec<String> {
    let mut problems = Vec::new();
    let mut note = |result: Result<(), String>| problems.extend(result.err());
    // Most containers have ended with their first process: nothing is left that could be killed.
    if !group.delete_if_empty() {
        note(group.kill_all().map_err(|error| error.to_string()));
        for error in group.delete() {
            note(Err(error.to_string()));
        }
    }
    // While a group stands its record must stand too, or nobody would know of it.
    if problems.is_empty() {
        match root.container(id) {
            Ok(Some(directory)) => problems.extend(directory.remove().err().map(|error| error.to_string())),
            Ok(None) => {}
            Err(error) => problems.push(error.to_string()),
        }
    }
    problems
}

/// The same for a container whose maker or supervisor was killed: its first process ends as well.
pub(super) fn remove_left_behind(root: &StateRoot, id: &str, directory: &ContainerDirectory) -> Vec<String> {
    kill_first_process(directory);
    let group = match directory.record() {
        Ok(record) => Group::from_paths(record.map(|record| record.cgroup_paths).unwrap_or_default()),
        Err(error) => return vec![error.to_string()],
    };
    remove_everything(root, id, &group)
}

/// Kills the container's first process and waits for its end; all in its pid namespace end with it.
pub(super) fn kill_first_process(directory: &ContainerDirectory) {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    let Ok(Some(process)) = directory.process() else { return };
    let Ok(pidfd) = pidfd_open(process.pid, PidfdFlags::empty()) else { return };
    // Compared after the descriptor is open: the number cannot change hands any more.
    if process.is_alive() && pidfd_send_signal(&pidfd, Signal::KILL).is_ok() {
        let _ended = poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], None);
    }
}
