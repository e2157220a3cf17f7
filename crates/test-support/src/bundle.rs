//! A bundle with busybox as its root file system.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::leftovers::Leftovers;
use crate::machine::programs_directory;
use crate::run::{Output, command, finish};

/// A bundle in a directory of its own, with a state root of its own; all of it goes when this value goes.
#[derive(Debug)]
pub struct Bundle {
    directory: PathBuf,
    /// The id for the one container of most tests: unique on the machine.
    pub id: String,
    /// The `config.json`, as it will be written before the next run.
    pub config: Value,
    /// The user who runs the containers, where it is not the one who runs the tests.
    user: Option<u32>,
    /// The runtime; another one in its place answers what a peer does with the same bundle.
    program: PathBuf,
}

/// An id that no user of the machine has.
const ORDINARY_USER: u32 = 31_337;

static NEXT: AtomicU32 = AtomicU32::new(0);

const APPLETS: [&str; 36] = [
    "sh", "true", "false", "cat", "ls", "id", "hostname", "ps", "mount", "umount", "sleep", "echo", "env", "kill",
    "dd", "free", "grep", "wc", "stat", "mkdir", "rmdir", "touch", "head", "tail", "sort", "pwd", "ulimit", "mknod",
    "readlink", "test", "seq", "stty", "tty", "uname", "nice", "sed",
];

