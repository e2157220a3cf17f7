//! What is typed: the verbs.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::run_arguments::RunArguments;

const EXAMPLES: &str = "\
Examples:
  holm run -it host                    a shell on this machine's system, copy-on-write
  holm run --memory 64m host -- make   a program with a limit
  holm run --rootfs DIR -- /bin/true   a directory as the root
  holm run --show host -- ls           what holm would do, as a shell script

Containers and state are below --root or HOLM_ROOT; else in /var/lib/holm and /run/holm, and without root in the
XDG directories.";

/// Runs containers: with Docker's verbs, without a daemon, as root or not
#[derive(Debug, Parser)]
#[command(name = "holm", version, disable_help_subcommand = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that stand before the verb.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Directory for containers and state
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a program in a new container
    Run(Box<RunArguments>),
    /// Prints the completions for a shell
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Prints a manual page, for man(1)
    #[command(hide = true)]
    Man {
        /// The verb whose page it is; without one the page of holm
        verb: Option<String>,
    },
}
