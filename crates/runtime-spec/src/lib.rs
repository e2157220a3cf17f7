//! The documents of the OCI runtime specification 1.3: configuration, state, features.
//!
//! Plain structures with public fields, in the specification's words. Parsing is tolerant as the specification says (unknown
//! properties are passed over, an unknown capability is a [`Warning`], `null` is the same as nothing); [`Spec::validate`] is strict
//! where it says MUST, and each of its findings names the JSON path. Sets of words that the specification closes are tables here
//! ([`SECCOMP_ACTIONS`], [`RLIMITS`], …), and other words are refused by the validation, all of them at once.
//!
//! This crate is pure: it reads no file and asks no kernel. What depends on the host is left to the runtime.

mod block_io;
mod capability;
mod container_process_state;
mod device;
mod features;
mod features_linux;
mod hooks;
mod id_mapping;
mod intel_rdt;
mod lenient;
mod linux;
mod locate;
mod memory_policy;
mod mount;
mod namespace;
mod number_list;
mod objects;
mod parse;
mod place;
mod process;
mod resources;
mod scheduling;
mod seccomp;
mod spec;
mod state;
mod validate;

pub use block_io::{BlockIo, ThrottleDevice, WeightDevice};
pub use capability::{Capability, KNOWN_CAPABILITIES};
pub use container_process_state::{ContainerProcessState, SECCOMP_FD_NAME};
pub use device::{Device, NetDevice};
pub use features::Features;
pub use features_linux::{
    CgroupFeatures, EnabledFeature, IntelRdtFeatures, LinuxFeatures, MemoryPolicyFeatures, MountExtensions,
    SeccompFeatures,
};
pub use hooks::{Hook, Hooks};
pub use id_mapping::IdMapping;
pub use intel_rdt::IntelRdt;
pub use linux::{Linux, Personality, TimeOffset};
pub use memory_policy::{MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES, MemoryPolicy};
pub use mount::Mount;
pub use namespace::{Namespace, NamespaceKind};
pub use number_list::parse_number_list;
pub use parse::ParseError;
pub use process::{Capabilities, ConsoleSize, Process, RLIMITS, Rlimit, User};
pub use resources::{Cpu, DeviceRule, HugepageLimit, InterfacePriority, Memory, Network, Pids, Rdma, Resources};
pub use scheduling::{
    ExecCpuAffinity, IO_PRIORITY_CLASSES, IoPriority, SCHEDULER_FLAGS, SCHEDULER_POLICIES, Scheduler,
};
pub use seccomp::{
    SECCOMP_ACTIONS, SECCOMP_ARCHITECTURES, SECCOMP_FLAGS, SECCOMP_OPERATORS, Seccomp, SeccompArgument, SeccompRule,
};
pub use spec::{Root, Spec, VERSION};
pub use state::{State, Status};
pub use validate::{Invalid, Problem, Warning};
