//! One operation on control groups: what it is, how it reads as shell, and who does it.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use linux::Error;
use steps::{Operation, Script, quote};

use crate::apply::GroupContext;
use crate::apply::{cpuset, devices, directory, subtree, write};
use crate::controller::{Controllers, Version};
use crate::devices::DeviceList;
use crate::file_value::{FileValue, IfMissing};

/// One operation on control groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupOperation {
    /// Makes the group, and those above it that are missing. A group that is there already is taken over when it is empty.
    MakeDirectory {
        /// The group's directory.
        group: PathBuf,
        /// The hierarchy's mount point.
        mount_point: PathBuf,
    },
    /// Gives a v1 cpuset the processors and memory nodes of the nearest group above that has any: a new one has none, and
    /// takes no process.
    InheritCpuset {
        /// The group's directory.
        group: PathBuf,
        /// The hierarchy's mount point.
        mount_point: PathBuf,
        /// The files have no prefix (`noprefix`).
        no_prefix: bool,
        /// Whether the group's own `cpus` are copied, or only those above.
        cpus: bool,
        /// The same for `mems`.
        mems: bool,
    },
    /// Moves the processes of one v2 group into another: a group with processes cannot give controllers to its children.
    MoveProcesses {
        /// The group that is to be empty.
        from: PathBuf,
        /// Its new child.
        to: PathBuf,
    },
    /// Gives the v2 group its controllers, by `cgroup.subtree_control` of the groups above it.
    EnableControllers {
        /// The group's directory.
        group: PathBuf,
        /// The first group whose `cgroup.subtree_control` may be written.
        top: PathBuf,
        /// Without these the group is of no use.
        required: Controllers,
        /// These are welcome where the host lets them.
        useful: Controllers,
    },
    /// Hands the v2 group to a user, who may then make groups in it (`cgroups(7)`, delegation).
    Delegate {
        /// The group's directory.
        group: PathBuf,
        /// The user's number.
        user: u32,
    },
    /// Writes values into one file, each in a call of its own.
    Write {
        /// The group's directory.
        group: PathBuf,
        /// The file.
        file: Cow<'static, str>,
        /// The values.
        values: Vec<String>,
        /// What if there is no such file.
        if_missing: IfMissing,
    },
    /// Writes into the first of several files that is there: the kernel's versions and schedulers name them differently.
    WriteFirst {
        /// The group's directory.
        group: PathBuf,
        /// The files and their values, the best first.
        choices: Vec<FileValue>,
    },
    /// Writes values that the kernel checks against each other: one that does not fit the others' old values is tried again
    /// after them.
    WriteTogether {
        /// The group's directory.
        group: PathBuf,
        /// The files and their values in the order that fits a new group.
        writes: Vec<FileValue>,
    },
    /// Refuses to go on when the group uses as much as it is to be limited to.
    CheckUsage {
        /// The group's directory.
        group: PathBuf,
        /// The file with the usage.
        file: &'static str,
        /// The limit in bytes.
        limit: u64,
    },
    /// Lets a BPF program decide about devices, in the place of one that the group may have already.
    AttachDeviceProgram {
        /// The group's directory.
        group: PathBuf,
        /// What it allows.
        devices: DeviceList,
    },
}

impl Operation for GroupOperation {
    type Context = GroupContext;
    type Error = Error;

    fn apply(&self, context: &mut GroupContext) -> Result<(), Error> {
        match self {
            Self::MakeDirectory { group, mount_point } => directory::make(context, group, mount_point),
            Self::InheritCpuset { group, mount_point, no_prefix, cpus, mems } => {
                let files = cpuset::CpusetFiles::new(*no_prefix);
                cpuset::inherit(context, group, mount_point, &[(files.cpus, *cpus), (files.mems, *mems)])
            }
            Self::MoveProcesses { from, to } => subtree::move_processes(from, to),
            Self::EnableControllers { group, top, required, useful } => {
                subtree::enable(context, group, top, *required, *useful)
            }
            Self::Delegate { group, user } => directory::delegate(context, group, *user),
            Self::Write { group, file, values, if_missing } => write::write(context, group, file, values, *if_missing),
            Self::WriteFirst { group, choices } => write::write_first(context, group, choices),
            Self::WriteTogether { group, writes } => write::write_together(context, group, writes),
            Self::CheckUsage { group, file, limit } => write::check_usage(context, group, file, *limit),
            Self::AttachDeviceProgram { group, devices } => devices::attach(context, group, devices),
        }
    }

