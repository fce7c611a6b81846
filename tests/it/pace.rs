//! Writes stay below the published quotas by themselves, and a removal comes close to them. In simulated time.

use std::time::Duration;

use skuferry::domain::event::Event;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::phase::Phase;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Scenario;

use crate::tempo::Tempo;
use crate::tempo::Traffic;
use crate::tempo::pass;
use crate::tempo::purposes;
use crate::tempo::removal;
use crate::tempo::removal_in;
use crate::tempo::trips;

/// Enough for a removal that lasts longer than its first burst, and for a verify pass in the middle of it. Without the canary and
/// those who cannot move, 800 are left: 40 full requests, as half a one would be counted as a slow one.
const USERS: usize = 810;
const TRIP: Duration = Duration::from_millis(150);

#[tokio::test(start_paused = true)]
async fn a_removal_keeps_95_percent_of_the_write_quota_and_is_never_throttled() {
    let mut run = Tempo::open(Scenario::Conflicting, USERS, TRIP, 5).await;
    let shot = run.operate(|shot| shot.run.phase() > Phase::RemoveFromSource).await;
    let log = run.sim.log();
    let (all, removal) = (Traffic::of(&log), removal(&log, shot.run.run.settings.canary));
    assert_eq!(all.refused, 0);
    // The quota's own rate, and a burst of three batches on top of it.
    assert!(all.busiest(10.0) <= 200 + 60, "{} writes in 10 s", all.busiest(10.0));
    assert!(all.busiest(150.0) <= 3_000);
    assert!(removal.writes.len() > USERS - 20, "{}", removal.writes.len());
    assert!(removal.rate(0) >= 0.95, "{}", removal.rate(0));
    // The second half has nothing of the burst left.
    assert!(removal.rate(USERS / 2) >= 0.95, "{}", removal.rate(USERS / 2));
    // So short a removal is all the while about the last few seats, which are counted and read about often.
    costs_little(&log, shot.run.run.settings.canary, 3.25, 0.25);
}

/// Two point reads, one of them with the groups, and the write itself; the rest is for the seats, the groups and verify passes.
fn costs_little(log: &[LogEntry], canary: usize, most_units: f64, most_requests: f64) {
    let removal = removal(log, canary);
    let purposes = purposes(removal_in(log, canary));
    let users = f64::from(u32::try_from(removal.writes.len()).unwrap());
    let units = f64::from(removal.units) / users;
    assert!((3.0..=most_units).contains(&units), "{units} resource units a removed user: {purposes:?}");
    let requests = f64::from(u32::try_from(removal.requests).unwrap()) / users;
    assert!((0.15..=most_requests).contains(&requests), "{requests} requests a removed user: {purposes:?}");
}

/// Licensing is at work all the while, so that it is never known for everybody who has left whether they have their seat.
#[tokio::test(start_paused = true)]
async fn a_removal_of_2_000_users_keeps_95_percent_of_the_write_quota() {
    keeps_its_pace(TRIP, 40, 0.95, Duration::ZERO).await;
}

/// One seat for each user and not one more; the other cases are in `benches/removal.rs`. Dates have whole seconds, so that
/// where in its second the tenant's clock begins might decide how long the last few wait: of ten such places these are the
/// worst of before the turn of its seconds was looked for.
#[tokio::test(start_paused = true)]
async fn a_removal_without_a_seat_to_spare_keeps_90_percent_of_the_write_quota_at_300_ms() {
    keeps_its_pace(TRIP * 2, 0, 0.9, Duration::from_millis(600)).await;
}

#[tokio::test(start_paused = true)]
async fn a_removal_without_a_seat_to_spare_keeps_its_pace_wherever_the_second_begins() {
    keeps_its_pace(TRIP * 2, 0, 0.9, Duration::from_millis(100)).await;
}

/// Every tenth of a second at which a removal may begin, and what is there beside it. It takes minutes.
#[tokio::test(start_paused = true)]
#[ignore = "ten removals of 2,000 users; asked for by name"]
async fn a_removal_keeps_its_pace_at_any_tenth_of_a_second() {
    for tenth in 0..10 {
        keeps_its_pace(TRIP * 2, 0, 0.9, Duration::from_millis(100 * tenth)).await;
    }
}

#[expect(clippy::print_stdout, reason = "the figures are for the README")]
async fn keeps_its_pace(trip: Duration, spare: i64, least: f64, past: Duration) {
    let users = 2_000;
    let mut run = Tempo::open_at(Scenario::Conflicting, users, trip, spare, past).await;
    let shot = run.operate(|shot| shot.run.phase() > Phase::RemoveFromSource).await;
    let log = run.sim.log();
    let removal = removal(&log, shot.run.run.settings.canary);
    println!(
        "{users} users, {spare} seats to spare, {trip:?} a trip, begun {past:?} past a second: {:.1} % of the write quota's rate, {:.1} % in the second half, {} \
         units and {} requests for {} removals",
        removal.rate(0) * 100.0,
        removal.rate(users / 2) * 100.0,
        removal.units,
        removal.requests,
        removal.writes.len(),
    );
    assert_eq!(Traffic::of(&log).refused, 0);
    assert!(removal.writes.len() > users - 40, "{}", removal.writes.len());
    assert!(removal.rate(0) >= least, "{}", removal.rate(0));
    assert!(removal.rate(users / 2) >= least, "{}", removal.rate(users / 2));
    // Where seats are scarce and an answer takes 300 ms, the pace goes before the cost.
    costs_little(&log, shot.run.run.settings.canary, 3.2, if trip <= TRIP { 0.2 } else { 0.21 });
}

