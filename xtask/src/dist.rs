//! `cargo xtask dist`: what is handed to people.

use crate::shell::{output, release_directory, succeeds, workspace};

pub(crate) fn run() -> Result<(), String> {
    let must = |what: &str, done: bool| if done { Ok(()) } else { Err(format!("could not {what}")) };
    must("build", succeeds("cargo", &["build", "--release", "-p", "oci-cli"]))?;
    let name = format!("holm-{}-{}", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let (dist, release) = (workspace().join("dist"), release_directory());
    let directory = dist.join(&name);
    std::fs::create_dir_all(&directory).map_err(|error| format!("could not make {}: {error}", directory.display()))?;
    let papers = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"].map(|paper| workspace().join(paper));
    for file in [release.join("holm-oci")].iter().chain(&papers) {
        let target = directory.join(file.file_name().unwrap_or_default());
        std::fs::copy(file, &target).map_err(|error| format!("could not copy {}: {error}", file.display()))?;
    }
    let archive = format!("dist/{name}.tar.gz");
    must("pack", succeeds("tar", &["--owner=0", "--group=0", "--sort=name", "-C", "dist", "-czf", &archive, &name]))?;
    let sums = output("sha256sum", &[&archive]).ok_or("could not hash the archive")?;
    std::fs::write(dist.join("SHA256SUMS"), &sums).map_err(|error| error.to_string())?;
    println!("{sums}");
    Ok(())
}
