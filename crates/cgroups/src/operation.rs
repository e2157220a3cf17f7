//! The operations on control groups: data that applies itself, reads as shell, and names itself.

use std::collections::BTreeMap;
use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use linux::{Error, Named as _};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use steps::{Operation, Script, quote};

use crate::plan::SUPERVISOR;

/// One operation on control groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupOperation {
    /// Makes the group's directory, and its parents where they are missing. A group with processes in it is refused.
    MakeDirectory {
        /// The group.
        path: PathBuf,
    },
    /// Fills `cpuset.cpus` and `cpuset.mems` of a new v1 group, and of its empty parents, from above.
    InheritCpuset {
        /// The group.
        directory: PathBuf,
        /// The hierarchy's mount point, which is never empty.
        top: PathBuf,
    },
    /// Moves the processes of a delegated v2 group into a child group.
    VacateGroup {
        /// The group.
        directory: PathBuf,
    },
    /// Hands controllers down from the top to the group's parent.
    HandDown {
        /// Where the handing down begins.
        top: PathBuf,
        /// The group.
        directory: PathBuf,
        /// Which controllers.
        controllers: Vec<String>,
    },
    /// Writes one value.
    Write {
        /// The group.
        directory: PathBuf,
        /// The file in it.
        file: String,
        /// The value.
        value: String,
        /// The file's name on kernels with another I/O scheduler.
        fallback: Option<&'static str>,
    },
    /// Attaches a BPF program that answers for device nodes.
    FilterDevices {
        /// The group.
        directory: PathBuf,
        /// The program's instructions.
        program: Vec<u64>,
        /// What is different from the default, for people.
        summary: Vec<String>,
        /// What holds for all other devices.
        allow_by_default: bool,
    },
}

/// The groups' directories, each opened once.
#[derive(Debug, Default)]
pub struct GroupContext {
    directories: BTreeMap<PathBuf, OwnedFd>,
}

impl GroupContext {
    fn directory(&mut self, path: &Path) -> Result<BorrowedFd<'_>, Error> {
        if !self.directories.contains_key(path) {
            let directory = rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .named(|| format!("open({path:?}, O_PATH)"))?;
            self.directories.insert(path.to_owned(), directory);
        }
        self.directories.get(path).map(AsFd::as_fd).ok_or_else(|| Error::new(format!("open({path:?})"), Errno::NOENT))
    }
}

impl Operation for GroupOperation {
    type Context = GroupContext;
    type Error = Error;

    fn apply(&self, context: &mut GroupContext) -> Result<(), Error> {
        match self {
            Self::MakeDirectory { path } => make_directory(path),
            Self::InheritCpuset { directory, top } => inherit_cpuset(directory, top),
            Self::VacateGroup { directory } => vacate(directory),
            Self::HandDown { top, directory, controllers } => hand_down(top, directory, controllers),
            Self::Write { directory, file, value, fallback } => {
                let group = context.directory(directory)?;
                match (write_at(group, directory, file, value), fallback) {
                    (Err(error), Some(other)) if error.errno() == Errno::NOENT => {
                        write_at(group, directory, other, value)
                    }
                    (result, _) => result,
                }
            }
            Self::FilterDevices { directory, program, .. } => {
                let program = linux::bpf::load_device_program(program)?;
                let group =
                    rustix::fs::open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                        .named(|| format!("open({directory:?}, O_RDONLY)"))?;
                linux::bpf::attach_device_program(group.as_fd(), program.as_fd())
            }
        }
    }

