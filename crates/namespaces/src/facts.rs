//! What the host says about user namespaces.

use std::fs;
use std::path::{Path, PathBuf};

use linux::Error;

use crate::subordinate::{SubordinateRange, parse_subordinate};

/// What decides whether this process may make a user namespace, and with which ids. Read once; plans are made from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserNamespaceFacts {
    /// Whether this process is root with `CAP_SYS_ADMIN`, and so may write any map.
    pub privileged: bool,
    /// Effective user id.
    pub user_id: u32,
    /// Effective group id.
    pub group_id: u32,
    /// The user's name, if `/etc/passwd` has one.
    pub user_name: Option<String>,
    /// `user.max_user_namespaces`; `None` when the kernel has no user namespaces.
    pub maximum: Option<u64>,
    /// `kernel.unprivileged_userns_clone`, Debian's switch, where the kernel has it.
    pub unprivileged_clone: Option<bool>,
    /// `kernel.apparmor_restrict_unprivileged_userns`, Ubuntu's switch, where the kernel has it.
    pub apparmor_restricts: Option<bool>,
    /// The user's ranges in `/etc/subuid`.
    pub subordinate_users: Vec<SubordinateRange>,
    /// The user's ranges in `/etc/subgid`.
    pub subordinate_groups: Vec<SubordinateRange>,
    /// `newuidmap`, if it is installed.
    pub newuidmap: Option<PathBuf>,
    /// `newgidmap`, if it is installed.
    pub newgidmap: Option<PathBuf>,
}

impl UserNamespaceFacts {
    /// Reads them from this host; of a privileged process only what such a one needs.
    #[must_use]
    pub fn probe(privileged: bool) -> Self {
        let user_id = rustix::process::geteuid().as_raw();
        let mut facts = Self {
            privileged,
            user_id,
            group_id: rustix::process::getegid().as_raw(),
            maximum: number("/proc/sys/user/max_user_namespaces"),
            ..Self::default()
        };
        if privileged {
            return facts;
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let name = user_name(&passwd, user_id);
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        facts.subordinate_users = parse_subordinate(&read("/etc/subuid"), name.as_deref(), user_id);
        facts.subordinate_groups = parse_subordinate(&read("/etc/subgid"), name.as_deref(), user_id);
        facts.user_name = name;
        facts.unprivileged_clone = number("/proc/sys/kernel/unprivileged_userns_clone").map(|value| value != 0);
        facts.apparmor_restricts =
            number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").map(|value| value != 0);
        facts.newuidmap = installed("newuidmap");
        facts.newgidmap = installed("newgidmap");
        facts
    }

    /// Why the host refuses a user namespace, and what would change it; `None` when nothing known stands in the way.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        match self.maximum {
            None => return Some("this kernel has no user namespaces (CONFIG_USER_NS)".to_owned()),
            Some(0) => {
                return Some(
                    "user.max_user_namespaces is 0: root can raise it with `sysctl user.max_user_namespaces=10000`"
                        .to_owned(),
                );
            }
            Some(_) => {}
        }
        if self.privileged {
            return None;
        }
        if self.unprivileged_clone == Some(false) {
            return Some(
                "kernel.unprivileged_userns_clone is 0: root can allow it with `sysctl kernel.unprivileged_userns_clone=1`"
                    .to_owned(),
            );
        }
        if self.apparmor_restricts == Some(true) {
            return Some(
                "kernel.apparmor_restrict_unprivileged_userns is 1: root can allow it with \
                 `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or for this program alone with an AppArmor profile \
                 that says `userns,`"
                    .to_owned(),
            );
        }
        None
    }

    /// The same for an error of the clone that has just failed.
    #[must_use]
    pub fn explain(&self, error: &Error) -> Option<String> {
        use rustix::io::Errno;
        match error.errno() {
            Errno::PERM | Errno::ACCESS | Errno::NOSPC | Errno::USERS => self.obstacle(),
            _ => None,
        }
    }
}

fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Where the set-user-id helpers are installed; `PATH` is not asked, since its owner would choose the program.
fn installed(name: &str) -> Option<PathBuf> {
    ["/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin", "/sbin"]
        .into_iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| path.exists())
}

fn user_name(passwd: &str, user_id: u32) -> Option<String> {
    let number = user_id.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(facts: &UserNamespaceFacts, expected: Option<&str>) {
        let obstacle = facts.obstacle();
        assert_eq!(
            obstacle.as_deref().map(|text| expected.is_some_and(|part| text.contains(part))),
            expected.map(|_| true),
            "{obstacle:?}"
        );
    }

    #[test]
    fn the_obstacle_is_named() {
        let open = UserNamespaceFacts { maximum: Some(100), ..UserNamespaceFacts::default() };
        check(&open, None);
        check(&UserNamespaceFacts { maximum: None, ..open.clone() }, Some("CONFIG_USER_NS"));
        check(&UserNamespaceFacts { maximum: Some(0), ..open.clone() }, Some("user.max_user_namespaces"));
        check(
            &UserNamespaceFacts { unprivileged_clone: Some(false), ..open.clone() },
            Some("kernel.unprivileged_userns_clone"),
        );
        check(&UserNamespaceFacts { apparmor_restricts: Some(true), ..open.clone() }, Some("apparmor"));
        check(&UserNamespaceFacts { apparmor_restricts: Some(true), privileged: true, ..open }, None);
    }

    #[test]
    fn a_name_is_found_by_number() {
        assert_eq!(user_name("root:x:0:0:::\nann:x:1000:1000:::\n", 1000).as_deref(), Some("ann"));
        assert_eq!(user_name("broken\n", 1000), None);
    }
}
