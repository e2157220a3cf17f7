//! The plan as a shell script that a person can read and run without holm.
//!
//! The script's three parts are the plan's: the parent before the clone, the clone itself with what the parent does after it, and
//! init's track as a script of its own that runs inside the new namespaces.

use namespaces::Kind;
use runtime_spec::Process;
use steps::{Operation as _, Script, Step, quote, show_all};

use super::container_plan::Plan;
use super::init::InitOperation;
use super::parent::ParentOperation;
use crate::filesystem::{FilesystemOperation, OLD_ROOT};
use crate::process::{ProcessOperation, setpriv_words};
use crate::request::{Preparation, Request};

impl Plan {
    /// The plan as a commented shell script that runs without holm. The request is the one that it is the plan of; what was made
    /// ready for it before stands in the script too.
    #[must_use]
    pub fn script(&self, request: &Request<'_>, preparation: &Preparation) -> String {
        // Planning refuses a configuration without a process.
        let process = request.spec.process.clone().unwrap_or_default();
        let mut script = Script::new();
        script.raw("#!/bin/sh");
        script.comment(&format!(
            "What holm does for the container `{}`, step by step, as commands that run without it.",
            request.id
        ));
        for warning in &self.warnings {
            script.comment(&format!("warning: {warning}"));
        }
        script.comment(
            "Needs: util-linux (mount, unshare, setpriv, prlimit), iproute2 (ip), coreutils, a C library with ldd.",
        );
        script.raw("set -eu");
        script.comment("an ordinary user's path lacks the directories of some of these");
        script.raw("PATH=$PATH:/usr/sbin:/sbin");
        writeln!(script, "root={}", quote(&self.rootfs.to_string_lossy()));
        script.raw("work=$(mktemp -d)");
        if self.init_awaits_proceed() {
            script.comment("the root of the new user namespace is not the one who made it");
            script.raw("chmod 0711 \"$work\"");
        }
        script.raw("mkfifo \"$work/ready\" \"$work/proceed\"");
        self.show_clean_up(preparation, &mut script);
        script.blank();
        if !preparation.script.is_empty() {
            script.comment("--- the files that are the container's own");
            script.raw(&preparation.script);
            script.blank();
        }
        script.comment("--- the parent, before the clone");
        show_all(&self.before, &mut script);
        script.blank();
        script.comment("--- inside the new namespaces");
        let mut init = Script::new();
        self.show_init(&process, &mut init);
        // A word of the program's must not end the text.
        let mut end = "INIT".to_owned();
        while init.as_str().lines().any(|line| line == end) {
            end.push('_');
        }
        writeln!(script, "cat > \"$work/init\" <<'{end}'");
        script.raw(init.as_str());
        script.raw(&end);
        script.blank();
        self.show_clone(&mut script);
        script.to_string()
    }

    fn show_clean_up(&self, preparation: &Preparation, script: &mut Script) {
        let mut groups: Vec<_> =
            self.group_paths.values().map(|path| quote(&path.to_string_lossy()).into_owned()).collect();
        groups.dedup();
        script.comment("whatever happens, nothing is left behind");
        let files: String =
            preparation.remove.iter().map(|path| format!(" {}", quote(&path.to_string_lossy()))).collect();
        script.raw("made= pid=\nclean_up() {");
        script.raw("  if [ -n \"$pid\" ]; then");
        script.raw("    kill -9 $(cat \"/proc/$pid/task/$pid/children\" 2>/dev/null) \"$pid\" 2>/dev/null || true");
        script.raw("    wait \"$pid\" 2>/dev/null || true\n  fi");
        script.raw("  rm -rf \"$work\"");
        if !files.is_empty() {
            writeln!(script, "  if [ -n \"$made\" ]; then rm -rf{files}; fi");
        }
        if !groups.is_empty() {
            writeln!(script, "  rmdir {} 2>/dev/null || true", groups.join(" "));
        }
        script.raw("}\ntrap clean_up EXIT\ntrap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM");
    }

