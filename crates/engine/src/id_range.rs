//! Ranges of ids for private user namespaces: each running container of root has one that no other has.
//!
//! The ranges lie where systemd's documentation puts those of containers (524288 to 1879048191, "Users, Groups, UIDs and GIDs on
//! systemd systems"), and mean nothing to any file: what a container writes is shown through the map, and has its own ids on disk.

use std::os::fd::OwnedFd;
use std::path::Path;

use linux::Named as _;
use linux::lock::try_lock_byte;
use rustix::fs::{Mode, OFlags};

use crate::error::Error;

/// How many ids a container has.
pub(crate) const COUNT: u32 = 65_536;
/// Where the first range begins: above those that `systemd-nspawn -U` prefers and those that `useradd` gives to users.
const FIRST: u32 = 0x3000_0000;
/// How many there are up to the end of the documented range.
const RANGES: u32 = (0x7000_0000 - FIRST) / COUNT;

/// A range that belongs to one container for as long as this value, or a copy of its descriptor, lives.
#[derive(Debug)]
pub(crate) struct IdRange {
    /// Its first id.
    pub(crate) first: u32,
    _lock: OwnedFd,
}

impl IdRange {
    /// Takes the first range that is free.
    ///
    /// # Errors
    /// When the file of locks cannot be opened, or no range is free.
    pub(crate) fn take(file: &Path) -> Result<Self, Error> {
        let failed = || Error::call("take a range of ids");
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let lock = rustix::fs::open(file, flags, Mode::RUSR | Mode::WUSR)
            .named(|| format!("open({file:?}, O_RDWR|O_CREAT)"))
            .map_err(failed())?;
        for number in 0..RANGES {
            if try_lock_byte(&lock, number).map_err(failed())? {
                return Ok(Self { first: FIRST + number * COUNT, _lock: lock });
            }
        }
        Err(Error::NoIdRange(RANGES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_containers_share_a_range() {
        let file = std::env::temp_dir().join(format!("holm-ranges-{}", std::process::id()));
        let one = IdRange::take(&file).unwrap();
        let other = IdRange::take(&file).unwrap();
        assert_eq!((one.first, other.first), (FIRST, FIRST + COUNT));
        drop(one);
        assert_eq!(IdRange::take(&file).unwrap().first, FIRST);
        drop(other);
        std::fs::remove_file(&file).unwrap();
    }
}
