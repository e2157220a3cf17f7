//! From a request to a container whose process waits for `start`.

use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use cgroups::Group;
use linux::process::{Cloned, clone_process};
use rustix::process::{Pid, WaitId, WaitIdOptions};
use steps::{Failure, Operation as _, Step};

use super::teardown::remove_everything;
use crate::channel::{Channel, Message};
use crate::error::Error;
use crate::facts::HostFacts;
use crate::filesystem::FilesystemContext;
use crate::init::{self, Gate};
use crate::plan::{InitContext, ParentContext, ParentOperation, Plan};
use crate::request::Request;
use crate::state::{ActiveLock, ContainerDirectory, ProcessRecord, Record, StateRoot};
use crate::terminal::send_to_console_socket;

/// A container whose process is set up and waits. Dropped without [`Container::keep`], it is removed with all that belongs to it.
#[derive(Debug)]
pub(super) struct Container {
    /// Its name.
    pub(super) id: String,
    /// The state root.
    pub(super) root: StateRoot,
    /// Its control groups.
    pub(super) group: Group,
    /// The process.
    pub(super) pid: Option<Pid>,
    /// The process, as a descriptor.
    pub(super) pidfd: Option<OwnedFd>,
    /// The way to init.
    pub(super) channel: Channel,
    /// The terminal's master side, if the container has a terminal and nobody else took it.
    pub(super) master: Option<OwnedFd>,
    lock: Option<ActiveLock>,
    /// Whether init has the word to execute the program already.
    told: bool,
}

/// Who supervises the container once it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Supervision {
    /// A later `start` begins it; nobody supervises it.
    None,
    /// This process starts it and goes.
    Detached,
    /// This process starts it and waits for its end.
    Foreground,
}

/// Makes the container that was planned.
///
/// # Errors
/// What fails is undone.
pub(super) fn create(
    request: &Request<'_>,
    facts: &HostFacts,
    plan: &Plan,
    supervision: Supervision,
) -> Result<Container, Error> {
    check_terminal(request, supervision)?;
    let (root, lock) = take_id(request)?;
    let directory = root.make(request.id).map_err(Error::call(format!("record container `{}`", request.id)));
    let directory = match directory {
        Ok(directory) => directory,
        Err(error) => {
            // The name was ours alone; that it stays until the next command clears it is all that a failure here can do.
            let _unlocked = root.unlock(request.id, lock);
            return Err(error);
        }
    };
    let (parent_channel, init_channel) = Channel::pair().map_err(Error::call("make the channel to init"))?;
    let mut container = Container {
        id: request.id.to_owned(),
        root,
        group: Group::from_paths(plan.group_paths.clone()),
        pid: None,
        pidfd: None,
        channel: parent_channel,
        master: None,
        lock: Some(lock),
        told: false,
    };
    container.bring_up(request, facts, plan, &directory, init_channel, supervision)?;
    Ok(container)
}

impl Container {
    fn bring_up(
        &mut self,
        request: &Request<'_>,
        facts: &HostFacts,
        plan: &Plan,
        directory: &ContainerDirectory,
        init_channel: Channel,
        supervision: Supervision,
    ) -> Result<(), Error> {
        let foreground = supervision == Supervision::Foreground;
        directory
            .write_record(&record(request, facts, plan, foreground))
            .map_err(Error::call(format!("record container `{}`", request.id)))?;
        let gate = if supervision == Supervision::None {
            Gate::Socket(directory.listen_for_start().map_err(Error::call("make the start socket"))?)
        } else {
            Gate::Channel
        };

        let mut context = ParentContext::default();
        apply(&plan.before, &mut context, facts)?;
        let group_files = self.group.open_join_files().map_err(Error::call("open the control groups"))?;
        let group = self.group.unified_directory().map_err(Error::call("open the control group"))?;
        let cloned = clone_process(plan.namespaces, group.as_ref().map(|group| group.as_fd())).map_err(|cause| {
            let advice = facts.users.explain(&cause);
            Error::Step {
                failure: Failure { step: "make the container's process in its namespaces".to_owned(), cause },
                advice,
            }
        })?;
        let (pid, pidfd) = match cloned {
            Cloned::Parent { pid, pidfd } => (pid, pidfd),
            Cloned::Child => {
                if let Some(lock) = self.lock.take() {
                    lock.close();
                }
                let context = InitContext {
                    filesystem: FilesystemContext::new(plan.mount_calls),
                    group_files,
                    channel: init_channel,
                };
                init::run(plan, context, &gate, foreground)
            }
        };
        self.pid = Some(pid);
        self.pidfd = Some(pidfd);
        // Init holds these now; an end of the channel must mean the end of init.
        drop((init_channel, gate, group_files));

        context.child = Some(pid);
        let after = apply(&plan.after, &mut context, facts).and_then(|()| self.proceed(plan, &context));
        // When init has failed in the meantime, its own words say more than the broken channel.
        if let Err(error) = after {
            self.channel.close_sending();
            return Err(match self.await_ready(request) {
                Err(Error::Init(failure)) if !failure.step.starts_with("wait for the id maps") => Error::Init(failure),
                _ => error,
            });
        }
        let process = ProcessRecord::of(pid).map_err(Error::call("read the process's start time"));
        let record = |process: Result<ProcessRecord, Error>| {
            directory.write_process(&process?).map_err(Error::call("record the container's process"))
        };
        // Where nobody else must hear of the process before its program begins, init need not wait: it finds the word when it
        // is ready. Both go on at the same time.
        if supervision != Supervision::None
            && request.options.pid_file.is_none()
            && request.options.console_socket.is_none()
            && process.is_ok()
        {
            record(process)?;
            self.told = self.channel.send(&Message::Start, &[]).is_ok();
            return self.await_ready(request);
        }
        self.await_ready(request)?;
        record(process)?;
        if let Some(path) = &request.options.pid_file {
            write_pid_file(path, pid)?;
        }
        Ok(())
    }

