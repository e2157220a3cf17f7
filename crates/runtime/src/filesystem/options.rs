//! The options of one mount, from the words that `mount(8)` and the OCI specification use.

use linux::mount::{MountAttributes, Propagation};

/// Whether a mount is a bind mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Bind {
    /// It is a file system of its own.
    #[default]
    No,
    /// One mount is bound.
    Single,
    /// It is bound with all mounts below it.
    Recursive,
}

/// The options of one mount, sorted by what they act on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MountOptions {
    /// Attributes to set on the mount.
    pub(crate) set: MountAttributes,
    /// Attributes to clear on it.
    pub(crate) clear: MountAttributes,
    /// Attributes to set on it and on all mounts below.
    pub(crate) recursive_set: MountAttributes,
    /// Attributes to clear on it and on all mounts below.
    pub(crate) recursive_clear: MountAttributes,
    /// Propagation to give, and whether to all mounts below too.
    pub(crate) propagation: Vec<(Propagation, bool)>,
    /// Whether it is a bind mount.
    pub(crate) bind: Bind,
    /// Whether an existing mount is changed.
    pub(crate) remount: bool,
    /// Whether a tmpfs begins with what stood at its place.
    pub(crate) copy_up: bool,
    /// The file system's own options, `key` or `key=value`.
    pub(crate) data: Vec<String>,
    /// Words of `mount(8)` that have no effect.
    pub(crate) ignored: Vec<String>,
}

impl MountOptions {
    /// Sorts the words; what is no word of `mount(8)` belongs to the file system.
    #[must_use]
    pub(crate) fn parse(words: &[String]) -> Self {
        let mut options = Self::default();
        for word in words {
            match word.as_str() {
                "" | "defaults" => {}
                "bind" => options.bind = Bind::Single,
                "rbind" => options.bind = Bind::Recursive,
                "remount" => options.remount = true,
                "tmpcopyup" => options.copy_up = true,
                // Which id map, and whether it can be had, is decided where the mount is planned.
                "idmap" | "ridmap" => {}
                // What they ask for is so in any case, or concerns only what the kernel logs.
                "nomand" | "noiversion" | "silent" | "loud" => {}
                "mand" | "iversion" => options.ignored.push(word.clone()),
                word => {
                    if let Some(propagation) = propagation(word) {
                        options.propagation.push(propagation);
                    } else if !options.attribute(word) {
                        options.data.push(word.to_owned());
                    }
                }
            }
        }
        options
    }

    fn attribute(&mut self, word: &str) -> bool {
        if let Some((set, clear)) = attribute(word) {
            self.set = (self.set - clear) | set;
            self.clear = (self.clear - set) | clear;
            return true;
        }
        let recursive = word.strip_prefix('r').and_then(attribute);
        if let Some((set, clear)) = recursive {
            self.recursive_set = (self.recursive_set - clear) | set;
            self.recursive_clear = (self.recursive_clear - set) | clear;
        }
        recursive.is_some()
    }

    /// All that they say, in the words of `mount(8)`, sorted by what they act on.
    #[must_use]
    pub(crate) fn described(&self) -> String {
        let recursive = |word: &str| format!("r{word}");
        let mut words: Vec<String> = changed_words(self.set, self.clear).map(str::to_owned).collect();
        words.extend(changed_words(self.recursive_set, self.recursive_clear).map(recursive));
        words.extend(self.propagation.iter().map(|(kind, all)| {
            let word = kind.word();
            if *all { recursive(word) } else { word.to_owned() }
        }));
        words.extend(self.copy_up.then(|| "tmpcopyup".to_owned()));
        words.extend(self.data.iter().cloned());
        words.join(",")
    }

    /// The words for a `-o` of `mount(8)`.
    #[must_use]
    pub(crate) fn words(&self) -> Vec<String> {
        let set = changed_words(self.set | self.recursive_set, MountAttributes::empty()).map(str::to_owned);
        set.chain(self.data.iter().cloned()).collect()
    }
}

