//! The machine that the tests run on.

use std::path::PathBuf;

/// Whether the tests run as root.
#[must_use]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The directory with the programs that are tested: `HOLM_BIN_DIR`, or where cargo builds them beside the tests.
///
/// # Panics
/// When they are not built.
#[must_use]
pub fn programs_directory() -> PathBuf {
    if let Some(directory) = std::env::var_os("HOLM_BIN_DIR") {
        return directory.into();
    }
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test.parent().and_then(|deps| deps.parent()).expect("a test stands in target/PROFILE/deps");
    let release = profile.with_file_name("release");
    let found = [release, profile.to_owned()].into_iter().find(|directory| directory.join("holm-oci").exists());
    found.expect("the programs are built: cargo build --release, or cargo xtask test")
}

/// Where a program of the machine's is.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into(), "/usr/bin".into(), "/bin".into()])
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
}
