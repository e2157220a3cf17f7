//! The text of `/proc/PID/mountinfo` (`proc_pid_mountinfo(5)`).

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// A path as it stands there: blank, tab, newline and backslash are written as three octal digits after a backslash.
#[must_use]
pub fn unescape(field: &[u8]) -> Cow<'_, Path> {
    if !field.contains(&b'\\') {
        return Cow::Borrowed(Path::new(OsStr::from_bytes(field)));
    }
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                bytes.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    Cow::Owned(OsString::from_vec(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_escapes_are_undone_and_nothing_else_is() {
        for (field, expected) in [
            ("/a", "/a"),
            (r"/a\040b", "/a b"),
            (r"/a\011b", "/a\tb"),
            (r"/a\134", r"/a\"),
            (r"/a\9", r"/a\9"),
            (r"/a\04", r"/a\04"),
        ] {
            assert_eq!(unescape(field.as_bytes()), Path::new(expected), "{field}");
        }
    }
}
