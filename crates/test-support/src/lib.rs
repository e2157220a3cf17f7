//! What tests from outside share.
//!
//! Nothing here ships: only tests depend on this crate, and it may panic, since that is how a test fails.

#![expect(clippy::print_stderr, reason = "a skip says why")]

mod bundle;
mod debian;
mod holm;
mod leftovers;
mod machine;
mod run;

pub use bundle::Bundle;
pub use debian::{debian_image, debian_root};
pub use holm::Holm;
pub use leftovers::Leftovers;
pub use machine::{is_root, program, programs_directory};
pub use run::{Output, command, run};

/// Notes that a test cannot run here, and why. The test returns after it.
pub fn skip(reason: &str) {
    use std::io::Write as _;
    let thread = std::thread::current();
    let line = format!("SKIP {}: {reason}", thread.name().unwrap_or("a test"));
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("HOLM_SKIP_LOG") {
        let log = std::fs::OpenOptions::new().append(true).create(true).open(path);
        log.and_then(|mut log| writeln!(log, "{line}")).expect("the log of skips can be written");
    }
}
