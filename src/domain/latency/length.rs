//! A length of time in steps: to the second up to a minute, and then by a 32nd at most, always rounded up.

use crate::domain::time::SignedDuration;

/// How many steps there are from one power of two to the next.
const STEPS: u64 = 32;
/// Up to here a step is a second.
const EXACT: u64 = 2 * STEPS;

/// A length of time, rounded up to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Length(u16);

impl Length {
    /// The least step that is no shorter.
    pub(super) fn of(length: SignedDuration) -> Self {
        let whole = u64::try_from(length.as_secs()).unwrap_or(0);
        let seconds = (whole + u64::from(length.subsec_nanos() > 0)).min(1 << 40);
        if seconds <= EXACT {
            return Self(u16::try_from(seconds).unwrap_or(u16::MAX));
        }
        let power = u64::from((seconds - 1).ilog2()) - u64::from(STEPS.ilog2());
        let step = seconds.div_ceil(1 << power); // above 32 and up to 64
        Self(u16::try_from(EXACT + (power - 1) * STEPS + step - STEPS).unwrap_or(u16::MAX))
    }

    /// As a length of time.
    pub(super) fn lasting(self) -> SignedDuration {
        SignedDuration::from_secs(i64::try_from(self.seconds()).unwrap_or(i64::MAX))
    }

    /// Its seconds.
    pub(super) fn seconds(self) -> u64 {
        let place = u64::from(self.0);
        let Some(above) = place.checked_sub(EXACT + 1) else { return place };
        (above % STEPS + STEPS + 1) << (above / STEPS + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rounded(milliseconds: i64) -> u64 {
        Length::of(SignedDuration::from_millis(milliseconds)).seconds()
    }

    #[test]
    fn a_minute_is_kept_to_the_second_and_an_hour_to_a_32nd() {
        let seconds: Vec<u64> = (0..=64).map(|second| rounded(second * 1000)).collect();
        assert_eq!(seconds, (0..=64).collect::<Vec<_>>());
        assert_eq!(
            [rounded(1), rounded(-5), rounded(65_000), rounded(128_000), rounded(129_000)],
            [1, 0, 66, 128, 132]
        );
        assert_eq!([rounded(3_600_000), rounded(i64::MAX)], [3648, 1 << 40]);
    }

    proptest! {
        #[test]
        fn no_length_is_told_shorter_nor_longer_by_more_than_a_32nd(one in 0_i64..10_000_000, two in 0_i64..10_000_000) {
            let seconds = u64::try_from(one).unwrap();
            let told = rounded(one * 1000);
            prop_assert!(told >= seconds && told <= seconds + seconds / 32 + 1, "{one} is told as {told}");
            prop_assert_eq!(rounded(i64::try_from(told).unwrap() * 1000), told, "a step is rounded to itself");
            prop_assert!((one <= two) <= (told <= rounded(two * 1000)), "longer is never told shorter");
        }
    }
}
