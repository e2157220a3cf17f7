//! Rules about devices, normalised: what holds in general, and the exceptions.
//!
//! The result means the same on v1 (`devices.list`) and v2 (a BPF program); the arithmetic is that of the v1 controller
//! (`security/device_cgroup.c`) as runc emulates it, so that the order of a configuration's rules has the same effect under both.

use std::collections::BTreeMap;
use std::fmt;

use super::rule::{DeviceAccess, DeviceKind, DeviceRule};

/// What holds in general for devices, and the exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceList {
    /// Whether a device that no exception names may be used.
    pub allow_by_default: bool,
    /// Where the opposite holds; of one kind and number there is at most one.
    pub exceptions: Vec<DeviceException>,
}

/// Devices for which the opposite of the general rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceException {
    /// [`DeviceKind::Block`] or [`DeviceKind::Character`].
    pub kind: DeviceKind,
    /// Major number, or any.
    pub major: Option<u32>,
    /// Minor number, or any.
    pub minor: Option<u32>,
    /// What the exception is about.
    pub access: DeviceAccess,
}

/// A rule that takes a part out of an earlier, wider one: v1 would ignore it in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the device rule `{rule}` takes a part out of the earlier rule for `{earlier}`, which control groups cannot: name the devices \
     of the earlier rule one by one instead"
)]
pub struct DeviceHole {
    /// The later rule.
    pub rule: DeviceRule,
    /// The wider exception that it would have to be cut out of.
    pub earlier: DeviceException,
}

/// Sorted by number, any before each single one, then by kind.
type Key = (Option<u32>, Option<u32>, DeviceKind);

impl DeviceList {
    /// Starts from "everything is denied" and applies the rules in their order.
    ///
    /// A rule for all devices with every access sets the general rule and forgets all before it; one for all devices that is
    /// narrower stands for the same rule about block and about character devices.
    ///
    /// # Errors
    /// A rule that would take a part out of a wider one.
    pub fn from_rules(rules: &[DeviceRule]) -> Result<Self, DeviceHole> {
        let mut allow_by_default = false;
        let mut exceptions = BTreeMap::<Key, DeviceAccess>::new();
        for rule in rules {
            let kinds = match rule.kind {
                DeviceKind::All if rule.major.is_none() && rule.minor.is_none() && rule.access().is_all() => {
                    allow_by_default = rule.allow;
                    exceptions.clear();
                    continue;
                }
                DeviceKind::All => &[DeviceKind::Block, DeviceKind::Character][..],
                DeviceKind::Block => &[DeviceKind::Block],
                DeviceKind::Character => &[DeviceKind::Character],
            };
            for kind in kinds {
                let key = (rule.major, rule.minor, *kind);
                if rule.allow == allow_by_default {
                    remove(&mut exceptions, key, rule)?;
                } else {
                    *exceptions.entry(key).or_default() |= rule.access();
                }
            }
        }
        let exceptions = exceptions
            .into_iter()
            .map(|((major, minor, kind), access)| DeviceException { kind, major, minor, access })
            .collect();
        Ok(Self { allow_by_default, exceptions })
    }

    /// Whether all devices may be used.
    #[must_use]
    pub fn allows_all(&self) -> bool {
        self.allow_by_default && self.exceptions.is_empty()
    }

    /// Whether a process of the group may do all of `access` with the device, by the arithmetic of the v1 controller: what is
    /// allowed must be covered by one exception, what is denied need only touch one.
    #[must_use]
    pub fn allows(&self, kind: DeviceKind, major: u32, minor: u32, access: DeviceAccess) -> bool {
        let mut fitting = self.exceptions.iter().filter(|exception| {
            exception.kind == kind
                && exception.major.is_none_or(|number| number == major)
                && exception.minor.is_none_or(|number| number == minor)
        });
        if self.allow_by_default {
            !fitting.any(|exception| exception.access.intersects(access))
        } else {
            fitting.any(|exception| exception.access.contains(access))
        }
    }

    /// The values that bring a v1 group into this state, each with the file that takes it; the first is the general rule.
    #[must_use]
    pub fn v1_values(&self) -> Vec<(&'static str, String)> {
        let (general, opposite) =
            if self.allow_by_default { ("devices.allow", "devices.deny") } else { ("devices.deny", "devices.allow") };
        let exceptions = self.exceptions.iter().map(|exception| (opposite, exception.to_string()));
        std::iter::once((general, "a".to_owned())).chain(exceptions).collect()
    }
}