    fn show(&self, script: &mut Script) {
        match self {
            Self::MakeDirectory { group, .. } => script.command(["mkdir", "-p", &text(group)]),
            Self::InheritCpuset { group, mount_point, no_prefix, cpus, mems } => {
                let files = cpuset::CpusetFiles::new(*no_prefix);
                show_inherit(script, group, mount_point, &[(files.cpus, *cpus), (files.mems, *mems)]);
            }
            Self::MoveProcesses { from, to } => {
                script.command(["mkdir", "-p", &text(to)]);
                let (from, to) = (text(&from.join("cgroup.procs")), text(&to.join("cgroup.procs")));
                writeln!(script, "for pid in $(cat {}); do echo \"$pid\" > {}; done", quote(&from), quote(&to));
            }
            Self::EnableControllers { group, top, required, useful } => {
                let value = subtree::enabling(*required | *useful);
                for directory in subtree::ancestors(group, top) {
                    script.write_file(&value, &text(&directory.join("cgroup.subtree_control")));
                }
            }
            Self::Delegate { group, user } => {
                let group = quote(&text(group)).into_owned();
                writeln!(script, "chown {user} {group}");
                writeln!(
                    script,
                    "for file in $(cat /sys/kernel/cgroup/delegate); do chown -f {user} {group}/\"$file\"; done"
                );
            }
            Self::Write { group, file, values, if_missing } => {
                for value in values {
                    show_write(script, group, file, value, *if_missing);
                }
            }
            Self::WriteFirst { group, choices } => show_choices(script, group, choices),
            Self::WriteTogether { group, writes } => {
                for write in writes {
                    show_write(script, group, &write.file, &write.value, write.if_missing);
                }
            }
            Self::CheckUsage { group, file, limit } => {
                writeln!(script, "test \"$(cat {})\" -lt {limit} || exit 1", quote(&text(&group.join(file))));
            }
            Self::AttachDeviceProgram { group, devices } => {
                script.comment(&format!("a BPF program on {} allows {devices}", group.display()));
                script.comment("(the shell has no command for it; `bpftool cgroup attach DIRECTORY cgroup_device id ID multi` attaches one)");
            }
        }
    }
}

impl fmt::Display for GroupOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MakeDirectory { group, .. } => write!(f, "make the control group {}", group.display()),
            Self::InheritCpuset { group, .. } => {
                write!(f, "give the control group {} the processors of those above it", group.display())
            }
            Self::MoveProcesses { from, to } => {
                write!(f, "move the processes of the control group {} into {}", from.display(), to.display())
            }
            Self::EnableControllers { group, required, useful, .. } => {
                write!(
                    f,
                    "enable the controllers {} for {}",
                    (*required | *useful).names(Version::V2).collect::<Vec<_>>().join(", "),
                    group.display()
                )
            }
            Self::Delegate { group, user } => write!(f, "hand the control group {} to user {user}", group.display()),
            Self::Write { group, file, values, .. } => {
                write!(f, "write {} into {}", values.join("; "), group.join(file.as_ref()).display())
            }
            Self::WriteFirst { group, choices: files } | Self::WriteTogether { group, writes: files } => {
                f.write_str("write ")?;
                let joint = if matches!(self, Self::WriteFirst { .. }) { " or " } else { " and " };
                let mut separator = "";
                for FileValue { file, value, .. } in files {
                    write!(f, "{separator}{value} into {}", group.join(file.as_ref()).display())?;
                    separator = joint;
                }
                Ok(())
            }
            Self::CheckUsage { group, file, limit } => {
                write!(f, "check that {} is below {limit}", group.join(file).display())
            }
            Self::AttachDeviceProgram { group, .. } => {
                write!(f, "attach the device program to the control group {}", group.display())
            }
        }
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn show_write(script: &mut Script, group: &Path, file: &str, value: &str, if_missing: IfMissing) {
    let path = text(&group.join(file));
    if if_missing == IfMissing::Skip {
        writeln!(script, "test ! -e {0} || echo {1} > {0}", quote(&path), quote(value));
    } else {
        script.write_file(value, &path);
    }
}

fn show_choices(script: &mut Script, group: &Path, choices: &[FileValue]) {
    let mut keyword = "if";
    for (position, FileValue { file, value, .. }) in choices.iter().enumerate() {
        let path = text(&group.join(file.as_ref()));
        if position + 1 == choices.len() {
            script.raw("else");
        } else {
            writeln!(script, "{keyword} test -e {}; then", quote(&path));
            keyword = "elif";
        }
        writeln!(script, "    echo {} > {}", quote(value), quote(&path));
    }
    script.raw("fi");
}

/// From the top down, since a group can only have what its parent has.
fn show_inherit(script: &mut Script, group: &Path, mount_point: &Path, files: &[(&str, bool)]) {
    let mut below: Vec<_> = group.ancestors().take_while(|directory| *directory != mount_point).collect();
    below.reverse();
    for directory in below {
        for (file, own) in files {
            if directory != group || *own {
                let (path, above) =
                    (text(&directory.join(file)), text(&directory.parent().unwrap_or(directory).join(file)));
                writeln!(script, "test -n \"$(cat {0})\" || cat {1} > {0}", quote(&path), quote(&above));
            }
        }
    }
}
