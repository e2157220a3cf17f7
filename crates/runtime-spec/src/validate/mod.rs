//! What the specification says MUST, as far as it can be checked without asking the host.
//!
//! Everything is looked at, so that one try shows all that is wrong. A check of what the kernel alone can know (whether it has a
//! system call of that name, whether a limit may be raised) is left to those who ask it.

mod devices;
mod hooks;
mod id_mappings;
mod linux;
mod memory_policy;
mod mounts;
mod process;
mod report;
mod resources;
mod scheduling;
mod seccomp;
mod version;

pub use report::{Invalid, Problem, Warning};

use crate::namespace::NamespaceKind;
use crate::place::Place;
use crate::process::Process;
use crate::resources::Resources;
use crate::spec::Spec;
use report::Report;

/// The longest host or domain name in bytes (`__NEW_UTS_LEN` of the kernel).
const LONGEST_NAME: usize = 64;

impl Spec {
    /// Checks the configuration of a Linux container, and gives what is to be passed over with a warning.
    ///
    /// # Errors
    /// Everything that breaks the specification, each with its JSON path.
    pub fn validate(&self) -> Result<Vec<Warning>, Invalid> {
        let mut report = Report::default();
        let document = Place::Document;
        version::check(&self.oci_version, document.member("ociVersion"), &mut report);
        let at = document.member("root");
        match &self.root {
            Some(root) => report.filled(at.member("path"), &root.path),
            None => report.fail(at, "is missing: a container needs a root file system"),
        }
        self.check_names(&mut report);
        let has_user_namespace = self.has(NamespaceKind::User);
        mounts::check(&self.mounts, has_user_namespace, document.member("mounts"), &mut report);
        if let Some(process) = &self.process {
            process::check(process, document.member("process"), &mut report);
        }
        if let Some(hooks) = &self.hooks {
            hooks::check(hooks, document.member("hooks"), &mut report);
        }
        let at = document.member("annotations");
        if self.annotations.contains_key("") {
            report.fail(at, "must not have an empty key");
        }
        if let Some(linux) = &self.linux {
            linux::check(linux, document.member("linux"), &mut report);
        }
        report.finish()
    }

    fn has(&self, kind: NamespaceKind) -> bool {
        self.linux.as_ref().is_some_and(|linux| linux.namespace(kind).is_some())
    }

    fn check_names(&self, report: &mut Report) {
        for (member, name) in [("hostname", &self.hostname), ("domainname", &self.domainname)] {
            let Some(name) = name else { continue };
            let at = Place::Document.member(member);
            report.text(at, name);
            report.require(name.len() <= LONGEST_NAME, at, "has more than the kernel's 64 bytes");
            let own = self.has(NamespaceKind::Uts);
            report.require(
                own,
                at,
                "needs a UTS namespace (linux.namespaces, type `uts`): the host's name is not changed",
            );
        }
    }
}

impl Process {
    /// Checks a process by itself, as `exec --process` takes it; paths count from its document.
    ///
    /// # Errors
    /// Everything that breaks the specification.
    pub fn validate(&self) -> Result<Vec<Warning>, Invalid> {
        let mut report = Report::default();
        process::check(self, Place::Document, &mut report);
        report.finish()
    }
}

impl Resources {
    /// Checks resources by themselves, as `update --resources` takes them; paths count from their document.
    ///
    /// # Errors
    /// Everything that breaks the specification.
    pub fn validate(&self) -> Result<Vec<Warning>, Invalid> {
        let mut report = Report::default();
        resources::check(self, Place::Document, &mut report);
        report.finish()
    }
}
