//! What is typed after `holm run`: Docker's flags, as they are typed.

use std::path::PathBuf;

use clap::{ArgAction, Args};

const EXPLANATIONS: &str = "\
Images: `host` is this machine's operating system, read-only underneath and copy-on-write on top, without home
directories and secrets. With --rootfs the first word is the program.

Security options: no-new-privileges[=BOOL], which is true where it is not given; systempaths=unconfined, with which
nothing is masked. seccomp=unconfined, apparmor=unconfined and label=disable say what is so in any case.

Exit code: the program's own; 126 or 127 if it cannot be executed; 125 if holm fails; 128 and the signal's number if
a signal ends it. A container and its files are removed when it ends.

Examples:
  holm run -it host                                  a shell
  holm run -v .:/work:ro -w /work host -- make test  a directory of the host's, read-only
  holm run --cap-drop ALL --read-only host -- id     few rights";

/// A container to be run.
#[derive(Debug, Args)]
#[command(disable_help_flag = true, args_override_self = true, after_help = EXPLANATIONS)]
pub(crate) struct RunArguments {
    /// The image; with --rootfs there is none
    #[arg(value_name = "IMAGE")]
    pub(crate) image: Option<String>,
    /// The program and its arguments
    #[arg(value_name = "PROGRAM", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) program: Vec<String>,

    /// A directory as the root, which is written to, instead of an image
    #[arg(long, value_name = "DIR", help_heading = "Container")]
    pub(crate) rootfs: Option<PathBuf>,
    /// Name of the container
    #[arg(long, value_name = "NAME", help_heading = "Container")]
    pub(crate) name: Option<String>,
    /// Removes the container when it ends: what this release always does
    #[arg(
        long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
        default_value = "true", action = ArgAction::Set, hide_default_value = true, hide_possible_values = true,
        help_heading = "Container"
    )]
    pub(crate) rm: bool,
    /// Prints the steps as a shell script that runs without holm, instead of taking them
    #[arg(long, help_heading = "Container")]
    pub(crate) show: bool,
    /// Prints this help
    #[arg(long, action = ArgAction::HelpLong, help_heading = "Container")]
    pub(crate) help: Option<bool>,

    /// Lets the program read this command's standard input
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set, hide_default_value = true, hide_possible_values = true, help_heading = "Program")]
    pub(crate) interactive: bool,
    /// Gives the program a terminal
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set, hide_default_value = true, hide_possible_values = true, help_heading = "Program")]
    pub(crate) tty: bool,
    /// Sets an environment variable, NAME=VALUE, or NAME to take it from here
    #[arg(short, long, value_name = "VARIABLE", help_heading = "Program")]
    pub(crate) env: Vec<String>,
    /// Reads environment variables from a file, one a line
    #[arg(long, value_name = "FILE", help_heading = "Program")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Working directory [default: /]
    #[arg(short, long, value_name = "DIR", help_heading = "Program")]
    pub(crate) workdir: Option<String>,
    /// User and group, names or numbers
    #[arg(short, long, value_name = "USER[:GROUP]", help_heading = "Program")]
    pub(crate) user: Option<String>,
    /// Program that gets PROGRAM and all after it as its arguments
    #[arg(long, value_name = "PROGRAM", help_heading = "Program")]
    pub(crate) entrypoint: Option<String>,
    /// Adds a first process that reaps orphans and hands signals on
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set, hide_default_value = true, hide_possible_values = true, help_heading = "Program")]
    pub(crate) init: bool,
    /// Limits the process, NAME=SOFT[:HARD], as in nofile=1024:4096
    #[arg(long, value_name = "LIMIT", help_heading = "Program")]
    pub(crate) ulimit: Vec<String>,

    /// Mounts a directory or file of the host's, SOURCE:DESTINATION[:ro,…]
    #[arg(short, long, value_name = "VOLUME", help_heading = "Files")]
    pub(crate) volume: Vec<String>,
    /// Mounts, type=bind|tmpfs,source=…,destination=…[,readonly,…]
    #[arg(long, value_name = "MOUNT", help_heading = "Files")]
    pub(crate) mount: Vec<String>,
    /// Mounts a file system in memory, DIR[:OPTION,…]
    #[arg(long, value_name = "DIR", help_heading = "Files")]
    pub(crate) tmpfs: Vec<String>,
    /// Makes the root read-only
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set, hide_default_value = true, hide_possible_values = true, help_heading = "Files")]
    pub(crate) read_only: bool,
    /// Gives a device of the host's, SOURCE[:DESTINATION[:rwm]]
    #[arg(long, value_name = "DEVICE", help_heading = "Files")]
    pub(crate) device: Vec<String>,

    /// Limit of memory, as in 512m
    #[arg(short, long, value_name = "SIZE", help_heading = "Limits")]
    pub(crate) memory: Option<String>,
    /// Limit of memory and swap together; -1 is no limit [default: twice the memory]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true, help_heading = "Limits")]
    pub(crate) memory_swap: Option<String>,
    /// Processors' worth of time, as in 1.5
    #[arg(long, value_name = "NUMBER", help_heading = "Limits")]
    pub(crate) cpus: Option<String>,
    /// Weight of processor time among containers, 2 to 262144
    #[arg(short, long, value_name = "WEIGHT", help_heading = "Limits")]
    pub(crate) cpu_shares: Option<u64>,
    /// Processors to run on, as in 0-2,4
    #[arg(long, value_name = "LIST", help_heading = "Limits")]
    pub(crate) cpuset_cpus: Option<String>,
    /// Number of processes; -1 is no limit [default: 2048, where the host can limit it]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true, help_heading = "Limits")]
    pub(crate) pids_limit: Option<i64>,

    /// Host name [default: the container's id]
    #[arg(short = 'h', long, value_name = "NAME", help_heading = "Isolation")]
    pub(crate) hostname: Option<String>,
    /// Network: none (a loopback link of its own) or host [default: none]
    #[arg(long, visible_alias = "net", value_name = "NETWORK", help_heading = "Isolation")]
    pub(crate) network: Option<String>,
    /// Ids: private, or host, with which root is root on the host [default: private]
    #[arg(long, value_name = "IDS", help_heading = "Isolation")]
    pub(crate) userns: Option<String>,
    /// All capabilities, nothing masked, /sys writable; with --userns=host like root on the host
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", action = ArgAction::Set, hide_default_value = true, hide_possible_values = true, help_heading = "Isolation")]
    pub(crate) privileged: bool,
    /// Adds a capability, or ALL
    #[arg(long, value_name = "CAPABILITY", help_heading = "Isolation")]
    pub(crate) cap_add: Vec<String>,
    /// Drops a capability, or ALL
    #[arg(long, value_name = "CAPABILITY", help_heading = "Isolation")]
    pub(crate) cap_drop: Vec<String>,
    /// One of the security options below
    #[arg(long, value_name = "OPTION", help_heading = "Isolation")]
    pub(crate) security_opt: Vec<String>,
    /// Sets a kernel parameter of the container's namespaces, NAME=VALUE
    #[arg(long, value_name = "PARAMETER", help_heading = "Isolation")]
    pub(crate) sysctl: Vec<String>,
}
