//! What a caller asks for beside the container's configuration.

use std::path::{Path, PathBuf};

use runtime_spec::Spec;

/// A container to be made.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The container's name, unique below the state root.
    pub id: &'a str,
    /// The bundle's directory: relative paths of the configuration are meant from here.
    pub bundle: &'a Path,
    /// The configuration.
    pub spec: &'a Spec,
    /// The rest of the command line.
    pub options: Options,
}

/// The rest of the command line.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the containers of this runtime are recorded.
    pub state_root: PathBuf,
    /// Enter the root by moving it over `/` instead of `pivot_root(2)`, for roots on a ramdisk.
    pub no_pivot: bool,
    /// Keep the caller's session keyring.
    pub no_new_keyring: bool,
    /// How many descriptors from 3 on the program inherits.
    pub preserve_descriptors: u32,
    /// A file that receives the container's process number.
    pub pid_file: Option<PathBuf>,
    /// A socket that receives the master side of the container's terminal.
    pub console_socket: Option<PathBuf>,
    /// Keep the record of the container after it has ended (`run` only).
    pub keep: bool,
    /// Come back as soon as the program runs (`run` only).
    pub detach: bool,
    /// The root is seen through the user namespace's id map: files of id 0 on disk are root's in the container.
    pub id_mapped_root: bool,
    /// The first process of the container is one that takes care of orphans and hands signals on to the program.
    pub reaper: bool,
    /// Copy-on-write directories over parts of the root.
    pub overlays: Vec<Overlay>,
}

/// What was made ready for a container before its plan begins: for the script that shows the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preparation {
    /// Shell commands that make it.
    pub script: String,
    /// What goes when the container has ended.
    pub remove: Vec<PathBuf>,
}

/// A copy-on-write directory in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Where it is in the container.
    pub destination: String,
    /// Read-only directories, the uppermost first.
    pub lower: Vec<PathBuf>,
    /// Where changes go.
    pub upper: PathBuf,
    /// Overlay's working directory, beside `upper` in the same parent directory.
    pub work: PathBuf,
    /// Whether the layers are seen through the user namespace's id map.
    pub id_mapped: bool,
    /// Whether overlay keeps its notes in `user.` attributes, the only ones that can be written without root.
    pub user_attributes: bool,
}

impl Overlay {
    /// The mount's options for the same directories at these places.
    #[must_use]
    pub fn data(&self, lower: &[PathBuf], upper: &Path, work: &Path) -> Vec<String> {
        let lower: Vec<_> = lower.iter().map(|path| path.to_string_lossy()).collect();
        let mut data = vec![
            format!("lowerdir={}", lower.join(":")),
            format!("upperdir={}", upper.display()),
            format!("workdir={}", work.display()),
        ];
        // In a user namespace only the user's own attributes can be written (overlayfs.rst, "Permission model").
        if self.user_attributes {
            data.push("userxattr".to_owned());
        }
        data
    }
}
