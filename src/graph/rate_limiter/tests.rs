//! No window ever sees more than a quota, and a steady caller comes close to it.

use proptest::prelude::*;

use super::*;
use crate::graph::rate_limiter::token_bucket::CAUTION;
use crate::graph::rate_limiter::token_bucket::slowing;

/// What one `$batch` of removals costs.
const BATCH: u32 = 20;

fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Something that left: when, with how many resource units and writes.
type Left = (Duration, u32, u32);

/// Spends as soon as allowed, each time after a pause of one's own, until there are no more pauses.
fn spend(state: &mut State, pauses: impl IntoIterator<Item = (Duration, u32, u32)>) -> Vec<Left> {
    let (mut now, mut left) = (Duration::ZERO, Vec::new());
    for (pause, units, writes) in pauses {
        now += pause;
        while let Err(wait) = state.take(now, units, writes) {
            now += wait;
        }
        left.push((now, units, writes));
    }
    left
}

/// The most that left in any window; `left` is in the order of time.
fn busiest(left: &[Left], window: f64, cost: impl Fn(&Left) -> u32) -> u32 {
    let (mut oldest, mut within, mut most) = (0, 0, 0);
    for newest in left {
        within += cost(newest);
        while left[oldest].0 + secs(window) <= newest.0 {
            within -= cost(&left[oldest]);
            oldest += 1;
        }
        most = most.max(within);
    }
    most
}

/// Writes a second, in shares of the quota's own rate.
fn rate(left: &[Left]) -> f64 {
    let writes: u32 = left.iter().map(|(_, _, writes)| writes).sum();
    let took = left.last().map_or(Duration::ZERO, |(at, ..)| *at);
    f64::from(writes) / took.as_secs_f64() / (WRITES.amount / WRITES.window)
}

#[test]
fn a_greedy_writer_stays_below_3000_in_150_seconds_and_above_97_percent() {
    let left = spend(&mut State::new(), (0..600).map(|_| (Duration::ZERO, BATCH, BATCH)));
    let most = busiest(&left, WRITES.window, |(_, _, writes)| *writes);
    assert!((2_910..=2_990).contains(&most), "{most}");
    assert!(rate(&left) >= 0.97, "{}", rate(&left));
}

#[test]
fn a_greedy_reader_stays_below_3500_units_in_10_seconds() {
    let left = spend(&mut State::new(), (0..1_000).map(|_| (Duration::ZERO, BATCH, 0)));
    let most = busiest(&left, READS.window, |(_, units, _)| *units);
    assert!((3_395..=3_485).contains(&most), "{most}");
}

/// What a removal does beside writing: two looks one after the other and the write itself, each a round trip, and
/// a verify pass of four requests every half minute.
fn removal(users: u32, trip: f64) -> impl Iterator<Item = (Duration, u32, u32)> {
    let cycle = 3.0 * trip;
    let mut since_pass = 0.0;
    (0..users / BATCH).map(move |_| {
        since_pass += f64::from(BATCH) / 20.0;
        let pass = if since_pass >= 30.0 { 4.0 * trip } else { 0.0 };
        since_pass %= 30.0;
        (secs(cycle + pass), BATCH, BATCH)
    })
}

#[test]
fn a_serial_removal_holds_95_percent_up_to_trips_of_300_milliseconds() {
    for trip in [0.02, 0.08, 0.15, 0.3] {
        let rate = rate(&spend(&mut State::new(), removal(2_000, trip)));
        assert!(rate >= 0.95, "{trip} s a trip: {rate}");
    }
    let slow = rate(&spend(&mut State::new(), removal(2_000, 0.5)));
    assert!(slow < 0.7, "beyond that the trips are the limit: {slow}");
}

