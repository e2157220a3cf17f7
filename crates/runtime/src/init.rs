//! The container's first process, from the clone to the program: one thread, its steps in order, and an end by `_exit`.

use std::os::fd::OwnedFd;

use linux::process::end;
use linux::{Error, Named as _};
use rustix::io::Errno;
use rustix::process::Signal;
use steps::Operation as _;

use crate::channel::{Channel, InitFailure, Message};
use crate::plan::{InitContext, Plan, close_to_others};
use crate::process::{ExecuteError, execute};
use crate::reaper::{Side, divide};

/// Where init waits for the word to execute the program.
#[derive(Debug)]
pub(crate) enum Gate {
    /// On the channel to the parent, which stays.
    Channel,
    /// On the start socket, to which a later command connects.
    Socket(OwnedFd),
}

/// Runs init's track and executes the program. Never comes back.
pub(crate) fn run(plan: &Plan, mut context: InitContext, gate: &Gate, foreground: bool) -> ! {
    let failure = match set_up(plan, &mut context, foreground) {
        Ok(()) => match wait_for_start(&mut context, gate) {
            Ok(true) if plan.reaper => match divide(context.channel, rustix::termios::isatty(rustix::stdio::stdin())) {
                Ok(Side::Program(channel)) => {
                    context.channel = channel;
                    execution_failed(&execute(&plan.prepared))
                }
                Ok(Side::Reaper(code)) => end(code),
                Err((error, channel)) => {
                    context.channel = channel;
                    failed("begin the process that takes care of orphans", &error)
                }
            },
            Ok(true) => execution_failed(&execute(&plan.prepared)),
            // Nobody will ever say start.
            Ok(false) => end(1),
            Err(error) => failed("wait for the start", &error),
        },
        Err(failure) => failure,
    };
    let exit_code = i32::from(failure.exit_code);
    // Nobody may be left to hear it; the exit code remains.
    let _heard = context.channel.send(&Message::Failed(failure), &[]);
    // A word that this process leaves unread would reset the channel, and what it has said could be lost: it ends when the other
    // side has closed its end, or kills it.
    while let Ok(Some(_)) = context.channel.receive() {}
    end(exit_code)
}

fn execution_failed(error: &ExecuteError) -> InitFailure {
    InitFailure {
        exit_code: error.exit_code(),
        step: "execute the program".to_owned(),
        call: error.to_string(),
        errno: 0,
    }
}

fn failed(step: &str, error: &Error) -> InitFailure {
    InitFailure {
        step: step.to_owned(),
        call: error.call().to_owned(),
        errno: error.errno().raw_os_error(),
        exit_code: 1,
    }
}

fn set_up(plan: &Plan, context: &mut InitContext, foreground: bool) -> Result<(), InitFailure> {
    prepare_process(plan).map_err(|error| failed("prepare the container's process", &error))?;
    for step in &plan.init {
        step.operation.apply(context).map_err(|error| failed(&step.operation.to_string(), &error))?;
    }
    // A change of ids has cleared the signal; a container at rest must outlive its maker, one in the foreground must not.
    die_with_parent(foreground).map_err(|error| failed("tie the process to its parent", &error))?;
    // The program is looked for now, so that `create` can tell that it is missing.
    plan.prepared.check().map_err(|error| execution_failed(&error))?;
    context.channel.send(&Message::Ready, &[]).map_err(|error| failed("tell that the container is ready", &error))
}

/// What must hold before the first step: nobody may look into this process, and it must not outlive its parent's failure.
fn prepare_process(plan: &Plan) -> Result<(), Error> {
    die_with_parent(true)?;
    // A parent without root could not write the id maps of a process that is closed to it: that one closes when it is root.
    if !plan.init_awaits_proceed() {
        close_to_others()?;
    }
    // Modes of the nodes and files that are made below must be exact.
    rustix::process::umask(rustix::fs::Mode::empty());
    linux::signal::reset_all()
}

fn die_with_parent(yes: bool) -> Result<(), Error> {
    rustix::process::set_parent_process_death_signal(yes.then_some(Signal::KILL))
        .named(|| "prctl(PR_SET_PDEATHSIG)".to_owned())
}

/// Whether the word came; `false` when the one who could say it has gone.
fn wait_for_start(context: &mut InitContext, gate: &Gate) -> Result<bool, Error> {
    if let Gate::Socket(listener) = gate {
        let socket = loop {
            match rustix::net::accept_with(listener, rustix::net::SocketFlags::CLOEXEC) {
                Ok(socket) => break socket,
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(errno) => return Err(Error::new("accept(start socket)", errno)),
            }
        };
        context.channel = Channel::from_socket(socket);
    }
    Ok(matches!(context.channel.receive()?, Some((Message::Start, _))))
}
