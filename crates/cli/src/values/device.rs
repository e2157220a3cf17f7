//! `--device SOURCE[:DESTINATION[:ACCESS]]`.

use engine::Device;

/// Reads a device; alone it has the same place in the container, and may be read, written and made.
pub(crate) fn parse(text: &str) -> Result<Device, String> {
    let is_access = |word: &str| !word.is_empty() && word.bytes().all(|letter| b"rwm".contains(&letter));
    let parts: Vec<&str> = text.split(':').collect();
    let (source, destination, access) = match parts.as_slice() {
        [source] => (*source, *source, "rwm"),
        [source, access] if is_access(access) => (*source, *source, *access),
        [source, destination] => (*source, *destination, "rwm"),
        [source, destination, access] if is_access(access) => (*source, *destination, *access),
        _ => return Err("is not of the form SOURCE[:DESTINATION[:rwm]]".to_owned()),
    };
    if !source.starts_with('/') || !destination.starts_with('/') {
        return Err("a device is named by an absolute path".to_owned());
    }
    Ok(Device { source: source.into(), destination: destination.to_owned(), access: access.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_and_the_access_may_be_left_out() {
        for (text, expected) in [
            ("/dev/fuse", Some(("/dev/fuse", "/dev/fuse", "rwm"))),
            ("/dev/fuse:r", Some(("/dev/fuse", "/dev/fuse", "r"))),
            ("/dev/fuse:/dev/f", Some(("/dev/fuse", "/dev/f", "rwm"))),
            ("/dev/fuse:/dev/f:rw", Some(("/dev/fuse", "/dev/f", "rw"))),
            ("/dev/fuse:/dev/f:x", None),
            ("fuse", None),
            ("", None),
            ("/a:/b:r:w", None),
        ] {
            let read = parse(text).ok();
            let read = read
                .as_ref()
                .map(|device| (device.source.to_str().unwrap(), device.destination.as_str(), device.access.as_str()));
            assert_eq!(read, expected, "{text:?}");
        }
    }
}
