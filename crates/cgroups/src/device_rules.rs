//! Which devices a group may use: the specification's ordered rules as one default and a list of exceptions.

use std::fmt;

/// Kind of a device node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeviceKind {
    /// Both.
    All,
    /// Block devices.
    Block,
    /// Character devices.
    Character,
}

/// One rule; a later one wins over an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRule {
    /// Whether the devices may be used.
    pub allow: bool,
    /// Of which kind.
    pub kind: DeviceKind,
    /// Major number; all without.
    pub major: Option<u32>,
    /// Minor number; all without.
    pub minor: Option<u32>,
    /// Reading, writing, making a node: bits of [`READ`], [`WRITE`], [`MKNOD`].
    pub access: u8,
}

/// Making a node (`BPF_DEVCG_ACC_MKNOD`).
pub(crate) const MKNOD: u8 = 1;
/// Reading.
pub(crate) const READ: u8 = 2;
/// Writing.
pub(crate) const WRITE: u8 = 4;
const ALL: u8 = MKNOD | READ | WRITE;

impl DeviceRule {
    /// Reads the letters of `rwm`; none at all means all, as in the specification's default.
    #[must_use]
    pub fn access_bits(letters: &str) -> u8 {
        let bits = letters.chars().fold(0, |bits, letter| {
            bits | match letter {
                'm' => MKNOD,
                'r' => READ,
                'w' => WRITE,
                _ => 0,
            }
        });
        if bits == 0 { ALL } else { bits }
    }
}

/// What the rules come to: a default, and what is different from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DevicePolicy {
    /// What holds for a device without an exception.
    pub(crate) allow_by_default: bool,
    /// Devices and the access that is allowed (or, with an allowing default, denied).
    pub(crate) exceptions: Vec<Exception>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) kind: DeviceKind,
    pub(crate) major: Option<u32>,
    pub(crate) minor: Option<u32>,
    pub(crate) access: u8,
}

impl fmt::Display for Exception {
    /// As `devices.allow` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u32>| number.map_or("*".to_owned(), |number| number.to_string());
        let kind = match self.kind {
            DeviceKind::All => 'a',
            DeviceKind::Block => 'b',
            DeviceKind::Character => 'c',
        };
        write!(f, "{kind} {}:{} ", number(self.major), number(self.minor))?;
        for (bit, letter) in [(READ, 'r'), (WRITE, 'w'), (MKNOD, 'm')] {
            if self.access & bit != 0 {
                write!(f, "{letter}")?;
            }
        }
        Ok(())
    }
}

impl DevicePolicy {
    /// Applies the rules in their order to a group that may use everything.
    ///
    /// # Errors
    /// A rule that would take something out of the middle of a wider exception: neither the kernel's v1 list nor a reader of the
    /// configuration could say what it means.
    pub(crate) fn from_rules(rules: &[DeviceRule]) -> Result<Self, String> {
        let mut policy = Self { allow_by_default: true, exceptions: Vec::new() };
        for rule in rules {
            if rule.kind == DeviceKind::All && rule.access == ALL && rule.major.is_none() && rule.minor.is_none() {
                policy = Self { allow_by_default: rule.allow, exceptions: Vec::new() };
            } else if rule.allow == policy.allow_by_default {
                policy.withdraw(rule)?;
            } else {
                policy.add(rule);
            }
        }
        Ok(policy)
    }

    fn add(&mut self, rule: &DeviceRule) {
        let same = |other: &&mut Exception| is_same(other, rule);
        match self.exceptions.iter_mut().find(same) {
            Some(exception) => exception.access |= rule.access,
            None => self.exceptions.push(Exception {
                kind: rule.kind,
                major: rule.major,
                minor: rule.minor,
                access: rule.access,
            }),
        }
    }

    fn withdraw(&mut self, rule: &DeviceRule) -> Result<(), String> {
        let covers = |wide: Option<u32>, narrow: Option<u32>| wide.is_none() || wide == narrow;
        for exception in &mut self.exceptions {
            let kind = rule.kind == DeviceKind::All || rule.kind == exception.kind;
            let inside = kind && covers(rule.major, exception.major) && covers(rule.minor, exception.minor);
            let meets = (kind || exception.kind == DeviceKind::All)
                && (covers(rule.major, exception.major) || covers(exception.major, rule.major))
                && (covers(rule.minor, exception.minor) || covers(exception.minor, rule.minor));
            if inside {
                exception.access &= !rule.access;
            } else if meets && exception.access & rule.access != 0 {
                return Err(format!(
                    "a rule takes single devices out of the wider rule `{exception}`, which is not possible"
                ));
            }
        }
        self.exceptions.retain(|exception| exception.access != 0);
        Ok(())
    }
}

fn is_same(exception: &Exception, rule: &DeviceRule) -> bool {
    exception.kind == rule.kind && exception.major == rule.major && exception.minor == rule.minor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(allow: bool, kind: DeviceKind, major: Option<u32>, minor: Option<u32>, access: &str) -> DeviceRule {
        DeviceRule { allow, kind, major, minor, access: DeviceRule::access_bits(access) }
    }

    fn check(rules: &[DeviceRule], expected: Result<(bool, &[&str]), ()>) {
        let policy = DevicePolicy::from_rules(rules);
        let texts = policy.as_ref().map(|policy| policy.exceptions.iter().map(ToString::to_string).collect::<Vec<_>>());
        let found = policy.as_ref().map(|policy| policy.allow_by_default);
        assert_eq!(found.map_err(|_| ()), expected.map(|(default, _)| default), "{policy:?}");
        if let (Ok(texts), Ok((_, list))) = (texts, expected) {
            assert_eq!(texts, list);
        }
    }

    #[test]
    fn rules_come_to_a_default_and_exceptions() {
        use DeviceKind::{All, Block, Character};
        let deny_all = rule(false, All, None, None, "rwm");
        check(&[], Ok((true, &[])));
        check(&[deny_all.clone(), rule(true, Character, Some(1), Some(3), "rw")], Ok((false, &["c 1:3 rw"])));
        check(
            &[
                deny_all.clone(),
                rule(true, Character, Some(1), Some(3), "r"),
                rule(true, Character, Some(1), Some(3), "w"),
            ],
            Ok((false, &["c 1:3 rw"])),
        );
        check(
            &[deny_all.clone(), rule(true, Block, Some(8), None, ""), rule(false, Block, Some(8), None, "m")],
            Ok((false, &["b 8:* rw"])),
        );
        check(&[deny_all.clone(), rule(true, All, None, None, "rwm")], Ok((true, &[])));
        check(&[rule(false, Character, Some(10), Some(200), "rwm")], Ok((true, &["c 10:200 rwm"])));
        check(
            &[deny_all, rule(true, Character, Some(10), None, ""), rule(false, Character, Some(10), Some(200), "")],
            Err(()),
        );
    }
}
