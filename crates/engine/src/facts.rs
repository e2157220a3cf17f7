//! What a container of the engine depends on and its request does not say: read once, before the plan.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use linux::Named as _;
use runtime::HostFacts;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags};

use crate::error::Error;
use crate::host_image::HostImage;
use crate::request::{Image, MountKind, Network, RunRequest};

/// The host, the image, and what the request names of the host.
#[derive(Debug, Clone)]
pub(crate) struct EngineFacts {
    /// What the runtime's plans depend on.
    pub(crate) host: HostFacts,
    /// The image.
    pub(crate) image: ImageFacts,
    /// The image's `/etc/passwd`.
    pub(crate) passwd: String,
    /// The image's `/etc/group`.
    pub(crate) groups: String,
    /// The host's name.
    pub(crate) host_name: String,
    /// The host's `/etc/resolv.conf`, where the container uses its network.
    pub(crate) resolver: Option<String>,
    /// Rows and columns of the caller's terminal, if he has one.
    pub(crate) terminal_size: Option<(u16, u16)>,
    /// The devices that the request names, in its order.
    pub(crate) devices: Vec<DeviceFacts>,
}

/// What a root is made of, as it was found.
#[derive(Debug, Clone)]
pub(crate) enum ImageFacts {
    /// The machine's own operating system.
    Host(HostImage),
    /// A directory.
    Directory {
        /// Where.
        path: PathBuf,
        /// Whether it has an `/etc`, in which files can stand.
        has_etc: bool,
    },
}

/// A device node of the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeviceFacts {
    /// `c` or `b`.
    pub(crate) kind: char,
    /// Major number.
    pub(crate) major: u32,
    /// Minor number.
    pub(crate) minor: u32,
    /// Permissions.
    pub(crate) mode: u32,
}

/// The longest file of names that is read.
const LONGEST: u64 = 4 << 20;

impl EngineFacts {
    /// Reads them from this host.
    ///
    /// # Errors
    /// Something that the request names and that is not there.
    pub(crate) fn probe(request: &RunRequest) -> Result<Self, Error> {
        let host = HostFacts::probe().map_err(Error::call("look at this host"))?;
        let root = open_root(match &request.image {
            Image::Host => Path::new("/"),
            Image::Directory(path) => path,
        })?;
        let image = match &request.image {
            Image::Host => ImageFacts::Host(HostImage::probe()),
            Image::Directory(path) => ImageFacts::Directory { path: path.clone(), has_etc: has_etc(&root) },
        };
        let text = |name: &str| read_beneath(&root, name).unwrap_or_default();
        for mount in &request.mounts {
            if let MountKind::Bind { source, .. } = &mount.kind {
                let missing = |error: std::io::Error| {
                    let what = source.display().to_string();
                    Error::request(what, format!("cannot be mounted from the host: {}", reason(&error)))
                };
                std::fs::metadata(source).map_err(missing)?;
            }
        }
        let devices = request.devices.iter().map(|device| look(&device.source));
        let shares_network = request.network == Network::Host;
        Ok(Self {
            host,
            image,
            passwd: text("etc/passwd"),
            groups: text("etc/group"),
            host_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            resolver: shares_network.then(|| std::fs::read_to_string("/etc/resolv.conf").ok()).flatten(),
            terminal_size: terminal_size(),
            devices: devices.collect::<Result<_, Error>>()?,
        })
    }
}

/// Of whichever of the two streams is a terminal.
fn terminal_size() -> Option<(u16, u16)> {
    use rustix::termios::tcgetwinsize;
    let size = tcgetwinsize(rustix::stdio::stdin()).or_else(|_| tcgetwinsize(rustix::stdio::stdout())).ok()?;
    Some((size.ws_row, size.ws_col))
}

fn open_root(path: &Path) -> Result<OwnedFd, Error> {
    rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(|errno| {
        let error = std::io::Error::from(errno);
        Error::request(format!("--rootfs {}", path.display()), reason(&error))
    })
}

fn has_etc(root: &OwnedFd) -> bool {
    rustix::fs::statat(root, "etc", AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|status| FileType::from_raw_mode(status.st_mode).is_dir())
}

/// Reads a file of the image, whose links cannot lead out of it. It is looked at before it is opened: opening a device or a FIFO of a
/// tree from elsewhere is not without effect.
fn read_beneath(root: &OwnedFd, name: &str) -> Option<String> {
    use std::io::Read as _;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let place = rustix::fs::openat2(root, name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve).ok()?;
    if !FileType::from_raw_mode(rustix::fs::fstat(&place).ok()?.st_mode).is_file() {
        return None;
    }
    let file = std::fs::File::open(format!("/proc/self/fd/{}", place.as_raw_fd())).ok()?;
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn look(path: &Path) -> Result<DeviceFacts, Error> {
    let option = || format!("--device {}", path.display());
    let status = rustix::fs::statat(CWD, path, AtFlags::empty())
        .named(|| format!("stat({path:?})"))
        .map_err(|error| Error::request(option(), error.to_string()))?;
    let kind = FileType::from_raw_mode(status.st_mode);
    let kind = if kind.is_char_device() {
        'c'
    } else if kind.is_block_device() {
        'b'
    } else {
        return Err(Error::request(option(), "is not a device node of the host's"));
    };
    let (major, minor) = (rustix::fs::major(status.st_rdev), rustix::fs::minor(status.st_rdev));
    Ok(DeviceFacts { kind, major, minor, mode: status.st_mode & 0o7777 })
}

/// An error's words without its number.
fn reason(error: &std::io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_lowercase()
}
