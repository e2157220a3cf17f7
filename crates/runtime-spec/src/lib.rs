//! The documents of the OCI runtime specification 1.3: configuration, state, features.
//!
//! Plain structures with public fields, in the specification's words. Parsing is tolerant as the specification says (unknown fields
//! are passed over, an unknown capability is a [`Warning`], `null` is the same as nothing); [`Spec::validate`] is strict where it
//! says MUST, and each of its findings names the JSON path. This crate is pure: it reads no file and asks no kernel.

mod capability;
mod features;
mod hooks;
mod lenient;
mod linux;
mod mount;
mod process;
mod resources;
mod seccomp;
mod spec;
mod state;
mod validate;

pub use capability::{Capability, KNOWN_CAPABILITIES};
pub use features::{Features, LinuxFeatures};
pub use hooks::{Hook, Hooks};
pub use linux::{
    Device, IdMapping, IntelRdt, Linux, MemoryPolicy, Namespace, NamespaceKind, NetDevice, Personality, TimeOffset,
};
pub use mount::Mount;
pub use process::{Capabilities, ConsoleSize, ExecCpuAffinity, IoPriority, Process, Rlimit, Scheduler, User};
pub use resources::{
    BlockIo, Cpu, DeviceRule, HugepageLimit, InterfacePriority, Memory, Network, Pids, Rdma, Resources, ThrottleDevice,
    WeightDevice,
};
pub use seccomp::{Seccomp, SeccompArgument, SeccompRule};
pub use spec::{ParseError, Root, Spec};
pub use state::{State, Status};
pub use validate::{Invalid, Problem, Warning};
