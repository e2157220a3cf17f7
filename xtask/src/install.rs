//! What the tests need and a fresh Debian machine lacks.

use crate::shell::{find, is_root, succeeds};

/// A program that tells whether a package is there, and the package.
const PACKAGES: [(&str, &str); 12] = [
    ("crun", "crun"),
    ("runc", "runc"),
    ("bwrap", "bubblewrap"),
    ("mmdebstrap", "mmdebstrap"),
    ("busybox", "busybox-static"),
    ("umoci", "umoci"),
    ("skopeo", "skopeo"),
    ("newuidmap", "uidmap"),
    ("ip", "iproute2"),
    ("unshare", "util-linux"),
    ("ps", "procps"),
    ("gcc", "gcc"),
];

/// Installs what is missing. What cannot be installed makes tests skip, with their own words.
pub(crate) fn install() {
    let missing: Vec<_> =
        PACKAGES.iter().filter(|(program, _)| find(program).is_none()).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return;
    }
    if !is_root() || find("apt-get").is_none() {
        println!("not installed, and only root can: {}", missing.join(" "));
        return;
    }
    println!("installing {}", missing.join(" "));
    // Asked for on the command line and not by the environment, which tools started below would inherit.
    let mut arguments =
        vec!["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(missing);
    if !succeeds("apt-get", &["update", "-qq"]) || !succeeds("env", &arguments) {
        println!("the installation failed: tests that need these programs skip");
    }
}
