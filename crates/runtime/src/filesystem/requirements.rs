//! What mounts need of the kernel: refused here, in the plan, where the host's is too old. Pure.

use linux::mount::MountAttributes;
use runtime_spec::Mount;

use super::change::MountCalls;
use super::error::FilesystemError;
use super::id_map;
use super::options::MountOptions;
use crate::kernel::{KernelFeature, KernelVersion};
use crate::request::Overlay;

/// Refuses one mount of the configuration that the kernel cannot make.
pub(super) fn check_mount(
    path: &str,
    mount: &Mount,
    options: &MountOptions,
    user_namespace: bool,
    kernel: KernelVersion,
) -> Result<(), FilesystemError> {
    let recursive = options.recursive_set | options.recursive_clear;
    let all = options.set | options.clear | recursive;
    let options_path = || format!("{path}.options");
    if !recursive.is_empty() {
        require(KernelFeature::MountAttributes, kernel, options_path, "attributes of whole trees, such as rro,")?;
    }
    // Before there was mount_setattr, mount(2) could do it.
    if all.contains(MountAttributes::NOSYMFOLLOW) && MountCalls::of(kernel) == MountCalls::Attributes {
        require(KernelFeature::NoSymlinkAttribute, kernel, options_path, "mounts with nosymfollow")?;
    }
    if options.data.iter().any(|option| option == "userxattr") {
        require(KernelFeature::OverlayInUserNamespace, kernel, options_path, "overlays with userxattr")?;
    }
    if id_map::wanted(mount) {
        require(KernelFeature::IdMappedMounts, kernel, || path.to_owned(), "id-mapped mounts")?;
    }
    if mount.kind.as_deref() == Some("overlay") && user_namespace {
        let path = || format!("{path}.type");
        require(KernelFeature::OverlayInUserNamespace, kernel, path, "overlays in a user namespace")?;
    }
    Ok(())
}

/// Refuses a root or copy-on-write directories that the kernel cannot make.
pub(super) fn check_layers(
    id_mapped_root: bool,
    overlays: &[Overlay],
    user_namespace: bool,
    kernel: KernelVersion,
) -> Result<(), FilesystemError> {
    if id_mapped_root {
        let path = || "the container's root".to_owned();
        require(KernelFeature::IdMappedMounts, kernel, path, "roots that are shown through an id map")?;
    }
    for overlay in overlays {
        let path = || format!("the copy-on-write directory {}", overlay.destination);
        if overlay.id_mapped && user_namespace {
            require(KernelFeature::IdMappedLayers, kernel, path, "overlays of id-mapped layers")?;
        }
        if user_namespace || overlay.user_attributes {
            require(KernelFeature::OverlayInUserNamespace, kernel, path, "overlays in a user namespace")?;
        }
    }
    Ok(())
}

fn require(
    feature: KernelFeature,
    kernel: KernelVersion,
    path: impl Fn() -> String,
    what: &'static str,
) -> Result<(), FilesystemError> {
    if kernel.has(feature) {
        return Ok(());
    }
    Err(FilesystemError::OldKernel { path: path(), what, feature, running: kernel })
}
