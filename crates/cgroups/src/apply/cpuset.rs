//! Fills the cpusets of v1 from above.

use std::path::Path;

use linux::Error;
use rustix::io::Errno;

use super::context::GroupContext;
use crate::files;

/// The two files that must not be empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpusetFiles {
    pub(crate) cpus: &'static str,
    pub(crate) mems: &'static str,
}

impl CpusetFiles {
    pub(crate) fn new(no_prefix: bool) -> Self {
        if no_prefix { Self { cpus: "cpus", mems: "mems" } } else { Self { cpus: "cpuset.cpus", mems: "cpuset.mems" } }
    }
}

/// Fills the files of the groups above, and with `true` beside a file that of the group as well.
pub(crate) fn inherit(
    context: &mut GroupContext,
    group: &Path,
    mount_point: &Path,
    wanted: &[(&str, bool)],
) -> Result<(), Error> {
    let parent = group.parent().unwrap_or(mount_point);
    for (file, own) in wanted {
        let above = filled(context, parent, mount_point, file)?;
        // A group that this plan made is known to be empty.
        if *own && (context.has_made(group) || value(context, group, file)?.is_empty()) {
            files::write_at(context.directory(group)?, file, &above)?;
        }
    }
    Ok(())
}

/// The value of the file in that group, which gets that of the group above when it has none.
fn filled(context: &mut GroupContext, group: &Path, mount_point: &Path, file: &str) -> Result<String, Error> {
    let own = value(context, group, file)?;
    if !own.is_empty() || group == mount_point {
        return Ok(own);
    }
    let parent = group.parent().ok_or_else(|| Error::new(format!("read({:?})", group.join(file)), Errno::NOENT))?;
    let above = filled(context, parent, mount_point, file)?;
    files::write_at(context.directory(group)?, file, &above)?;
    Ok(above)
}

fn value(context: &mut GroupContext, group: &Path, file: &str) -> Result<String, Error> {
    Ok(files::read_at(context.directory(group)?, file)?.trim().to_owned())
}
