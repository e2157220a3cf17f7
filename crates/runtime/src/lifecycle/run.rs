//! `run`: create, start, and in the foreground wait for the end and remove all that was made.

use linux::signal::{SignalReader, hold_all};

use super::create::{Supervision, create};
use super::sweep::sweep_root;
use crate::error::Error;
use crate::facts::HostFacts;
use crate::plan::Plan;
use crate::request::Request;
use crate::terminal::{Foreground, ProcessEnd};

/// How a container in the foreground ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// What a shell would say of it: the exit code, or 128 and the signal's number.
    pub exit_code: u8,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether the kernel killed a process of it at the memory limit.
    pub out_of_memory: bool,
    /// That limit, in bytes.
    pub memory_limit: Option<u64>,
}

/// Makes and starts a container from its plan. In the foreground comes back with its end; detached, as soon as the program runs.
///
/// `once_running` is called in the foreground when the program runs: what is done then costs the container nothing.
///
/// # Errors
/// What `create` and `start` refuse, and what could not be removed afterwards.
pub fn run(
    request: &Request<'_>,
    facts: &HostFacts,
    plan: &Plan,
    once_running: &mut dyn FnMut(),
) -> Result<Option<Ended>, Error> {
    if request.options.detach {
        let mut container = create(request, facts, plan, Supervision::Detached)?;
        container.start()?;
        container.keep()?;
        return Ok(None);
    }
    // Held back before the child exists: a signal that comes in between is forwarded and not lost.
    let mask = hold_all().map_err(Error::call("hold back signals"))?;
    let result = run_in_foreground(request, facts, plan, once_running);
    mask.restore().map_err(Error::call("take signals again"))?;
    result.map(Some)
}

fn run_in_foreground(
    request: &Request<'_>,
    facts: &HostFacts,
    plan: &Plan,
    once_running: &mut dyn FnMut(),
) -> Result<Ended, Error> {
    let signals = SignalReader::new().map_err(Error::call("read signals"))?;
    let mut container = create(request, facts, plan, Supervision::Foreground)?;
    container.start()?;
    // The program runs now; clearing after others costs it nothing.
    sweep_root(&container.root);
    once_running();
    let end = match container.pidfd.take() {
        Some(pidfd) => {
            let end = Foreground::new(pidfd, signals, container.master.take()).wait();
            end.map_err(Error::call("wait for the container's end"))?
        }
        None => return Err(Error::InitEnded("there is no process".to_owned())),
    };
    let out_of_memory = container.group.oom_kills() > 0;
    let memory_limit = if out_of_memory { container.group.memory_limit() } else { None };
    let (exit_code, signal) = match end {
        ProcessEnd::Exited(code) => (code, None),
        ProcessEnd::Killed { signal, .. } => (u8::try_from(128 + signal).unwrap_or(u8::MAX), Some(signal)),
    };
    if request.options.keep {
        container.keep()?;
    } else {
        container.remove()?;
    }
    Ok(Ended { exit_code, signal, out_of_memory, memory_limit })
}
