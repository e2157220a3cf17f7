//! `run`.

use std::path::PathBuf;

use engine::{Image, Limits, Mount, Network, Places, Program, RunRequest, Security, UserNamespace};
use rustix::fs::{Mode, OFlags};

use crate::failure::Failure;
use crate::output;
use crate::run_arguments::RunArguments;
use crate::values::{self, environment, mount, size};

/// Runs the container; its exit code is this program's.
pub(super) fn run(arguments: &RunArguments, places: &Places) -> Result<u8, Failure> {
    let request = request(arguments)?;
    if arguments.show {
        output::text(&engine::show(&request, places)?)?;
        return Ok(0);
    }
    if arguments.interactive && arguments.tty && !rustix::termios::isatty(rustix::stdio::stdin()) {
        return Err(Failure::new("the input device is not a TTY: leave -t out where no person types"));
    }
    if !arguments.interactive {
        close_input()?;
    }
    refuse_directories()?;
    let ended = engine::run(&request, places, &mut |warning| output::note(&format!("warning: {warning}")))?;
    if let Some(limit) = ended.out_of_memory {
        output::note(&format!("{}: killed at its memory limit of {}", ended.name, size::format(limit)));
    }
    Ok(ended.exit_code)
}

/// Without `-i` the program has nothing to read.
fn close_input() -> Result<(), Failure> {
    let failed = |errno| Failure::new(format!("could not open /dev/null: {}", std::io::Error::from(errno)));
    let null = rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(failed)?;
    rustix::stdio::dup2_stdin(null).map_err(failed)
}

/// An open directory would lead the program out of its container.
fn refuse_directories() -> Result<(), Failure> {
    let streams =
        [("input", rustix::stdio::stdin()), ("output", rustix::stdio::stdout()), ("error", rustix::stdio::stderr())];
    let is_directory = |stream| {
        rustix::fs::fstat(stream).is_ok_and(|status| rustix::fs::FileType::from_raw_mode(status.st_mode).is_dir())
    };
    match streams.into_iter().find(|(_, stream)| is_directory(*stream)) {
        Some((name, _)) => Err(Failure::new(format!("standard {name} is a directory of the host's"))),
        None => Ok(()),
    }
}

/// What is meant by what is typed.
fn request(arguments: &RunArguments) -> Result<RunRequest, Failure> {
    if !arguments.rm {
        return Err(Failure::new(
            "--rm=false: this release of holm removes every container when it ends, since it cannot list or start one yet",
        ));
    }
    let (image, words) = image(arguments)?;
    Ok(RunRequest {
        image,
        name: arguments.name.clone(),
        program: Program {
            entrypoint: arguments.entrypoint.clone().filter(|entrypoint| !entrypoint.is_empty()),
            arguments: words,
            environment: environment::read(&arguments.env_file, &arguments.env)?,
            working_directory: arguments.workdir.clone(),
            user: arguments.user.clone(),
            terminal: arguments.tty,
            reaper: arguments.init,
            ulimits: each(&arguments.ulimit, "--ulimit", values::ulimit::parse)?,
        },
        host_name: arguments.hostname.clone(),
        mounts: mounts(arguments)?,
        devices: each(&arguments.device, "--device", values::device::parse)?,
        limits: limits(arguments)?,
        sysctls: each(&arguments.sysctl, "--sysctl", values::pair)?,
        network: network(arguments.network.as_deref())?,
        user_namespace: user_namespace(arguments.userns.as_deref())?,
        security: security(arguments)?,
        read_only: arguments.read_only,
    })
}

fn image(arguments: &RunArguments) -> Result<(Image, Vec<String>), Failure> {
    let mut words = arguments.program.clone();
    let image = match (&arguments.rootfs, arguments.image.as_deref()) {
        (Some(directory), first) => {
            words.splice(0..0, first.map(str::to_owned));
            Image::Directory(absolute(directory)?)
        }
        (None, Some("host" | "host:latest")) => Image::Host,
        (None, Some(other)) => {
            return Err(Failure::with_advice(
                format!("there is no image `{other}`"),
                "this release of holm knows the image `host`, and directories with --rootfs DIR",
            ));
        }
        (None, None) => {
            return Err(Failure::with_advice(
                "there is no image to run",
                "`holm run host` runs this machine's own system",
            ));
        }
    };
    // As many people write it, for fear that an option of the program's be taken for one of ours.
    if words.first().is_some_and(|word| word == "--") {
        words.remove(0);
    }
    Ok((image, words))
}