    fn show(&self, script: &mut Script) {
        match self {
            Self::MakeDirectory { path } => script.command(["mkdir", "-p", &path.to_string_lossy()]),
            Self::InheritCpuset { directory, .. } => {
                for file in ["cpuset.cpus", "cpuset.mems"] {
                    let (parent, own) = (directory.parent().unwrap_or(Path::new("/")).join(file), directory.join(file));
                    let (parent, own) = (parent.to_string_lossy(), own.to_string_lossy());
                    writeln!(
                        script,
                        "[ -s {0} ] && [ -n \"$(cat {0})\" ] || cat {1} > {0}",
                        quote(&own),
                        quote(&parent)
                    );
                }
            }
            Self::VacateGroup { directory } => {
                let leaf = directory.join(SUPERVISOR);
                let (group, leaf) = (directory.join("cgroup.procs"), leaf.to_string_lossy().into_owned());
                script.command(["mkdir", "-p", &leaf]);
                let group = group.to_string_lossy();
                writeln!(
                    script,
                    "for p in $(cat {}); do echo \"$p\" > {}/cgroup.procs; done",
                    quote(&group),
                    quote(&leaf)
                );
            }
            Self::HandDown { top, directory, controllers } => {
                let words: Vec<_> = controllers.iter().map(|name| format!("+{name}")).collect();
                for parent in parents(top, directory) {
                    script.command(["mkdir", "-p", &parent.to_string_lossy()]);
                    script.write_file(&words.join(" "), &parent.join("cgroup.subtree_control").to_string_lossy());
                }
            }
            Self::Write { directory, file, value, .. } => {
                script.write_file(value, &directory.join(file).to_string_lossy());
            }
            Self::FilterDevices { directory, summary, allow_by_default, program } => {
                let (default, rest) = if *allow_by_default { ("allowed", "denied") } else { ("denied", "allowed") };
                script.comment(&format!(
                    "{}: a BPF program of {} instructions filters device nodes, which no shell command can load: all are {default}, but {rest} are",
                    directory.display(),
                    program.len()
                ));
                for line in summary {
                    script.comment(&format!("  {line}"));
                }
            }
        }
    }
}

impl fmt::Display for GroupOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MakeDirectory { path } => write!(f, "make the control group {}", path.display()),
            Self::InheritCpuset { directory, .. } => {
                write!(f, "give the control group {} processors", directory.display())
            }
            Self::VacateGroup { directory } => {
                write!(f, "move the processes of {} into a child group", directory.display())
            }
            Self::HandDown { directory, controllers, .. } => {
                write!(f, "hand the controllers {} down to {}", controllers.join(", "), directory.display())
            }
            Self::Write { directory, file, value, .. } => {
                write!(f, "set {} to {value}", directory.join(file).display())
            }
            Self::FilterDevices { directory, .. } => write!(f, "filter the devices of {}", directory.display()),
        }
    }
}

/// What to do about a refusal, when that is known.
#[must_use]
pub fn advice(operation: &GroupOperation, error: &Error) -> Option<String> {
    let GroupOperation::Write { directory, file, value, .. } = operation else {
        return match (operation, error.errno()) {
            (GroupOperation::MakeDirectory { path }, Errno::EXIST) => {
                Some(format!("{} has processes already: choose another cgroupsPath", path.display()))
            }
            (GroupOperation::MakeDirectory { .. }, Errno::ROFS | Errno::ACCESS) => {
                Some("the control groups cannot be written here: root's rights, or a delegated group, are needed".to_owned())
            }
            (GroupOperation::HandDown { .. }, Errno::BUSY) => {
                Some("a parent group has processes of its own, and so cannot hand controllers down (\"no internal processes\")".to_owned())
            }
            _ => None,
        };
    };
    let parent = || directory.parent().map(|parent| parent.display().to_string()).unwrap_or_default();
    match (file.as_str(), error.errno()) {
        ("cpuset.cpus" | "cpuset.mems", Errno::ACCESS | Errno::INVAL | Errno::RANGE | Errno::NOSPC) => {
            Some(format!("{value} must be among those of the parent group: see {file} in {}", parent()))
        }
        ("memory.limit_in_bytes" | "memory.max", Errno::BUSY) => {
            Some("the group uses more than that already".to_owned())
        }
        ("memory.memsw.limit_in_bytes", Errno::NOENT) => {
            Some("this kernel does not count swap (boot it with `swapaccount=1`)".to_owned())
        }
        (_, Errno::NOENT) => Some(format!("this kernel has no {file}")),
        (name, Errno::INVAL) if name.starts_with("cpu.") => Some(
            "a quota is at least 1000 µs, a period 1000 to 1000000 µs, and a child may not have more than its parents"
                .to_owned(),
        ),
        (name, Errno::NODEV | Errno::NXIO) if name.starts_with("blkio") || name.starts_with("io.") => {
            Some("there is no such block device (major:minor, of a whole disk)".to_owned())
        }
        (_, Errno::INVAL | Errno::RANGE) => Some(format!("the kernel does not take {value} for {file}")),
        _ => None,
    }
}

