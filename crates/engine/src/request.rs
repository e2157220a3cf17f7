//! What a person asks for, after the words are read: plain data.

use std::path::PathBuf;

/// A container to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// What its root is made of.
    pub image: Image,
    /// Its name; one is made where it has none.
    pub name: Option<String>,
    /// What runs in it.
    pub program: Program,
    /// Its host name; its id without, and the host's own with the host's network.
    pub host_name: Option<String>,
    /// What is mounted in it, beside what every container has.
    pub mounts: Vec<Mount>,
    /// Devices of the host's that it may use.
    pub devices: Vec<Device>,
    /// What it may use of the machine.
    pub limits: Limits,
    /// Kernel parameters of its namespaces.
    pub sysctls: Vec<(String, String)>,
    /// What it sees of networks.
    pub network: Network,
    /// Whose ids it has.
    pub user_namespace: UserNamespace,
    /// What it may do.
    pub security: Security,
    /// Whether its root is read-only.
    pub read_only: bool,
}

/// What a container's root is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// The machine's own operating system, copy-on-write.
    Host,
    /// A directory, which is written to.
    Directory(PathBuf),
}

/// What runs in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// What is executed before the arguments.
    pub entrypoint: Option<String>,
    /// The program, or the entrypoint's arguments.
    pub arguments: Vec<String>,
    /// Environment, `NAME=value`, later ones win.
    pub environment: Vec<String>,
    /// The working directory, absolute.
    pub working_directory: Option<String>,
    /// `USER`, `USER:GROUP`, names or numbers.
    pub user: Option<String>,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// Whether the first process is one that reaps orphans and hands signals on.
    pub reaper: bool,
    /// Limits of the process (`getrlimit(2)`).
    pub ulimits: Vec<Ulimit>,
}

/// A limit of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ulimit {
    /// The constant of `getrlimit(2)`: `RLIMIT_NOFILE`.
    pub name: String,
    /// The limit; `u64::MAX` is none.
    pub soft: u64,
    /// The ceiling.
    pub hard: u64,
}

/// Something that is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where, absolute in the container.
    pub destination: String,
    /// What.
    pub kind: MountKind,
    /// Whether it cannot be written to.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountKind {
    /// A file or directory of the host's.
    Bind {
        /// Which, absolute.
        source: PathBuf,
        /// `rprivate`, `rslave`, …; `rprivate` without.
        propagation: Option<String>,
        /// Whether what is mounted below it comes along.
        recursive: bool,
    },
    /// A file system in memory.
    Tmpfs {
        /// Its own options, as `mount(8)` takes them.
        options: Vec<String>,
    },
}

/// A device of the host's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its node on the host.
    pub source: PathBuf,
    /// Where it is in the container.
    pub destination: String,
    /// Letters of `rwm`.
    pub access: String,
}

/// What a container may use of the machine; what is absent is not limited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: Option<i64>,
    /// Bytes of memory and swap together; -1 is no limit. Without it twice the memory, as in Docker.
    pub memory_and_swap: Option<i64>,
    /// Thousandths of a processor.
    pub milli_processors: Option<u32>,
    /// Weight among siblings, 2 to 262144.
    pub cpu_shares: Option<u64>,
    /// List of processors.
    pub cpuset_cpus: Option<String>,
    /// Number of processes; -1 is no limit. Without it 2048, as in Podman, where the host can limit it.
    pub processes: Option<i64>,
}

/// What a container sees of networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// A loopback link of its own.
    #[default]
    None,
    /// The host's.
    Host,
}

/// Whose ids a container has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserNamespace {
    /// A range of its own, which means nothing on the host.
    #[default]
    Private,
    /// The host's: root is root.
    Host,
}

/// What a container may do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// All capabilities, nothing masked, everything writable.
    pub privileged: bool,
    /// Capabilities beside the usual ones, or `ALL`.
    pub added: Vec<String>,
    /// Capabilities that it does not have, or `ALL`.
    pub dropped: Vec<String>,
    /// Whether programs can gain rights by being executed (`su`, `sudo`).
    pub new_privileges: bool,
    /// Whether the kernel's own files are left open.
    pub unmasked: bool,
}
