//! Where in a JSON document something stands, as a reader of the document would say it: `linux.namespaces[2].type`.

use std::fmt;

/// A place, made of borrowed parts: nothing is put together until it is shown, so that a valid document costs nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// The document itself.
    Document,
    /// What an object has by that name.
    Member(&'a Self, &'a str),
    /// What a list has at that index.
    Item(&'a Self, usize),
}

impl Place<'_> {
    /// The member of an object that stands here.
    pub(crate) fn member<'b>(&'b self, name: &'b str) -> Place<'b> {
        Place::Member(self, name)
    }

    /// The item of a list that stands here.
    pub(crate) fn item(&self, index: usize) -> Place<'_> {
        Place::Item(self, index)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => Ok(()),
            Self::Member(Place::Document, name) if is_plain(name) => f.write_str(name),
            // Names come from the document: quoted, they can neither be taken for two nor move a terminal's cursor.
            Self::Member(outer, name) if is_plain(name) => write!(f, "{outer}.{name}"),
            Self::Member(outer, name) => write!(f, "{outer}[{name:?}]"),
            Self::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

/// Whether a name can stand without quotes.
fn is_plain(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !name.is_empty() && name.bytes().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_as_a_path() {
        let linux = Place::Document.member("linux");
        let check = |place: Place<'_>, expected: &str| assert_eq!(place.to_string(), expected);
        check(Place::Document, "");
        check(linux, "linux");
        check(linux.member("namespaces").item(2).member("type"), "linux.namespaces[2].type");
        check(linux.member("sysctl").member("net.ipv4.ip_forward"), "linux.sysctl[\"net.ipv4.ip_forward\"]");
        check(Place::Document.member(""), "[\"\"]");
        check(Place::Document.member("a\u{1b}[31m"), "[\"a\\u{1b}[31m\"]");
    }
}
