//! The mount table of this process: which mount a path stands on, and which mounts are below another.

use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use linux::mount_info::unescape;
use linux::{Error, Named as _, shown};
use rustix::fs::{AtFlags, Mode, OFlags, StatxFlags};

/// One mount of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    id: u64,
    parent: u64,
    point: PathBuf,
}

/// The mount point on which a path stands.
pub(super) fn point_of(path: &Path) -> Result<PathBuf, Error> {
    let points = read()?.into_iter().map(|entry| entry.point);
    let above = points.filter(|point| path.starts_with(point)).max_by_key(|point| point.components().count());
    Ok(above.unwrap_or_else(|| PathBuf::from("/")))
}

/// Opens all mounts below one, but for those that others cover: nobody can reach them.
pub(super) fn open_below(mount: BorrowedFd<'_>) -> Result<Vec<OwnedFd>, Error> {
    let top = id_of(mount)?;
    let mut opened = Vec::new();
    for entry in below(&read()?, top) {
        let path = &entry.point;
        let flags = OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let found = rustix::fs::open(path, flags, Mode::empty()).named(|| format!("open({path:?}, O_PATH)"))?;
        // What the path leads to now may have been mounted over it.
        if id_of(found.as_fd())? == entry.id {
            opened.push(found);
        }
    }
    Ok(opened)
}

fn id_of(mount: BorrowedFd<'_>) -> Result<u64, Error> {
    let status = rustix::fs::statx(mount, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID);
    Ok(status.named(|| format!("statx({}, STATX_MNT_ID)", shown(mount)))?.stx_mnt_id)
}

fn read() -> Result<Vec<Entry>, Error> {
    const TABLE: &str = "/proc/self/mountinfo";
    let text = std::fs::read(TABLE).named(|| format!("read({TABLE:?})"))?;
    Ok(parse(&text))
}

/// Reads the lines of `proc_pid_mountinfo(5)`: id, parent's id, device, root, mount point, …
fn parse(text: &[u8]) -> Vec<Entry> {
    text.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let mut fields = line.split(|byte| *byte == b' ');
            let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse().ok();
            let (id, parent) = (number()?, number()?);
            Some(Entry { id, parent, point: unescape(fields.nth(2)?).into_owned() })
        })
        .collect()
}

/// The mounts on a mount, those on them, and so on.
fn below(table: &[Entry], top: u64) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let mut parents = vec![top];
    while let Some(parent) = parents.pop() {
        // The topmost mount of a namespace may be its own parent.
        for entry in table.iter().filter(|entry| entry.parent == parent && entry.id != parent && entry.id != top) {
            if !found.contains(entry) {
                parents.push(entry.id);
                found.push(entry.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mounts_below_one_are_found_in_any_order() {
        let text =
            b"21 21 8:1 / / rw - ext4 a rw\n30 25 0:3 / /a/b\\040c rw - tmpfs x rw\n25 21 0:2 / /a rw - tmpfs x rw\n\
                     31 21 0:4 / /d rw - tmpfs x rw\nnonsense\n\n";
        let table = parse(text);
        let names = |top| -> Vec<_> { below(&table, top).into_iter().map(|entry| entry.point).collect() };
        assert_eq!(names(25), [PathBuf::from("/a/b c")]);
        assert_eq!(names(21).len(), 3);
        assert_eq!(names(31), Vec::<PathBuf>::new());
    }
}
