//! Running a program in a place of its own.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::machine::is_root;

/// How a program ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The exit code; 128 and the signal's number when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Makes device nodes that a container may spoil without harm to the machine's, then executes the command. They are put together over
/// a directory that every machine has, so that a run that is killed half-way leaves none.
const PRIVATE_DEVICES: &str = r#"
set -e
new=/mnt
mount -t tmpfs -o mode=755 devices "$new"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  rest=${node#*:}; mknod -m 666 "$new/${node%%:*}" c "${rest%:*}" "${rest#*:}"
done
mkdir "$new/pts" "$new/shm" "$new/mqueue"
mount --bind /dev/pts "$new/pts"; ln -s pts/ptmx "$new/ptmx"; ln -s /proc/self/fd "$new/fd"
mount --move "$new" /dev
exec "$@"
"#;

/// A command that, as root, runs in a mount namespace with device nodes of its own.
///
/// # Panics
/// When there are no words.
#[must_use]
pub fn command(words: &[&str]) -> Command {
    let mut command;
    if is_root() {
        command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", PRIVATE_DEVICES, "sh"]).args(words);
    } else {
        command = Command::new(words.first().expect("a command has a name"));
        command.args(words.iter().skip(1));
    }
    command
}

/// Runs a command to its end, which must come within a minute or three (virtual machines are slow).
///
/// # Panics
/// When it cannot be started or does not end.
#[must_use]
pub fn run(words: &[&str]) -> Output {
    finish(&mut command(words), &words.join(" "))
}

/// Runs a prepared command to its end. Its output goes to files: a container that outlives the command keeps a pipe open.
pub(crate) fn finish(command: &mut Command, name: &str) -> Output {
    const LIMIT: Duration = Duration::from_secs(180);
    let (stdout, stderr) = (unnamed_file(), unnamed_file());
    let share = |file: &File| file.try_clone().expect("a descriptor can be copied");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(share(&stdout))
        .stderr(share(&stderr))
        .spawn()
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        if begin.elapsed() > LIMIT {
            child.kill().expect("a child can be killed");
            panic!("{name} did not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    use std::os::unix::process::ExitStatusExt as _;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1);
    Output { code, stdout: content(stdout), stderr: content(stderr) }
}

fn unnamed_file() -> File {
    let flags = rustix::fs::OFlags::TMPFILE | rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CLOEXEC;
    let directory = std::env::temp_dir();
    rustix::fs::open(&directory, flags, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .expect("an unnamed file")
        .into()
}

fn content(mut file: File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("a file can be read");
    String::from_utf8_lossy(&bytes).into_owned()
}