fn remove(exceptions: &mut BTreeMap<Key, DeviceAccess>, key: Key, rule: &DeviceRule) -> Result<(), DeviceHole> {
    let (major, minor, kind) = key;
    for wider in [(None, minor, kind), (major, None, kind), (None, None, kind)] {
        let access = exceptions.get(&wider).copied().unwrap_or_default();
        if wider != key && access.intersects(rule.access()) {
            let earlier = DeviceException { kind, major: wider.0, minor: wider.1, access };
            return Err(DeviceHole { rule: *rule, earlier });
        }
    }
    if let Some(access) = exceptions.get_mut(&key) {
        access.remove(rule.access());
        if access.is_empty() {
            exceptions.remove(&key);
        }
    }
    Ok(())
}

impl fmt::Display for DeviceException {
    /// As the files of v1 want it: `c 136:* rwm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<u32>| number.map_or("*".to_owned(), |number| number.to_string());
        write!(f, "{} {}:{} {}", self.kind, number(self.major), number(self.minor), self.access)
    }
}

impl fmt::Display for DeviceList {
    /// One sentence's worth: `nothing but c 1:3 rwm, c 1:5 rwm`, `everything but b 8:0 rwm`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.allow_by_default { "everything" } else { "nothing" })?;
        let mut separator = " but ";
        for exception in &self.exceptions {
            write!(f, "{separator}{exception}")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> DeviceRule {
        let words: Vec<_> = text.split([' ', ':']).collect();
        let number = |word: &str| (word != "*").then(|| word.parse().unwrap());
        DeviceRule {
            allow: words[0] == "allow",
            kind: match words[1] {
                "a" => DeviceKind::All,
                "b" => DeviceKind::Block,
                _ => DeviceKind::Character,
            },
            major: number(words[2]),
            minor: number(words[3]),
            access: DeviceRule::access_bits(words[4]),
        }
    }

    fn check(rules: &[&str], expected: &str) {
        let rules: Vec<_> = rules.iter().map(|text| rule(text)).collect();
        let result = DeviceList::from_rules(&rules).map_or_else(|hole| hole.to_string(), |list| list.to_string());
        assert_eq!(result.split(", which").next().unwrap(), expected, "{rules:?}");
    }

    #[test]
    fn rules_become_a_general_rule_and_exceptions() {
        check(&[], "nothing");
        check(&["deny a *:* rwm", "allow c 1:3 rwm"], "nothing but c 1:3 rwm");
        check(&["allow c 1:3 r", "allow c 1:3 w", "allow b *:* m"], "nothing but b *:* m, c 1:3 rw");
        check(&["allow c 1:3 rwm", "deny c 1:3 w", "deny c 9:9 w"], "nothing but c 1:3 rm");
        check(&["allow c 1:3 rwm", "deny c 1:3 rwm"], "nothing");
        check(&["allow a *:* rwm"], "everything");
        check(&["deny b 8:1 rwm", "allow a *:* rwm", "deny b 8:2 rwm"], "everything but b 8:2 rwm");
        check(&["allow a *:* rwm", "deny b 8:2 rwm", "allow b 8:2 r"], "everything but b 8:2 wm");
        check(&["allow a *:* rwm", "deny a *:* rwm"], "nothing");
    }

    #[test]
    fn a_narrower_rule_for_all_devices_is_not_a_rule_for_everything() {
        check(&["allow a 10:200 rwm"], "nothing but b 10:200 rwm, c 10:200 rwm");
        check(&["allow a *:* m"], "nothing but b *:* m, c *:* m");
    }

    #[test]
    fn no_part_is_taken_out_of_a_wider_rule() {
        check(
            &["allow c *:* rwm", "deny c 1:3 w"],
            "the device rule `deny c 1:3 w` takes a part out of the earlier rule for `c *:* rwm`",
        );
        check(
            &["allow c 136:* rwm", "deny c 136:5 w"],
            "the device rule `deny c 136:5 w` takes a part out of the earlier rule for `c 136:* rwm`",
        );
        check(&["allow c *:* m", "deny c 1:3 w"], "nothing but c *:* m");
    }

    #[test]
    fn v1_gets_the_general_rule_first() {
        let list = DeviceList::from_rules(&[rule("allow c 1:3 rwm")]).unwrap();
        assert_eq!(list.v1_values(), [("devices.deny", "a".to_owned()), ("devices.allow", "c 1:3 rwm".to_owned())]);
        let list = DeviceList::from_rules(&[rule("allow a *:* rwm"), rule("deny b 8:0 w")]).unwrap();
        assert_eq!(list.v1_values(), [("devices.allow", "a".to_owned()), ("devices.deny", "b 8:0 w".to_owned())]);
    }
}