#[test]
fn a_warning_slows_and_passes() {
    let mut state = State::new();
    let usual = state.wait(Duration::ZERO, 0, BATCH);
    state.writes.caution(Duration::ZERO, 1.0, 1.0);
    assert!(state.wait(Duration::ZERO, 0, BATCH).abs_diff(usual * 2) < secs(0.001));
    assert!(state.wait(CAUTION, 0, BATCH).is_zero());
    // What a warning leaves of the flow is waited for no longer than the warning lasts.
    state.writes.spend(CAUTION, 120.0, 1.0);
    state.writes.caution(CAUTION, 1.2, 1.0);
    let last_half_second = CAUTION + secs(29.5);
    assert!(state.wait(last_half_second, 0, BATCH * 3) < secs(0.5 + 63.0 / 19.5));
    assert!(slowing(0.79) >= 1.0 && slowing(0.9) < 1.0 && slowing(0.9) > slowing(1.0));
    assert!(slowing(1.2) < 0.2 && slowing(1.8) >= 0.1 && slowing(f64::INFINITY) >= 0.1);
}

#[test]
fn a_hold_is_kept_on_its_side_only() {
    let mut state = State::new();
    state.lanes(Side::Writes).for_each(|lane| lane.hold(secs(7.0)));
    assert_eq!(state.take(Duration::ZERO, 1, 0), Ok(()));
    assert_eq!(state.take(secs(1.0), 1, 1), Err(secs(6.0)));
    assert_eq!(state.take(secs(7.0), 1, 1), Ok(()));
}

#[test]
fn speed_shortens_the_windows() {
    let mut state = State { speed: 100.0, ..State::new() };
    let left = spend(&mut state, (0..600).map(|_| (Duration::ZERO, BATCH, BATCH)));
    let most = busiest(&left, WRITES.window / 100.0, |(_, _, writes)| *writes);
    assert!((2_800..=2_990).contains(&most), "{most}");
}

#[test]
fn what_is_larger_than_the_bucket_leaves_and_is_owed() {
    let mut state = State::new();
    assert_eq!(state.take(Duration::ZERO, 3_482, 0), Ok(()), "a full bucket is all that it waits for");
    assert!(state.take(secs(9.9), 1, 0).is_err());
    assert_eq!(state.take(secs(10.1), 20, 0), Ok(()));
}

/// A request by chance: after which share of the longest pause, for how many users, whether a write, and what the service
/// says to it.
fn chance() -> impl Strategy<Value = (f64, u32, bool, Option<f64>, Option<f64>)> {
    let percentage = prop::option::weighted(0.01, 0.8..1.8);
    let retry_after = prop::option::weighted(0.005, 1.0..40.0);
    (0.0..1.0, prop_oneof![3 => Just(BATCH), 1 => 1..BATCH], any::<bool>(), percentage, retry_after)
}

proptest! {
    #[test]
    fn no_window_sees_more_than_a_quota(
        requests in prop::collection::vec(chance(), 1..800),
        longest in prop::sample::select(vec![0.0, 0.02, 0.5, 20.0]),
        speed in prop_oneof![Just(1.0), 1.0..50.0],
    ) {
        let mut state = State { speed, ..State::new() };
        let (mut now, mut left, mut held) = (Duration::ZERO, Vec::new(), Duration::ZERO);
        for (pause, users, is_write, percentage, retry_after) in requests {
            now += secs(pause * longest / speed);
            let writes = if is_write { users } else { 0 };
            while let Err(wait) = state.take(now, users, writes) {
                now += wait;
            }
            prop_assert!(now >= held, "it left while it was to wait");
            left.push((now, users, writes));
            if let Some(percentage) = percentage {
                state.lanes(Side::Both).for_each(|lane| lane.caution(now, percentage, speed));
            }
            if let Some(seconds) = retry_after {
                held = now + secs(seconds / speed);
                state.lanes(Side::Both).for_each(|lane| lane.hold(held));
            }
        }
        prop_assert!(busiest(&left, WRITES.window / speed, |(_, _, writes)| *writes) <= 2_990);
        prop_assert!(busiest(&left, READS.window / speed, |(_, units, _)| *units) <= 3_485);
    }
}

