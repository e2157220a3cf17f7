//! `--volume`, `--mount` and `--tmpfs`.

use engine::{Mount, MountKind};

const PROPAGATIONS: [&str; 6] = ["private", "rprivate", "slave", "rslave", "shared", "rshared"];
const NO_VOLUMES: &str = "named volumes are not supported by this release of holm: give a path that begins with / or .";

/// Reads `SOURCE:DESTINATION[:OPTION,…]`.
pub(crate) fn parse_volume(text: &str) -> Result<Mount, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, destination, options) = match parts.as_slice() {
        [source, destination] => (*source, *destination, ""),
        [source, destination, options] => (*source, *destination, *options),
        [_] => return Err(format!("is not of the form SOURCE:DESTINATION; {NO_VOLUMES}")),
        _ => return Err("is not of the form SOURCE:DESTINATION[:OPTION,…]".to_owned()),
    };
    if !source.starts_with(['/', '.']) {
        return Err(NO_VOLUMES.to_owned());
    }
    let (mut read_only, mut propagation) = (false, None);
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option {
            "ro" => read_only = true,
            "rw" => read_only = false,
            word if PROPAGATIONS.contains(&word) => propagation = Some(word.to_owned()),
            "z" | "Z" => {
                return Err(format!("option `{option}`: SELinux labels are not supported by this release of holm"));
            }
            _ => return Err(format!("there is no option `{option}`; there are ro, rw, {}", PROPAGATIONS.join(", "))),
        }
    }
    Ok(Mount {
        destination: place(destination)?,
        kind: MountKind::Bind { source: source.into(), propagation, recursive: true },
        read_only,
    })
}

/// Reads `type=…,source=…,destination=…`.
pub(crate) fn parse_mount(text: &str) -> Result<Mount, String> {
    let (mut kind, mut source, mut destination, mut read_only) = (None, None, None, false);
    let (mut propagation, mut recursive, mut options) = (None, true, Vec::new());
    for part in text.split(',') {
        let (key, value) = part.split_once('=').map_or((part, None), |(key, value)| (key, Some(value)));
        let required = || value.filter(|value| !value.is_empty()).ok_or(format!("`{key}` needs a value"));
        match key {
            "type" => kind = Some(required()?),
            "source" | "src" => source = Some(required()?),
            "destination" | "dst" | "target" => destination = Some(required()?),
            "readonly" | "ro" => read_only = switch(key, value)?,
            "rw" => read_only = !switch(key, value)?,
            "bind-propagation" => propagation = Some(required()?.to_owned()),
            "bind-nonrecursive" => recursive = !switch(key, value)?,
            "tmpfs-size" => options.push(format!("size={}", super::size::parse(required()?)?)),
            "tmpfs-mode" => options.push(format!("mode={}", octal(required()?)?)),
            _ => return Err(format!("there is no key `{key}`")),
        }
    }
    let destination = place(destination.ok_or("`destination` is missing")?)?;
    let kind = match kind.ok_or("`type` is missing: bind or tmpfs")? {
        "bind" if !options.is_empty() => return Err("tmpfs options do not belong to a bind".to_owned()),
        "bind" => {
            if let Some(word) = propagation.as_deref().filter(|word| !PROPAGATIONS.contains(word)) {
                return Err(format!("there is no propagation `{word}`; there are {}", PROPAGATIONS.join(", ")));
            }
            let source = source.ok_or("`source` is missing")?;
            if !source.starts_with(['/', '.']) {
                return Err("`source` must be a path".to_owned());
            }
            MountKind::Bind { source: source.into(), propagation, recursive }
        }
        "tmpfs" if source.is_some() || propagation.is_some() => {
            return Err("a tmpfs has neither a source nor a propagation".to_owned());
        }
        "tmpfs" => MountKind::Tmpfs { options },
        "volume" => return Err(NO_VOLUMES.to_owned()),
        other => return Err(format!("mounts of type `{other}` are not supported: there are bind and tmpfs")),
    };
    Ok(Mount { destination, kind, read_only })
}

