//! The program of a container (config.md, Process).

use serde::{Deserialize, Serialize};

use crate::capability::Capability;
use crate::lenient::{is_default, nullable, text};
use crate::scheduling::{ExecCpuAffinity, IoPriority, Scheduler};

/// The limits of `getrlimit(2)` by name; another is refused.
pub const RLIMITS: [&str; 16] = [
    "RLIMIT_AS",
    "RLIMIT_CORE",
    "RLIMIT_CPU",
    "RLIMIT_DATA",
    "RLIMIT_FSIZE",
    "RLIMIT_LOCKS",
    "RLIMIT_MEMLOCK",
    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",
    "RLIMIT_NOFILE",
    "RLIMIT_NPROC",
    "RLIMIT_RSS",
    "RLIMIT_RTPRIO",
    "RLIMIT_RTTIME",
    "RLIMIT_SIGPENDING",
    "RLIMIT_STACK",
];

/// The program and its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Whether it has a terminal.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub terminal: bool,
    /// The terminal's size; passed over without a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console_size: Option<ConsoleSize>,
    /// Whose rights it has (User).
    #[serde(default, deserialize_with = "nullable")]
    pub user: User,
    /// The program, found as `execvp(3)` does, and its arguments.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub args: Vec<String>,
    /// Windows' form of the arguments, kept and not read.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub command_line: Option<String>,
    /// The environment, `NAME=value`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub env: Vec<String>,
    /// The working directory, absolute in the container.
    pub cwd: String,
    /// Its capabilities; none without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// Its resource limits.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub rlimits: Vec<Rlimit>,
    /// Whether no program can gain rights by being executed.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub no_new_privileges: bool,
    /// Its AppArmor profile.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub apparmor_profile: Option<String>,
    /// What the out-of-memory killer adds to its score, -1000 to 1000; unchanged without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oom_score_adj: Option<i32>,
    /// Its scheduling policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduler: Option<Scheduler>,
    /// Its SELinux label.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub selinux_label: Option<String>,
    /// Its I/O priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_priority: Option<IoPriority>,
    /// Processors of a process that joins later.
    #[serde(rename = "execCPUAffinity", default, skip_serializing_if = "Option::is_none")]
    pub exec_cpu_affinity: Option<ExecCpuAffinity>,
}

/// A terminal's size in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleSize {
    /// Rows.
    pub height: u64,
    /// Columns.
    pub width: u64,
}

/// Ids in the container (config.md, User).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Mask of new files' permissions; the caller's without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub umask: Option<u32>,
    /// More groups.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub additional_gids: Vec<u32>,
    /// Windows' user name, kept and not read.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// The five sets of `capabilities(7)`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// The bounding set: what no program can ever gain beyond.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub bounding: Vec<Capability>,
    /// The effective set: what the kernel checks.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub effective: Vec<Capability>,
    /// The inheritable set: kept over an `execve` of a file that has them too.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub inheritable: Vec<Capability>,
    /// The permitted set: what may become effective.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub permitted: Vec<Capability>,
    /// The ambient set: kept over any `execve`.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "is_default")]
    pub ambient: Vec<Capability>,
}

impl Capabilities {
    /// The sets by the specification's names.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &[Capability]); 5] {
        [
            ("bounding", &self.bounding),
            ("effective", &self.effective),
            ("inheritable", &self.inheritable),
            ("permitted", &self.permitted),
            ("ambient", &self.ambient),
        ]
    }
}

/// A resource limit (`getrlimit(2)`); `u64::MAX` is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rlimit {
    /// One of [`RLIMITS`]; each at most once.
    #[serde(rename = "type")]
    pub kind: String,
    /// The ceiling, in the limit's unit.
    pub hard: u64,
    /// The limit, in its unit.
    pub soft: u64,
}
