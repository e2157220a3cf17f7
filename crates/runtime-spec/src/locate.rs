//! From a position in a JSON text to the place that it belongs to.
//!
//! A reader of JSON says only how far it came. This walk over the text up to that point finds which member or item was being read.
//! It runs only after a failure, on a text that need not be JSON at all; it never recurses, so depth costs no stack.

use crate::place::Place;

/// How many levels are shown; a deeper place is shown by its outer levels and `…`.
const LEVELS: usize = 24;

enum Level {
    Object { name: Option<String> },
    List { index: usize },
}

/// The place of the value that a reader had come to after `consumed` bytes of `text`; empty for the document itself.
pub(crate) fn locate(text: &[u8], consumed: usize) -> String {
    let mut levels: Vec<Level> = Vec::new();
    let text = &text[..consumed.min(text.len())];
    let mut position = 0;
    while let Some(byte) = text.get(position) {
        position += 1;
        match byte {
            b'{' => levels.push(Level::Object { name: None }),
            b'[' => levels.push(Level::List { index: 0 }),
            b'}' | b']' => drop(levels.pop()),
            b',' => match levels.last_mut() {
                Some(Level::Object { name }) => *name = None,
                Some(Level::List { index }) => *index += 1,
                None => {}
            },
            b'"' => {
                let start = position - 1;
                position = end_of_string(text, position);
                if let Some(Level::Object { name: name @ None }) = levels.last_mut() {
                    *name = serde_json::from_slice(&text[start..position]).ok();
                }
            }
            _ => {}
        }
    }
    show(&levels)
}

/// Just behind the closing quote of the string whose inside begins at `position`.
fn end_of_string(text: &[u8], mut position: usize) -> usize {
    while let Some(byte) = text.get(position) {
        position += match byte {
            b'"' => return position + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    text.len()
}

fn show(levels: &[Level]) -> String {
    fn add(place: &Place<'_>, levels: &[Level]) -> String {
        match levels {
            [Level::Object { name: Some(name) }, rest @ ..] => add(&place.member(name), rest),
            [Level::List { index }, rest @ ..] => add(&place.item(*index), rest),
            _ => place.to_string(),
        }
    }
    let shown = levels.get(..LEVELS);
    add(&Place::Document, shown.unwrap_or(levels))
        + if shown.is_some_and(|shown| shown.len() < levels.len()) { "…" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_place_at_a_mark() {
        // `^` is the point that the reader came to; it is not part of the text.
        let check = |marked: &str, expected: &str| {
            let (before, after) = marked.split_once('^').unwrap();
            assert_eq!(locate(format!("{before}{after}").as_bytes(), before.len()), expected, "{marked}");
        };
        check("^", "");
        check(r#"{"a"^: 1}"#, "a");
        check(r#"{"a": ^1}"#, "a");
        check(r#"{"a": 1^}"#, "a");
        check(r#"{"a": 1,^ "b": 2}"#, "");
        check(r#"{"a": {"b": [1, 2, "x"^]}}"#, "a.b[2]");
        check(r#"{"a": {"b": [1, 2]}^}"#, "a");
        check(r#"{"a": [{}, {"b": 1}^]}"#, "a[1]");
        check(r#"{"a": ["]}\"", {"b\"c": ^"#, r#"a[1]["b\"c"]"#);
        check(r#"{"a": "b": ^1}"#, "a");
        check(r#"{"a": "unclosed^ "#, "a");
        check(r"}}]],,^", "");
        check("{\"\\^", "");
    }

    #[test]
    fn depth_is_cut_and_costs_no_stack() {
        let text = vec![b'['; 1_000_000];
        assert_eq!(locate(&text, text.len()), format!("{}…", "[0]".repeat(LEVELS)));
        assert_eq!(locate(&text, LEVELS), "[0]".repeat(LEVELS));
    }
}
