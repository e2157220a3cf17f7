//! Which release of the kernel has what: the facts by which a plan chooses between a new call and an old way.

use std::fmt;

/// A kernel release as far as features depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KernelVersion {
    /// The first number of `uname -r`.
    pub major: u32,
    /// The second.
    pub minor: u32,
}

impl KernelVersion {
    /// The oldest release that is supported: the calls that have no old way here are all older.
    ///
    /// They are `fsopen`, `open_tree` and `move_mount` (5.2), `clone3` (5.3), `waitid(P_PIDFD)` (5.4), `openat2` (5.6),
    /// `CLONE_INTO_CGROUP` (5.7), `STATX_MNT_ID` (5.8).
    pub const OLDEST: Self = Self { major: 5, minor: 10 };

    /// Reads `6.18.44-custom`; what is not a number counts as 0.
    #[must_use]
    pub fn parse(release: &str) -> Self {
        let mut numbers =
            release.split(|letter: char| !letter.is_ascii_digit()).map(|digits| digits.parse::<u32>().unwrap_or(0));
        Self { major: numbers.next().unwrap_or(0), minor: numbers.next().unwrap_or(0) }
    }

    /// Whether this kernel has that feature.
    #[must_use]
    pub fn has(self, feature: KernelFeature) -> bool {
        self >= feature.since()
    }
}

impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Something that a supported kernel may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelFeature {
    /// `close_range(2)` that marks descriptors instead of closing them (`CLOSE_RANGE_CLOEXEC`).
    MarkedDescriptors,
    /// Overlay mounts in a user namespace, and the attributes `user.overlay.*` that they need (`userxattr`).
    OverlayInUserNamespace,
    /// `mount_setattr(2)`: attributes of detached mounts, and of whole trees at once.
    MountAttributes,
    /// Mounts that show their files through an id map.
    IdMappedMounts,
    /// `MOUNT_ATTR_NOSYMFOLLOW`; `mount(2)` has had the same flag since 5.10.
    NoSymlinkAttribute,
    /// Overlay mounts of id-mapped layers.
    IdMappedLayers,
}

impl KernelFeature {
    /// The first release that has it.
    #[must_use]
    pub const fn since(self) -> KernelVersion {
        let minor = match self {
            Self::MarkedDescriptors | Self::OverlayInUserNamespace => 11,
            Self::MountAttributes | Self::IdMappedMounts => 12,
            Self::NoSymlinkAttribute => 14,
            Self::IdMappedLayers => 19,
        };
        KernelVersion { major: 5, minor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_by_number() {
        for (release, expected) in
            [("6.18.44-custom", (6, 18)), ("5.10.0", (5, 10)), ("6.1", (6, 1)), ("7", (7, 0)), ("odd", (0, 0))]
        {
            let version = KernelVersion::parse(release);
            assert_eq!((version.major, version.minor), expected, "{release}");
        }
        for (release, has) in [("6.2", true), ("5.12", true), ("5.9", false), ("4.18", false)] {
            assert_eq!(KernelVersion::parse(release).has(KernelFeature::MountAttributes), has, "{release}");
        }
    }
}
