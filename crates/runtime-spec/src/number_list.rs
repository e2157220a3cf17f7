//! Lists of processors and memory nodes (config-linux.md, CPU; config.md, `execCPUAffinity`).

use std::ops::RangeInclusive;

/// Reads a list such as `0-3,7`: numbers and ranges, separated by commas, with blanks around them as they may be. An
/// empty text is an empty list; `None` is no list.
#[must_use]
pub fn parse_number_list(text: &str) -> Option<Vec<RangeInclusive<u32>>> {
    if text.trim_matches(' ').is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(parse_range).collect()
}

fn parse_range(text: &str) -> Option<RangeInclusive<u32>> {
    let text = text.trim_matches(' ');
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (parse_number(first)?, parse_number(last)?);
    (first <= last).then_some(first..=last)
}

fn parse_number(text: &str) -> Option<u32> {
    // `parse` alone would take `+1`.
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists() {
        let check = |text: &str, expected: Option<Vec<RangeInclusive<u32>>>| {
            assert_eq!(parse_number_list(text), expected, "{text:?}");
        };
        check("", Some(vec![]));
        check("0", Some(vec![0..=0]));
        check(" ", Some(vec![]));
        check("0-3,7", Some(vec![0..=3, 7..=7]));
        check(" 0-3, 7 ", Some(vec![0..=3, 7..=7]));
        check("4294967295", Some(vec![u32::MAX..=u32::MAX]));
        for wrong in [",", "1,", "a", "-", "1-", "-1", "3-1", "1 - 2", "1 2", "+1", "4294967296", "1-2-3", "0x1", "1\n"]
        {
            check(wrong, None);
        }
    }
}
