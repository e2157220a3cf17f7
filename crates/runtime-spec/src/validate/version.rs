//! The version of the specification (config.md, Specification version; semver.org, 2.0.0).

use super::report::Report;
use crate::place::Place;
use crate::spec::VERSION;

/// Any 1.x is understood: within a major version nothing that was valid changes its meaning.
pub(super) fn check(text: &str, at: Place<'_>, report: &mut Report) {
    match parse(text) {
        None => report.fail(at, format!("is {text:?}: must be a semantic version such as {VERSION}")),
        Some((1, minor)) if parse(VERSION).is_some_and(|(_, known)| minor > known) => {
            let problem =
                "is newer than the version that this release knows: properties that are new in it have no effect";
            report.warn(at, format!("{text:?} {problem} ({VERSION})"));
        }
        Some((1, _)) => {}
        Some((major, _)) => report.fail(at, format!("is of major version {major}: only 1.x is understood")),
    }
}

/// Major and minor number of a semantic version.
fn parse(text: &str) -> Option<(u64, u64)> {
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (numbers, release) = text.split_once('-').map_or((text, None), |(text, release)| (text, Some(release)));
    let named = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = |part: &str| is_number(part) && (part == "0" || !part.starts_with('0'));
    if !build.is_none_or(|build| build.split('.').all(named)) {
        return None;
    }
    if !release.is_none_or(|release| release.split('.').all(|part| named(part) && (!is_number(part) || plain(part)))) {
        return None;
    }
    let mut parts = numbers.split('.').map(|part| plain(part).then(|| part.parse::<u64>().ok()).flatten());
    let (major, minor, _patch) = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_semantic_versions_are_read() {
        let check = |text: &str, expected: Option<(u64, u64)>| assert_eq!(parse(text), expected, "{text:?}");
        for text in ["1.0.0", "1.0.2-dev", "1.0.2-rc.1+build.5", "1.0.0+001", "1.0.0--", "1.0.0-0a"] {
            check(text, Some((1, 0)));
        }
        check("10.20.30", Some((10, 20)));
        for text in [
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "01.0.0",
            "1.00.0",
            "1.0.0-",
            "1.0.0+",
            "1.0.0-01",
            "1.0.0-a..b",
            "v1.0.0",
            "+1.0.0",
            " 1.0.0",
            "1.0.0 ",
            "1.0.-1",
            "1.0.0-ä",
            "1.0.0+a+b",
            "99999999999999999999.0.0",
        ] {
            check(text, None);
        }
    }
}