/// Each attribute by the word that sets it and the word that clears it.
const WORDS: [(MountAttributes, &str, &str); 8] = [
    (MountAttributes::RDONLY, "ro", "rw"),
    (MountAttributes::NOSUID, "nosuid", "suid"),
    (MountAttributes::NODEV, "nodev", "dev"),
    (MountAttributes::NOEXEC, "noexec", "exec"),
    (MountAttributes::NOATIME, "noatime", "relatime"),
    (MountAttributes::NODIRATIME, "nodiratime", "diratime"),
    (MountAttributes::STRICTATIME, "strictatime", ""),
    (MountAttributes::NOSYMFOLLOW, "nosymfollow", "symfollow"),
];

/// The words that set and clear these attributes. The ways to keep access times are cleared together: one that is set says all.
fn changed_words(set: MountAttributes, clear: MountAttributes) -> impl Iterator<Item = &'static str> {
    let clear = if set.intersects(MountAttributes::ATIME_MASK) { clear - MountAttributes::ATIME_MASK } else { clear };
    let word = move |(flag, sets, clears)| match (set.contains(flag), clear.contains(flag)) {
        (true, _) => Some(sets),
        (false, true) => Some(clears),
        _ => None,
    };
    WORDS.into_iter().filter_map(word).filter(|word| !word.is_empty())
}

/// What a word sets and what it clears.
fn attribute(word: &str) -> Option<(MountAttributes, MountAttributes)> {
    use MountAttributes as A;
    let none = A::empty();
    Some(match word {
        "ro" => (A::RDONLY, none),
        "rw" => (none, A::RDONLY),
        "nosuid" => (A::NOSUID, none),
        "suid" => (none, A::NOSUID),
        "nodev" => (A::NODEV, none),
        "dev" => (none, A::NODEV),
        "noexec" => (A::NOEXEC, none),
        "exec" => (none, A::NOEXEC),
        "nodiratime" => (A::NODIRATIME, none),
        "diratime" => (none, A::NODIRATIME),
        "nosymfollow" => (A::NOSYMFOLLOW, none),
        "symfollow" => (none, A::NOSYMFOLLOW),
        // The three ways to keep access times exclude each other; relatime is the one without a flag.
        "noatime" => (A::NOATIME, A::ATIME_MASK - A::NOATIME),
        "strictatime" => (A::STRICTATIME, A::ATIME_MASK - A::STRICTATIME),
        "relatime" | "atime" | "norelatime" | "nostrictatime" => (none, A::ATIME_MASK),
        _ => return None,
    })
}

fn propagation(word: &str) -> Option<(Propagation, bool)> {
    let kind = |word| {
        Some(match word {
            "private" => Propagation::Private,
            "slave" => Propagation::Slave,
            "shared" => Propagation::Shared,
            "unbindable" => Propagation::Unbindable,
            _ => return None,
        })
    };
    kind(word).map(|kind| (kind, false)).or_else(|| Some((kind(word.strip_prefix('r')?)?, true)))
}

/// The propagation that `linux.rootfsPropagation` names, and whether for all mounts below.
pub(super) fn root_propagation(word: &str) -> Option<(Propagation, bool)> {
    propagation(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> MountOptions {
        MountOptions::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn words_are_sorted_by_what_they_act_on() {
        use MountAttributes as A;
        let options =
            parse(&["nosuid", "strictatime", "mode=755", "size=65536k", "ro", "rw", "rslave", "rbind", "rro"]);
        assert_eq!(options.set, A::NOSUID | A::STRICTATIME);
        assert_eq!(options.clear, (A::ATIME_MASK - A::STRICTATIME) | A::RDONLY);
        assert_eq!(options.recursive_set, A::RDONLY);
        assert_eq!(options.propagation, [(Propagation::Slave, true)]);
        assert_eq!(options.bind, Bind::Recursive);
        assert_eq!(options.data, ["mode=755", "size=65536k"]);
        assert_eq!(options.described(), "rw,nosuid,strictatime,rro,rslave,mode=755,size=65536k");
    }

    #[test]
    fn options_are_described_in_their_own_words() {
        for word in ["rw", "relatime", "noatime", "rexec", "rnoatime", "unbindable", "rprivate", "tmpcopyup", "gid=5"] {
            assert_eq!(parse(&[word]).described(), word);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_lost_or_panics(words in proptest::collection::vec("\\PC{0,12}", 0..8)) {
            let options = MountOptions::parse(&words);
            proptest::prop_assert!(options.data.iter().all(|word| words.contains(word)));
        }
    }
}