/// Reads `DESTINATION[:OPTION,…]`.
pub(crate) fn parse_tmpfs(text: &str) -> Result<Mount, String> {
    let (destination, options) = text.split_once(':').unwrap_or((text, ""));
    let options: Vec<String> = options.split(',').filter(|option| !option.is_empty()).map(str::to_owned).collect();
    let read_only = options.iter().any(|option| option == "ro");
    let options = options.into_iter().filter(|option| option != "ro" && option != "rw").collect();
    Ok(Mount { destination: place(destination)?, kind: MountKind::Tmpfs { options }, read_only })
}

/// A place in the container; what it looks like decides nothing, but that it is one.
fn place(destination: &str) -> Result<String, String> {
    let trimmed = destination.trim_end_matches('/');
    if !destination.starts_with('/') || trimmed.is_empty() {
        return Err(format!("`{destination}`: a place in the container is an absolute path, and not / itself"));
    }
    Ok(trimmed.to_owned())
}

fn switch(key: &str, value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(other) => Err(format!("`{key}={other}` is neither true nor false")),
    }
}

fn octal(text: &str) -> Result<String, String> {
    u32::from_str_radix(text, 8).map(|mode| format!("{mode:o}")).map_err(|_| format!("`{text}` is not an octal mode"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mount: Result<Mount, String>) -> String {
        match mount {
            Ok(Mount { destination, kind: MountKind::Bind { source, propagation, recursive }, read_only }) => format!(
                "bind {} {destination} {} {} {}",
                source.display(),
                propagation.unwrap_or("-".to_owned()),
                if recursive { "recursive" } else { "single" },
                if read_only { "ro" } else { "rw" }
            ),
            Ok(Mount { destination, kind: MountKind::Tmpfs { options }, read_only }) => {
                format!("tmpfs {destination} {} {}", options.join(","), if read_only { "ro" } else { "rw" })
            }
            Err(problem) => format!("error: {problem}"),
        }
    }

    #[test]
    fn volumes() {
        for (text, expected) in [
            ("/a:/b", "bind /a /b - recursive rw"),
            ("./a:/b:ro,rslave", "bind ./a /b rslave recursive ro"),
            ("/a:/b/", "bind /a /b - recursive rw"),
            ("data:/b", "error: named volumes"),
            ("/a", "error: is not of the form"),
            ("/a:b", "error: `b`: a place"),
            ("/a:/", "error: `/`: a place"),
            ("/a:/b:fast", "error: there is no option `fast`"),
            ("/a:/b:Z", "error: option `Z`: SELinux"),
        ] {
            assert!(shown(parse_volume(text)).starts_with(expected), "{text}: {}", shown(parse_volume(text)));
        }
    }

    #[test]
    fn mounts() {
        for (text, expected) in [
            ("type=bind,source=/a,target=/b,readonly", "bind /a /b - recursive ro"),
            ("type=bind,src=/a,dst=/b,ro=false,bind-nonrecursive", "bind /a /b - single rw"),
            ("type=bind,src=/a,dst=/b,bind-propagation=shared", "bind /a /b shared recursive rw"),
            ("type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0700", "tmpfs /t size=1048576,mode=700 rw"),
            ("type=tmpfs,dst=/t,source=/a", "error: a tmpfs has neither"),
            ("type=bind,dst=/b", "error: `source` is missing"),
            ("source=/a,dst=/b", "error: `type` is missing"),
            ("type=bind,source=/a", "error: `destination` is missing"),
            ("type=volume,source=a,dst=/b", "error: named volumes"),
            ("type=nfs,source=a,dst=/b", "error: mounts of type `nfs`"),
            ("type=bind,source=/a,dst=/b,colour=red", "error: there is no key `colour`"),
            ("type=bind,source=/a,dst=/b,bind-propagation=odd", "error: there is no propagation `odd`"),
        ] {
            assert!(shown(parse_mount(text)).starts_with(expected), "{text}: {}", shown(parse_mount(text)));
        }
    }

    #[test]
    fn tmpfs() {
        assert_eq!(shown(parse_tmpfs("/t")), "tmpfs /t  rw");
        assert_eq!(shown(parse_tmpfs("/t:size=1m,ro")), "tmpfs /t size=1m ro");
        assert!(parse_tmpfs("t").is_err());
    }
}
