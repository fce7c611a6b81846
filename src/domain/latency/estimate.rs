//! What the lengths say: which share of users waits longer than how long, and what follows for whoever waits now.

use std::collections::BTreeMap;

use crate::domain::latency::length::Length;
use crate::domain::time::SignedDuration;

/// Of fewer users nothing is foretold: the 95th of a hundred cannot be among ten.
const ENOUGH: usize = 20;
/// A share below this is an error of the arithmetic.
const NOTHING: f64 = 1e-9;
/// How many columns the histogram has.
const COLUMNS: usize = 8;

/// How users are spread over the lengths of a wait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// At each length that somebody took, in seconds, the share who wait longer; lengths rise and shares fall.
    longer: Vec<(u64, f64)>,
    measured: usize,
    histogram: Vec<usize>,
}

impl Estimate {
    /// `unfinished` are those who had waited so long when they were seen last, and who had not reached it.
    pub(super) fn of(reached: &BTreeMap<Length, usize>, unfinished: impl Iterator<Item = (Length, usize)>) -> Self {
        let mut all: BTreeMap<Length, (usize, usize)> =
            reached.iter().map(|(length, count)| (*length, (*count, 0))).collect();
        unfinished.for_each(|(length, count)| all.entry(length).or_default().1 += count);
        let mut at_risk: usize = all.values().map(|(reached, unfinished)| reached + unfinished).sum();
        let (mut share, mut longer) = (1.0, Vec::with_capacity(reached.len()));
        for (length, (reached, unfinished)) in all {
            if reached > 0 {
                share *= 1.0 - part(reached, at_risk);
                longer.push((length.seconds(), share));
            }
            at_risk -= reached + unfinished;
        }
        Self { longer, measured: reached.values().sum(), histogram: histogram(reached) }
    }

    /// How many have reached what they waited for.
    pub fn measured(&self) -> usize {
        self.measured
    }

    /// Whether so many have that something may be foretold.
    pub fn is_enough(&self) -> bool {
        self.measured >= ENOUGH
    }

    /// How long at most so many percent wait; `None` where that is not known yet.
    pub fn percentile(&self, percent: u8) -> Option<SignedDuration> {
        let share = 1.0 - f64::from(percent) / 100.0 + NOTHING;
        self.longer.iter().find(|(_, longer)| *longer <= share).map(|(length, _)| seconds(*length))
    }

    /// The longest wait of those who have reached it.
    pub fn longest(&self) -> Option<SignedDuration> {
        self.longer.last().map(|(length, _)| seconds(*length))
    }

    /// How many took how long, in columns of the same width up to the longest; empty of fewer than two.
    pub fn histogram(&self) -> &[usize] {
        &self.histogram
    }

    /// The share who wait longer than so many seconds.
    fn longer_than(&self, seconds: u64) -> f64 {
        let above = self.longer.partition_point(|(length, _)| *length <= seconds);
        above.checked_sub(1).map_or(1.0, |place| self.longer[place].1)
    }

    /// The share, of those who have waited for `age` seconds, who will not have reached it `more` seconds later. Where
    /// nobody was seen to wait so long, nobody is known to end it.
    fn left(&self, age: u64, more: u64) -> f64 {
        let now = self.longer_than(age);
        if now <= NOTHING { 1.0 } else { self.longer_than(age + more) / now }
    }
}

/// Users who wait now, by their ages in seconds, and what is known of such waits.
#[derive(Clone, Debug)]
pub struct StillWaiting {
    /// What is known.
    pub estimate: Estimate,
    /// How many have waited for how many seconds.
    pub ages: Vec<(u64, usize)>,
}

impl StillWaiting {
    fn count(&self) -> usize {
        self.ages.iter().map(|(_, count)| count).sum()
    }

    /// How many will wait still, so much later, by what is known.
    fn left(&self, more: u64) -> f64 {
        self.ages.iter().map(|(age, count)| part(*count, 1) * self.estimate.left(*age, more)).sum()
    }
}

/// When most are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MostDone {
    /// They are.
    Already,
    /// In so long.
    In(SignedDuration),
    /// Too little is known.
    Unknown,
}

