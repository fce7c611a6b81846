//! Batches overlap: while licensing works on one, another is added, proven or removed, each by an approval of its own.

use skuferry::domain::event::Event;
use skuferry::domain::migration::Fact;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::questions::gate_of;
use skuferry::domain::route::Direction;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::words::notice;
use skuferry::words::refusal;

use crate::driver::Rig;
use crate::tempo::Night;

/// Six users in three batches, of which so many may be under way; the canary is one.
pub(crate) async fn three_batches(scenario: Scenario, under_way: usize) -> Rig {
    let options = Options { scenario, users: 6, seed: 3, ..Options::default() };
    Rig::open(options, |settings| {
        (settings.batch_size, settings.batches_under_way, settings.canary) = (2, under_way, 1);
    })
    .await
}

fn phases(shot: &Snapshot) -> Vec<Phase> {
    shot.run.batches.iter().map(|batch| batch.phase).collect()
}

/// Everybody of these batches was added.
fn added(batches: &'static [usize]) -> impl Fn(&Snapshot) -> bool {
    move |shot| batches.iter().all(|batch| shot.run.count(*batch, Fact::Added) == 2)
}

/// The bars of a night are those of 2,000 users, which `benches/migration.rs` measures. Most of it is licensing's own time,
/// which fewer users need as well.
async fn a_night(under_way: usize, minutes: f64) {
    for scenario in [Scenario::Conflicting, Scenario::NonConflicting] {
        let night = Night::of(scenario, 100, 10, under_way).await;
        assert!(night.minutes <= minutes, "{scenario:?}: {} minutes", night.minutes);
        assert_eq!(night.most_at_once, under_way, "{scenario:?}");
        assert_eq!(night.traffic.refused, 0, "{scenario:?}");
        assert!(night.migrated > 90, "{scenario:?}: {} migrated", night.migrated);
    }
}

#[tokio::test(start_paused = true)]
async fn ten_batches_three_under_way_take_at_most_80_minutes() {
    a_night(3, 80.0).await;
}

