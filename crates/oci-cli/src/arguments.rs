//! What is typed: runc's verbs and flags.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// In runc's form, one fact a line: Docker and containerd read these lines.
const VERSION: &str = concat!("version ", env!("CARGO_PKG_VERSION"), "\nspec: 1.3.0");

/// Runs containers as the Open Container Initiative's runtime specification says, with runc's command line.
///
/// A bundle is a directory with a `config.json` and a root file system:
///
///     holm-oci spec                 writes a config.json to begin with
///     holm-oci run web              runs the bundle in this directory as the container `web`
///     holm-oci run --show web       prints what it would do, as a shell script
#[derive(Debug, Parser)]
#[command(
    name = "holm-oci",
    version = VERSION,
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_override_self = true,
    verbatim_doc_comment
)]
pub(crate) struct Arguments {
    /// Prints the versions of this program and of the specification
    #[arg(short = 'v', long, action = ArgAction::Version)]
    version: Option<bool>,
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that stand before the verb.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Directory that records the containers [default: /run/holm-oci, or $XDG_RUNTIME_DIR/holm-oci without root]
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// File that errors and warnings are written to; errors are printed as well
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Form of the log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// Logs every step of the plan too
    #[arg(long)]
    pub(crate) debug: bool,
    /// Control groups through systemd: refused by this release
    #[arg(long)]
    pub(crate) systemd_cgroup: bool,
    /// Whether root's rights are missing
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) rootless: Rootless,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line of words.
    Text,
    /// One JSON object a line, as runc writes it.
    Json,
}

/// Whether root's rights are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rootless {
    /// Root's rights are missing.
    True,
    /// They are there.
    False,
    /// As this process is.
    Auto,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a container, which then waits for `start`
    Create(CreateArguments),
    /// Executes the program of a created container
    Start(IdArguments),
    /// Makes a container, executes its program, and removes it when it ends
    Run(RunArguments),
    /// Prints the state of a container as JSON
    State(IdArguments),
    /// Sends a signal to a container [default: SIGTERM]
    Kill(KillArguments),
    /// Removes what is left of a container
    Delete(DeleteArguments),
    /// Lists the containers
    List(ListArguments),
    /// Writes a config.json to begin with
    Spec(SpecArguments),
}

impl Command {
    /// How many descriptors of the caller's the container is to inherit.
    pub(crate) fn preserved_descriptors(&self) -> u32 {
        match self {
            Self::Create(create) | Self::Run(RunArguments { create, .. }) => create.preserve_fds,
            _ => 0,
        }
    }
}

/// What making a container takes.
#[derive(Debug, Args)]
pub(crate) struct CreateArguments {
    /// The container's name
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Directory with the config.json
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub(crate) bundle: PathBuf,
    /// Socket that receives the container's terminal
    #[arg(long, value_name = "SOCKET")]
    pub(crate) console_socket: Option<PathBuf>,
    /// File that receives the process's number
    #[arg(long, value_name = "FILE")]
    pub(crate) pid_file: Option<PathBuf>,
    /// Moves the root over / instead of pivoting, for a root on a ramdisk
    #[arg(long)]
    pub(crate) no_pivot: bool,
    /// Keeps the caller's session keyring
    #[arg(long)]
    pub(crate) no_new_keyring: bool,
    /// Number of descriptors from 3 on that the program inherits
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) preserve_fds: u32,
    /// Prints the plan as a shell script instead of carrying it out
    #[arg(long)]
    pub(crate) show: bool,
}

/// What `run` takes beside that.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) create: CreateArguments,
    /// Comes back as soon as the program runs
    #[arg(short, long)]
    pub(crate) detach: bool,
    /// Does not remove the container when it ends
    #[arg(long)]
    pub(crate) keep: bool,
    /// Accepted as runc's: orphans of the container are never taken as children
    #[arg(long)]
    pub(crate) no_subreaper: bool,
}

/// A container.
#[derive(Debug, Args)]
pub(crate) struct IdArguments {
    /// The container's name
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// A container and a signal.
#[derive(Debug, Args)]
pub(crate) struct KillArguments {
    /// The container's name
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Name or number of the signal
    #[arg(value_name = "SIGNAL", default_value = "SIGTERM")]
    pub(crate) signal: String,
    /// Sends it to all processes of the container
    #[arg(short, long)]
    pub(crate) all: bool,
}

/// A container to be removed.
#[derive(Debug, Args)]
pub(crate) struct DeleteArguments {
    /// The container's name
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Kills it first if it runs; no error if there is none
    #[arg(short, long)]
    pub(crate) force: bool,
}

/// How containers are listed.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Form of the list
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
    /// Prints the names alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Form of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns.
    Table,
    /// One JSON array.
    Json,
}

/// Where the config.json goes.
#[derive(Debug, Args)]
pub(crate) struct SpecArguments {
    /// Directory that receives the config.json
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub(crate) bundle: PathBuf,
    /// Writes it for a container without root's rights
    #[arg(long)]
    pub(crate) rootless: bool,
}
