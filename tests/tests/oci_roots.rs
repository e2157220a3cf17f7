//! Roots of other makers: Debian's packages, and an image that umoci has unpacked.

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_support::{Bundle, debian_image, debian_root, is_root, skip};

    #[test]
    fn a_root_of_debian_packages_runs() {
        let Some(root) = debian_root() else { return };
        let Some(mut bundle) = Bundle::shell("") else { return };
        let text = ". /etc/os-release; echo $ID; id -un; hostname; readlink /proc/self/exe; touch /new 2>&1 | grep -o Read-only";
        bundle.set("/root/path", json!(root));
        bundle.set("/process/args", json!(["bash", "-c", text]));
        bundle.prints("debian\nroot\nholm\n/usr/bin/readlink\nRead-only");
        bundle.leftovers().assert_none();
    }

    #[test]
    fn a_root_of_debian_packages_goes_through_all_verbs() {
        let Some(root) = debian_root() else { return };
        let Some(mut bundle) = Bundle::shell("") else { return };
        bundle.set("/root/path", json!(root));
        bundle.set("/process/args", json!(["sleep", "1000"]));
        bundle.goes_through_all_verbs();
    }

    #[test]
    fn a_bundle_of_umoci_runs() {
        let Some(layout) = debian_image() else { return };
        let Some(mut bundle) = Bundle::shell("") else { return };
        let unpacked = bundle.directory().join("unpacked");
        let image = format!("{}:debian", layout.display());
        let output = test_support::run(&["umoci", "unpack", "--image", &image, &unpacked.to_string_lossy()]);
        assert_eq!(output.code, 0, "{output:?}");
        let text = std::fs::read(unpacked.join("config.json")).unwrap();
        bundle.config = serde_json::from_slice(&text).unwrap();
        // Nothing but what a test must change: the place, and a program that ends.
        bundle.set("/root/path", json!(unpacked.join("rootfs")));
        bundle.set("/process/terminal", json!(false));
        bundle.set("/process/args", json!(["bash", "-c", "echo $FROM; id -u; touch /written && echo written; pwd"]));
        bundle.prints("image\n0\nwritten\n/");
        assert!(unpacked.join("rootfs/written").exists());
        bundle.set("/process/args", json!(["sleep", "1000"]));
        bundle.goes_through_all_verbs();
    }

    #[test]
    fn what_spec_writes_runs_as_it_stands() {
        let Some(bundle) = Bundle::shell("") else { return };
        let directory = bundle.directory().join("fresh");
        std::fs::create_dir_all(&directory).unwrap();
        std::os::unix::fs::symlink("../rootfs", directory.join("rootfs")).unwrap();
        let path = directory.to_string_lossy().into_owned();
        let rootless: &[&str] = if is_root() { &[] } else { &["--rootless"] };
        assert_eq!(bundle.oci(&[&["spec", "-b", &path], rootless].concat()).code, 0);
        let Some(script) = test_support::program("script") else { return skip("script is not installed") };
        let words = bundle.words(&["run", "-b", &path, &bundle.id]).join(" ");
        let output = test_support::run(&[&script.to_string_lossy(), "-qec", &words, "/dev/null"]);
        // The shell's input has ended, and so it ends.
        assert_eq!(output.code, 0, "{output:?}");
        bundle.leftovers().assert_none();
    }
}
