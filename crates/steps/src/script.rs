//! A shell script in the making: POSIX `sh`, readable, each word quoted.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// POSIX shell text that grows line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    text: String,
    last_comment: String,
}

impl Script {
    /// An empty script.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A comment on what follows; the one that was made last holds on and is not repeated, an empty one is left out.
    pub fn comment(&mut self, text: &str) {
        if text.is_empty() || text == self.last_comment {
            return;
        }
        text.clone_into(&mut self.last_comment);
        for line in text.lines() {
            writeln!(self, "# {line}");
        }
    }

    /// A command: every word is quoted where the shell would read it otherwise.
    pub fn command<W: AsRef<str>>(&mut self, words: impl IntoIterator<Item = W>) {
        let mut separator = "";
        for word in words {
            self.text.push_str(separator);
            self.text.push_str(&quote(word.as_ref()));
            separator = " ";
        }
        self.text.push('\n');
    }

    /// The value written into a file of the kernel's, as `echo value > file`.
    pub fn write_file(&mut self, value: &str, file: &str) {
        // printf rather than echo where echo would read the value as an option or an escape.
        let verb = if value.starts_with('-') || value.contains('\\') { "printf '%s\\n'" } else { "echo" };
        writeln!(self, "{verb} {} > {}", quote(value), quote(file));
    }

    /// Lines as they are: for what the shell itself must read (variables, conditions).
    pub fn raw(&mut self, lines: &str) {
        self.text.push_str(lines);
        if !lines.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// An empty line.
    pub fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Formatted lines, so that `writeln!` works on a script without a `Result` to look at.
    pub fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) {
        if self.text.write_fmt(arguments).is_err() {
            // Writing into a String cannot fail; only the Display of an argument could.
            self.text.push('\n');
        }
    }

    /// The text so far.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One shell word: unchanged where that is safe, else in single quotes.
#[must_use]
pub fn quote(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=,+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_the_shell_would_read_them() {
        for (word, expected) in [
            ("/proc/self", "/proc/self"),
            ("a=b,c:d", "a=b,c:d"),
            ("", "''"),
            ("two words", "'two words'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("*", "'*'"),
            ("~", "'~'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(quote(word), expected, "{word:?}");
        }
    }

    #[test]
    fn a_script_reads_as_shell() {
        let mut script = Script::new();
        script.comment("why it stands here");
        script.comment("why it stands here");
        script.command(["mount", "-t", "tmpfs", "my tmp", "/mnt"]);
        script.comment("why it stands here");
        script.write_file("100", "/sys/fs/cgroup/a/pids.max");
        script.write_file("-1", "/sys/fs/cgroup/a/cpu.cfs_quota_us");
        assert_eq!(
            script.as_str(),
            "# why it stands here\nmount -t tmpfs 'my tmp' /mnt\necho 100 > /sys/fs/cgroup/a/pids.max\n\
             printf '%s\\n' -1 > /sys/fs/cgroup/a/cpu.cfs_quota_us\n"
        );
    }
}
