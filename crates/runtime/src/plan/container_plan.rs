//! The plan as data.

use std::collections::BTreeMap;
use std::path::PathBuf;

use linux::namespace::Namespaces;
use steps::Step;

use super::init::InitOperation;
use super::parent::ParentOperation;
use crate::filesystem::MountCalls;
use crate::process::Prepared;

/// A container as two ordered lists of kernel operations, the parent's and init's, around one clone.
#[derive(Debug)]
pub struct Plan {
    /// The parent's track before the clone.
    pub(crate) before: Vec<Step<ParentOperation>>,
    /// The namespaces that the clone makes; a cgroup namespace is made by init, once it stands in its groups.
    pub(crate) namespaces: Namespaces,
    /// The parent's track after the clone, until it waits for init.
    pub(crate) after: Vec<Step<ParentOperation>>,
    /// Init's track, from the clone to the execution.
    pub(crate) init: Vec<Step<InitOperation>>,
    /// The program, in the form that the kernel takes.
    pub(crate) prepared: Prepared,
    /// Whether the first process stays and takes care of orphans, with the program as its child.
    pub(crate) reaper: bool,
    /// By which calls init changes mounts.
    pub(crate) mount_calls: MountCalls,
    /// The container's control groups: controller → directory.
    pub(crate) group_paths: BTreeMap<String, PathBuf>,
    /// The root's directory, absolute.
    pub(crate) rootfs: PathBuf,
    /// What the configuration asks for and what is passed over, because it has no effect or because the specification says so:
    /// sentences that name the JSON path.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether init waits for the parent before it begins.
    pub(crate) fn init_awaits_proceed(&self) -> bool {
        self.init.iter().any(|step| step.operation == InitOperation::AwaitProceed)
    }

    /// The names of all steps, in order: the parent's before the clone, the clone, the parent's after it, init's up to the program;
    /// and last what is decided for all of them.
    #[must_use]
    pub fn outline(&self) -> Vec<String> {
        let parent = |step: &Step<ParentOperation>| format!("parent: {}", step.operation);
        let mut lines: Vec<_> = self.before.iter().map(parent).collect();
        lines.push(format!("parent: clone into {}", self.namespaces));
        lines.extend(self.after.iter().map(parent));
        lines.extend(self.init.iter().map(|step| format!("init: {}", step.operation)));
        lines.push(format!("init: execute {}", self.prepared));
        lines.push(format!("(init changes mounts by {})", self.mount_calls));
        lines
    }
}
