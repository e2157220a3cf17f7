//! The parent's operations: what only the process that makes the container can do.

use std::fmt;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;

use cgroups::{GroupContext, GroupOperation, advice};
use linux::mount::{MountAttributes, MountChange, Propagation};
use linux::{Error, Named as _};
use namespaces::{IdMap, IdMaps, Kind, MapError, MapWriter};
use rustix::fs::{Mode, OFlags};
use rustix::mount::OpenTreeFlags;
use rustix::process::Pid;
use steps::{Operation, Script, quote};

/// One operation of the parent's track.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ParentOperation {
    /// A control group is made or limited.
    Group(GroupOperation),
    /// The parent moves into an existing namespace, so that its child is born there.
    Enter {
        /// Which kind.
        kind: Kind,
        /// The namespace's file.
        path: PathBuf,
    },
    /// The new user namespace gets its ids.
    WriteIdMaps {
        /// By which way.
        writer: MapWriter,
        /// Which ids.
        maps: IdMaps,
    },
    /// A detached copy of a mount that shows its files through the container's id map; init attaches it.
    CloneIdMapped {
        /// What is copied.
        path: PathBuf,
        /// Whether the mounts below it are copied and mapped too.
        recursive: bool,
        /// What the copy has in common with the host's mount.
        propagation: Propagation,
    },
    /// The badness that the out-of-memory killer adds.
    OomScore {
        /// -1000 to 1000.
        value: i32,
    },
}

/// What the parent's operations work on.
#[derive(Debug, Default)]
pub(crate) struct ParentContext {
    /// Open directories of the control groups.
    pub(crate) groups: GroupContext,
    /// The child, once there is one.
    pub(crate) child: Option<Pid>,
    /// The mounts that init will receive.
    pub(crate) mounts: Vec<OwnedFd>,
}

impl ParentOperation {
    /// What to do about a refusal, when that is known.
    pub(crate) fn advice(&self, error: &Error) -> Option<String> {
        match self {
            Self::Group(operation) => advice(operation, error),
            Self::CloneIdMapped { path, .. } => Some(format!(
                "the file system of {} cannot be shown through an id map: run without a private user namespace",
                path.display()
            )),
            _ => None,
        }
    }
}

impl Operation for ParentOperation {
    type Context = ParentContext;
    type Error = Error;

    fn apply(&self, context: &mut ParentContext) -> Result<(), Error> {
        match self {
            Self::Group(operation) => operation.apply(&mut context.groups),
            Self::Enter { kind, path } => {
                let namespace = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
                    .named(|| format!("open({path:?}, O_RDONLY)"))?;
                kind.enter(namespace.as_fd())
            }
            Self::WriteIdMaps { writer, maps } => writer.write(child(context)?, maps).map_err(|error| match error {
                MapError::Kernel(error) => error,
                helper @ MapError::Helper { .. } => Error::new(helper.to_string(), rustix::io::Errno::PERM),
            }),
            Self::CloneIdMapped { path, recursive, propagation } => {
                let user_namespace = Kind::User.open_of(child(context)?)?;
                let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
                if *recursive {
                    flags |= OpenTreeFlags::AT_RECURSIVE;
                }
                let mount = rustix::mount::open_tree(rustix::fs::CWD, path, flags)
                    .named(|| format!("open_tree({path:?}, OPEN_TREE_CLONE)"))?;
                // A copy of a shared mount would be shared too, and what is mounted in it would show on the host.
                let change = MountChange {
                    set: MountAttributes::IDMAP,
                    propagation: Some(*propagation),
                    user_namespace: Some(user_namespace.as_fd()),
                    recursive: *recursive,
                    ..MountChange::default()
                };
                linux::mount::set_attributes(&mount, c"", &change)
                    .map_err(|error| Error::new(format!("{} of {path:?}", error.call()), error.errno()))?;
                context.mounts.push(mount);
                Ok(())
            }
            Self::OomScore { value } => {
                let path = format!("/proc/{}/oom_score_adj", child(context)?.as_raw_nonzero());
                std::fs::write(&path, value.to_string()).named(|| format!("write({path:?}, \"{value}\")"))
            }
        }
    }

    fn show(&self, script: &mut Script) {
        match self {
            Self::Group(operation) => operation.show(script),
            // The whole of what follows runs inside: the script's own words for it are the prefix of the clone.
            Self::Enter { kind, path } => {
                writeln!(script, "enter=\"${{enter-}} {}={}\"", kind.shell_option(), quote(&path.to_string_lossy()));
            }
            Self::WriteIdMaps { writer, maps } => show_id_maps(writer, maps, script),
            Self::CloneIdMapped { path, .. } => {
                writeln!(script, "id_mapped_bind {}", quote(&path.to_string_lossy()));
            }
            Self::OomScore { value } => writeln!(script, "echo {value} > \"/proc/$pid/oom_score_adj\""),
        }
    }
}

impl fmt::Display for ParentOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(operation) => operation.fmt(f),
            Self::Enter { kind, path } => write!(f, "enter the {kind} namespace {}", path.display()),
            Self::WriteIdMaps { maps, .. } => {
                write!(
                    f,
                    "map the ids of the new user namespace (users {}; groups {})",
                    listed(&maps.users),
                    listed(&maps.groups)
                )
            }
            Self::CloneIdMapped { path, .. } => write!(f, "show {} through the container's id map", path.display()),
            Self::OomScore { value } => write!(f, "set the out-of-memory score to {value}"),
        }
    }
}

fn listed(maps: &[IdMap]) -> String {
    maps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn child(context: &ParentContext) -> Result<Pid, Error> {
    context.child.ok_or_else(|| Error::new("the container's process", rustix::io::Errno::SRCH))
}

fn show_id_maps(writer: &MapWriter, maps: &IdMaps, script: &mut Script) {
    match writer {
        MapWriter::Helpers { users, groups } => {
            for (helper, maps) in [(users, &maps.users), (groups, &maps.groups)] {
                let words = MapWriter::helper_words(helper, "$pid", maps);
                script.raw(&words.join(" ").replace("$pid", "\"$pid\""));
            }
        }
        MapWriter::Direct | MapWriter::OwnIds => {
            if *writer == MapWriter::OwnIds {
                script.raw("echo deny > \"/proc/$pid/setgroups\"");
            }
            for (file, maps) in [("uid_map", &maps.users), ("gid_map", &maps.groups)] {
                writeln!(script, "printf '{}' > \"/proc/$pid/{file}\"", IdMaps::text(maps).replace('\n', "\\n"));
            }
        }
    }
}
