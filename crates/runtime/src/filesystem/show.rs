//! The operations as shell. The script has set `$root` to the root's directory.

use linux::mount::MountAttributes;
use steps::{Script, quote};

use super::control_groups::GroupMount;
use super::operation::FilesystemOperation;
use super::options::{Bind, MountOptions};

/// Where the old root stands while the script's last commands still need its programs.
pub(crate) const OLD_ROOT: &str = "/dev/.old-root";

pub(super) fn show(operation: &FilesystemOperation, script: &mut Script) {
    use FilesystemOperation as F;
    match operation {
        F::SetPropagation { propagation } => script.command(["mount", &format!("--make-r{}", propagation.word()), "/"]),
        F::MakeParentPrivate { .. } => {
            script.raw("mount --make-private \"$(findmnt -n -o TARGET -T \"$root\")\"");
        }
        F::AttachRoot { .. } => script.raw("mount --rbind \"$root\" \"$root\""),
        // The parent's part of the script has attached them from outside, where the privilege is.
        F::AttachReceivedRoot { .. } | F::AttachLayers { .. } | F::OpenRoot { .. } => {}
        F::Overlay { overlay, .. } => {
            let data = overlay.data(&overlay.lower, &overlay.upper, &overlay.work).join(",");
            make_place(&overlay.destination, true, script);
            writeln!(script, "mount -t overlay -o {} overlay {}", quote(&data), in_root(&overlay.destination));
        }
        F::MakeDirectory { path } => writeln!(script, "mkdir -p {}", in_root(path)),
        F::Mount { kind, source, destination, options } => mount(kind, source, destination, options, script),
        F::Bind { source, destination, directory, options }
        | F::BindReceived { source, destination, directory, options } => {
            let target = in_root(destination);
            make_place(destination, *directory, script);
            let verb = if options.bind == Bind::Recursive { "--rbind" } else { "--bind" };
            writeln!(script, "mount {verb} {} {target}", quote(&source.to_string_lossy()));
            remount(options, &target, script);
            propagation(options, &target, script);
        }
        F::Remount { destination, options } => remount(options, &in_root(destination), script),
        F::ControlGroups(groups) => control_groups(groups, script),
        F::MakeDevice { path, kind, major, minor, mode, owner: (user, group) } => {
            let target = in_root(path);
            writeln!(script, "[ -e {target} ] || mknod -m {mode:o} {target} {kind} {major} {minor}");
            if (*user, *group) != (0, 0) {
                writeln!(script, "chown {user}:{group} {target}");
            }
        }
        F::BindDevice { path } => {
            make_place(path, false, script);
            writeln!(script, "mount --bind {} {}", quote(path), in_root(path));
        }
        F::Symlink { path, target } => {
            let force = if path == "/dev/ptmx" { "ln -sf" } else { "ln -s" };
            writeln!(script, "{force} {} {} 2>/dev/null || true", quote(target), in_root(path));
        }
        F::ReadOnlyPath { path } => {
            let target = in_root(path);
            writeln!(
                script,
                "if [ -e {target} ]; then mount --rbind {target} {target} && mount -o remount,bind,ro {target}; fi"
            );
        }
        F::Mask { path } => {
            let target = in_root(path);
            writeln!(
                script,
                "if [ -d {target} ]; then mount -t tmpfs -o ro,size=0k,nr_inodes=1,mode=755 tmpfs {target}; \
                 elif [ -e {target} ]; then mount --bind /dev/null {target}; fi"
            );
        }
        F::MakeRootReadOnly => script.raw("mount -o remount,bind,ro \"$root\""),
        F::PivotRoot => {
            writeln!(script, "mkdir -p \"$root{OLD_ROOT}\"");
            script.raw("cd \"$root\"");
            writeln!(script, "pivot_root . .{OLD_ROOT}");
            writeln!(script, "cd {OLD_ROOT}");
        }
        F::MoveRoot => script.raw("cd \"$root\" && mount --move . / && enter_root='chroot .'"),
        F::ChangeRoot { path } => writeln!(script, "enter_root='chroot {}'", quote(&path.to_string_lossy())),
        F::SetRootPropagation { propagation, recursive } => {
            let prefix = if *recursive { "r" } else { "" };
            writeln!(script, "mount --make-{prefix}{} \"$root\"", propagation.word());
        }
    }
}

