//! What the host is and can do: read once, before the plan, so that nothing is discovered by trial in the middle.

use std::path::PathBuf;

use cgroups::Layout;
use linux::{Error, Named as _};
use namespaces::UserNamespaceFacts;

use crate::kernel::KernelVersion;
use crate::own_program::OwnProgram;

/// Everything that a plan depends on and a container's configuration does not say.
#[derive(Debug, Clone)]
pub struct HostFacts {
    /// The kernel's release.
    pub kernel: KernelVersion,
    /// Who we are and what we may do with user namespaces.
    pub users: UserNamespaceFacts,
    /// Effective capabilities of this process, one bit a capability (`capabilities(7)`).
    pub capabilities: u64,
    /// Number of the last capability that the kernel knows.
    pub last_capability: u32,
    /// The control groups of the host.
    pub groups: Layout,
    /// The working directory, against which relative paths of the command line are meant.
    pub working_directory: PathBuf,
    /// The file that this process executes.
    pub own_program: Option<OwnProgram>,
}

/// `CAP_SYS_ADMIN`
const SYS_ADMIN: u32 = 21;

impl HostFacts {
    /// Reads them from this host.
    ///
    /// # Errors
    /// A `/proc` file that cannot be read: without `/proc` there is no container.
    pub fn probe() -> Result<Self, Error> {
        let kernel = KernelVersion::parse(&rustix::system::uname().release().to_string_lossy());
        let capabilities = rustix::thread::capabilities(None).named(|| "capget(self)".to_owned())?.effective.bits();
        let privileged = capabilities & (1 << SYS_ADMIN) != 0 && rustix::process::geteuid().is_root();
        let last_capability = std::fs::read_to_string("/proc/sys/kernel/cap_last_cap")
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(40);
        Ok(Self {
            kernel,
            users: UserNamespaceFacts::probe(privileged),
            capabilities,
            last_capability,
            groups: Layout::probe()?,
            working_directory: std::env::current_dir().named(|| "getcwd()".to_owned())?,
            own_program: OwnProgram::probe(),
        })
    }

    /// Whether this process lacks the privilege to make namespaces without a user namespace.
    #[must_use]
    pub fn is_rootless(&self) -> bool {
        !self.users.privileged
    }
}