fn absolute(path: &PathBuf) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// Reads each value of an option that may be given several times.
fn each<T>(values: &[String], option: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Failure> {
    values.iter().map(|value| one(value, option, &parse)).collect()
}

fn one<T>(value: &str, option: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    parse(value).map_err(|problem| Failure::new(format!("{option} {value}: {problem}")))
}

fn mounts(arguments: &RunArguments) -> Result<Vec<Mount>, Failure> {
    let mut mounts = each(&arguments.mount, "--mount", mount::parse_mount)?;
    mounts.extend(each(&arguments.volume, "--volume", mount::parse_volume)?);
    mounts.extend(each(&arguments.tmpfs, "--tmpfs", mount::parse_tmpfs)?);
    for mount in &mut mounts {
        if let engine::MountKind::Bind { source, .. } = &mut mount.kind {
            *source = absolute(source)?;
        }
    }
    Ok(mounts)
}

/// As in Docker, 0 is no limit.
fn limits(arguments: &RunArguments) -> Result<Limits, Failure> {
    let read =
        |value: &Option<String>, option| value.as_deref().map(|value| one(value, option, size::parse)).transpose();
    let memory_and_swap = match arguments.memory_swap.as_deref() {
        Some("-1") => Some(-1),
        _ => read(&arguments.memory_swap, "--memory-swap")?,
    };
    let processors = arguments.cpus.as_deref().map(|value| one(value, "--cpus", values::thousandths));
    Ok(Limits {
        memory: read(&arguments.memory, "--memory")?.filter(|bytes| *bytes != 0),
        memory_and_swap: memory_and_swap.filter(|bytes| *bytes != 0),
        milli_processors: processors.transpose()?.filter(|thousandths| *thousandths != 0),
        cpu_shares: arguments.cpu_shares.filter(|shares| *shares != 0),
        cpuset_cpus: arguments.cpuset_cpus.clone(),
        processes: arguments.pids_limit.map(|limit| if limit == 0 { -1 } else { limit }),
    })
}

fn network(word: Option<&str>) -> Result<Network, Failure> {
    match word {
        None | Some("none") => Ok(Network::None),
        Some("host") => Ok(Network::Host),
        Some(other) => Err(Failure::new(format!(
            "--network {other}: this release of holm knows `none` (a loopback link of its own) and `host`"
        ))),
    }
}

fn user_namespace(word: Option<&str>) -> Result<UserNamespace, Failure> {
    match word {
        None | Some("" | "private" | "auto") => Ok(UserNamespace::Private),
        Some("host") => Ok(UserNamespace::Host),
        Some(other) => Err(Failure::new(format!(
            "--userns {other}: this release of holm knows `private` (ids of its own) and `host`"
        ))),
    }
}

fn security(arguments: &RunArguments) -> Result<Security, Failure> {
    let mut security = Security {
        privileged: arguments.privileged,
        added: arguments.cap_add.clone(),
        dropped: arguments.cap_drop.clone(),
        ..Security::default()
    };
    for option in &arguments.security_opt {
        let refuse = |problem: &str| Failure::new(format!("--security-opt {option}: {problem}"));
        match option.split_once(['=', ':']).unwrap_or((option, "")) {
            ("no-new-privileges", "" | "true") => security.new_privileges = false,
            ("no-new-privileges", "false") => security.new_privileges = true,
            ("systempaths", "unconfined") | ("unmask", "ALL" | "all") => security.unmasked = true,
            // What this release does not do, nobody needs to switch off; but it may be asked for.
            ("seccomp" | "apparmor", "unconfined") | ("label", "disable") => {}
            ("seccomp", _) => return Err(refuse("seccomp filters are not supported by this release of holm")),
            ("apparmor", _) => return Err(refuse("AppArmor profiles are not supported by this release of holm")),
            ("label", _) => return Err(refuse("SELinux labels are not supported by this release of holm")),
            _ => return Err(refuse("is not known; `holm run --help` lists what is")),
        }
    }
    Ok(security)
}
