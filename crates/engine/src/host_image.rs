//! The image `host`: the machine's own operating system.
//!
//! What belongs to an operating system is named here, and nothing else of the machine is in the image: no home directory, no data of
//! services, no other disk. Of `/etc` and `/usr/local/etc` all is left out that the host keeps from its ordinary users: what they may
//! not read is a secret (password hashes, keys, tokens), and stays one. The rest of `/usr` is what everybody gets from a distribution.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Statx, StatxFlags};

/// The trees of an operating system: of the Filesystem Hierarchy Standard, and of NixOS and Guix.
const TREES: [&str; 10] = ["usr", "etc", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix", "gnu"];
/// Where package managers record what is installed.
const PACKAGE_RECORDS: [&str; 4] = ["var/lib/dpkg", "var/lib/rpm", "var/lib/pacman", "lib/apk"];
/// Where secrets are looked for: the tree, and the place in it.
const SEARCHED: [(&str, &str); 2] = [("etc", ""), ("usr", "local/etc")];
/// Of `/etc`, readable by all, and yet the machine's own (`machine-id(5)`: "should be considered confidential").
const OWN: [&str; 1] = ["machine-id"];

/// The image as it was found on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HostImage {
    /// What it is made of.
    pub(crate) trees: Vec<Tree>,
}

/// What of a tree is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hidden {
    /// What is left out, relative to the tree; a directory with all that it holds.
    pub(crate) secrets: Vec<PathBuf>,
    /// Directories that hold such, relative to the tree and from the top down, and their permissions.
    pub(crate) directories: Vec<(PathBuf, u32)>,
}

/// One tree of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    /// Its path, relative to the root.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: TreeKind,
    /// What of it is left out.
    pub(crate) hidden: Hidden,
}

/// What a tree is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TreeKind {
    /// A directory, which is shown copy-on-write.
    Directory,
    /// A link, as `/bin` is to `usr/bin` on most machines.
    Link(String),
}

impl HostImage {
    /// Looks at this machine.
    #[must_use]
    pub(crate) fn probe() -> Self {
        let root = Path::new("/");
        let trees = TREES.iter().chain(&PACKAGE_RECORDS).filter_map(|name| tree(root, name));
        let trees = trees.map(|tree| Tree { hidden: Hidden::probe(root, &tree), ..tree });
        Self { trees: trees.collect() }
    }
}

impl Hidden {
    fn probe(root: &Path, tree: &Tree) -> Self {
        let mut hidden = Self::default();
        let place = root.join(&tree.path);
        // What a link leads to is a tree of its own, or not in the image.
        if tree.kind != TreeKind::Directory {
            return hidden;
        }
        // Without an answer there is no such directory to be searched.
        let mount = look(&place).map_or(0, |found| found.stx_mnt_id);
        for (_, inside) in SEARCHED.iter().filter(|(name, _)| Path::new(name) == tree.path) {
            hidden.search(&place, Path::new(inside), mount);
        }
        if tree.path == Path::new("etc") {
            hidden.secrets.extend(OWN.iter().map(PathBuf::from).filter(|name| place.join(name).exists()));
        }
        hidden
    }

    /// Looks for what others may not read; a directory that cannot be read by us is no reason to stop, since nobody of an ordinary
    /// user's rights can read it either.
    fn search(&mut self, tree: &Path, inside: &Path, mount: u64) {
        for entry in std::fs::read_dir(tree.join(inside)).into_iter().flatten().flatten() {
            let path = inside.join(entry.file_name());
            let Ok(found) = look(&tree.join(&path)) else { continue };
            // Of another mount the image has not what is seen here, but what it covers.
            if found.stx_mnt_id != mount || is_secret(found.stx_mode.into(), &entry.file_name()) {
                self.note_parents(tree, inside);
                self.secrets.push(path);
            } else if FileType::from_raw_mode(found.stx_mode.into()).is_dir() {
                self.search(tree, &path, mount);
            }
        }
    }

    /// A layer above must have the directories in which it hides something, with their permissions.
    fn note_parents(&mut self, tree: &Path, inside: &Path) {
        let mut parents: Vec<&Path> = inside.ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
        parents.reverse();
        for parent in parents {
            if self.directories.iter().any(|(known, _)| known == parent) {
                continue;
            }
            let mode = std::fs::metadata(tree.join(parent)).map_or(0o755, |metadata| metadata.permissions().mode());
            self.directories.push((parent.to_owned(), mode & 0o7777));
        }
    }
}

/// Whether others may not read it. A link has no permissions of its own: what it leads to is judged where it stands.
fn is_secret(mode: u32, name: &OsStr) -> bool {
    let kind = FileType::from_raw_mode(mode);
    let needed = if kind.is_dir() { 0o005 } else { 0o004 };
    let closed = !kind.is_symlink() && mode & needed != needed;
    // Lock files are closed to others and hold nothing; they are made anew where they are missing.
    closed && name != OsStr::new(".pwd.lock")
}

/// What stands at a path, and on which mount; before Linux 5.8 all mounts have the number 0.
fn look(path: &Path) -> rustix::io::Result<Statx> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    rustix::fs::statx(CWD, path, flags, StatxFlags::TYPE | StatxFlags::MODE | StatxFlags::MNT_ID)
}

fn tree(root: &Path, name: &str) -> Option<Tree> {
    let metadata = std::fs::symlink_metadata(root.join(name)).ok()?;
    let kind = if metadata.is_symlink() {
        TreeKind::Link(std::fs::read_link(root.join(name)).ok()?.into_os_string().into_string().ok()?)
    } else if metadata.is_dir() {
        TreeKind::Directory
    } else {
        return None;
    };
    Some(Tree { path: name.into(), kind, hidden: Hidden::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_may_not_read_is_left_out() {
        let etc = std::env::temp_dir().join(format!("holm-etc-{}", std::process::id()));
        for (path, mode) in [("a/b/key", 0o600), ("a/open", 0o644), ("closed/x", 0o644), ("shadow", 0o640)] {
            let file = etc.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::set_permissions(etc.join("a/b"), std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(etc.join("closed"), std::fs::Permissions::from_mode(0o750)).unwrap();
        std::os::unix::fs::symlink("shadow", etc.join("link")).unwrap();
        let mut image = Hidden::default();
        image.search(&etc, Path::new(""), look(&etc).unwrap().stx_mnt_id);
        image.secrets.sort();
        let names: Vec<_> = image.secrets.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!(names, ["a/b/key", "closed", "shadow"]);
        let directories: Vec<_> = image.directories.iter().map(|(path, _)| path.to_str().unwrap()).collect();
        assert_eq!(directories, ["a", "a/b"]);
        std::fs::remove_dir_all(&etc).unwrap();
    }

    #[test]
    fn this_machine_has_one() {
        let image = HostImage::probe();
        assert!(image.trees.iter().any(|tree| tree.path == Path::new("usr")), "{image:?}");
    }
}