/// A path in the container as a shell word.
fn in_root(path: &str) -> String {
    let path = path.trim_start_matches('/');
    if path.is_empty() {
        return "\"$root\"".to_owned();
    }
    match quote(path) {
        std::borrow::Cow::Borrowed(plain) => format!("\"$root/{plain}\""),
        std::borrow::Cow::Owned(quoted) => format!("\"$root\"/{quoted}"),
    }
}

fn make_place(destination: &str, directory: bool, script: &mut Script) {
    let target = in_root(destination);
    if directory {
        writeln!(script, "mkdir -p {target}");
    } else {
        let parent = destination.rsplit_once('/').map_or("", |(parent, _)| parent);
        writeln!(script, "mkdir -p {}; [ -e {target} ] || : > {target}", in_root(parent));
    }
}

fn mount(kind: &str, source: &str, destination: &str, options: &MountOptions, script: &mut Script) {
    let target = in_root(destination);
    make_place(destination, true, script);
    let words = options.words();
    let option = if words.is_empty() { String::new() } else { format!("-o {} ", quote(&words.join(","))) };
    let source = if source.is_empty() { kind } else { source };
    if options.copy_up {
        writeln!(script, "content=$(mktemp -d) && cp -a {target}/. \"$content\"");
    }
    writeln!(script, "mount -t {} {option}{} {target}", quote(kind), quote(source));
    if options.copy_up {
        writeln!(script, "cp -a \"$content\"/. {target} && rm -r \"$content\"");
    }
    propagation(options, &target, script);
}

fn remount(options: &MountOptions, target: &str, script: &mut Script) {
    let attributes = MountOptions { data: Vec::new(), ..options.clone() };
    let words = attributes.words();
    if !words.is_empty() {
        writeln!(script, "mount -o remount,bind,{} {target}", words.join(","));
    }
}

fn propagation(options: &MountOptions, target: &str, script: &mut Script) {
    for (propagation, recursive) in &options.propagation {
        let prefix = if *recursive { "r" } else { "" };
        writeln!(script, "mount --make-{prefix}{} {target}", propagation.word());
    }
}

fn control_groups(groups: &GroupMount, script: &mut Script) {
    let options = MountOptions { set: groups.attributes, ..MountOptions::default() };
    let attributes = options.words().join(",");
    let one = |kind: &str, more: &[String], group: &std::path::Path, destination: &str, script: &mut Script| {
        let target = in_root(destination);
        writeln!(script, "mkdir -p {target}");
        if groups.namespace {
            let words: Vec<_> =
                [attributes.clone()].into_iter().chain(more.iter().cloned()).filter(|word| !word.is_empty()).collect();
            writeln!(script, "mount -t {kind} -o {} cgroup {target}", words.join(","));
        } else {
            writeln!(script, "mount --bind {} {target}", quote(&group.to_string_lossy()));
            writeln!(script, "mount -o remount,bind,{attributes} {target}");
        }
    };
    if let Some(group) = &groups.unified {
        return one("cgroup2", &[], group, &groups.destination, script);
    }
    let target = in_root(&groups.destination);
    writeln!(script, "mkdir -p {target}");
    writeln!(script, "mount -t tmpfs -o nosuid,nodev,noexec,mode=755 tmpfs {target}");
    for (name, options, group) in &groups.legacy {
        one("cgroup", options, group, &format!("{}/{name}", groups.destination), script);
        if name.contains(',') {
            for controller in name.split(',') {
                writeln!(script, "ln -s {} {}", quote(name), in_root(&format!("{}/{controller}", groups.destination)));
            }
        }
    }
    if groups.attributes.contains(MountAttributes::RDONLY) {
        writeln!(script, "mount -o remount,bind,ro,nosuid,nodev,noexec {target}");
    }
}
