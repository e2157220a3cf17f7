//! The operations as shell.

use runtime_spec::Capability;
use steps::Script;

use super::operation::ProcessOperation;

pub(super) fn show(operation: &ProcessOperation, script: &mut Script) {
    match operation {
        ProcessOperation::LoopbackUp => script.command(["ip", "link", "set", "lo", "up"]),
        ProcessOperation::HostName(name) => script.command(["hostname", name]),
        ProcessOperation::DomainName(name) => script.command(["domainname", name]),
        ProcessOperation::Sysctl { key, value } => {
            script.write_file(value, &format!("/proc/sys/{}", key.replace('.', "/")));
        }
        ProcessOperation::OomScore(value) => script.write_file(&value.to_string(), "/proc/self/oom_score_adj"),
        ProcessOperation::ResourceLimit { name, soft, hard } => {
            let option = name.trim_start_matches("RLIMIT_").to_ascii_lowercase();
            let number = |value: u64| if value == u64::MAX { "unlimited".to_owned() } else { value.to_string() };
            writeln!(script, "tool prlimit --pid $$ --{option}={}:{}", number(*soft), number(*hard));
        }
        ProcessOperation::Umask(mask) => writeln!(script, "umask {mask:04o}"),
        ProcessOperation::SessionKeyring { name } => {
            script.comment(&format!("(a new session keyring {name}: no shell command can join one and go on)"));
        }
        ProcessOperation::NewSession => script.comment("(a session of its own: by setsid, below)"),
        // Rights must change in the one program that then executes the container's: see `setpriv_words`.
        ProcessOperation::BoundingSet { .. }
        | ProcessOperation::KeepCapabilities
        | ProcessOperation::Groups(_)
        | ProcessOperation::GroupId(_)
        | ProcessOperation::UserId(_)
        | ProcessOperation::Capabilities { .. }
        | ProcessOperation::AmbientSet { .. }
        | ProcessOperation::NoNewPrivileges => {}
        ProcessOperation::WorkingDirectory(_)
        | ProcessOperation::CloseDescriptors { .. }
        | ProcessOperation::CloseListedDescriptors { .. } => {}
    }
}

/// The changes of rights as the options of one `setpriv(1)`: a shell that gave its rights up one by one could not go on.
#[must_use]
pub(crate) fn setpriv_words<'a>(operations: impl IntoIterator<Item = &'a ProcessOperation>) -> Vec<String> {
    let mut words = Vec::new();
    for operation in operations {
        match operation {
            ProcessOperation::UserId(id) => words.push(format!("--reuid={id}")),
            ProcessOperation::GroupId(id) => words.push(format!("--regid={id}")),
            ProcessOperation::Groups(groups) if groups.is_empty() => words.push("--clear-groups".to_owned()),
            ProcessOperation::Groups(groups) => {
                let list: Vec<_> = groups.iter().map(u32::to_string).collect();
                words.push(format!("--groups={}", list.join(",")));
            }
            ProcessOperation::BoundingSet { keep, last } => {
                words.push(format!("--bounding-set={}", listed(*keep, *last)));
            }
            ProcessOperation::Capabilities { inheritable, .. } => {
                words.push(format!("--inh-caps={}", listed(*inheritable, 40)));
            }
            ProcessOperation::AmbientSet { keep, last } => {
                words.push(format!("--ambient-caps={}", listed(*keep, *last)));
            }
            ProcessOperation::NoNewPrivileges => words.push("--no-new-privs".to_owned()),
            _ => {}
        }
    }
    // Without a list of groups setpriv wants to be told that the present ones stay.
    if words.iter().any(|word| word.starts_with("--regid")) && !words.iter().any(|word| word.contains("groups")) {
        words.push("--keep-groups".to_owned());
    }
    words
}

/// All given up, and these taken back, as `setpriv(1)` reads it.
fn listed(mask: u64, last: u32) -> String {
    let names =
        (0..=last.min(63)).filter(|number| mask & (1 << number) != 0).filter_map(|number| u8::try_from(number).ok());
    let names: Vec<_> = names
        .map(|number| Capability::Known(number).to_string().trim_start_matches("CAP_").to_ascii_lowercase())
        .map(|name| format!(",+{name}"))
        .collect();
    format!("-all{}", names.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_change_in_one_program() {
        let operations = [
            ProcessOperation::BoundingSet { keep: 0b10_0001, last: 40 },
            ProcessOperation::Groups(vec![5, 7]),
            ProcessOperation::GroupId(3),
            ProcessOperation::UserId(1000),
            ProcessOperation::NoNewPrivileges,
        ];
        assert_eq!(
            setpriv_words(&operations),
            ["--bounding-set=-all,+chown,+kill", "--groups=5,7", "--regid=3", "--reuid=1000", "--no-new-privs"]
        );
    }
}
