//! Copy-on-write directories (`Documentation/filesystems/overlayfs.rst`).

use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use linux::mount::MountAttributes;
use linux::{Error, Named as _};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::attach::{attach, new_mount};
use super::context::FilesystemContext;
use super::resolve::{Place, open_or_make};
use super::root::attach_over_root;
use crate::request::Overlay;

/// The mounts that hold all directories of the overlays: of each the one with what is written, and the lower directories outside
/// of those.
#[must_use]
pub(crate) fn layers<'a>(overlays: impl Iterator<Item = &'a Overlay> + Clone) -> Vec<PathBuf> {
    let mut layers: Vec<PathBuf> = Vec::new();
    let upper = overlays.clone().map(|overlay| overlay.upper.parent().unwrap_or(&overlay.upper));
    for path in upper.chain(overlays.flat_map(|overlay| overlay.lower.iter().map(PathBuf::as_path))) {
        if within(&layers, path).is_none() {
            layers.push(path.to_owned());
        }
    }
    layers
}

/// In which layer a directory is, and where in it.
fn within<'a>(layers: &[PathBuf], path: &'a Path) -> Option<(usize, &'a Path)> {
    layers.iter().enumerate().find_map(|(index, layer)| Some((index, path.strip_prefix(layer).ok()?)))
}

/// Attaches the layers that the parent has sent: an overlay can only be made of mounts of its own mount namespace.
pub(super) fn attach_layers(context: &mut FilesystemContext, count: usize) -> Result<(), Error> {
    for _ in 0..count {
        let layer = context.next_received()?;
        attach_over_root(layer.as_fd())?;
        context.layers.push(layer);
    }
    Ok(())
}

/// Mounts an overlay in the container.
///
/// Its directories are named by descriptors: in a path the kernel would read `:` and `\`, and take no more than 255 bytes.
pub(super) fn mount(context: &FilesystemContext, overlay: &Overlay, layers: &[PathBuf]) -> Result<(), Error> {
    let opened = std::cell::RefCell::new(Vec::new());
    let place = |path: &PathBuf| match within(layers, path) {
        Some((index, inside)) => {
            let layer = context.layers.get(index).ok_or_else(|| Error::new("an attached layer", Errno::BADF))?;
            Ok(by_descriptor(layer).join(inside))
        }
        None => {
            let directory = rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .named(|| format!("open({path:?}, O_PATH|O_DIRECTORY)"))?;
            let name = by_descriptor(&directory);
            opened.borrow_mut().push(directory);
            Ok::<_, Error>(name)
        }
    };
    let lower = overlay.lower.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let data = overlay.data(&lower, &place(&overlay.upper)?, &place(&overlay.work)?);
    let target = open_or_make(context.root()?, &overlay.destination, Place::Directory)?;
    let mount = new_mount("overlay", "overlay", &data, MountAttributes::empty())?;
    attach(mount.as_fd(), target.as_fd())
}

fn by_descriptor(directory: &OwnedFd) -> PathBuf {
    Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlay(name: &str, lower: &[&str]) -> Overlay {
        Overlay {
            destination: format!("/{name}"),
            lower: lower.iter().map(PathBuf::from).collect(),
            upper: format!("/c/layers/{name}").into(),
            work: format!("/c/layers/{name}.work").into(),
            id_mapped: true,
            user_attributes: false,
        }
    }

    #[test]
    fn each_mount_is_sent_once() {
        let overlays = [overlay("usr", &["/usr"]), overlay("etc", &["/c/layers/etc.cover", "/etc"])];
        let layers = layers(overlays.iter());
        assert_eq!(layers, [Path::new("/c/layers"), Path::new("/usr"), Path::new("/etc")]);
        assert_eq!(within(&layers, Path::new("/c/layers/etc.cover")), Some((0, Path::new("etc.cover"))));
        assert_eq!(within(&layers, Path::new("/etc")), Some((2, Path::new(""))));
        assert_eq!(within(&layers, Path::new("/elsewhere")), None);
    }
}
