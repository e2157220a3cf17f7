//! Gives a v2 group its controllers.

use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use linux::{Error, Named as _};
use rustix::fs::{CWD, Mode, OFlags, mkdirat};
use rustix::io::Errno;

use super::context::GroupContext;
use crate::controller::{Controllers, Version};
use crate::files;

/// The groups from `top` down to the parent of `group`: those whose `cgroup.subtree_control` decides what `group` has.
pub(crate) fn ancestors(group: &Path, top: &Path) -> Vec<PathBuf> {
    let mut above: Vec<_> =
        group.ancestors().skip(1).take_while(|directory| directory.starts_with(top)).map(Path::to_owned).collect();
    above.reverse();
    above
}

/// What `cgroup.subtree_control` takes: `+cpu +memory`.
pub(crate) fn enabling(controllers: Controllers) -> String {
    controllers.names(Version::V2).map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ")
}

/// Looks first what the group has: after the first container below the same parent, that is all there is to do.
pub(crate) fn enable(
    context: &mut GroupContext,
    group: &Path,
    top: &Path,
    required: Controllers,
    useful: Controllers,
) -> Result<(), Error> {
    let wanted = required | useful;
    if offered(context, group)?.contains(wanted) {
        return Ok(());
    }
    let mut refusal = None;
    for directory in ancestors(group, top) {
        let write = |controllers| files::write(&directory.join("cgroup.subtree_control"), &enabling(controllers));
        if write(wanted).is_ok() {
            continue;
        }
        // One that cannot be had makes the kernel refuse all of them: ask for each alone.
        for controller in wanted.each() {
            if let Err(error) = write(controller)
                && required.contains(controller)
            {
                refusal.get_or_insert(error);
            }
        }
    }
    // What counts is the outcome: a group on the way may be closed to us and have them all the same.
    let missing = required - offered(context, group)?;
    match refusal {
        _ if missing.is_empty() => Ok(()),
        Some(error) => Err(error),
        None => Err(Error::new(
            format!("write({:?}, {:?})", top.join("cgroup.subtree_control"), enabling(missing)),
            Errno::NOENT,
        )),
    }
}

fn offered(context: &mut GroupContext, group: &Path) -> Result<Controllers, Error> {
    Ok(Controllers::parse(&files::read_at(context.directory(group)?, "cgroup.controllers")?, &[' ']))
}

/// More rounds than any group that forks while it is emptied has needed.
const ROUNDS: usize = 64;

/// Moves all processes, also those that are forked meanwhile.
pub(crate) fn move_processes(from: &Path, to: &Path) -> Result<(), Error> {
    match mkdirat(CWD, to, Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => {}
        made => made.named(|| format!("mkdir({to:?}, 0755)"))?,
    }
    let target = files::open(&to.join("cgroup.procs"), OFlags::WRONLY)?;
    for _ in 0..ROUNDS {
        let processes = files::read(&from.join("cgroup.procs"))?;
        if processes.is_empty() {
            break;
        }
        for process in processes.lines() {
            match files::write_value(target.as_fd(), process) {
                // It has ended.
                Err(error) if error.errno() == Errno::SRCH => {}
                moved => moved?,
            }
        }
    }
    Ok(())
}
