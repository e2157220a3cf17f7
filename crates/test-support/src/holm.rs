//! A holm of its own: its directories are nobody else's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::leftovers::Leftovers;
use crate::machine::{is_root, programs_directory};
use crate::run::{Output, command, finish};

/// The engine with directories of its own, which go when this value goes.
#[derive(Debug)]
pub struct Holm {
    directory: PathBuf,
    /// How the names of its containers begin: unique on the machine.
    pub prefix: String,
    /// The words before the program's: another user, if it is not the caller who runs it.
    user: Vec<String>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static NAMES: AtomicU32 = AtomicU32::new(0);

impl Holm {
    /// One for the user who runs the tests.
    ///
    /// # Panics
    /// When its directory cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("holm-engine-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(&prefix);
        std::fs::create_dir(&directory).expect("a directory for holm");
        Self { directory, prefix, user: Vec::new() }
    }

    /// One for an ordinary user: the one who runs the tests, or another whom root becomes. `None`, with a skip, where root cannot.
    ///
    /// # Panics
    /// When its directory cannot be given to the user.
    #[must_use]
    pub fn without_root() -> Option<Self> {
        let mut holm = Self::new();
        if !is_root() {
            return Some(holm);
        }
        let setpriv = crate::program("setpriv");
        let Some(setpriv) = setpriv else {
            crate::skip("setpriv is not installed, with which root becomes an ordinary user");
            return None;
        };
        /// Nobody's: no file of the machine belongs to it.
        const USER: u32 = 54_321;
        std::os::unix::fs::chown(&holm.directory, Some(USER), Some(USER)).expect("the directory can be given away");
        let id = USER.to_string();
        holm.user =
            [&setpriv.to_string_lossy(), "--reuid", &id, "--regid", &id, "--clear-groups"].map(str::to_owned).to_vec();
        Some(holm)
    }

    /// Its directory: a place for the test's own files too.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A command of it, prepared but not started.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let program = programs_directory().join("holm").to_string_lossy().into_owned();
        self.prepare(&[&[program.as_str()], arguments].concat())
    }

    /// A shell in its directory, with device nodes of its own; arguments that are added are the text's `$1` and so on.
    #[must_use]
    pub fn shell(&self, text: &str) -> Command {
        self.prepare(&["sh", "-c", text, "sh"])
    }

    /// A command as its user, in its directory.
    fn prepare(&self, words: &[&str]) -> Command {
        let words = self.user.iter().map(String::as_str).chain(words.iter().copied());
        let mut command = command(&words.collect::<Vec<_>>());
        command.current_dir(&self.directory).env("HOLM_ROOT", self.directory.join("holm")).env("HOME", &self.directory);
        command
    }

    /// Runs a command of it.
    #[must_use]
    pub fn holm(&self, arguments: &[&str]) -> Output {
        finish(&mut self.command(arguments), &arguments.join(" "))
    }

    /// The arguments of a `run` under a name of its own.
    #[must_use]
    pub fn run_arguments(&self, arguments: &[&str]) -> Vec<String> {
        let name = format!("{}-{}", self.prefix, NAMES.fetch_add(1, Ordering::Relaxed));
        ["run", "--name", &name].into_iter().chain(arguments.iter().copied()).map(str::to_owned).collect()
    }

    /// Runs a container to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        let words = self.run_arguments(arguments);
        self.holm(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Runs a shell in the image `host`, with these options.
    #[must_use]
    pub fn host(&self, options: &[&str], text: &str) -> Output {
        self.run(&[options, &["host", "sh", "-c", text]].concat())
    }

    /// Runs a shell in the image `host` and expects it to print this and to end well.
    ///
    /// # Panics
    /// When it does not.
    pub fn prints(&self, options: &[&str], text: &str, expected: &str) {
        let output = self.host(options, text);
        assert_eq!((output.code, output.stdout.trim_end()), (0, expected), "{options:?} {text:?}: {}", output.stderr);
    }

    /// What of its containers is left on the machine.
    #[must_use]
    pub fn leftovers(&self) -> Leftovers {
        let root = self.directory.join("holm");
        let mut found = Leftovers::of(&self.prefix, &root.join("state/containers"));
        let files = std::fs::read_dir(root.join("data/containers")).into_iter().flatten().flatten();
        found.records.extend(files.map(|entry| entry.path()));
        found
    }
}

impl Default for Holm {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Holm {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.directory);
    }
}