#[tokio::test(start_paused = true)]
async fn ten_batches_all_under_way_take_at_most_45_minutes() {
    a_night(10, 45.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_batch_is_added_by_an_approval_of_its_own_and_the_first_canary_goes_before_all_other_removals() {
    let mut rig = three_batches(Scenario::Conflicting, 3).await;
    for batch in 0..3 {
        rig.wait("asked to add", |shot| gate_of(&shot.run, batch) == Ok(PendingQuestion::Add(2))).await;
        let Ok(Question::Add(proposal)) = rig.put(Command::AskBatch(batch)).await else { panic!("an addition waits") };
        assert_eq!((proposal.batch(), proposal.users().len()), (batch, 2));
        rig.send(Command::Add(proposal.yes()));
    }
    rig.wait("all are added", added(&[0, 1, 2])).await;
    let safe = |shot: &Snapshot| (0..3).all(|batch| shot.run.count(batch, Fact::Safe) == 2);
    let shot = rig.wait("all are safe", safe).await;
    // Though all are safe, only the first batch may be removed, and what is asked next is just that.
    let gates: Vec<_> = shot.gates.iter().map(|gate| (gate.batch, gate.question)).collect();
    assert_eq!(gates, [(0, PendingQuestion::Remove(2))]);
    let refusal = rig.put(Command::AskBatch(1)).await.unwrap_err();
    assert_eq!(notice::refused(&refusal), "the canary of batch 1 goes first: it has not arrived yet");
    let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("a removal waits") };
    assert_eq!(proposal.batch(), 0);
    rig.send(Command::Remove(proposal.typed("2").unwrap()));
    let shot = rig.wait("the canary has arrived", |shot| shot.run.canary_arrived).await;
    assert!((1..3).all(|batch| shot.run.count(batch, Fact::Removed) == 0), "{}", rig.tale());
    rig.finish().await;
    assert!(rig.snapshot().run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_at_a_time_lets_more_be_under_way_when_the_operator_says_so() {
    let mut rig = three_batches(Scenario::NonConflicting, 1).await;
    rig.operate("the first is added", added(&[0])).await;
    let shot = rig.snapshot();
    assert_eq!(shot.run.under_way_batches(), [0]);
    assert_eq!(refusal::refusal(&gate_of(&shot.run, 1).unwrap_err()), "batch 2 waits its turn");
    rig.send(Command::SetBatchesUnderWay(2));
    let shot = rig.wait("a second may begin", |shot| gate_of(&shot.run, 1).is_ok()).await;
    assert_eq!(shot.run.under_way_batches(), [0, 1]);
    rig.operate("the second is added", added(&[0, 1])).await;
    // Fewer than have begun: these go on.
    rig.send(Command::SetBatchesUnderWay(1));
    let shot = rig.wait("heard", |shot| shot.run.batches_under_way == 1).await;
    let begun = |shot: &Snapshot| phases(shot).iter().filter(|one| !matches!(one, Phase::Preflight)).count();
    assert!(begun(&shot) >= 2 && !shot.run.is_under_way(2), "{}", rig.tale());
    rig.finish().await;
    let told = rig.journal().into_iter().filter(|(_, event)| matches!(event, Event::BatchesUnderWaySet { .. })).count();
    assert_eq!(told, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_ends_the_approvals_of_all_batches_and_a_resume_takes_any_mixture_up() {
    let mut rig = three_batches(Scenario::Conflicting, 3).await;
    rig.sim.set_faults("[[fault]]\non = \"PATCH /groups/*\"\nanswer = 429\nretry_after = 600\n").unwrap();
    for batch in 0..2 {
        rig.wait("asked to add", |shot| gate_of(&shot.run, batch).is_ok()).await;
        let Ok(Question::Add(proposal)) = rig.put(Command::AskBatch(batch)).await else { panic!("an addition waits") };
        rig.send(Command::Add(proposal.yes()));
    }
    let two = |shot: &Snapshot| (0..2).all(|batch| shot.run.approved_pending.left_in(batch) == 2);
    rig.wait("both are approved", two).await;
    rig.send(Command::Halt);
    let shot = rig.wait("halted", |shot| shot.run.halted.is_some() && shot.run.open().next().is_none()).await;
    assert!(shot.run.approved_pending.is_empty() && shot.gates.is_empty(), "{}", rig.tale());
    rig.sim.set_faults("[[fault]]\non = \"GET /none\"\nanswer = 404\n").unwrap();
    rig.operate("one is removed, another only added", |shot| {
        shot.run.count(0, Fact::Removed) > 0 && shot.run.count(1, Fact::Added) == 2
    })
    .await;
    rig.kill().await;
    let run = rig.resume();
    assert!(run.approved_pending.is_empty(), "no approval survives");
    assert!(run.phase_of(0) > Phase::VerifyAdded && run.phase_of(1) >= Phase::VerifyAdded);
    rig.finish().await;
    assert!(rig.snapshot().run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_rolled_back_beside_others_under_way() {
    let mut rig = three_batches(Scenario::NonConflicting, 3).await;
    rig.operate("two are added", added(&[0, 1])).await;
    rig.wait("at rest", |shot| shot.run.approved_pending.left_in(1) == 0 && shot.run.count(1, Fact::Open) == 0).await;
    let users: Vec<_> = rig.snapshot().run.members(1).filter_map(|user| user.id).collect();
    rig.send(Command::RollBack(users.clone()));
    let shot = rig.wait("planned", |shot| shot.run.batches.len() == 4).await;
    let under_way = shot.run.under_way_batches();
    assert_eq!(under_way.first(), Some(&3), "somebody waits for it");
    assert!(under_way.contains(&0) || phases(&shot)[0] == Phase::Complete, "{under_way:?}");
    rig.finish().await;
    let run = rig.snapshot().run.clone();
    for user in &users {
        assert!(run.user(*user).unwrap().is_rolled_back(), "{}", rig.tale());
    }
    assert_eq!(run.users.iter().filter(|user| user.is_migrated()).count(), 4);
    assert_eq!(run.direction_of(3), Direction::Rollback);
}