    fn show_clone(&self, script: &mut Script) {
        let kinds = Kind::ALL.into_iter().filter(|kind| self.namespaces.contains(kind.flag()));
        let mut options: Vec<_> = kinds.map(|kind| kind.shell_option().to_owned()).collect();
        if self.init.iter().any(|step| step.operation == InitOperation::UnshareGroups) {
            options.push(Kind::Cgroup.shell_option().to_owned());
        }
        if self.namespaces.contains(Kind::Pid.flag()) {
            options.push("--fork --kill-child".to_owned());
        }
        if self.namespaces.contains(Kind::User.flag()) {
            options.push("--keep-caps".to_owned());
        }
        if self.namespaces.contains(Kind::Mount.flag()) {
            options.push("--propagation unchanged".to_owned());
        }
        script.comment("--- the clone: a process that joins the groups, then leaves its namespaces for new ones");
        let enters = self.before.iter().any(|step| matches!(step.operation, ParentOperation::Enter { .. }));
        let enter = if enters { "nsenter $enter -- " } else { "" };
        script.raw("exec 3<&0");
        script.raw("(");
        for path in self.join_files() {
            writeln!(script, "  echo 0 > {}", quote(&path));
        }
        writeln!(script, "  exec {enter}unshare {} /bin/sh \"$work/init\" \"$work\" \"$root\"", options.join(" "));
        script.raw(") <&3 3<&- 9<&- 7> \"$work/ready\" &\npid=$!");
        script.comment("the end of the file, and no word, when it has failed before");
        script.raw("read -r ready < \"$work/ready\" || { wait \"$pid\" || exit; exit 1; }");
        if self.after.iter().any(|step| matches!(step.operation, ParentOperation::CloneIdMapped { .. })) {
            script.comment("shows a directory of the container through its id map: mount(8) of util-linux 2.39 can, else two system calls in Perl");
            script.raw(ID_MAPPED_BIND);
        }
        show_all(&self.after, script);
        script.raw("echo proceed > \"$work/proceed\"\nstatus=0; wait \"$pid\" || status=$?; pid=\nexit \"$status\"");
    }

    /// The files into which the process writes itself to join its groups.
    fn join_files(&self) -> Vec<String> {
        let mut files: Vec<_> = self
            .group_paths
            .iter()
            .map(|(controller, path)| path.join(if controller.is_empty() { "cgroup.procs" } else { "tasks" }))
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        files.sort();
        files.dedup();
        files
    }

    fn show_proceed(&self, script: &mut Script) {
        const PROCEED: &str = "echo ready >&7\nexec 7>&-\nread -r proceed < \"$work/proceed\"";
        const WHY: &str = "the parent must not go on before the namespaces are there";
        if !self.init_awaits_proceed() {
            script.comment(WHY);
            return script.raw(PROCEED);
        }
        script.raw("if [ -z \"${3-}\" ]; then");
        script.comment(WHY);
        script.raw(PROCEED);
        script.comment("the ids are mapped: from here on as root of the new user namespace");
        script.raw("exec setpriv --reuid=0 --regid=0 --keep-groups /bin/sh \"$0\" \"$work\" \"$root\" root");
        script.raw("fi");
    }

    fn show_init(&self, process: &Process, script: &mut Script) {
        script.raw("set -eu\nwork=$1 root=$2\nenter_root=");
        self.show_proceed(script);
        script.raw("umask 0\ntool() { \"$@\"; }");
        for step in &self.init {
            if enters_root(&step.operation) {
                show_home(process, script);
            }
            if step.operation == InitOperation::Filesystem(FilesystemOperation::PivotRoot) {
                show_tools(script);
            }
            show_step(step, script);
            if step.operation == InitOperation::Filesystem(FilesystemOperation::PivotRoot) {
                writeln!(script, "tool umount -l {OLD_ROOT}\ntool rmdir {OLD_ROOT}");
            }
        }
        script.comment("the rights of the program, and then the program itself");
        let operations = self.init.iter().filter_map(|step| match &step.operation {
            InitOperation::Process(operation) => Some(operation),
            _ => None,
        });
        let rights: Vec<_> = setpriv_words(operations).iter().map(|word| quote(word).into_owned()).collect();
        let home = process.env.iter().any(|variable| variable.starts_with("HOME="));
        let environment = process.env.iter().map(|variable| quote(variable).into_owned());
        let environment: Vec<_> = environment.chain((!home).then(|| "HOME=\"${home:-/}\"".to_owned())).collect();
        let program: Vec<_> = process.args.iter().map(|word| quote(word).into_owned()).collect();
        let exec = if self.reaper {
            script.comment("(this shell stays the first process and reaps; holm's own also hands signals on)");
            ""
        } else {
            "exec "
        };
        writeln!(
            script,
            "{exec}$enter_root $host \"${{setpriv:-setpriv}}\" {} -- $host \"${{env:-env}}\" -i -C {} -- {} {}",
            rights.join(" "),
            quote(&process.cwd),
            environment.join(" "),
            program.join(" ")
        );
    }
}

