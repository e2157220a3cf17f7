//! What the specification says MUST, as far as it can be checked without asking the host.

mod linux;
mod process;
mod report;
mod resources;

use report::Report;
pub use report::{Invalid, Problem, Warning};

use crate::linux::NamespaceKind;
use crate::spec::Spec;

impl Spec {
    /// Checks the configuration, and gives what is to be passed over with a warning.
    ///
    /// # Errors
    /// Everything that breaks the specification, each with its JSON path.
    pub fn validate(&self) -> Result<Vec<Warning>, Invalid> {
        let mut report = Report::default();
        version(&self.oci_version, &mut report);
        if let Some(root) = &self.root {
            report.text("root.path", &root.path);
            report.require(!root.path.is_empty(), "root.path", "must not be empty");
        }
        let has = |kind| self.linux.iter().flat_map(|linux| &linux.namespaces).any(|namespace| namespace.kind == kind);
        for (path, name) in [("hostname", &self.hostname), ("domainname", &self.domainname)] {
            if let Some(name) = name.as_ref().filter(|name| !name.is_empty()) {
                report.text(path, name);
                report.require(name.len() <= 64, path, "has more than the kernel's 64 bytes");
                report.require(has(NamespaceKind::Uts), path, "needs a UTS namespace (linux.namespaces, type `uts`)");
            }
        }
        for (index, mount) in self.mounts.iter().enumerate() {
            let path = format!("mounts[{index}]");
            report.text(&format!("{path}.destination"), &mount.destination);
            report.require(!mount.destination.is_empty(), &format!("{path}.destination"), "must not be empty");
            if !mount.destination.starts_with('/') {
                report.warn(&format!("{path}.destination"), "is not absolute: it is taken as meant from the root");
            }
            report.text(&format!("{path}.source"), mount.source.as_deref().unwrap_or_default());
            for (number, option) in mount.options.iter().enumerate() {
                report.text(&format!("{path}.options[{number}]"), option);
            }
        }
        for key in self.annotations.keys() {
            report.require(!key.is_empty(), "annotations", "must not have an empty key");
        }
        if let Some(process) = &self.process {
            process::check(process, &mut report);
        }
        if let Some(hooks) = &self.hooks {
            process::check_hooks(hooks, &mut report);
        }
        if let Some(linux) = &self.linux {
            linux::check(linux, &mut report);
        }
        report.finish()
    }
}

/// Any 1.x is understood: within a major version nothing that was valid changes its meaning.
fn version(text: &str, report: &mut Report) {
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<_> = numbers.split('.').map(str::parse::<u32>).collect();
    match parts.as_slice() {
        [Ok(1), Ok(_), Ok(_)] => {}
        [Ok(major), Ok(_), Ok(_)] => {
            report.fail("ociVersion", &format!("is of major version {major}: only 1.x is understood"));
        }
        _ => report.fail("ociVersion", &format!("is {text:?}: must be a version such as 1.3.0")),
    }
}
