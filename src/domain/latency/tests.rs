//! The estimate against one made by hand, and the counts against a run's events.

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const PATIENT: SignedDuration = SignedDuration::from_hours(1000);

fn after(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

/// Who reached it after so long, who left after so long, and who has waited so long now, as of the hundredth hour.
fn lengths(reached: &[i64], left: &[i64], waiting: &[i64]) -> (Lengths, Timestamp) {
    let (mut lengths, now) = (Lengths::default(), after(360_000));
    for (all, is_reached) in [(reached, true), (left, false)] {
        for seconds in all {
            lengths.begin(NOW);
            lengths.end(NOW, SignedDuration::from_secs(*seconds), is_reached);
        }
    }
    for age in waiting {
        lengths.begin(now - SignedDuration::from_secs(*age));
    }
    (lengths, now)
}

/// The estimator of Kaplan and Meier, user by user: the least length at which no more than `share` wait longer.
fn by_hand(reached: &[i64], unfinished: &[i64], share: f64) -> Option<i64> {
    let mut steps = reached.to_vec();
    steps.sort_unstable();
    steps.dedup();
    let mut longer = 1.0;
    for step in steps {
        let count = |users: &[i64], fits: &dyn Fn(i64) -> bool| {
            f64::from(u32::try_from(users.iter().filter(|length| fits(**length)).count()).unwrap())
        };
        let at_risk = count(reached, &|length| length >= step) + count(unfinished, &|length| length >= step);
        longer *= 1.0 - count(reached, &|length| length == step) / at_risk;
        if longer <= share + 1e-9 {
            return Some(step);
        }
    }
    None
}

/// Lengths as they are kept.
fn kept(seconds: &[i64]) -> Vec<i64> {
    let length = |seconds: &i64| Length::of(SignedDuration::from_secs(*seconds)).seconds();
    seconds.iter().map(|one| i64::try_from(length(one)).unwrap()).collect()
}

proptest! {
    #[test]
    fn percentiles_are_those_made_by_hand(
        reached in prop::collection::vec(0_i64..4000, 0..60),
        left in prop::collection::vec(0_i64..4000, 0..20),
        waiting in prop::collection::vec(0_i64..4000, 0..40),
        percent in 1_u8..100,
    ) {
        let (lengths, now) = lengths(&reached, &left, &waiting);
        let unfinished = [kept(&left), kept(&waiting)].concat();
        let share = 1.0 - f64::from(percent) / 100.0;
        let expected = by_hand(&kept(&reached), &unfinished, share).map(SignedDuration::from_secs);
        prop_assert_eq!(lengths.estimate(now, PATIENT).percentile(percent), expected);
        prop_assert_eq!(lengths.percentile(percent, now, PATIENT), expected, "the short way");
    }

    /// Where all are done nothing is estimated: it is the plain percentile.
    #[test]
    fn of_whoever_is_done_it_is_the_plain_percentile(mut all in prop::collection::vec(0_i64..4000, 1..80), percent in 1_usize..100) {
        let (lengths, now) = lengths(&all, &[], &[]);
        all.sort_unstable();
        let plain = kept(&all)[(all.len() * percent).div_ceil(100) - 1];
        let told = lengths.percentile(u8::try_from(percent).unwrap(), now, PATIENT);
        prop_assert_eq!(told, Some(SignedDuration::from_secs(plain)));
    }

    /// A higher percentile is no shorter, a user more who waits makes none shorter, and what is not known is not told.
    #[test]
    fn who_waits_still_makes_no_figure_shorter(
        reached in prop::collection::vec(1_i64..4000, 1..60),
        waiting in prop::collection::vec(0_i64..8000, 1..40),
    ) {
        let (all, now) = lengths(&reached, &[], &waiting);
        let (done, _) = lengths(&reached, &[], &[]);
        let (all, done) = (all.estimate(now, PATIENT), done.estimate(now, PATIENT));
        let mut before = None;
        for percent in 1..100 {
            let told = all.percentile(percent);
            prop_assert!(told.is_none_or(|told| before <= Some(told)));
            prop_assert!(told.is_none_or(|told| Some(told) >= done.percentile(percent)), "{percent} % told shorter");
            before = told.or(before);
        }
    }

    /// By the time told, and not a second before, no more than 5 % are expected to wait; a second later it is a second less.
    #[test]
    fn what_remains_is_counted_down(
        reached in prop::collection::vec(1_i64..60, 20..200),
        ages in prop::collection::vec(0_u64..50, 21..80),
    ) {
        let (lengths, now) = lengths(&reached, &[], &[]);
        let estimate = lengths.estimate(now, PATIENT);
        let waiting = |later| StillWaiting { estimate: estimate.clone(), ages: ages.iter().map(|age| (age + later, 1)).collect() };
        let told = Remaining::of(0, &[waiting(0)]).unwrap();
        let longest = *reached.iter().max().unwrap();
        let left = |more: u64| -> f64 {
            let longer = |seconds: u64| f64::from(u32::try_from(reached.iter().filter(|one| one.unsigned_abs() > seconds).count()).unwrap());
            ages.iter().map(|age| if longer(*age) == 0.0 { 1.0 } else { longer(age + more) / longer(*age) }).sum()
        };
        let others = f64::from(u32::try_from(ages.len() * 5 / 100).unwrap());
        match told.most {
            MostDone::In(length) => {
                let seconds = length.as_secs().unsigned_abs();
                prop_assert!(left(seconds) <= others + 1e-6, "{} left", left(seconds));
                prop_assert!(left(seconds - 1) > others - 1e-6);
            }
            MostDone::Already => prop_assert!(false, "nobody is done"),
            MostDone::Unknown => prop_assert!(left(longest.unsigned_abs()) > others - 1e-6),
        }
    }
}

#[test]
fn nothing_is_told_of_what_nobody_has_seen_yet() {
    // The first users of a run, all written at one time: 40 of 100 are done, and nobody knows how long the others take.
    let (reached, waiting): (Vec<i64>, Vec<i64>) = ((1..=40).collect(), vec![40; 60]);
    let (first, now) = lengths(&reached, &[], &waiting);
    let estimate = first.estimate(now, PATIENT);
    assert_eq!((estimate.percentile(40), estimate.percentile(50)), (Some(SignedDuration::from_secs(40)), None));
    let told = Remaining::of(40, &[StillWaiting { estimate, ages: vec![(40, 60)] }]).unwrap();
    assert!(told.is_unknown(), "{told:?}");
    // Of too few nothing is foretold, however quick they were.
    let (few, now) = lengths(&[5; 19], &[], &[]);
    let few = StillWaiting { estimate: few.estimate(now, PATIENT), ages: vec![(1, 100)] };
    assert!(Remaining::of(0, &[few]).unwrap().is_unknown());
    assert_eq!(Remaining::of(7, &[]), None, "nobody waits");
}

#[test]
fn the_slowest_are_told_apart_from_the_rest_and_from_whoever_is_slower_than_all() {
    let reached: Vec<i64> = (1..=100).map(|one| if one > 95 { 360 } else { 60 }).collect();
    let (lengths, now) = lengths(&reached, &[], &[]);
    let waiting = |ages| StillWaiting { estimate: lengths.estimate(now, PATIENT), ages };
    let told = Remaining::of(0, &[waiting(vec![(0, 80)])]).unwrap();
    assert_eq!((told.most, told.slowest), (MostDone::In(SignedDuration::from_secs(60)), 4));
    assert_eq!(told.slowest_done, SlowestDone::Within(SignedDuration::from_secs(360), 0));
    let told = Remaining::of(196, &[waiting(vec![(100, 3), (500, 1)])]).unwrap();
    assert_eq!((told.most, told.slowest), (MostDone::Already, 4));
    assert_eq!(told.slowest_done, SlowestDone::Within(SignedDuration::from_secs(260), 1));
    let told = Remaining::of(196, &[waiting(vec![(500, 4)])]).unwrap();
    assert_eq!(told.slowest_done, SlowestDone::LongerThanAnybody);
}

#[test]
fn who_is_late_is_not_waited_for() {
    let (lengths, now) = lengths(&[60; 95], &[], &[4000; 20]);
    assert_eq!(lengths.estimate(now, PATIENT).percentile(95), None);
    let patience = SignedDuration::from_mins(30);
    assert_eq!(lengths.estimate(now, patience).percentile(95), Some(SignedDuration::from_secs(60)));
}