impl Bundle {
    /// A bundle whose container runs that shell text. `None`, with a skip, where busybox is not installed.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn shell(text: &str) -> Option<Self> {
        Self::make(text, None)
    }

    /// The same for a container of an ordinary user's, also when the tests run as root.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn shell_of_ordinary_user(text: &str) -> Option<Self> {
        if crate::is_root() && crate::program("setpriv").is_none() {
            crate::skip("setpriv is not installed");
            return None;
        }
        Self::make(text, crate::is_root().then_some(ORDINARY_USER))
    }

    fn make(text: &str, user: Option<u32>) -> Option<Self> {
        let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().map(Path::new).find(|path| path.exists());
        let Some(busybox) = busybox else {
            crate::skip("busybox is not installed");
            return None;
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let id = format!("holm-test-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(&id);
        let bin = directory.join("rootfs/bin");
        std::fs::create_dir_all(&bin).expect("a directory for the bundle");
        std::fs::copy(busybox, bin.join("busybox")).expect("busybox can be copied");
        for applet in APPLETS {
            std::os::unix::fs::symlink("busybox", bin.join(applet)).expect("a link to busybox");
        }
        std::fs::create_dir_all(directory.join("rootfs/etc")).expect("a directory");
        std::fs::write(
            directory.join("rootfs/etc/passwd"),
            "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n",
        )
        .expect("a file");
        let mut program = programs_directory().join("holm-oci");
        if user.is_some() {
            // Where the tests' programs are, another user may not be able to go.
            let copy = directory.join("holm-oci");
            std::fs::copy(&program, &copy).expect("the program can be copied");
            program = copy;
            own(&directory, user);
        }
        let mut bundle = Self { directory, id, config: Value::Null, user, program };
        let path = bundle.directory.to_string_lossy().into_owned();
        let rootless = bundle.user.is_some() || !crate::is_root();
        let words = ["spec", "-b", &path, "--rootless"];
        let spec = bundle.oci(if rootless { &words } else { &words[..3] });
        assert_eq!(spec.code, 0, "{spec:?}");
        let config = std::fs::read(bundle.directory.join("config.json")).expect("the configuration");
        bundle.config = serde_json::from_slice(&config).expect("JSON");
        bundle.set("/process/terminal", false.into());
        bundle.set("/process/args", serde_json::json!(["sh", "-c", text]));
        Some(bundle)
    }

    /// Another bundle with the same root and configuration.
    #[must_use]
    pub fn again(&self) -> Self {
        self.under(self.program.clone())
    }

    /// The same bundle under another runtime with the same command line.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn under(&self, program: PathBuf) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let id = format!("holm-test-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(&id);
        std::fs::create_dir_all(&directory).expect("a directory for the bundle");
        std::os::unix::fs::symlink(self.directory.join("rootfs"), directory.join("rootfs")).expect("a link");
        let mut config = self.config.clone();
        config["root"]["path"] = self.directory.join("rootfs").to_string_lossy().into_owned().into();
        Self { directory, id, config, user: self.user, program }
    }

    /// The bundle's directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Sets a value of the configuration by its JSON pointer; the last part of the path may be new.
    ///
    /// # Panics
    /// When the path leads nowhere.
    pub fn set(&mut self, pointer: &str, value: Value) {
        if let Some(place) = self.config.pointer_mut(pointer) {
            *place = value;
            return;
        }
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
        if self.config.pointer(parent).is_none() {
            self.set(parent, serde_json::json!({}));
        }
        let parent = self.config.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is an object");
        parent.insert(key.to_owned(), value);
    }

    /// Writes the configuration.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self) {
        std::fs::write(self.directory.join("config.json"), self.config.to_string())
            .expect("the configuration can be written");
    }

    /// The words of a `holm-oci` command on this bundle's state root.
    #[must_use]
    pub fn words(&self, arguments: &[&str]) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(user) = self.user {
            words.extend(["setpriv".to_owned(), format!("--reuid={user}"), format!("--regid={user}")]);
            words.extend(["--clear-groups", "--inh-caps=-all", "--"].map(str::to_owned));
        }
        words.push(self.program.to_string_lossy().into_owned());
        words.extend(["--root".to_owned(), self.directory.join("state").to_string_lossy().into_owned()]);
        words.extend(arguments.iter().map(|word| (*word).to_owned()));
        words
    }

    /// Runs `holm-oci` on this bundle's state root.
    #[must_use]
    pub fn oci(&self, arguments: &[&str]) -> Output {
        finish(&mut self.command(arguments), &arguments.join(" "))
    }

    /// The command for it, prepared but not started.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let words = self.words(arguments);
        let mut command = command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        command.current_dir(&self.directory);
        command
    }

    /// Runs the container in the foreground.
    #[must_use]
    pub fn run(&self) -> Output {
        self.write();
        finish(&mut self.command(&["run", &self.id]), "holm-oci run")
    }

    /// Runs the container and expects it to print this and to end well.
    ///
    /// # Panics
    /// When it does not.
    pub fn prints(&self, expected: &str) {
        let output = self.run();
        assert_eq!((output.code, output.stdout.trim_end()), (0, expected), "{}", output.stderr);
    }

    /// The `status` that `state` prints; nothing when there is no such container.
    #[must_use]
    pub fn status(&self) -> String {
        let output = self.oci(&["state", &self.id]);
        let state: Value = serde_json::from_str(&output.stdout).unwrap_or_default();
        state.get("status").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Waits until `state` prints that status.
    ///
    /// # Panics
    /// When it never does.
    pub fn await_status(&self, expected: &str) {
        for _ in 0..1000 {
            if self.status() == expected {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the container is {:?} and not {expected}", self.status());
    }

    /// Takes a container whose program does not end by itself through create, state, start, kill and delete.
    ///
    /// # Panics
    /// When one of them does not do what it should.
    pub fn goes_through_all_verbs(&self) {
        self.write();
        let succeeds = |arguments: &[&str]| {
            let output = self.oci(arguments);
            assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{arguments:?}: {output:?}");
        };
        succeeds(&["create", &self.id]);
        assert_eq!(self.status(), "created");
        succeeds(&["start", &self.id]);
        assert_eq!(self.status(), "running");
        succeeds(&["kill", &self.id, "KILL"]);
        self.await_status("stopped");
        succeeds(&["delete", &self.id]);
        assert_eq!(self.status(), "");
        self.leftovers().assert_none();
    }

    /// What of this bundle's containers is left on the machine.
    #[must_use]
    pub fn leftovers(&self) -> Leftovers {
        Leftovers::of(&self.id, &self.directory.join("state"))
    }
}

/// Gives a tree to a user.
fn own(path: &Path, user: Option<u32>) {
    std::os::unix::fs::lchown(path, user, user).expect("the owner can be changed");
    if path.is_dir() && !path.is_symlink() {
        for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
            own(&entry.path(), user);
        }
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        // A test that has failed in its middle leaves containers, which must not outlive it.
        for entry in std::fs::read_dir(self.directory.join("state")).into_iter().flatten().flatten() {
            let id = entry.file_name().to_string_lossy().into_owned();
            if id != ".active" {
                let words = self.words(&["delete", "--force", &id]);
                let _deleted = Command::new(&words[0]).args(&words[1..]).status();
            }
        }
        let _removed = std::fs::remove_dir_all(&self.directory);
    }
}