fn write_at(group: BorrowedFd<'_>, directory: &Path, file: &str, value: &str) -> Result<(), Error> {
    let call = || format!("write({:?}, {value:?})", directory.join(file));
    let target = rustix::fs::openat(group, file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()).named(call)?;
    rustix::io::write(&target, value.as_bytes()).named(call)?;
    Ok(())
}

fn make_directory(path: &Path) -> Result<(), Error> {
    let mode = Mode::from_raw_mode(0o755);
    let call = || format!("mkdir({path:?})");
    match rustix::fs::mkdir(path, mode) {
        Ok(()) => Ok(()),
        Err(Errno::NOENT) => {
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).named(|| format!("mkdir({parent:?})"))?;
            }
            rustix::fs::mkdir(path, mode).named(call)
        }
        // A group that was left empty may be taken; one in use belongs to somebody.
        Err(Errno::EXIST) => {
            let processes = std::fs::read_to_string(path.join("cgroup.procs")).unwrap_or_default();
            if processes.trim().is_empty() { Ok(()) } else { Err(Error::new(call(), Errno::EXIST)) }
        }
        Err(errno) => Err(Error::new(call(), errno)),
    }
}

fn inherit_cpuset(directory: &Path, top: &Path) -> Result<(), Error> {
    for file in ["cpuset.cpus", "cpuset.mems"] {
        let mut empty = Vec::new();
        let mut value = String::new();
        for group in directory.ancestors().take_while(|group| group.starts_with(top)) {
            let path = group.join(file);
            let text = std::fs::read_to_string(&path).named(|| format!("read({path:?})"))?;
            text.trim().clone_into(&mut value);
            if !value.is_empty() {
                break;
            }
            empty.push(path);
        }
        for path in empty.iter().rev() {
            std::fs::write(path, &value).named(|| format!("write({path:?}, {value:?})"))?;
        }
    }
    Ok(())
}

fn vacate(directory: &Path) -> Result<(), Error> {
    let list = directory.join("cgroup.procs");
    let processes = std::fs::read_to_string(&list).named(|| format!("read({list:?})"))?;
    if processes.trim().is_empty() {
        return Ok(());
    }
    let leaf = directory.join(SUPERVISOR);
    match std::fs::create_dir(&leaf) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        other => other.named(|| format!("mkdir({leaf:?})"))?,
    }
    let target = leaf.join("cgroup.procs");
    for process in processes.split_whitespace() {
        match std::fs::write(&target, process) {
            // It has ended meanwhile.
            Err(error) if error.raw_os_error() == Some(Errno::SRCH.raw_os_error()) => {}
            other => other.named(|| format!("write({target:?}, {process:?})"))?,
        }
    }
    Ok(())
}

/// The groups from the top to the group's parent.
fn parents(top: &Path, directory: &Path) -> Vec<PathBuf> {
    let mut parents: Vec<_> =
        directory.ancestors().skip(1).take_while(|group| group.starts_with(top)).map(Path::to_owned).collect();
    parents.reverse();
    parents
}

fn hand_down(top: &Path, directory: &Path, controllers: &[String]) -> Result<(), Error> {
    for parent in parents(top, directory) {
        let file = parent.join("cgroup.subtree_control");
        let enabled = match std::fs::read_to_string(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::create_dir_all(&parent).named(|| format!("mkdir({parent:?})"))?;
                String::new()
            }
            other => other.named(|| format!("read({file:?})"))?,
        };
        let missing: Vec<_> = controllers
            .iter()
            .filter(|name| !enabled.split_whitespace().any(|word| word == *name))
            .map(|name| format!("+{name}"))
            .collect();
        if !missing.is_empty() {
            let value = missing.join(" ");
            std::fs::write(&file, &value).named(|| format!("write({file:?}, {value:?})"))?;
        }
    }
    Ok(())
}
