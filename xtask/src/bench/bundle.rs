//! What is run: the smallest programs, since it is the container that is measured and not what runs in it.

use std::path::Path;

use crate::shell::{release_directory, succeeds, workspace};

/// Makes `floor`, `rootfs`, `config.json` (whose program ends at once) and `waiting/config.json` (whose program does not).
pub(super) fn make(directory: &Path) -> Result<(), String> {
    let root = directory.join("rootfs");
    for part in ["bin", "proc", "sys", "dev"] {
        std::fs::create_dir_all(root.join(part)).map_err(|_| fail("make the bundle"))?;
    }
    let floor = directory.join("floor");
    compile(&workspace().join("benches/floor.c"), &floor)?;
    for (name, text) in [
        ("true", "int main(void) { return 0; }\n"),
        ("wait", "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n"),
    ] {
        let source = directory.join(name).with_extension("c");
        std::fs::write(&source, text).map_err(|_| fail("write a program"))?;
        compile(&source, &root.join("bin").join(name))?;
    }
    let holm = release_directory().join("holm-oci");
    if !succeeds(&holm.to_string_lossy(), &["spec", "--bundle", &directory.to_string_lossy()]) {
        return Err(fail("write a configuration"));
    }
    let path = directory.join("config.json");
    let text = std::fs::read(&path).map_err(|_| fail("read the configuration"))?;
    let mut config: serde_json::Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    limit(&mut config);
    config["process"]["args"] = serde_json::json!(["/bin/true"]);
    std::fs::write(&path, config.to_string()).map_err(|_| fail("write the configuration"))?;
    config["process"]["args"] = serde_json::json!(["/bin/wait"]);
    config["root"]["path"] = root.to_string_lossy().into_owned().into();
    let waiting = directory.join("waiting");
    std::fs::create_dir_all(&waiting)
        .and_then(|()| std::fs::write(waiting.join("config.json"), config.to_string()))
        .map_err(|_| fail("write the configuration"))
}

/// The limits of the floor. The peers of Debian 12 know the specification up to 1.0; the machine may lack what a limit of open
/// files needs.
fn limit(config: &mut serde_json::Value) {
    config["process"]["terminal"] = false.into();
    config["ociVersion"] = "1.0.2".into();
    config["process"]["rlimits"] = serde_json::json!([]);
    if let Some(mounts) = config["mounts"].as_array_mut() {
        mounts.retain(|mount| mount["type"] != "cgroup");
    }
    config["linux"]["resources"]["memory"] = serde_json::json!({ "limit": 268_435_456 });
    config["linux"]["resources"]["pids"] = serde_json::json!({ "limit": 100 });
    config["linux"]["resources"]["cpu"] = serde_json::json!({ "shares": 512 });
}

fn compile(source: &Path, program: &Path) -> Result<(), String> {
    let arguments = ["-O2", "-static", "-o", &program.to_string_lossy(), &source.to_string_lossy()];
    if succeeds("gcc", &arguments) { Ok(()) } else { Err(fail(&format!("build {}", program.display()))) }
}

fn fail(what: &str) -> String {
    format!("bench: could not {what}")
}
