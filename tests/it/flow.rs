//! Whole migrations, end to end, on a tenant where nothing goes wrong but what is honest.

use skuferry::domain::event::Event;
use skuferry::domain::latency::Goal;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::route::Direction;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::witness;

fn standings(shot: &Snapshot) -> Vec<Standing> {
    shot.run.members(0).map(|user| user.standing.clone().unwrap()).collect()
}

/// What the tenant says of each planned user: groups among source and target, and the two licenses' state and error.
fn truths(rig: &Rig) -> Vec<(Vec<&'static str>, Vec<String>)> {
    let route = &rig.run.route;
    let named = [("source", &route.source), ("target", &route.target)];
    let of = |user| {
        let truth = rig.truth(user);
        let groups = truth["groups"].as_array().unwrap();
        let member = |group: String| groups.iter().any(|one| *one == group);
        let memberships = named.iter().filter(|(_, side)| member(side.group.to_string())).map(|(name, _)| *name);
        let states = truth["licenseAssignmentStates"].as_array().unwrap();
        let licenses = named.iter().flat_map(|(name, side)| {
            let of_sku = states.iter().filter(|one| one["skuId"] == side.sku.to_string());
            of_sku.map(move |one| format!("{name} {} {}", one["state"], one["error"]).replace('"', ""))
        });
        (memberships.collect(), licenses.collect())
    };
    rig.planned().into_iter().map(of).collect()
}

async fn two_users(scenario: Scenario, between: &Standing, target: &str) {
    let mut rig = Rig::open(Options { scenario, users: 2, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    assert!(rig.sim.log().iter().all(witness::is_read), "rule 1");
    assert!(truths(&rig).iter().all(|truth| *truth == (vec!["source"], vec!["source Active None".to_owned()])));

    let Ok(Question::Add(proposal)) = rig.ask().await else { panic!("an addition waits") };
    assert_eq!(proposal.group(), rig.run.route.target.group);
    assert!(rig.sim.log().iter().all(witness::is_read), "asking writes nothing");
    rig.send(Command::Add(proposal.yes()));
    let shot = rig.wait_for(PendingQuestion::Remove(2)).await;
    assert_eq!(shot.run.phase(), Phase::VerifyAdded);
    let measured = shot
        .run
        .latencies()
        .of_run(Direction::Forward, Goal::Ready)
        .estimate(shot.run.started, SignedDuration::MAX)
        .measured();
    assert_eq!(measured, 2, "how long both took is known");
    assert_eq!(standings(&shot), [between.clone(), between.clone()]);
    let both = vec!["source Active None".to_owned(), target.to_owned()];
    assert!(truths(&rig).iter().all(|truth| *truth == (vec!["source", "target"], both.clone())), "{:?}", truths(&rig));
    assert_eq!(witness::writes(&rig).len(), 2);

    let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("a removal waits") };
    let proposal = proposal.typed("1").unwrap_err();
    rig.send(Command::Remove(proposal.typed("2").unwrap()));
    let shot = rig.wait("complete", |shot| shot.run.complete).await;
    assert_eq!(standings(&shot), [Standing::Migrated, Standing::Migrated]);
    let moved = (vec!["target"], vec!["target Active None".to_owned()]);
    assert!(truths(&rig).iter().all(|truth| *truth == moved), "{:?}", truths(&rig));
    assert_eq!(witness::writes(&rig).len(), 4);
    witness::check(&rig);
    let left = rig.quit().await;
    assert!(left.complete && left.halted.is_none() && left.alarm.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_users_migrate_through_the_expected_conflict() {
    let target = "target Error MutuallyExclusiveViolation";
    two_users(Scenario::Conflicting, &Standing::ExpectedConflict, target).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_users_migrate_while_they_hold_both() {
    two_users(Scenario::NonConflicting, &Standing::HoldsBoth, "target Active None").await;
}

/// The reasons that stand against each blocked user, by the line of the list.
fn blocked(shot: &Snapshot) -> Vec<(usize, Vec<&'static str>)> {
    let against = shot.run.users.iter().filter(|user| user.is_blocked());
    against
        .map(|user| {
            let reasons = user.reasons.iter().filter(|reason| !reason.warning);
            (user.listed.line, reasons.map(|reason| reason.code.word()).collect())
        })
        .collect()
}

async fn three_batches(scenario: Scenario) {
    let canary = 5;
    let mut rig = Rig::open(Options { scenario, users: 60, seed: 1, ..Options::default() }, |settings| {
        (settings.batch_size, settings.canary) = (20, canary);
    })
    .await;
    let shot = rig.wait_for(PendingQuestion::Add(20)).await;
    let has_target: &[_] = match scenario {
        // There the target that is held keeps the source away.
        Scenario::Conflicting => &["source-not-assigned", "target-already-assigned"],
        Scenario::NonConflicting => &["target-already-assigned"],
    };
    let expected =
        [(2, vec!["source-assigned-directly"]), (4, vec!["source-from-other-group"]), (7, has_target.to_vec())];
    assert_eq!(blocked(&shot), expected);
    assert_eq!(shot.run.batches.iter().map(|batch| batch.users.len()).collect::<Vec<_>>(), [20, 20, 17]);
    // Where neither the target nor its companion is offered, and where only the companion is not.
    let at = |line: usize| shot.run.users.iter().find(|user| user.listed.line == line).unwrap().id.unwrap();
    let stuck = [at(9), at(42)];

    let shot = rig.finish().await;
    for user in shot.run.users.iter().filter(|user| !user.is_blocked()) {
        let expected = !stuck.contains(&user.id.unwrap());
        assert_eq!((user.is_migrated(), user.excluded), (expected, !expected), "{user:?}");
    }
    for stayed in stuck.map(|user| rig.truth(user)) {
        let source = rig.run.route.source.group.to_string();
        assert!(stayed["groups"].as_array().unwrap().iter().any(|group| *group == source));
    }
    witness::check(&rig);

    let written = witness::writes(&rig);
    let removed: Vec<_> = written.iter().filter(|write| !write.added).collect();
    assert_eq!(removed.len(), 55);
    assert!(removed.iter().all(|write| !stuck.contains(&write.user) && write.status == 204));
    let journal = rig.journal();
    for batch in 0..3 {
        let members: Vec<_> = shot.run.members(batch).filter_map(|user| user.id).collect();
        let mut orders: Vec<_> =
            removed.iter().filter(|write| members.contains(&write.user)).map(|write| write.at).collect();
        orders.sort_unstable();
        let first = &orders[..canary];
        let next = orders[canary];
        // Nothing follows the canary until all of it is seen migrated.
        let migrated = journal.iter().filter_map(|(at, event)| match event {
            Event::Observed { users, .. } => {
                Some(users.iter().filter(|(_, standing)| *standing == Standing::Migrated).map(|(user, _)| (*user, *at)))
            }
            _ => None,
        });
        let migrated: Vec<_> = migrated.flatten().filter(|(user, at)| members.contains(user) && *at < next).collect();
        assert_eq!(migrated.len(), canary, "batch {batch}: {first:?} then {next}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_batches_migrate_behind_their_canaries() {
    three_batches(Scenario::Conflicting).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_batches_that_hold_both_migrate_behind_their_canaries() {
    three_batches(Scenario::NonConflicting).await;
}
