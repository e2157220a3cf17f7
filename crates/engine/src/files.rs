//! The files that are made for a container before it begins, as operations: applied, or shown as shell.

use std::fmt;
use std::path::PathBuf;

use linux::{Error, Named as _};
use rustix::fs::{CWD, FileType, Mode, OFlags};
use steps::{Operation, Script};

/// One file that is the container's own. All of them lie in the container's directory, which nobody else can write to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileOperation {
    /// Makes a directory with exactly this mode.
    Directory {
        /// Where.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Makes a symbolic link.
    Link {
        /// Where.
        path: PathBuf,
        /// What it says.
        target: String,
    },
    /// Writes a file that everybody can read.
    Text {
        /// Where.
        path: PathBuf,
        /// Its content.
        text: String,
    },
    /// Hides a file of the same name in the layers below (`overlayfs.rst`, "whiteouts and opaque directories").
    Whiteout {
        /// Where.
        path: PathBuf,
    },
}

impl Operation for FileOperation {
    type Context = ();
    type Error = Error;

    fn apply(&self, _context: &mut ()) -> Result<(), Error> {
        match self {
            Self::Directory { path, mode } => {
                let mode = Mode::from_raw_mode(*mode);
                rustix::fs::mkdir(path, mode).named(|| format!("mkdir({path:?}, {mode:?})"))?;
                // The mask of new files' permissions has taken its part.
                rustix::fs::chmod(path, mode).named(|| format!("chmod({path:?}, {mode:?})"))
            }
            Self::Link { path, target } => {
                rustix::fs::symlink(target.as_str(), path).named(|| format!("symlink({target:?}, {path:?})"))
            }
            Self::Text { path, text } => {
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let file = rustix::fs::open(path, flags, Mode::from_raw_mode(0o644))
                    .named(|| format!("open({path:?}, O_CREAT|O_EXCL)"))?;
                rustix::fs::fchmod(&file, Mode::from_raw_mode(0o644)).named(|| format!("fchmod({path:?}, 0644)"))?;
                std::io::Write::write_all(&mut std::fs::File::from(file), text.as_bytes())
                    .named(|| format!("write({path:?})"))
            }
            Self::Whiteout { path } => rustix::fs::mknodat(CWD, path, FileType::CharacterDevice, Mode::empty(), 0)
                .named(|| format!("mknod({path:?}, c, 0, 0)")),
        }
    }

    fn show(&self, script: &mut Script) {
        let word = |path: &PathBuf| path.to_string_lossy().into_owned();
        match self {
            Self::Directory { path, mode } => script.command(["mkdir", "-m", &format!("{mode:04o}"), &word(path)]),
            Self::Link { path, target } => script.command(["ln", "-s", target, &word(path)]),
            Self::Text { path, text } => {
                let path = steps::quote(&word(path)).into_owned();
                writeln!(script, "printf '%s' {} > {path}", steps::quote(text));
            }
            Self::Whiteout { path } => script.command(["mknod", &word(path), "c", "0", "0"]),
        }
    }
}

impl fmt::Display for FileOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory { path, .. } => write!(f, "make the directory {}", path.display()),
            Self::Link { path, target } => write!(f, "link {} to {target}", path.display()),
            Self::Text { path, .. } => write!(f, "write {}", path.display()),
            Self::Whiteout { path } => write!(f, "hide what {} covers", path.display()),
        }
    }
}
