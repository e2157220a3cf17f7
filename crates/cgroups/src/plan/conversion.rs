//! Values of the OCI specification, which is written for v1, in the terms of v2. The formulas are runc's (since 1.3.2), so that a
//! container gets the same share under both.

/// The weight (1 to 10000, default 100) that stands for processor shares (2 to 262144, default 1024); 0 stays 0, "absent".
///
/// A quadratic in the exponents that meets the smallest, the default and the largest value of both scales.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the result lies between 1 and 10000")]
#[expect(clippy::cast_precision_loss, reason = "shares beyond 262144 never come here")]
pub fn shares_to_weight(shares: u64) -> u64 {
    match shares {
        0 => 0,
        1..=2 => 1,
        3..262_144 => {
            let log = (shares as f64).log2();
            let exponent = (log * log + 125.0 * log) / 612.0 - 7.0 / 34.0;
            10_f64.powf(exponent).ceil() as u64
        }
        _ => 10_000,
    }
}

/// The weight (1 to 10000) that stands for a weight of v1's block devices (10 to 1000), linearly; 0 stays 0, "absent".
#[must_use]
pub fn blkio_weight_to_io_weight(weight: u16) -> u64 {
    if weight == 0 { 0 } else { 1 + u64::from(weight).saturating_sub(10) * 9999 / 990 }
}

/// What limits swap on v2, where it is counted apart from memory. Takes memory *and* swap together as v1 and the OCI specification
/// mean it, and the limit of memory; -1 is unlimited, 0 is absent. `None` leaves it alone.
///
/// # Errors
/// The sentence why the two do not make a limit.
pub fn swap_alone(memory_and_swap: i64, memory: i64) -> Result<Option<i64>, &'static str> {
    match (memory_and_swap, memory) {
        // Unlimited memory without a word on swap means both, as v1 does it.
        (0, -1) => Ok(Some(-1)),
        (0, _) => Ok(None),
        (-1, _) => Ok(Some(-1)),
        (_, -1) => Ok(Some(memory_and_swap)),
        (_, 0) => Err("swap cannot be limited without a limit of memory: the value counts both together"),
        _ if memory_and_swap < memory => Err("the limit of memory and swap together is below that of memory"),
        _ => Ok(Some(memory_and_swap - memory)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_become_weights_as_in_runc() {
        // The pairs of the test of runc's own conversion, and the ends.
        for (shares, weight) in [
            (0, 0),
            (1, 1),
            (2, 1),
            (1024, 100),
            (262_144, 10_000),
            (262_143, 10_000),
            (u64::MAX, 10_000),
            (3, 2),
            (200, 29),
            (800, 83),
            (512, 59),
        ] {
            assert_eq!(shares_to_weight(shares), weight, "{shares}");
        }
    }

    #[test]
    fn weights_of_devices_are_stretched() {
        for (v1, v2) in [(0, 0), (1, 1), (10, 1), (100, 910), (500, 4950), (1000, 10_000)] {
            assert_eq!(blkio_weight_to_io_weight(v1), v2, "{v1}");
        }
    }

    #[test]
    fn swap_is_what_remains() {
        for (both, memory, expected) in [
            (0, 0, Ok(None)),
            (0, 100, Ok(None)),
            (0, -1, Ok(Some(-1))),
            (-1, 100, Ok(Some(-1))),
            (-1, -1, Ok(Some(-1))),
            (300, 100, Ok(Some(200))),
            (100, 100, Ok(Some(0))),
            (300, -1, Ok(Some(300))),
        ] {
            assert_eq!(swap_alone(both, memory), expected, "{both} {memory}");
        }
        assert!(swap_alone(100, 0).is_err());
        assert!(swap_alone(100, 200).is_err());
    }

    proptest! {
        #[test]
        fn weights_grow_with_shares(one in 2_u64..300_000, other in 2_u64..300_000) {
            let (low, high) = (one.min(other), one.max(other));
            prop_assert!(shares_to_weight(low) <= shares_to_weight(high));
            prop_assert!((1..=10_000).contains(&shares_to_weight(one)));
        }

        #[test]
        fn weights_of_devices_grow(one in 1_u16..=1000, other in 1_u16..=1000) {
            let (low, high) = (one.min(other), one.max(other));
            prop_assert!(blkio_weight_to_io_weight(low) <= blkio_weight_to_io_weight(high));
            prop_assert!((1..=10_000).contains(&blkio_weight_to_io_weight(one)));
        }

        #[test]
        fn swap_and_memory_add_up(memory in 1_i64..1 << 50, swap in 0_i64..1 << 50) {
            prop_assert_eq!(swap_alone(memory + swap, memory), Ok(Some(swap)));
        }
    }
}
