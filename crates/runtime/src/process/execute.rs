//! Finding and executing the program.

use std::convert::Infallible;
use std::ffi::CString;
use std::fmt;

use linux::process::Strings;
use runtime_spec::Process;
use rustix::fs::{Access, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::diagnosis::diagnose;
use super::error::ProcessError;
use crate::own_program::OwnProgram;

/// The program in the form that the kernel takes, made ready before the clone.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    name: String,
    candidates: Vec<CString>,
    arguments: Strings,
    environment: Strings,
    /// The user whose home is looked up when the environment does not say it.
    home_of: Option<u32>,
    /// What must not be executed.
    own_program: Option<OwnProgram>,
}

/// A program that could not be executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExecuteError {
    program: String,
    errno: Errno,
    reason: String,
}

impl ExecuteError {
    /// What shells say of it: 127 for a program that is not there, 126 for one that cannot be executed.
    #[must_use]
    pub(crate) fn exit_code(&self) -> u8 {
        if matches!(self.errno, Errno::NOENT | Errno::NOTDIR) { 127 } else { 126 }
    }
}

impl fmt::Display for ExecuteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kernel's words too, in any case: Docker and Podman find out from them why a program did not start.
        let text = std::io::Error::from(self.errno).to_string().to_ascii_lowercase();
        let words = text.split(" (os error").next().unwrap_or_default();
        write!(f, "{:?}: {} ({words}, {})", self.program, self.reason, linux::errno_name(self.errno))
    }
}

impl std::error::Error for ExecuteError {}

impl fmt::Display for Prepared {
    /// The program and its arguments as shell words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for argument in self.arguments.iter() {
            write!(f, "{separator}{}", steps::quote(&argument.to_string_lossy()))?;
            separator = " ";
        }
        Ok(())
    }
}

impl Prepared {
    /// Makes the program ready.
    ///
    /// # Errors
    /// Strings that cannot reach the kernel.
    pub(crate) fn new(process: &Process, own_program: Option<OwnProgram>) -> Result<Self, ProcessError> {
        let name = process.args.first().cloned().ok_or(ProcessError::NoProcess)?;
        let path = process.env.iter().rev().find_map(|variable| variable.strip_prefix("PATH=")).unwrap_or_default();
        // A name with a slash is a path; any other is looked for where the container's own PATH says.
        let candidates: Vec<String> = if name.contains('/') {
            vec![name.clone()]
        } else {
            let directories = path.split(':').map(|directory| if directory.is_empty() { "." } else { directory });
            if path.is_empty() {
                Vec::new()
            } else {
                directories.map(|directory| format!("{directory}/{name}")).collect()
            }
        };
        let candidates = candidates.into_iter().map(CString::new).collect::<Result<_, _>>();
        Ok(Self {
            candidates: candidates.map_err(|_| ProcessError::Nul("args"))?,
            arguments: Strings::new(&process.args).ok_or(ProcessError::Nul("args"))?,
            environment: Strings::new(&process.env).ok_or(ProcessError::Nul("env"))?,
            home_of: (!process.env.iter().any(|variable| variable.starts_with("HOME="))).then_some(process.user.uid),
            own_program,
            name,
        })
    }

    /// Looks whether the program is there and may be executed, from inside the container's root.
    ///
    /// # Errors
    /// The reason why it cannot be executed.
    pub(crate) fn check(&self) -> Result<(), ExecuteError> {
        self.locate().map(drop)
    }

    fn locate(&self) -> Result<&CString, ExecuteError> {
        let mut refused = None;
        for candidate in &self.candidates {
            let Ok(status) = rustix::fs::stat(candidate) else { continue };
            let is_file = FileType::from_raw_mode(status.st_mode) == FileType::RegularFile;
            if is_file && rustix::fs::access(candidate, Access::EXEC_OK).is_ok() {
                return Ok(candidate);
            }
            refused.get_or_insert(candidate);
        }
        let (errno, reason) = match refused {
            Some(path) => (Errno::ACCESS, diagnose(path, Errno::ACCESS)),
            None if self.name.contains('/') => (Errno::NOENT, "no such file in the container".to_owned()),
            None if self.candidates.is_empty() => {
                (Errno::NOENT, "the container's environment has no PATH to look in".to_owned())
            }
            None => (Errno::NOENT, "executable file not found in $PATH of the container".to_owned()),
        };
        Err(ExecuteError { program: self.name.clone(), errno, reason })
    }
}

/// Executes the program; comes back only on failure.
#[must_use]
pub(crate) fn execute(prepared: &Prepared) -> ExecuteError {
    match try_execute(prepared) {
        Err(error) => error,
        Ok(never) => match never {},
    }
}

fn try_execute(prepared: &Prepared) -> Result<Infallible, ExecuteError> {
    let path = prepared.locate()?;
    if prepared.own_program.is_some_and(|own| own.is_behind(path)) {
        return Err(ExecuteError {
            program: prepared.name.clone(),
            errno: Errno::ACCESS,
            reason: "leads to the runtime's own program on the host, which no container may execute".to_owned(),
        });
    }
    let with_home = prepared.home_of.and_then(|user| {
        let home = home_of(user);
        let known = prepared.environment.iter().map(|variable| variable.to_string_lossy().into_owned());
        Strings::new(known.chain([format!("HOME={home}")]))
    });
    let environment = with_home.as_ref().unwrap_or(&prepared.environment);
    linux::process::execute(path, &prepared.arguments, environment).map_err(|errno| ExecuteError {
        program: prepared.name.clone(),
        errno,
        reason: diagnose(path, errno),
    })
}

/// The home directory that the container's own `/etc/passwd` gives a user; `/` without one.
fn home_of(user: u32) -> String {
    use std::io::Read as _;
    const MOST: u64 = 1 << 20;
    let mut text = Vec::new();
    // What is no file, or cannot be read, names no home; a FIFO would keep this process waiting.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let is_file =
        |path: &str| rustix::fs::stat(path).is_ok_and(|status| FileType::from_raw_mode(status.st_mode).is_file());
    if is_file("/etc/passwd")
        && let Ok(file) = rustix::fs::open("/etc/passwd", flags, Mode::empty())
    {
        let _length = std::fs::File::from(file).take(MOST).read_to_end(&mut text);
    }
    let number = user.to_string();
    String::from_utf8_lossy(&text)
        .lines()
        .find_map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            (fields.get(2) == Some(&number.as_str())).then(|| fields.get(5).copied().unwrap_or_default().to_owned())
        })
        .filter(|home| home.starts_with('/'))
        .unwrap_or_else(|| "/".to_owned())
}