/// When the slowest are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowestDone {
    /// At the latest in so long, by the longest wait so far; but so many have waited longer than that.
    Within(SignedDuration, usize),
    /// All of them have waited longer than anybody who is done.
    LongerThanAnybody,
    /// Too little is known.
    Unknown,
}

/// How long users still wait for licensing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// When 95 % of all are done.
    pub most: MostDone,
    /// How many the others are; all who wait, once 95 % are done.
    pub slowest: usize,
    /// When they are done.
    pub slowest_done: SlowestDone,
}

impl Remaining {
    /// Of users of whom so many are done; `None` when nobody waits.
    pub fn of(done: usize, waiting: &[StillWaiting]) -> Option<Self> {
        let wait: usize = waiting.iter().map(StillWaiting::count).sum();
        if wait == 0 {
            return None;
        }
        let others = (done + wait) * 5 / 100;
        let known = waiting.iter().all(|one| one.estimate.is_enough() || one.ages.is_empty());
        // Of a few users 95 % are all of them.
        let (most, slowest) = match most_done(waiting, others) {
            _ if others == 0 || wait <= others => (MostDone::Already, wait),
            Some(length) if known => (MostDone::In(length), others),
            _ => (MostDone::Unknown, others),
        };
        let slowest_done = if known { slowest_done(waiting) } else { SlowestDone::Unknown };
        Some(Self { most, slowest, slowest_done })
    }

    /// Whether nothing can be told.
    pub fn is_unknown(&self) -> bool {
        match self.most {
            MostDone::Unknown => true,
            MostDone::Already => self.slowest_done == SlowestDone::Unknown,
            MostDone::In(_) => false,
        }
    }
}

/// The least time after which no more are expected to wait than these.
fn most_done(waiting: &[StillWaiting], others: usize) -> Option<SignedDuration> {
    let done = |more: u64| waiting.iter().map(|one| one.left(more)).sum::<f64>() <= part(others, 1) + NOTHING;
    let (mut not_yet, mut done_by) = (0, longest(waiting));
    if !done(done_by) {
        return None;
    }
    while not_yet + 1 < done_by {
        let middle = u64::midpoint(not_yet, done_by);
        if done(middle) { done_by = middle } else { not_yet = middle }
    }
    Some(seconds(done_by))
}

/// When all have waited for as long as the longest wait so far. That is told where hardly anybody is known to take longer.
fn slowest_done(waiting: &[StillWaiting]) -> SlowestDone {
    let (mut latest, mut beyond, mut within, mut left) = (0, 0, 0, 0.0);
    for one in waiting {
        let longest = one.estimate.longer.last().map_or(0, |(length, _)| *length);
        for (age, count) in &one.ages {
            match longest.checked_sub(*age).filter(|more| *more > 0) {
                Some(more) => {
                    (latest, within) = (latest.max(more), within + count);
                    left += part(*count, 1) * one.estimate.left(*age, more);
                }
                None => beyond += count,
            }
        }
    }
    match within {
        0 => SlowestDone::LongerThanAnybody,
        _ if left > 0.5 => SlowestDone::Unknown,
        _ => SlowestDone::Within(seconds(latest), beyond),
    }
}

fn longest(waiting: &[StillWaiting]) -> u64 {
    waiting.iter().filter_map(|one| one.estimate.longer.last().map(|(length, _)| *length)).max().unwrap_or(0)
}

/// So many in each column, the last of which ends with the longest.
fn histogram(reached: &BTreeMap<Length, usize>) -> Vec<usize> {
    let Some(most) = reached.keys().next_back().map(|length| length.seconds().max(1)) else { return Vec::new() };
    if reached.values().sum::<usize>() < 2 {
        return Vec::new();
    }
    let mut columns = vec![0; COLUMNS];
    for (length, count) in reached {
        let column = usize::try_from(length.seconds() * COLUMNS as u64 / most).unwrap_or(COLUMNS);
        columns[column.min(COLUMNS - 1)] += count;
    }
    columns
}

fn seconds(length: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(length).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "shares of users")]
fn part(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
