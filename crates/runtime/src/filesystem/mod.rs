//! A container's mount table and the files that the runtime puts into its root: planned purely, applied by init.
//!
//! Every mount is made detached and attached inside the container's own mount namespace, at a place that is found beneath the
//! root's descriptor and nowhere else: the host's table never changes, and no link in the image leads out of the root.

mod apply;
mod attach;
mod change;
mod change_by_attributes;
mod change_by_remount;
mod context;
mod control_groups;
mod copy_up;
mod error;
mod files;
mod id_map;
mod mount_table;
mod operation;
mod options;
mod overlay;
mod plan;
mod requirements;
mod resolve;
mod root;
mod show;
mod sources;
mod tolerated;

pub(crate) use change::MountCalls;
pub(crate) use context::FilesystemContext;
pub use error::FilesystemError;
pub(crate) use id_map::{is_recursive as is_recursively_id_mapped, wanted as wants_id_map};
pub(crate) use operation::FilesystemOperation;
pub(crate) use options::MountOptions;
pub(crate) use overlay::layers;
pub(crate) use plan::{FilesystemInput, plan_devices, plan_enter, plan_mounts, plan_paths, plan_root};
pub(crate) use sources::probe_sources;
pub use sources::{SourceKind, Sources};

pub(crate) use files::bind_onto;
pub(crate) use show::OLD_ROOT;
