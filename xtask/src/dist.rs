//! `cargo xtask dist`: what is handed to people.

use std::path::Path;

use crate::shell::{output, release_directory, succeeds, workspace};

pub(crate) fn run() -> Result<(), String> {
    let must = |what: &str, done: bool| if done { Ok(()) } else { Err(format!("could not {what}")) };
    must("build", succeeds("cargo", &["build", "--release", "-p", "cli", "-p", "oci-cli"]))?;
    let name = format!("holm-{}-{}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let (dist, release) = (workspace().join("dist"), release_directory());
    let directory = dist.join(&name);
    std::fs::create_dir_all(&directory).map_err(|error| format!("could not make {}: {error}", directory.display()))?;
    let papers = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"].map(|paper| workspace().join(paper));
    for file in [release.join("holm"), release.join("holm-oci")].iter().chain(&papers) {
        let target = directory.join(file.file_name().unwrap_or_default());
        std::fs::copy(file, &target).map_err(|error| format!("could not copy {}: {error}", file.display()))?;
    }
    write_texts(&release.join("holm"), &directory)?;
    let archive = format!("dist/{name}.tar.gz");
    must("pack", succeeds("tar", &["--owner=0", "--group=0", "--sort=name", "-C", "dist", "-czf", &archive, &name]))?;
    let sums = output("sha256sum", &[&archive]).ok_or("could not hash the archive")?;
    std::fs::write(dist.join("SHA256SUMS"), &sums).map_err(|error| error.to_string())?;
    println!("{sums}");
    Ok(())
}

/// Completions and manual pages, as the program itself prints them.
fn write_texts(holm: &Path, directory: &Path) -> Result<(), String> {
    let texts: [(&[&str], &str); 5] = [
        (&["completion", "bash"], "holm.bash"),
        (&["completion", "zsh"], "_holm"),
        (&["completion", "fish"], "holm.fish"),
        (&["man"], "holm.1"),
        (&["man", "run"], "holm-run.1"),
    ];
    for (arguments, file) in texts {
        let text = output(&holm.to_string_lossy(), arguments).ok_or_else(|| format!("holm {arguments:?} failed"))?;
        std::fs::write(directory.join(file), text).map_err(|error| format!("could not write {file}: {error}"))?;
    }
    Ok(())
}