/// A service in pure time that lets only so much through, and says when it lets through the next.
trait Service {
    /// Whether one more is let through; if not, how long to wait.
    fn ask(&mut self, now: f64) -> Result<(), f64>;
}

/// So many in any window of so many seconds.
struct Window {
    most: usize,
    seconds: f64,
    passed: Vec<f64>,
}

impl Service for Window {
    fn ask(&mut self, now: f64) -> Result<(), f64> {
        self.passed.retain(|at| now - at < self.seconds);
        if self.passed.len() < self.most {
            self.passed.push(now);
            return Ok(());
        }
        Err(self.passed[0] + self.seconds - now)
    }
}

/// A bucket that fills steadily, which refused requests empty as well (as Graph's does); its pauses are whole seconds.
struct Bucket {
    most: f64,
    per_second: f64,
    level: f64,
    at: f64,
}

impl Service for Bucket {
    fn ask(&mut self, now: f64) -> Result<(), f64> {
        self.level = (self.level + (now - self.at) * self.per_second).min(self.most) - 1.0;
        self.at = now;
        if self.level >= 0.0 {
            return Ok(());
        }
        self.level = self.level.max(-0.8 * self.most);
        Err((-self.level / self.per_second).ceil().max(1.0))
    }
}

/// Removes so many users in batches of twenty, each a round trip of so long; what is refused goes first in the next one.
/// Gives how long it took, and how many of the requests were refused. Nothing leaves before its time.
fn remove(users: u32, trip: f64, service: &mut impl Service) -> (f64, u32) {
    let (mut state, mut now, mut left, mut refused) = (State::new(), Duration::ZERO, users, 0);
    let mut not_before = Duration::ZERO;
    while left > 0 {
        let batch = left.min(BATCH).min(u32::try_from(state.batch(now)).expect("a batch"));
        while let Err(wait) = state.take(now, batch, batch) {
            now += wait;
        }
        assert!(now >= not_before, "it left while it was to wait");
        now += secs(trip);
        let answers: Vec<_> = (0..batch).map(|_| service.ask(now.as_secs_f64())).collect();
        for answer in answers {
            match answer {
                Ok(()) => {
                    left -= 1;
                    state.lanes(Side::Writes).for_each(|lane| lane.let_through(now));
                }
                Err(wait) => {
                    refused += 1;
                    not_before = not_before.max(now + secs(wait));
                    state.refused(now, Side::Writes, Some(secs(wait)), 1, 0.5);
                }
            }
        }
    }
    (now.as_secs_f64(), refused)
}

#[test]
fn a_throttled_removal_takes_at_most_half_as_long_again_as_the_limit_wants() {
    for (most, seconds) in [(25_u16, 5.0), (25, 10.0), (60, 10.0), (100, 30.0), (300, 60.0), (10, 1.0)] {
        for (users, trip) in [(120_u32, 0.05), (120, 0.3), (600, 0.05), (2_000, 0.15)] {
            let ideal = f64::from(users) * seconds / f64::from(most);
            let mut window = Window { most: usize::from(most), seconds, passed: Vec::new() };
            let (took, refused) = remove(users, trip, &mut window);
            assert!(took <= ideal * 1.5, "a window of {most} in {seconds} s: {users} took {took:.1} s, not {ideal} s");
            assert!(refused <= 20 + users / 5, "{refused} of {users} were refused");
            let per_second = f64::from(most) / seconds;
            let mut bucket = Bucket { most: f64::from(most), per_second, level: f64::from(most), at: 0.0 };
            let (took, refused) = remove(users, trip, &mut bucket);
            assert!(took <= ideal * 1.5, "a bucket of {most} in {seconds} s: {users} took {took:.1} s, not {ideal} s");
            assert!(refused <= 20 + users / 5, "{refused} of {users} were refused");
        }
    }
}
