//! Descriptors of the caller that the container's program inherits: those of socket activation (`sd_listen_fds(3)`), and those of
//! `--preserve-fds` behind them.

use runtime_spec::Spec;

use crate::failure::Failure;

/// What the program inherits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Inherited {
    activated: u32,
    preserved: u32,
}

impl Inherited {
    /// Counts them and makes sure that each is open. Must come before this program opens anything: a descriptor of ours at one of
    /// these numbers would reach the container (CVE-2024-21626).
    pub(crate) fn find(preserved: u32) -> Result<Self, Failure> {
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
        // The variables may be meant for another process, from which this one has inherited them.
        let activated = number("LISTEN_PID").filter(|pid| *pid == std::process::id()).and(number("LISTEN_FDS"));
        let inherited = Self { activated: activated.unwrap_or(0), preserved };
        for offset in 0..inherited.count() {
            let path = format!("/proc/self/fd/{}", FIRST.saturating_add(offset));
            if let Err(error) = std::fs::read_link(&path) {
                let errno = rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::BADF);
                let call = linux::Error::new(format!("readlink({path:?})"), errno);
                return Err(Failure::new(format!("--preserve-fds: descriptor {} is not open: {call}", FIRST + offset)));
            }
        }
        Ok(inherited)
    }

    /// How many there are, from 3 on.
    pub(crate) fn count(self) -> u32 {
        self.activated.saturating_add(self.preserved)
    }

    /// Tells the program of its activated sockets, in the words that the caller has used.
    pub(crate) fn announce(self, spec: &mut Spec) {
        if let Some(process) = spec.process.as_mut().filter(|_| self.activated > 0) {
            process.env.extend([format!("LISTEN_FDS={}", self.activated), "LISTEN_PID=1".to_owned()]);
        }
    }
}

/// The first descriptor after standard input, output and error.
const FIRST: u32 = 3;
