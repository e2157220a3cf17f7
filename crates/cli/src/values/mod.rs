//! The values of options, as people write them. Every parser takes a text and gives a sentence when it cannot be read.

pub(crate) mod device;
pub(crate) mod environment;
pub(crate) mod mount;
pub(crate) mod size;
pub(crate) mod ulimit;

/// `NAME=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("is not of the form NAME=VALUE".to_owned()),
    }
}

/// A number with at most three places behind the point, in thousandths.
pub(crate) fn thousandths(text: &str) -> Result<u32, String> {
    let wrong = || "is not a number of processors such as 2 or 0.5".to_owned();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || text == "." || !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| wrong())? };
    // What is finer than a thousandth the kernel cannot give.
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let fraction: u32 = fraction.parse().map_err(|_| wrong())?;
    whole.checked_mul(1000).and_then(|whole| whole.checked_add(fraction)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors_are_counted_in_thousandths() {
        for (text, expected) in [
            ("2", Some(2000)),
            ("0.5", Some(500)),
            (".25", Some(250)),
            ("1.", Some(1000)),
            ("1.23456", Some(1234)),
            ("", None),
            (".", None),
            ("-1", None),
            ("1e3", None),
            ("99999999999", None),
            ("4294968", None),
        ] {
            assert_eq!(thousandths(text).ok(), expected, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_value_makes_a_parser_panic(text in "\\PC{0,30}") {
            let _read = (thousandths(&text), pair(&text), size::parse(&text), device::parse(&text), ulimit::parse(&text));
            let _read = (mount::parse_mount(&text), mount::parse_volume(&text), mount::parse_tmpfs(&text));
            let _read = environment::parse_file(&text);
        }
    }
}
