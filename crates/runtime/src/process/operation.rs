//! The operations of a process on itself.

/// One operation of init on itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProcessOperation {
    /// Leads a session of its own.
    NewSession,
    /// Joins a new session keyring.
    SessionKeyring {
        /// Its name.
        name: String,
    },
    /// Brings the loopback link of the network namespace up.
    LoopbackUp,
    /// Sets the host name.
    HostName(String),
    /// Sets the NIS domain name.
    DomainName(String),
    /// Sets a kernel parameter.
    Sysctl {
        /// Its name, with dots.
        key: String,
        /// Its value.
        value: String,
    },
    /// What the out-of-memory killer adds to the score.
    OomScore(i32),
    /// Limits a resource.
    ResourceLimit {
        /// `RLIMIT_NOFILE` and the like.
        name: String,
        /// The limit.
        soft: u64,
        /// The ceiling.
        hard: u64,
    },
    /// Sets the mask of new files' permissions.
    Umask(u32),
    /// Gives up capabilities for good: what stays is this mask.
    BoundingSet {
        /// Capabilities that stay.
        keep: u64,
        /// The last one that the kernel knows.
        last: u32,
    },
    /// Keeps the permitted capabilities over a change of ids.
    KeepCapabilities,
    /// Sets the additional groups.
    Groups(Vec<u32>),
    /// Sets the group.
    GroupId(u32),
    /// Sets the user.
    UserId(u32),
    /// Sets three sets at once.
    Capabilities {
        /// In force.
        effective: u64,
        /// To be had.
        permitted: u64,
        /// Kept over an execution, if the file agrees.
        inheritable: u64,
    },
    /// Sets the capabilities that are kept over an execution without the file's consent.
    AmbientSet {
        /// Which.
        keep: u64,
        /// The last one that the kernel knows.
        last: u32,
    },
    /// No program can gain rights by being executed any more.
    NoNewPrivileges,
    /// Changes the working directory.
    WorkingDirectory(String),
    /// Closes all descriptors from this one on when the program is executed.
    CloseDescriptors {
        /// The first that is closed.
        first: u32,
    },
    /// The same one by one, as the host's `/proc` lists them: for kernels that cannot mark them all at once.
    CloseListedDescriptors {
        /// The first that is closed.
        first: u32,
    },
}