    fn proceed(&self, plan: &Plan, context: &ParentContext) -> Result<(), Error> {
        if !plan.init_awaits_proceed() {
            return Ok(());
        }
        let mounts: Vec<_> = context.mounts.iter().map(|mount| mount.as_fd()).collect();
        self.channel.send(&Message::Proceed, &mounts).map_err(Error::call("let init proceed"))
    }

    fn await_ready(&mut self, request: &Request<'_>) -> Result<(), Error> {
        loop {
            match self.channel.receive().map_err(Error::call("hear from init"))? {
                Some((Message::Ready, _)) => return Ok(()),
                Some((Message::Console, descriptors)) => {
                    let master = descriptors.into_iter().next();
                    self.master = match (&request.options.console_socket, master) {
                        (Some(socket), Some(master)) => {
                            send_to_console_socket(socket, master.as_fd())
                                .map_err(Error::call(format!("send the terminal to {}", socket.display())))?;
                            None
                        }
                        (_, master) => master,
                    };
                }
                Some((Message::Failed(failure), _)) => return Err(Error::Init(failure)),
                Some((other, _)) => return Err(Error::InitEnded(format!("it said {other:?}"))),
                None => return Err(Error::InitEnded(self.how_it_ended())),
            }
        }
    }

    /// Lets the program be executed, and waits until it is.
    pub(super) fn start(&mut self) -> Result<(), Error> {
        if self.told { await_execution(&self.channel) } else { start_through(&self.channel) }
    }

    fn how_it_ended(&self) -> String {
        let Some(pidfd) = &self.pidfd else { return "there is no process".to_owned() };
        match rustix::process::waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Ok(Some(status)) => match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => format!("exit code {code}"),
                (_, Some(9)) if self.group.oom_kills() > 0 => {
                    "killed: the memory limit is too low even for the container's set-up".to_owned()
                }
                (_, Some(signal)) => format!("signal {signal}"),
                _ => "unknown".to_owned(),
            },
            _ => "unknown".to_owned(),
        }
    }

    /// The container outlives this value: it is at rest, or supervised by nobody.
    pub(super) fn keep(mut self) -> Result<(), Error> {
        let id = self.id.clone();
        match self.lock.take() {
            Some(lock) => self.root.unlock(&id, lock).map_err(Error::call(format!("finish container `{id}`"))),
            None => Ok(()),
        }
    }

    /// Removes the container and all that belongs to it, and reports what could not be removed.
    pub(super) fn remove(mut self) -> Result<(), Error> {
        self.clear_away()
    }

    fn clear_away(&mut self) -> Result<(), Error> {
        let Some(lock) = self.lock.take() else { return Ok(()) };
        if let Some(pidfd) = self.pidfd.take() {
            // Already gone is as good as killed.
            let _killed = rustix::process::pidfd_send_signal(&pidfd, rustix::process::Signal::KILL);
            let _reaped = rustix::process::waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED);
        }
        let problems = remove_everything(&self.root, &self.id, &self.group);
        if problems.is_empty() {
            return self.root.unlock(&self.id, lock).map_err(Error::call(format!("remove container `{}`", self.id)));
        }
        // The name stays in `.active`, unlocked: the next command tries again.
        Err(Error::Incomplete { id: self.id.clone(), problems })
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        // On a failure's way out there is one error to report already; what stays is cleared by the next command.
        let _cleared = self.clear_away();
    }
}

