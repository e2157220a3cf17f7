//! How each operation applies itself, reads, and is named.

use std::fmt;
use std::os::fd::AsFd as _;

use linux::Error;
use steps::{Operation, Script};

use super::context::FilesystemContext;
use super::operation::FilesystemOperation;
use super::options::{Bind, MountOptions};
use super::{attach, control_groups, files, overlay, resolve, root, show};

impl Operation for FilesystemOperation {
    type Context = FilesystemContext;
    type Error = Error;

    fn apply(&self, context: &mut FilesystemContext) -> Result<(), Error> {
        let calls = context.calls;
        match self {
            Self::SetPropagation { propagation } => calls.set_propagation("/", *propagation, true),
            Self::MakeParentPrivate { path } => root::make_parent_private(calls, path),
            Self::AttachRoot { path } => root::attach_root(context, path),
            Self::AttachReceivedRoot { .. } => {
                let mount = context.next_received()?;
                root::attach_over_root(mount.as_fd())?;
                context.root = Some(mount);
                Ok(())
            }
            Self::AttachLayers { paths } => overlay::attach_layers(context, paths.len()),
            Self::Overlay { overlay, layers } => overlay::mount(context, overlay, layers),
            Self::BindReceived { destination, directory, options, .. } => {
                let mount = context.next_received()?;
                attach::attach_bind(context.root()?, calls, mount.as_fd(), destination, *directory, options)
            }
            Self::Mount { kind, source, destination, options } => {
                attach::mount(context.root()?, calls, kind, source, destination, options)
            }
            Self::Bind { source, destination, directory, options } => {
                attach::bind(context.root()?, calls, source, destination, *directory, options)
            }
            Self::Remount { destination, options } => attach::remount(context.root()?, calls, destination, options),
            Self::ControlGroups(mount) => control_groups::mount(context.root()?, calls, mount),
            Self::OpenRoot { path } => root::open_root(context, path),
            Self::MakeDirectory { path } => {
                resolve::open_or_make(context.root()?, path, resolve::Place::Directory)?;
                Ok(())
            }
            Self::MakeDevice { path, kind, major, minor, mode, owner } => {
                files::make_device(context.root()?, path, *kind, (*major, *minor), *mode, *owner)
            }
            Self::BindDevice { path } => files::bind_device(context.root()?, path),
            Self::Symlink { path, target } => files::symlink(context.root()?, path, target),
            Self::ReadOnlyPath { path } => files::make_read_only(context.root()?, calls, path),
            Self::Mask { path } => files::mask(context, path),
            Self::MakeRootReadOnly => root::make_read_only(context.root()?, calls),
            Self::PivotRoot => root::pivot(context.root()?, calls),
            Self::MoveRoot => root::move_root(context.root()?),
            Self::ChangeRoot { path } => root::change_root(path),
            Self::SetRootPropagation { propagation, recursive } => calls.set_propagation("/", *propagation, *recursive),
        }
    }

    fn show(&self, script: &mut Script) {
        show::show(self, script);
    }
}

impl fmt::Display for FilesystemOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetPropagation { propagation } => write!(f, "make all mounts {}", propagation.word()),
            Self::MakeParentPrivate { path } => write!(f, "make the mount below {} private", path.display()),
            Self::AttachRoot { path } => write!(f, "bind the root {} onto itself", path.display()),
            Self::AttachReceivedRoot { path } => write!(f, "attach the id-mapped root {}", path.display()),
            Self::AttachLayers { paths } => {
                let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
                write!(f, "attach the id-mapped layers {}", paths.join(", "))
            }
            Self::Overlay { overlay, .. } => {
                let data = overlay.data(&overlay.lower, &overlay.upper, &overlay.work).join(",");
                write!(f, "mount an overlay on {} ({data})", overlay.destination)
            }
            Self::Mount { kind, destination, options, .. } => {
                write!(f, "mount {kind} on {destination}{}", in_parentheses(&options.described()))
            }
            Self::Bind { source, destination, options, .. }
            | Self::BindReceived { source, destination, options, .. } => {
                let mapped = matches!(self, Self::BindReceived { .. });
                let what = match (mapped, options.bind == Bind::Recursive) {
                    (false, false) => "",
                    (false, true) => "the tree ",
                    (true, false) => "the id-mapped ",
                    (true, true) => "the id-mapped tree ",
                };
                let options = in_parentheses(&options.described());
                write!(f, "bind {what}{} on {destination}{options}", source.display())
            }
            Self::Remount { destination, options } => {
                write!(f, "change the mount on {destination}{}", in_parentheses(&options.described()))
            }
            Self::ControlGroups(mount) => {
                let options = MountOptions { set: mount.attributes, ..MountOptions::default() };
                let options = in_parentheses(&options.described());
                write!(f, "mount the control groups on {}{options}", mount.destination)?;
                match &mount.unified {
                    _ if mount.namespace => {}
                    Some(group) => write!(f, ", bound from {}", group.display())?,
                    None => f.write_str(", each bound from the container's group")?,
                }
                mount.legacy.iter().filter(|_| mount.unified.is_none()).try_for_each(|(name, ..)| write!(f, " {name}"))
            }
            Self::OpenRoot { path } => write!(f, "open the root {}", path.display()),
            Self::MakeDirectory { path } => write!(f, "make the directory {path}"),
            Self::MakeDevice { path, kind, major, minor, mode, owner: (user, group) } => {
                write!(f, "make the device {path} ({kind} {major}:{minor}, mode {mode:o}, owner {user}:{group})")
            }
            Self::BindDevice { path } => write!(f, "bind the device {path}"),
            Self::Symlink { path, target } => write!(f, "link {path} to {target}"),
            Self::ReadOnlyPath { path } => write!(f, "make {path} read-only"),
            Self::Mask { path } => write!(f, "hide {path}"),
            Self::MakeRootReadOnly => f.write_str("make the root read-only"),
            Self::PivotRoot => f.write_str("enter the root"),
            Self::MoveRoot => f.write_str("move the root over /"),
            Self::ChangeRoot { path } => write!(f, "change the root to {}", path.display()),
            Self::SetRootPropagation { propagation, recursive } => {
                let tree = if *recursive { " and all mounts in it" } else { "" };
                write!(f, "make the root{tree} {}", propagation.word())
            }
        }
    }
}

fn in_parentheses(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({text})") }
}