/// Rule 10: an order that waits for the quota has not left, and does not leave any more.
#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_in_the_client_does_not_leave_after_a_halt() {
    let mut run = Tempo::open(Scenario::NonConflicting, 300, TRIP, 0).await;
    let removed = |shot: &Snapshot| shot.run.active().filter(|user| user.remove.is_done()).count();
    run.operate(|shot| removed(shot) >= 140 && shot.activity == Activity::Removing).await;
    let before = deletions(&run);
    run.send(Command::Halt);
    for _ in 0..400 {
        pass(Duration::from_millis(50)).await;
    }
    assert_eq!(deletions(&run), before);
    let shot = run.snapshot();
    assert!(shot.run.halted.is_some() && shot.run.open().next().is_none());
    let unsent = |event: &Event| match event {
        Event::RemoveSettled { outcome: Outcome::Failed(fault), .. } => fault.kind == FaultKind::NotSent,
        _ => false,
    };
    assert!(shot.events.iter().any(|(_, event)| unsent(event)), "the order came back");
}

fn deletions(run: &Tempo) -> usize {
    run.sim.log().iter().filter(|entry| entry.method == "DELETE").count()
}

#[tokio::test(start_paused = true)]
async fn while_the_service_wants_to_be_left_alone_no_proof_grows_old() {
    let mut run = Tempo::open(Scenario::Conflicting, 100, TRIP, 0).await;
    run.operate(|shot| shot.run.active().any(|user| user.remove.is_done())).await;
    // Whether it was done cannot be told, and two minutes are longer than any proof is good for.
    let left_alone =
        "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 503\nretry_after = 120\ncommit = true\n";
    run.sim.set_faults(&(trips(TRIP) + left_alone)).unwrap();
    let shot = run.operate(|shot| shot.run.phase() > Phase::RemoveFromSource).await;
    let removed = shot.run.active().filter(|user| user.remove.is_done());
    assert_eq!(removed.count(), shot.run.active().count());
    let unasked = |shot: &Snapshot| shot.events.iter().filter(|(_, event)| asks(event)).count();
    assert_eq!(unasked(&shot), 1, "one yes was enough");
    let log = run.sim.log();
    assert_eq!(Traffic::of(&log).refused, 0);
    let removals: Vec<_> = log.iter().filter(|entry| entry.method == "DELETE").collect();
    let asked = removals.iter().position(|entry| entry.status == 503).unwrap();
    let outer = removals[asked].outer;
    let next = removals[asked..].iter().find(|entry| entry.outer != outer).unwrap();
    let waited = next.at.duration_since(removals[asked].at).as_secs();
    assert!((120..130).contains(&waited), "{waited} s");
}

/// A second was asked for each time: no wait of our own comes on top.
#[tokio::test(start_paused = true)]
async fn four_refusals_of_a_second_each_cost_four_seconds() {
    let mut run = Tempo::open(Scenario::Conflicting, 40, TRIP, 0).await;
    let refusals = "[[fault]]\non = \"PATCH /groups/*\"\nfirst = 4\nanswer = 429\nretry_after = 1\n";
    run.sim.set_faults(&(refusals.to_owned() + &trips(TRIP))).unwrap();
    run.operate(|shot| shot.run.phase() > Phase::AddToTarget).await;
    let log = run.sim.log();
    let sent: Vec<_> = log.iter().filter(|entry| entry.method == "PATCH").collect();
    let gaps: Vec<_> = sent.windows(2).map(|pair| pair[1].at.duration_since(pair[0].at).as_secs_f64()).collect();
    assert!(gaps[..4].iter().all(|gap| (1.0..1.6).contains(gap)), "{gaps:?}");
    assert_eq!(Traffic::of(&log).refused, 4);
}

/// Every third request is refused for haste, whatever it is. Most of the time is licensing's, which the refusals do not
/// lengthen but for the passes that they make late.
#[tokio::test(start_paused = true)]
async fn a_third_of_all_requests_refused_does_not_hold_up_a_run() {
    let mut took = Vec::new();
    for refusals in ["", "[[fault]]\non = \"* /**\"\nevery = 3\nanswer = 429\nretry_after = 1\n"] {
        let mut run = Tempo::open(Scenario::Conflicting, 40, TRIP, 0).await;
        run.sim.set_faults(&(refusals.to_owned() + &trips(TRIP))).unwrap();
        let began = tokio::time::Instant::now();
        run.operate(|shot| shot.run.phase() > Phase::RemoveFromSource).await;
        let writes = run.sim.log().iter().filter(|entry| matches!(&*entry.method, "PATCH" | "DELETE")).count();
        took.push((began.elapsed(), writes));
    }
    assert!(took[1].1 > took[0].1, "writes were refused too: {took:?}");
    assert!(took[1].0 <= took[0].0.mul_f64(1.5), "{took:?}");
}

fn asks(event: &Event) -> bool {
    matches!(event, Event::RemoveApproved { .. })
}
