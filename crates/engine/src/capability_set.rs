//! Which capabilities a container has.

use runtime_spec::Capability;

use crate::error::Error;
use crate::request::Security;

/// What every container has (Podman's list): what the programs of an operating system need inside their own container.
const USUAL: [&str; 11] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// The capabilities that were asked for, by number. `possible` has a bit for each that can be had.
///
/// # Errors
/// A name that is none, or a capability that cannot be had.
pub(crate) fn capabilities(security: &Security, possible: u64) -> Result<Vec<Capability>, Error> {
    let all = || Capability::known().filter(|capability| is_in(capability, possible));
    let has_all = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case("all"));
    let mut set: Vec<Capability> = if security.privileged || has_all(&security.added) {
        all().collect()
    } else if has_all(&security.dropped) {
        Vec::new()
    } else {
        USUAL.iter().map(|name| Capability::from_name(name)).filter(|capability| is_in(capability, possible)).collect()
    };
    for name in security.added.iter().filter(|name| !name.eq_ignore_ascii_case("all")) {
        let capability = known("--cap-add", name)?;
        if !is_in(&capability, possible) {
            return Err(Error::request(
                format!("--cap-add {name}"),
                "this capability is not to be had here: holm's own process does not have it",
            ));
        }
        if !set.contains(&capability) {
            set.push(capability);
        }
    }
    for name in security.dropped.iter().filter(|name| !name.eq_ignore_ascii_case("all")) {
        let capability = known("--cap-drop", name)?;
        set.retain(|kept| *kept != capability);
    }
    set.sort();
    Ok(set)
}

fn is_in(capability: &Capability, mask: u64) -> bool {
    capability.number().is_some_and(|number| mask & (1 << number) != 0)
}

fn known(option: &str, name: &str) -> Result<Capability, Error> {
    let capability = Capability::from_name(name);
    if capability.number().is_some() {
        return Ok(capability);
    }
    let wanted = name.to_ascii_uppercase();
    let wanted = wanted.trim_start_matches("CAP_");
    let near = Capability::known()
        .map(|capability| capability.to_string())
        .find(|known| known.trim_start_matches("CAP_").contains(wanted) && !wanted.is_empty());
    let hint = near.map(|near| format!("; did you mean {}?", near.trim_start_matches("CAP_"))).unwrap_or_default();
    Err(Error::request(format!("{option} {name}"), format!("there is no capability of that name{hint}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(security: &Security, possible: u64, expected: Result<&[&str], &str>) {
        let names = capabilities(security, possible)
            .map(|set| set.iter().map(|capability| capability.to_string().replace("CAP_", "")).collect::<Vec<_>>());
        match (names, expected) {
            (Ok(names), Ok(expected)) => assert_eq!(names, expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (names, expected) => panic!("{names:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn capabilities_are_added_and_dropped() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let none = Security { dropped: words(&["all"]), ..Security::default() };
        check(&none, u64::MAX, Ok(&[]));
        let some = Security { added: words(&["net_admin", "CAP_CHOWN"]), ..none.clone() };
        check(&some, u64::MAX, Ok(&["CHOWN", "NET_ADMIN"]));
        let less = Security { added: words(&["ALL"]), dropped: words(&["sys_admin"]), ..Security::default() };
        check(&less, 0b10_0000_0000_0000_0000_0001, Ok(&["CHOWN"]));
        check(&some, 1, Err("--cap-add net_admin: this capability is not to be had"));
        let wrong = Security { added: words(&["ADMIN"]), ..Security::default() };
        check(&wrong, u64::MAX, Err("did you mean NET_ADMIN?"));
        let wrong = Security { dropped: words(&["xyz"]), ..Security::default() };
        check(&wrong, u64::MAX, Err("--cap-drop xyz: there is no capability of that name"));
    }
}
