//! Rules about devices as the OCI runtime specification has them.

use std::fmt;

use bitflags::bitflags;

bitflags! {
    /// What is done with a device, with the values of `linux/bpf.h` (`BPF_DEVCG_ACC_*`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct DeviceAccess: u8 {
        /// `m`: making a node.
        const MAKE = 1;
        /// `r`
        const READ = 2;
        /// `w`
        const WRITE = 4;
    }
}

impl DeviceAccess {
    /// Reads letters as in `rwm`; `None` when there is none or another one.
    #[must_use]
    pub fn parse(letters: &str) -> Option<Self> {
        let access = letters.chars().try_fold(Self::empty(), |access, letter| match letter {
            'r' => Some(access | Self::READ),
            'w' => Some(access | Self::WRITE),
            'm' => Some(access | Self::MAKE),
            _ => None,
        })?;
        (!access.is_empty()).then_some(access)
    }
}

impl fmt::Display for DeviceAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (member, letter) in [(Self::READ, "r"), (Self::WRITE, "w"), (Self::MAKE, "m")] {
            if self.contains(member) {
                f.write_str(letter)?;
            }
        }
        Ok(())
    }
}

/// Which devices a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceKind {
    /// `a`
    All,
    /// `b`
    Block,
    /// `c`
    Character,
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "a",
            Self::Block => "b",
            Self::Character => "c",
        })
    }
}

/// One rule; the later one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRule {
    /// Whether the rule allows or denies.
    pub allow: bool,
    /// Which devices.
    pub kind: DeviceKind,
    /// Their major number, or any.
    pub major: Option<u32>,
    /// Their minor number, or any.
    pub minor: Option<u32>,
    /// What is allowed or denied: bits of [`DeviceAccess`].
    pub access: u8,
}

impl DeviceRule {
    /// Reads letters as in `rwm`; none at all means all, as in the specification's default. Others are passed over.
    #[must_use]
    pub fn access_bits(letters: &str) -> u8 {
        let known: String = letters.chars().filter(|letter| "rwm".contains(*letter)).collect();
        DeviceAccess::parse(&known).unwrap_or(DeviceAccess::all()).bits()
    }

    /// What is allowed or denied.
    #[must_use]
    pub fn access(&self) -> DeviceAccess {
        DeviceAccess::from_bits_truncate(self.access)
    }

    /// A rule that allows everything with the devices.
    #[must_use]
    pub const fn allow(kind: DeviceKind, major: Option<u32>, minor: Option<u32>) -> Self {
        Self { allow: true, kind, major, minor, access: DeviceAccess::all().bits() }
    }

    /// What every container may use, which runc appends to the rules of a configuration: nodes of any device may be made, and the
    /// usual character devices used (null, random, full, tty, zero, urandom, terminals, and tun, which runc 1.2.0 took out and 1.2.4
    /// put back).
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        let make = |kind| Self { access: DeviceAccess::MAKE.bits(), ..Self::allow(kind, None, None) };
        let character = |major, minor| Self::allow(DeviceKind::Character, Some(major), minor);
        let mut rules = vec![make(DeviceKind::Character), make(DeviceKind::Block)];
        rules.extend([3, 8, 7].map(|minor| character(1, Some(minor))));
        rules.push(character(5, Some(0)));
        rules.extend([5, 9].map(|minor| character(1, Some(minor))));
        rules.extend([character(136, None), character(5, Some(2)), character(10, Some(200))]);
        rules
    }
}

impl fmt::Display for DeviceRule {
    /// As the files of v1 want it, with the verb in front: `allow c 1:3 rwm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.allow { "allow" } else { "deny" };
        let number = |number: Option<u32>| number.map_or("*".to_owned(), |number| number.to_string());
        write!(f, "{verb} {} {}:{} {}", self.kind, number(self.major), number(self.minor), self.access())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_become_access() {
        for (letters, expected) in
            [("rwm", Some("rwm")), ("mr", Some("rm")), ("w", Some("w")), ("", None), ("rx", None), ("rr", Some("r"))]
        {
            assert_eq!(DeviceAccess::parse(letters).map(|access| access.to_string()).as_deref(), expected, "{letters}");
        }
        assert_eq!(DeviceRule::access_bits(""), 7);
        assert_eq!(DeviceRule::access_bits("rm"), 3);
    }

    #[test]
    fn a_rule_reads_as_in_the_kernels_files() {
        let text: Vec<_> = DeviceRule::defaults().iter().map(ToString::to_string).collect();
        assert_eq!(
            text.join("; "),
            "allow c *:* m; allow b *:* m; allow c 1:3 rwm; allow c 1:8 rwm; allow c 1:7 rwm; allow c 5:0 rwm; \
             allow c 1:5 rwm; allow c 1:9 rwm; allow c 136:* rwm; allow c 5:2 rwm; allow c 10:200 rwm"
        );
    }
}
