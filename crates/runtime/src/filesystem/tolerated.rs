//! What a mount of the configuration asks for and what has no effect: passed over with a warning. Pure.

use super::options::{Bind, MountOptions};

/// What is done with a mount of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use<'a> {
    /// A new file system of that type.
    New(&'a str),
    /// Something of the host's is bound.
    Bind,
    /// One that is there already is changed.
    Remount,
    /// The control groups.
    ControlGroups,
}

/// The warnings about the options of one mount.
pub(super) fn passed_over(path: &str, what: Use<'_>, options: &MountOptions) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut warn = |word: &str, reason: &str| warnings.push(format!("{path}.options: {word} has no effect: {reason}"));
    for word in &options.ignored {
        warn(word, "the kernel takes it from nobody any more");
    }
    let reason = match what {
        Use::New(_) => None,
        Use::Bind => Some("a bind shows a file system as it is mounted already"),
        Use::Remount => Some("a change of a mount leaves its file system as it is"),
        Use::ControlGroups => Some("the control groups are mounted as the host has them"),
    };
    if let Some(reason) = reason {
        for word in &options.data {
            warn(word, reason);
        }
    }
    if options.copy_up && what != Use::New("tmpfs") {
        warn("tmpcopyup", "only a new tmpfs can begin with what stood at its place");
    }
    if what == Use::ControlGroups && !options.propagation.is_empty() {
        warn("a propagation", "the control groups are mounted as they are in every container");
    }
    if options.bind != Bind::No && options.remount {
        warn("remount", "what is bound is bound anew");
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_effect_is_said() {
        let check = |words: &[&str], what, expected: &[&str]| {
            let words: Vec<_> = words.iter().map(|word| (*word).to_owned()).collect();
            let warnings = passed_over("mounts[0]", what, &MountOptions::parse(&words));
            let named: Vec<_> = warnings.iter().map(|text| text.split(' ').nth(1).unwrap_or_default()).collect();
            assert_eq!(named, expected, "{warnings:?}");
        };
        check(&["ro", "size=1m", "tmpcopyup", "private"], Use::New("tmpfs"), &[]);
        check(&["tmpcopyup", "mand", "nomand", "silent"], Use::New("ext4"), &["mand", "tmpcopyup"]);
        check(&["rbind", "ro", "rprivate", "size=1m"], Use::Bind, &["size=1m"]);
        check(&["remount", "ro", "size=1m"], Use::Remount, &["size=1m"]);
        check(&["bind", "remount", "ro"], Use::Bind, &["remount"]);
        check(&["ro", "relatime", "rslave"], Use::ControlGroups, &["a"]);
    }
}
