//! `/etc/subuid` and `/etc/subgid`: the ranges of ids that a user may map (`subuid(5)`).

/// A range of subordinate ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubordinateRange {
    /// First id.
    pub first: u32,
    /// How many ids.
    pub count: u32,
}

/// The ranges of a user, whom the file names by name or by number. Lines that are not of the form `who:first:count` belong to
/// nobody, as `newuidmap(1)` reads them.
#[must_use]
pub fn parse_subordinate(text: &str, user_name: Option<&str>, user_id: u32) -> Vec<SubordinateRange> {
    let number = user_id.to_string();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.trim().split(':');
            let (who, first, count, end) = (fields.next()?, fields.next()?, fields.next()?, fields.next());
            let mine = who == number || Some(who) == user_name;
            if !mine || end.is_some() {
                return None;
            }
            let (first, count): (u32, u32) = (first.parse().ok()?, count.parse().ok()?);
            (count > 0 && first.checked_add(count).is_some()).then_some(SubordinateRange { first, count })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_belong_to_a_name_or_a_number() {
        let text = "ann:100000:65536\n# comment\n1000:300000:10\nbob:1:1\nann:broken:1\nann:5:0\nann:4294967295:9\n";
        let ranges = parse_subordinate(text, Some("ann"), 1000);
        assert_eq!(
            ranges,
            [SubordinateRange { first: 100_000, count: 65_536 }, SubordinateRange { first: 300_000, count: 10 }]
        );
        assert!(parse_subordinate(text, None, 7).is_empty());
    }
}