fn show_step(step: &Step<InitOperation>, script: &mut Script) {
    let mut shown = Script::new();
    step.operation.show(&mut shown);
    if !shown.as_str().is_empty() {
        script.comment(&step.why);
        script.raw(shown.as_str());
    }
    // The last step that the script takes one by one: what follows are the rights, in one program.
    if let InitOperation::Process(ProcessOperation::Umask(_)) = step.operation {
        script.blank();
    }
}

fn enters_root(operation: &InitOperation) -> bool {
    use FilesystemOperation as F;
    matches!(operation, InitOperation::Filesystem(F::PivotRoot | F::MoveRoot | F::ChangeRoot { .. }))
}

/// The program's home directory, where its environment does not say it.
fn show_home(process: &Process, script: &mut Script) {
    if process.env.iter().any(|variable| variable.starts_with("HOME=")) {
        return;
    }
    script.comment("the home directory that the image gives to the program's user");
    writeln!(
        script,
        "home=$(sed -n 's/^[^:]*:[^:]*:{}:[^:]*:[^:]*:\\(\\/[^:]*\\):.*/\\1/p' \"$root/etc/passwd\" 2>/dev/null | head -n 1)",
        process.user.uid
    );
}

/// After the change of the root the host's programs are reached through the working directory, with their own loader.
fn show_tools(script: &mut Script) {
    script.comment("the image may have none of the tools that are still needed: they are run from the old root, which is the working directory then");
    script.raw(
        "loader=$(ldd \"$(command -v setpriv)\" | sed -n 's/^[^/]*\\(\\/[^ ]*\\/ld[^ ]*\\) .*/\\1/p')\n\
         loader=$(readlink -f \"$loader\")\n\
         # where /lib and /usr/lib are not one directory, libraries stand in both\n\
         libraries=${loader%/*}\n\
         host=\".$loader --library-path .$libraries:./usr$libraries:./usr/lib:./lib\"\n\
         for name in umount rmdir mkdir prlimit setpriv env; do eval \"$name=.\\$(readlink -f \\\"\\$(command -v $name)\\\")\"; done\n\
         tool() { name=$1; shift; eval \"path=\\$$name\"; $host \"$path\" \"$@\"; }",
    );
}

/// `open_tree`, `mount_setattr` and `move_mount` have the same numbers on every architecture.
const ID_MAPPED_BIND: &str = r#"id_mapped_bind() {
  nsenter --mount="/proc/$pid/ns/mnt" perl -e '
    my ($path, $pid) = @ARGV;
    open(my $ids, "<", "/proc/$pid/ns/user") or die "$pid: $!";
    my $tree = syscall(428, -100, $path, 0x80001);        # open_tree(AT_FDCWD, path, OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)
    die "open_tree $path: $!" if $tree < 0;
    my $attr = pack("QQQQ", 0x100000, 0, 0, fileno($ids)); # set MOUNT_ATTR_IDMAP
    syscall(442, $tree, my $e = "", 0x1000, $attr, 32) == 0 or die "mount_setattr $path: $!";
    syscall(429, $tree, $e, -100, $path, 4) == 0 or die "move_mount $path: $!"; # MOVE_MOUNT_F_EMPTY_PATH
  ' "$1" "$pid"
}"#;
