//! A bundle with busybox as its root file system.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::leftovers::Leftovers;
use crate::machine::programs_directory;
use crate::run::{Output, command, finish, run};

/// A bundle in a directory of its own, with a state root of its own; all of it goes when this value goes.
#[derive(Debug)]
pub struct Bundle {
    directory: PathBuf,
    /// The id for the one container of most tests: unique on the machine.
    pub id: String,
    /// The `config.json`, as it will be written before the next run.
    pub config: Value,
}

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
        let spec = Self::spec_command(&directory);
        assert!(spec, "holm-oci spec");
        let config = std::fs::read(directory.join("config.json")).expect("the configuration");
        let mut bundle = Self { directory, id, config: serde_json::from_slice(&config).expect("JSON") };
        bundle.set("/process/terminal", false.into());
        bundle.set("/process/args", serde_json::json!(["sh", "-c", text]));
        Some(bundle)
    }

    fn spec_command(directory: &Path) -> bool {
        let mut command = Command::new(programs_directory().join("holm-oci"));
        command.args(["spec", "--bundle"]).arg(directory);
        if !crate::is_root() {
            command.arg("--rootless");
        }
        command.status().is_ok_and(|status| status.success())
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
        let program = programs_directory().join("holm-oci").to_string_lossy().into_owned();
        let root = self.directory.join("state").to_string_lossy().into_owned();
        [program, "--root".to_owned(), root]
            .into_iter()
            .chain(arguments.iter().map(|word| (*word).to_owned()))
            .collect()
    }

    /// Runs `holm-oci` on this bundle's state root.
    #[must_use]
    pub fn oci(&self, arguments: &[&str]) -> Output {
        let words = self.words(arguments);
        run(&words.iter().map(String::as_str).collect::<Vec<_>>())
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

    /// What of this bundle's containers is left on the machine.
    #[must_use]
    pub fn leftovers(&self) -> Leftovers {
        Leftovers::of(&self.id, &self.directory.join("state"))
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.directory);
    }
}
