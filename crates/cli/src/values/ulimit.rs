//! `--ulimit NAME=SOFT[:HARD]`.

use engine::Ulimit;

const NAMES: [&str; 16] = [
    "as",
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

/// Reads a limit; `-1` and `unlimited` are none, and a soft limit alone is the ceiling too.
pub(crate) fn parse(text: &str) -> Result<Ulimit, String> {
    let (name, values) = text.split_once('=').ok_or("is not of the form NAME=SOFT[:HARD]")?;
    if !NAMES.contains(&name) {
        return Err(format!("there is no limit `{name}`; there are {}", NAMES.join(", ")));
    }
    let number = |value: &str| match value {
        "-1" | "unlimited" => Ok(u64::MAX),
        value => value.parse::<u64>().map_err(|_| format!("`{value}` is not a number, -1 or unlimited")),
    };
    let (soft, hard) = values.split_once(':').unwrap_or((values, values));
    let (soft, hard) = (number(soft)?, number(hard)?);
    if soft > hard {
        return Err("the limit is above its ceiling".to_owned());
    }
    Ok(Ulimit { name: format!("RLIMIT_{}", name.to_ascii_uppercase()), soft, hard })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_a_ceiling() {
        let read = |text| parse(text).ok().map(|limit| (limit.name, limit.soft, limit.hard));
        assert_eq!(read("nofile=1024"), Some(("RLIMIT_NOFILE".to_owned(), 1024, 1024)));
        assert_eq!(read("core=0:-1"), Some(("RLIMIT_CORE".to_owned(), 0, u64::MAX)));
        for text in ["nofile", "nofile=", "nofile=9:1", "files=3", "nofile=a", "NOFILE=1", "nofile=1:2:3"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
