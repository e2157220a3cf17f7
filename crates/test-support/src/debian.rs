//! A root file system of Debian's own packages, made once and kept below cargo's target directory.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::machine::{is_root, program};
use crate::run::run;
use crate::skip;

/// Tests run in threads: the first makes the root, the others wait for it.
static MAKING: Mutex<()> = Mutex::new(());

/// A small Debian root. `None`, with a skip, where it cannot be made.
///
/// # Panics
/// When the cache cannot be written.
#[must_use]
pub fn debian_root() -> Option<PathBuf> {
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let root = cache()?.join("debian");
    if root.exists() {
        return Some(root);
    }
    if !is_root() || program("mmdebstrap").is_none() {
        skip("a Debian root needs root and mmdebstrap");
        return None;
    }
    let Some((mirror, suite)) = mirror().zip(suite()) else {
        skip("apt of this machine has no mirror of Debian's");
        return None;
    };
    let aside = root.with_file_name(format!("debian-{}", std::process::id()));
    let path = aside.to_string_lossy().into_owned();
    let made = run(&["mmdebstrap", "--quiet", "--mode=root", "--variant=essential", &suite, &path, &mirror]);
    if made.code != 0 {
        let _removed = std::fs::remove_dir_all(&aside);
        skip(&format!("mmdebstrap failed: {}", made.stderr.lines().last().unwrap_or("no words")));
        return None;
    }
    std::fs::rename(&aside, &root).expect("the root can be renamed");
    Some(root)
}

/// The same root as the one layer of an image in an OCI layout, `LAYOUT:debian`; made once too.
///
/// # Panics
/// When the cache cannot be written.
#[must_use]
pub fn debian_image() -> Option<PathBuf> {
    let root = debian_root()?;
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let layout = root.with_file_name("debian-layout");
    if layout.exists() {
        return Some(layout);
    }
    if program("umoci").is_none() {
        skip("umoci is not installed");
        return None;
    }
    let aside = layout.with_file_name(format!("debian-layout-{}", std::process::id()));
    let (path, image) = (aside.to_string_lossy().into_owned(), format!("{}:debian", aside.display()));
    for words in [
        &["umoci", "init", "--layout", &path][..],
        &["umoci", "new", "--image", &image],
        &["umoci", "insert", "--image", &image, &root.to_string_lossy(), "/"],
        &["umoci", "config", "--image", &image, "--config.cmd", "bash", "--config.env", "FROM=image"],
    ] {
        let output = run(words);
        assert_eq!(output.code, 0, "{words:?}: {output:?}");
    }
    std::fs::rename(&aside, &layout).expect("the layout can be renamed");
    Some(layout)
}

/// Beside cargo's profiles, so that `cargo clean` removes it. A test that runs elsewhere has none.
fn cache() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let directory = test.ancestors().nth(3)?.join("test-cache");
    if let Err(error) = std::fs::create_dir_all(&directory) {
        skip(&format!("no directory {} for a Debian root: {error}", directory.display()));
        return None;
    }
    Some(directory)
}

/// The first mirror of Debian's that apt's sources name (`sources.list(5)`, both formats).
fn mirror() -> Option<String> {
    let listed = std::fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten().map(|entry| entry.path());
    [PathBuf::from("/etc/apt/sources.list")].into_iter().chain(listed).find_map(|file| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let words = text
            .lines()
            .filter(|line| line.starts_with("deb ") || line.starts_with("URIs:"))
            .flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let mut mirrors = words.filter(|word| word.contains("://") && word.trim_end_matches('/').ends_with("/debian"));
        mirrors.next()
    })
}

fn suite() -> Option<String> {
    let text = std::fs::read_to_string(Path::new("/etc/os-release")).ok()?;
    let suite = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="))?;
    Some(suite.trim_matches('"').to_owned())
}
