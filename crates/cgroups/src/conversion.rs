//! Values of v1 in the units of v2, bit for bit as runc converts them.

/// `cpu.shares` (2 … 262144) as `cpu.weight` (1 … 10000).
///
/// The quadratic form in the logarithm that runc (since 1.3.2) and crun (since 1.23) use: it takes 2 to 1, 1024 to 100 and 262144
/// to 10000: weight = ⌈10^((l² + 125·l) / 612 − 7/34)⌉ with l = log₂(shares). 0 is "not set" and stays so.
#[must_use]
pub fn shares_to_weight(shares: u64) -> u64 {
    match shares {
        0 => 0,
        1 | 2 => 1,
        262_144.. => 10_000,
        // At most 262143: exact as a double.
        shares => {
            let shares = f64::from(u32::try_from(shares).unwrap_or(u32::MAX));
            let l = shares.log2();
            let weight = 10_f64.powf((l * l + 125.0 * l) / 612.0 - 7.0 / 34.0).ceil();
            (1..=10_000).rev().find(|candidate: &u32| f64::from(*candidate) <= weight).map_or(1, u64::from)
        }
    }
}

/// `blkio.weight` (10 … 1000) as `io.weight` (1 … 10000), linearly. 0 is "not set" and stays so.
#[must_use]
pub fn blkio_weight_to_io_weight(weight: u16) -> u64 {
    match weight {
        0 => 0,
        weight => 1 + u64::from(weight.clamp(10, 1000) - 10) * 9999 / 990,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_meet_the_published_points() {
        for (shares, weight) in
            [(0, 0), (2, 1), (3, 2), (200, 29), (800, 83), (1024, 100), (262_144, 10_000), (u64::MAX, 10_000)]
        {
            assert_eq!(shares_to_weight(shares), weight, "{shares}");
        }
    }

    #[test]
    fn block_weights_span_the_range() {
        for (weight, expected) in [(0, 0), (10, 1), (500, 4950), (1000, 10_000)] {
            assert_eq!(blkio_weight_to_io_weight(weight), expected, "{weight}");
        }
    }

    proptest::proptest! {
        #[test]
        fn more_shares_never_weigh_less(shares in 2_u64..262_143) {
            let (less, more) = (shares_to_weight(shares), shares_to_weight(shares + 1));
            proptest::prop_assert!(less <= more && (1..=10_000).contains(&more));
        }
    }
}