/// Says `start` to an init and waits for the execution.
pub(super) fn start_through(channel: &Channel) -> Result<(), Error> {
    channel.send(&Message::Start, &[]).map_err(Error::call("start the program"))?;
    await_execution(channel)
}

fn await_execution(channel: &Channel) -> Result<(), Error> {
    match channel.receive().map_err(Error::call("hear whether the program runs"))? {
        None => Ok(()),
        Some((Message::Failed(failure), _)) => Err(Error::Init(failure)),
        Some((other, _)) => Err(Error::InitEnded(format!("it said {other:?}"))),
    }
}

fn apply(steps: &[Step<ParentOperation>], context: &mut ParentContext, facts: &HostFacts) -> Result<(), Error> {
    for step in steps {
        step.operation.apply(context).map_err(|cause| Error::Step {
            advice: step.operation.advice(&cause).or_else(|| facts.users.explain(&cause)),
            failure: Failure { step: step.operation.to_string(), cause },
        })?;
    }
    Ok(())
}

/// Locks the id, and clears away what a killed owner of the same id has left.
fn take_id(request: &Request<'_>) -> Result<(StateRoot, ActiveLock), Error> {
    let id = request.id;
    let root = StateRoot::open(&request.options.state_root).map_err(Error::call("open the state root"))?;
    let lock = root.lock(id).map_err(Error::call(format!("lock the id `{id}`")))?;
    let lock = lock.ok_or_else(|| Error::IdTaken(id.to_owned()))?;
    let existing = root.container(id).map_err(Error::call(format!("look for container `{id}`")))?;
    if let Some(directory) = existing {
        if !lock.is_left_behind() {
            root.unlock(id, lock).map_err(Error::call(format!("unlock the id `{id}`")))?;
            return Err(Error::IdTaken(id.to_owned()));
        }
        let problems = super::teardown::remove_left_behind(&root, id, &directory);
        if !problems.is_empty() {
            return Err(Error::Incomplete { id: id.to_owned(), problems });
        }
    }
    Ok((root, lock))
}

fn record(request: &Request<'_>, facts: &HostFacts, plan: &Plan, foreground: bool) -> Record {
    Record {
        oci_version: request.spec.oci_version.clone(),
        id: request.id.to_owned(),
        // Whoever reads it stands elsewhere.
        bundle: facts.working_directory.join(request.bundle).components().collect(),
        rootfs: plan.rootfs.clone(),
        created: jiff::Timestamp::now().to_string(),
        owner: facts.users.user_id,
        annotations: request.spec.annotations.clone(),
        cgroup_paths: plan.group_paths.clone(),
        foreground,
    }
}

/// A terminal needs someone who holds its master side, and a socket for it needs a terminal.
fn check_terminal(request: &Request<'_>, supervision: Supervision) -> Result<(), Error> {
    let terminal = request.spec.process.as_ref().is_some_and(|process| process.terminal);
    match (terminal, &request.options.console_socket) {
        (true, None) if supervision != Supervision::Foreground => Err(Error::Terminal(
            "a detached container with a terminal needs --console-socket, to which the terminal goes",
        )),
        (false, Some(_)) => {
            Err(Error::Terminal("--console-socket needs a container with a terminal (process.terminal)"))
        }
        (true, Some(_)) if supervision == Supervision::Foreground => Err(Error::Terminal(
            "--console-socket is for detached containers; in the foreground the terminal is this one",
        )),
        _ => Ok(()),
    }
}

/// Written aside and renamed, so that a reader finds the whole number or no file.
fn write_pid_file(path: &Path, pid: Pid) -> Result<(), Error> {
    use linux::Named as _;
    let mut aside: PathBuf = path.to_owned();
    aside.set_file_name(format!(".{}.new", path.file_name().unwrap_or_default().to_string_lossy()));
    std::fs::write(&aside, pid.as_raw_nonzero().to_string())
        .and_then(|()| std::fs::rename(&aside, path))
        .named(|| format!("write({path:?})"))
        .map_err(Error::call("write the pid file"))
}
