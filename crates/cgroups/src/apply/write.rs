//! Writes values into the files of a group.

use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::Path;

use linux::Error;
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::context::GroupContext;
use crate::file_value::{FileValue, IfMissing};
use crate::files;

/// Writes each value in a call of its own, through one descriptor.
pub(crate) fn write(
    context: &mut GroupContext,
    group: &Path,
    file: &str,
    values: &[String],
    if_missing: IfMissing,
) -> Result<(), Error> {
    let file = match files::open_at(context.directory(group)?, file, OFlags::WRONLY) {
        Err(error) if if_missing == IfMissing::Skip && error.errno() == Errno::NOENT => return Ok(()),
        opened => opened?,
    };
    for value in values {
        files::write_value(file.as_fd(), value)?;
    }
    Ok(())
}

/// Writes into the first file that is there.
pub(crate) fn write_first(context: &mut GroupContext, group: &Path, choices: &[FileValue]) -> Result<(), Error> {
    let directory = context.directory(group)?;
    for (position, FileValue { file, value, if_missing }) in choices.iter().enumerate() {
        let last = position + 1 == choices.len();
        match files::write_at(directory, file, value) {
            Err(error) if error.errno() == Errno::NOENT && (!last || *if_missing == IfMissing::Skip) => {}
            result => return result,
        }
    }
    Ok(())
}

/// Writes all; what the kernel finds invalid is tried again as long as others succeed meanwhile.
pub(crate) fn write_together(context: &mut GroupContext, group: &Path, writes: &[FileValue]) -> Result<(), Error> {
    let directory = context.directory(group)?;
    let mut waiting: Vec<_> = writes.iter().collect();
    loop {
        let before = waiting.len();
        let mut refusal = None;
        let mut still = Vec::new();
        for write in waiting {
            match write_or_skip(directory, write) {
                Err(error) if error.errno() == Errno::INVAL => {
                    refusal.get_or_insert(error);
                    still.push(write);
                }
                result => result?,
            }
        }
        match refusal {
            None => return Ok(()),
            Some(error) if still.len() == before => return Err(error),
            Some(_) => waiting = still,
        }
    }
}

fn write_or_skip(directory: BorrowedFd<'_>, write: &FileValue) -> Result<(), Error> {
    match files::write_at(directory, &write.file, &write.value) {
        Err(error) if write.if_missing == IfMissing::Skip && error.errno() == Errno::NOENT => Ok(()),
        result => result,
    }
}

/// Fails when the group uses as much as `limit`; a usage that cannot be read is none (as in runc).
pub(crate) fn check_usage(context: &mut GroupContext, group: &Path, file: &str, limit: u64) -> Result<(), Error> {
    let text = files::read_at(context.directory(group)?, file).unwrap_or_default();
    match text.trim().parse::<u64>() {
        Ok(usage) if usage >= limit => {
            Err(Error::new(format!("limit {limit} where {:?} says {usage}", group.join(file)), Errno::BUSY))
        }
        _ => Ok(()),
    }
}
