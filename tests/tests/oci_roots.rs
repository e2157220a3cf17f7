//! Roots of other makers: Debian's packages, and an image that umoci has unpacked.

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_support::{Bundle, debian_image, debian_root};

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
}
