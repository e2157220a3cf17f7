//! What a container of the engine depends on and its request does not say: read once, before the plan.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use linux::Named as _;
use runtime::HostFacts;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

use crate::error::Error;
use crate::host_image::HostImage;
use crate::request::{Image, MountKind, RunRequest};

/// The host, the image, and what the request names of the host.
#[derive(Debug, Clone)]
pub struct EngineFacts {
    /// What the runtime's plans depend on.
    pub host: HostFacts,
    /// The image `host`, where it is asked for.
    pub image: Option<HostImage>,
    /// The image's `/etc/passwd`.
    pub passwd: String,
    /// The image's `/etc/group`.
    pub groups: String,
    /// Whether a root directory has an `/etc`, in which files can stand.
    pub has_etc: bool,
    /// The host's name.
    pub host_name: String,
    /// The host's `/etc/resolv.conf`, where the container uses its network.
    pub resolver: Option<String>,
    /// The devices that the request names.
    pub devices: BTreeMap<PathBuf, DeviceFacts>,
    /// The first id of the range that is the container's own; only root has such.
    pub first_id: Option<u32>,
}

/// A device node of the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceFacts {
    /// `c` or `b`.
    pub kind: char,
    /// Major number.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
    /// Permissions.
    pub mode: u32,
}

/// The longest file of names that is read.
const LONGEST: u64 = 4 << 20;

impl EngineFacts {
    /// Reads them from this host.
    ///
    /// # Errors
    /// Something that the request names and that is not there.
    pub fn probe(request: &RunRequest) -> Result<Self, Error> {
        let host = HostFacts::probe().map_err(Error::call("look at this host"))?;
        let (image, root) = match &request.image {
            Image::Host => (Some(HostImage::probe()), PathBuf::from("/")),
            Image::Directory(directory) => (None, directory.clone()),
        };
        let root = open_root(&root)?;
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
        let devices = request.devices.iter().map(|device| Ok((device.source.clone(), look(&device.source)?)));
        Ok(Self {
            host,
            image,
            passwd: text("etc/passwd"),
            groups: text("etc/group"),
            has_etc: rustix::fs::statat(&root, "etc", rustix::fs::AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|status| rustix::fs::FileType::from_raw_mode(status.st_mode).is_dir()),
            host_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            resolver: std::fs::read_to_string("/etc/resolv.conf").ok(),
            devices: devices.collect::<Result<_, Error>>()?,
            first_id: None,
        })
    }
}

fn open_root(path: &Path) -> Result<OwnedFd, Error> {
    rustix::fs::open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(|errno| {
        let error = std::io::Error::from(errno);
        Error::request(format!("--rootfs {}", path.display()), reason(&error))
    })
}

/// Reads a file of the image, whose links cannot lead out of it.
fn read_beneath(root: &OwnedFd, name: &str) -> Option<String> {
    use std::io::Read as _;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let file = rustix::fs::openat2(root, name, flags, Mode::empty(), resolve).ok()?;
    let file = std::fs::File::from(file);
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn look(path: &Path) -> Result<DeviceFacts, Error> {
    let option = || format!("--device {}", path.display());
    let status = rustix::fs::statat(CWD, path, rustix::fs::AtFlags::empty())
        .named(|| format!("stat({path:?})"))
        .map_err(|error| Error::request(option(), error.to_string()))?;
    let kind = rustix::fs::FileType::from_raw_mode(status.st_mode);
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
