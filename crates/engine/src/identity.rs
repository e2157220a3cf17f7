//! Who a container's program runs as: names looked up in the container's own files (`passwd(5)`, `group(5)`).

/// Ids in the container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// User.
    pub(crate) user: u32,
    /// Group.
    pub(crate) group: u32,
    /// More groups.
    pub(crate) additional: Vec<u32>,
}

/// Finds the ids of `USER[:GROUP]`, names or numbers. A number needs no entry; without a group the user's entry says it.
///
/// # Errors
/// The sentence that says which name is not there.
pub(crate) fn resolve_user(asked: &str, passwd: &str, groups: &str) -> Result<Identity, String> {
    let (user, group) = match asked.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (asked, None),
    };
    let entry = passwd.lines().map(fields).find(|entry| entry.first() == Some(&user));
    let by_number = || {
        let number = user.parse::<u32>().ok()?;
        let entry = passwd.lines().map(fields).find(|entry| number_at(entry, 2) == Some(number));
        Some((number, entry))
    };
    let (number, entry) = match entry.and_then(|entry| Some((number_at(&entry, 2)?, Some(entry)))).or_else(by_number) {
        Some(found) => found,
        None if user.is_empty() => (0, None),
        None => return Err(format!("there is no user `{user}` in the container's /etc/passwd")),
    };
    if let Some(group) = group {
        // A group that is named stands alone, as in Docker.
        return Ok(Identity { user: number, group: group_number(group, groups)?, additional: Vec::new() });
    }
    let main = entry.as_ref().and_then(|entry| number_at(entry, 3)).unwrap_or(0);
    let name = entry.as_ref().and_then(|entry| entry.first().copied());
    let additional = name.map(|name| memberships(name, main, groups)).unwrap_or_default();
    Ok(Identity { user: number, group: main, additional })
}

fn fields(line: &str) -> Vec<&str> {
    line.split(':').collect()
}

fn number_at(entry: &[&str], index: usize) -> Option<u32> {
    entry.get(index)?.parse().ok()
}

fn group_number(group: &str, groups: &str) -> Result<u32, String> {
    let named = groups.lines().map(fields).find(|entry| entry.first() == Some(&group));
    named
        .and_then(|entry| number_at(&entry, 2))
        .or_else(|| group.parse().ok())
        .ok_or_else(|| format!("there is no group `{group}` in the container's /etc/group"))
}

/// The groups that name the user as a member.
fn memberships(name: &str, main: u32, groups: &str) -> Vec<u32> {
    let is_member =
        |entry: &[&str]| entry.get(3).is_some_and(|members| members.split(',').any(|member| member == name));
    let mut numbers: Vec<_> = groups
        .lines()
        .map(fields)
        .filter(|entry| is_member(entry))
        .filter_map(|entry| number_at(&entry, 2))
        .filter(|number| *number != main)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1001::/home/ann:/bin/sh\nbroken\nodd:x:many:1::/:\n";
    const GROUP: &str = "root:x:0:\nann:x:1001:\nsudo:x:27:bob,ann\nvideo:x:44:ann\n";

    fn check(asked: &str, expected: Result<(u32, u32, &[u32]), &str>) {
        let found = resolve_user(asked, PASSWD, GROUP);
        match expected {
            Ok((user, group, additional)) => {
                assert_eq!(found, Ok(Identity { user, group, additional: additional.to_vec() }), "{asked}");
            }
            Err(part) => assert!(found.as_ref().is_err_and(|error| error.contains(part)), "{asked}: {found:?}"),
        }
    }

    #[test]
    fn users_are_found_by_name_and_by_number() {
        check("", Ok((0, 0, &[])));
        check("root", Ok((0, 0, &[])));
        check("ann", Ok((1000, 1001, &[27, 44])));
        check("1000", Ok((1000, 1001, &[27, 44])));
        check("ann:sudo", Ok((1000, 27, &[])));
        check("77", Ok((77, 0, &[])));
        check("77:88", Ok((77, 88, &[])));
        check(":video", Ok((0, 44, &[])));
        check("eve", Err("no user `eve`"));
        check("odd", Err("no user `odd`"));
        check("ann:nobodies", Err("no group `nobodies`"));
        check("4294967296", Err("no user"));
    }

    proptest::proptest! {
        #[test]
        fn no_file_makes_it_panic(asked in "\\PC{0,12}", passwd in "(\\PC{0,20}\n){0,4}", groups in "(\\PC{0,20}\n){0,4}") {
            let _found = resolve_user(&asked, &passwd, &groups);
        }
    }
}
