//! How long group-based licensing took in an earlier run.

use std::time::Duration;

/// The times from a write to the read that showed its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latencies {
    /// The shortest.
    pub least: Duration,
    /// The mean.
    pub typical: Duration,
    /// The longest.
    pub most: Duration,
    /// Of how many writes.
    pub measured: usize,
}

impl Latencies {
    /// Those of times in whole seconds; `None` of none.
    pub fn of(seconds: impl Iterator<Item = u64>) -> Option<Self> {
        let all: Vec<u64> = seconds.collect();
        let (least, most) = (*all.iter().min()?, *all.iter().max()?);
        let mean = all.iter().sum::<u64>() / u64::try_from(all.len()).ok()?;
        let [least, typical, most] = [least, mean, most].map(Duration::from_secs);
        Some(Self { least, typical, most, measured: all.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_the_mean_and_the_longest_are_told_and_nothing_of_nothing() {
        let one = Latencies::of([60, 30, 300].into_iter()).unwrap();
        assert_eq!([one.least, one.typical, one.most].map(|length| length.as_secs()), [30, 130, 300]);
        assert_eq!((one.measured, Latencies::of([].into_iter())), (3, None));
    }
}
