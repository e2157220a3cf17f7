//! Sizes in bytes: `64m`, `1.5g`, `4096`, as Docker reads them (powers of 1024).

/// Reads a size.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    let wrong = || "is not a size such as 4096, 64m or 1.5g".to_owned();
    let lower = text.trim().to_ascii_lowercase();
    let unit = lower.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let number = lower.strip_suffix(unit).unwrap_or_default();
    let factor: i64 = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return Err(wrong()),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let whole = whole.parse::<i64>().ok().and_then(|whole| whole.checked_mul(factor)).ok_or_else(wrong)?;
    // Further places are finer than what any kernel limits.
    let places = fraction.get(..fraction.len().min(9)).unwrap_or_default();
    let scale = places.bytes().fold(1_i128, |scale, _| scale * 10);
    let part = i128::from(places.parse::<u32>().unwrap_or(0)) * i128::from(factor) / scale;
    let part = i64::try_from(part).map_err(|_| wrong())?;
    whole.checked_add(part).ok_or_else(wrong)
}

/// Writes a size as people read it: `64 MiB`.
pub(crate) fn format(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let unit = units.into_iter().find(|(_, shift)| bytes >= 1 << shift && bytes.trailing_zeros() >= *shift);
    unit.map_or_else(|| format!("{bytes} bytes"), |(name, shift)| format!("{} {name}", bytes >> shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_docker_reads_them() {
        for (text, expected) in [
            ("64m", Some(64 << 20)),
            ("64M", Some(64 << 20)),
            ("64mb", Some(64 << 20)),
            ("64MiB", Some(64 << 20)),
            ("1.5g", Some(1_610_612_736)),
            ("0.1k", Some(102)),
            ("1.", Some(1)),
            ("1.9999999999k", Some(2047)),
            ("4096", Some(4096)),
            ("1k", Some(1024)),
            ("7b", Some(7)),
            ("", None),
            ("m", None),
            ("-1", None),
            ("1x", None),
            ("1.2.3", None),
            ("99999999999t", None),
        ] {
            assert_eq!(parse(text).ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn sizes_are_written_in_the_largest_whole_unit() {
        for (bytes, expected) in
            [(64 << 20, "64 MiB"), (3 << 30, "3 GiB"), (1536 << 10, "1536 KiB"), (7, "7 bytes"), (0, "0 bytes")]
        {
            assert_eq!(format(bytes), expected);
        }
    }
}
