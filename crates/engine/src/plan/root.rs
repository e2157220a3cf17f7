//! What a container's root is made of, and the files that are its own.

use std::path::{Path, PathBuf};

use runtime::{KernelFeature, Overlay};
use runtime_spec::Mount;
use steps::Step;

use super::ids::Ids;
use super::mounts::own_file;
use crate::error::Error;
use crate::facts::{EngineFacts, ImageFacts};
use crate::files::FileOperation;
use crate::host_image::{Hidden, HostImage, TreeKind};
use crate::request::{Network, RunRequest};

/// What a container's root is made of.
#[derive(Debug, Default)]
pub(super) struct RootPlan {
    pub(super) rootfs: PathBuf,
    pub(super) files: Vec<Step<FileOperation>>,
    pub(super) overlays: Vec<Overlay>,
    pub(super) mounts: Vec<Mount>,
}

pub(super) fn plan(
    request: &RunRequest,
    facts: &EngineFacts,
    directory: &Path,
    host_name: &str,
    ids: Option<&Ids>,
) -> Result<RootPlan, Error> {
    let files = own_files(request, facts, host_name);
    match &facts.image {
        ImageFacts::Host(image) => plan_host(facts, image, &files, directory, ids),
        ImageFacts::Directory { path, has_etc } => {
            let mut plan = RootPlan { rootfs: path.clone(), ..RootPlan::default() };
            if !has_etc {
                return Ok(plan);
            }
            let id_mapped = ids.is_some_and(|ids| ids.shown_through);
            for (name, text) in files {
                let path = directory.join(name);
                plan.mounts.push(own_file(&path, &format!("/etc/{name}"), id_mapped)?);
                let operation = FileOperation::Text { path, text };
                plan.files.push(Step::new(operation, "bound into the root, whose own files stay as they are"));
            }
            Ok(plan)
        }
    }
}

/// The files of `/etc` that speak of the container and not of its image.
fn own_files(request: &RunRequest, facts: &EngineFacts, host_name: &str) -> Vec<(&'static str, String)> {
    let mut files = vec![("hostname", format!("{host_name}\n"))];
    match request.network {
        Network::Host => files.extend(facts.resolver.clone().map(|text| ("resolv.conf", text))),
        Network::None => files.push((
            "hosts",
            format!(
                "127.0.0.1\tlocalhost {host_name}\n::1\tlocalhost ip6-localhost ip6-loopback\n\
                 ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
            ),
        )),
    }
    files
}

/// Directories that an operating system expects and that hold nothing of the host's, with their permissions.
const EMPTY: [(&str, u32); 21] = [
    ("dev", 0o755),
    ("home", 0o755),
    ("media", 0o755),
    ("mnt", 0o755),
    ("opt", 0o755),
    ("proc", 0o555),
    ("root", 0o700),
    ("run", 0o755),
    ("run/lock", 0o1777),
    ("srv", 0o755),
    ("sys", 0o555),
    ("tmp", 0o1777),
    ("var", 0o755),
    ("var/cache", 0o755),
    ("var/lib", 0o755),
    ("var/local", 0o755),
    ("var/log", 0o755),
    ("var/mail", 0o755),
    ("var/opt", 0o755),
    ("var/spool", 0o755),
    ("var/tmp", 0o1777),
];
const LINKS: [(&str, &str); 2] = [("var/lock", "/run/lock"), ("var/run", "/run")];

fn plan_host(
    facts: &EngineFacts,
    image: &HostImage,
    own_files: &[(&str, String)],
    directory: &Path,
    ids: Option<&Ids>,
) -> Result<RootPlan, Error> {
    let id_mapped = ids.is_some_and(|ids| ids.shown_through);
    refuse_old_kernel(facts, id_mapped)?;
    let (root, layers) = (directory.join("root"), directory.join("layers"));
    let mut plan = RootPlan { rootfs: root.clone(), ..RootPlan::default() };
    let why = "the tree into which the layers are mounted: of the host's own it has nothing yet";
    plan.files.push(Step::new(make(&root, 0o755), why));
    for (name, mode) in EMPTY {
        plan.files.push(Step::new(make(&root.join(name), mode), why));
    }
    for (name, target) in LINKS {
        plan.files.push(Step::new(FileOperation::Link { path: root.join(name), target: target.to_owned() }, why));
    }
    plan.files.push(Step::new(make(&layers, 0o755), "what the container writes goes here"));
    for tree in &image.trees {
        let place = root.join(&tree.path);
        match &tree.kind {
            TreeKind::Link(target) => {
                plan.files.push(Step::new(FileOperation::Link { path: place, target: target.clone() }, why));
            }
            TreeKind::Directory => {
                let name = tree.path.to_string_lossy().replace('/', "-");
                let upper = layers.join(&name);
                let work = layers.join(format!("{name}.work"));
                let why = "what the container changes in this tree goes here, and the host's stays as it is";
                plan.files.push(Step::new(make(&upper, 0o755), why));
                plan.files.push(Step::new(make(&work, 0o755), why));
                let mut lower = vec![Path::new("/").join(&tree.path)];
                let own_files = if tree.path == Path::new("etc") { own_files } else { &[] };
                if !own_files.is_empty() || !tree.hidden.secrets.is_empty() {
                    let cover = layers.join(format!("{name}.cover"));
                    plan.files.extend(cover_steps(&tree.hidden, own_files, &cover));
                    lower.insert(0, cover);
                }
                plan.overlays.push(Overlay {
                    destination: format!("/{}", tree.path.display()),
                    lower,
                    upper,
                    work,
                    id_mapped,
                    // The root of a user namespace cannot write the others.
                    user_attributes: ids.is_some(),
                });
            }
        }
    }
    Ok(plan)
}

fn make(path: &Path, mode: u32) -> FileOperation {
    FileOperation::Directory { path: path.to_owned(), mode }
}

/// The layer over a tree of the host's: it hides the secrets, and has the container's own files.
fn cover_steps(tree: &Hidden, own_files: &[(&str, String)], cover: &Path) -> Vec<Step<FileOperation>> {
    let hidden = "what the host keeps from its own users is no business of a container";
    let mut steps = vec![Step::new(make(cover, 0o755), hidden)];
    for (path, mode) in &tree.directories {
        steps.push(Step::new(make(&cover.join(path), *mode), hidden));
    }
    for path in tree.secrets.iter().filter(|path| own_files.iter().all(|(name, _)| Path::new(name) != *path)) {
        steps.push(Step::new(FileOperation::Whiteout { path: cover.join(path) }, hidden));
    }
    for (name, text) in own_files {
        let operation = FileOperation::Text { path: cover.join(name), text: text.clone() };
        steps.push(Step::new(operation, "in place of the host's own"));
    }
    steps
}

fn refuse_old_kernel(facts: &EngineFacts, id_mapped: bool) -> Result<(), Error> {
    let require = |what: &str, feature: KernelFeature, way_out: &str| {
        if facts.host.kernel.has(feature) {
            return Ok(());
        }
        let since = feature.since();
        Err(Error::Host(format!("the image `host` needs {what}, which kernels can from {since} on: {way_out}")))
    };
    if id_mapped {
        require(
            "overlays on layers that are shown through an id map",
            KernelFeature::IdMappedLayers,
            "use --userns=host",
        )?;
    }
    if !facts.host.users.privileged {
        require(
            "overlays without root",
            KernelFeature::OverlayInUserNamespace,
            "use --rootfs with a directory of your own",
        )?;
    }
    Ok(())
}
