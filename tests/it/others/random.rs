//! Movers who are late, do a part, take the wrong user or come too early: whatever they do, who was moved as a worklist said
//! was safe, who was not is an alarm, and nothing is ever written to a group of theirs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use skuferry::domain::event::Event;
use skuferry::domain::halt::Halt;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Migration;
use skuferry::domain::questions;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::worklist::WorklistEnd;
use skuferry::domain::worklist::WorklistKind;
use skuferry::engine::handle::Command;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::others::Kind;
use crate::others::SOURCE;
use crate::others::TARGET;
use crate::others::mover::event;
use crate::others::mover::move_events;
use crate::others::open;
use crate::others::open_lists;
use crate::others::writes_to;

/// How many moves a play has at most before everybody does as they are told.
const MOVES: usize = 30;

async fn play(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let kinds = [
        [Kind::Synced, Kind::Synced],
        [Kind::Synced, Kind::Cloud],
        [Kind::Cloud, Kind::Synced],
        [Kind::Dynamic, Kind::Synced],
        [Kind::Synced, Kind::Dynamic],
    ];
    let kinds = kinds[random.usize(0..kinds.len())];
    let scenario = if random.bool() { Scenario::Conflicting } else { Scenario::NonConflicting };
    let (mut rig, clock) = open(kinds, scenario, 6, |settings| {
        settings.batch_size = 3;
        settings.canary = 1;
        settings.batches_under_way = 2;
    })
    .await;
    // Whom movers took out on their own, before any worklist said so.
    let mut unasked: BTreeSet<UserId> = BTreeSet::new();
    let end = tokio::time::Instant::now() + Duration::from_mins(2);
    let mut moves = 0;
    loop {
        let shot = rig.snapshot();
        if shot.run.complete {
            break;
        }
        assert!(tokio::time::Instant::now() < end, "seed {seed}: never complete\n{}", rig.tale());
        assert!(shot.read_only.is_none(), "seed {seed}: {:?}\n{}", shot.read_only, rig.tale());
        let lists = open_lists(&shot);
        if moves > MOVES || random.u8(0..4) > 0 {
            // As they are told, all of it or a part.
            for list in &lists {
                let waits: Vec<UserId> = shot.run.outstanding(list).collect();
                let some = if moves > MOVES || random.bool() { waits.len() } else { random.usize(0..=waits.len()) };
                let file = std::fs::read_to_string(&list.issued.file).unwrap();
                let told = move_events(&file);
                let told = told.into_iter().filter(|(user, _)| waits[..some].contains(user));
                let text: String = told.map(|(_, text)| text).collect();
                rig.sim.set_faults(&text).unwrap();
            }
        } else {
            moves += 1;
            match random.u8(0..8) {
                // The wrong user, or too early.
                0 if kinds[0] != Kind::Cloud => {
                    let users = rig.planned();
                    if let Some(user) = users.get(random.usize(0..users.len().max(1))) {
                        let begun = shot.run.user(*user).unwrap();
                        let of_batch = begun.batch.map(|batch| shot.run.phase_of(batch));
                        if of_batch.is_some_and(|phase| phase != skuferry::domain::phase::Phase::Preflight) {
                            unasked.insert(*user);
                            rig.sim.set_faults(&event("remove", *user, SOURCE)).unwrap();
                        }
                    }
                }
                1 => clock.jump(SignedDuration::from_secs(random.i64(1..20) * 60)),
                2 => rig.send(Command::Halt),
                3 => {
                    rig.kill().await;
                    rig.resume();
                }
                // They take their time.
                _ => {}
            }
        }
        let shot = rig.snapshot();
        if random.bool()
            && questions::pending_question(&shot.run).is_ok()
            && let Ok(question) = rig.ask().await
        {
            rig.yes(question);
        }
        let out = |user: &&std::sync::Arc<skuferry::domain::user::User>| {
            let early = user.removed_early && !user.has_arrived() && !user.add.is_done();
            (early || matches!(user.standing, Some(skuferry::domain::standing::Standing::Stuck(_)))) && !user.excluded
        };
        // Whom movers brought out of both groups is nobody's to bring back here.
        for user in shot.run.active().filter(out).filter_map(|user| user.id) {
            if moves > MOVES {
                rig.send(Command::Exclude(user));
            }
        }
        rig.a_while(&shot).await;
        moves += usize::from(random.u8(0..3) == 0);
    }
    let journal = rig.journal();
    check(seed, &rig, &journal, &unasked);
    for (kind, group) in kinds.iter().zip([SOURCE, TARGET]) {
        assert!(*kind == Kind::Cloud || writes_to(&rig, &[group]).is_empty(), "seed {seed}: {kind:?} was written");
    }
}

/// The rules, told by the journal alone.
fn check(seed: u64, rig: &Rig, journal: &[(Timestamp, Event)], unasked: &BTreeSet<UserId>) {
    let tale = || format!("seed {seed}\n{}", rig.tale());
    let mut run: Option<Migration> = None;
    let mut approved: BTreeMap<(WorklistKind, UserId), usize> = BTreeMap::new();
    let (mut proofs, mut ever, mut in_force) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
    for (place, (at, event)) in journal.iter().enumerate() {
        match event {
            Event::AddApproved { users, .. } => {
                approved.extend(users.iter().map(|user| ((WorklistKind::Add, *user), place)))
            }
            Event::RemoveApproved { users, .. } => {
                approved.extend(users.iter().map(|user| ((WorklistKind::Remove, *user), place)));
            }
            Event::Proven { users, .. } => proofs.extend(users.iter().map(|(user, _, read)| (*user, *read))),
            Event::WorklistIssued { worklist } => {
                for (user, proven) in &worklist.users {
                    // Rule 2: each name spends its approval.
                    assert!(approved.remove(&(worklist.kind, *user)).is_some(), "{user} without a yes\n{}", tale());
                    assert!(ever.insert((worklist.kind, *user, worklist.number)));
                    if worklist.kind == WorklistKind::Remove {
                        // Rule 3: proven after the addition was seen, at most 60 s before.
                        let read = proofs.get(user).copied();
                        assert_eq!(read, *proven, "{}", tale());
                        assert!(at.duration_since(read.unwrap()) <= SignedDuration::from_secs(60), "{}", tale());
                        let added = run.as_ref().unwrap().user(*user).unwrap().add.clone();
                        assert!(added.is_done() && added.at().unwrap() < read.unwrap(), "{}", tale());
                    }
                }
                // Rule 5: until a canary has arrived nobody else is named.
                let fold = run.as_ref().unwrap();
                let batch = worklist.batch;
                if worklist.kind == WorklistKind::Remove {
                    let arrived = fold.members(batch).any(|user| user.remove.is_done() && user.has_arrived());
                    assert!(arrived || worklist.users.len() == 1, "more than the canary\n{}", tale());
                }
                in_force.insert(worklist.number, (worklist.kind, *at));
            }
            Event::WorklistWritten { number } => {
                // Fresh for the moment at which the names could be read, too.
                let (task, issued) = in_force[number];
                let late = at.duration_since(issued) > SignedDuration::from_secs(60);
                assert!(task == WorklistKind::Add || !late, "{}", tale());
            }
            Event::WorklistEnded { number, .. } => drop(in_force.remove(number)),
            Event::Halted { .. } | Event::AlarmRaised { .. } | Event::RemovedByOthers { early: true, .. } => {
                in_force.clear();
                approved.clear();
            }
            Event::Resumed { .. } => {
                in_force.retain(|_, (task, _)| *task == WorklistKind::Add);
                approved.clear();
            }
            Event::RemoveReadBack { user, found: ReadBack::InEffect } => {
                let named = ever.iter().any(|(task, one, _)| *task == WorklistKind::Remove && one == user);
                let ours = run.as_ref().unwrap().user(*user).unwrap().remove.is_open();
                assert!(named || ours, "{user} was on no worklist\n{}", tale());
            }
            _ => {}
        }
        match &mut run {
            None => run = Some(Migration::start(*at, event).unwrap()),
            Some(run) => run.replay(*at, event).unwrap(),
        }
        let run = run.as_ref().unwrap();
        if let Event::RemovedByOthers { users, early } = event {
            assert!(users.iter().all(|user| unasked.contains(user) || *early), "{}", tale());
            let mut halts = run.halted.iter().flat_map(Halt::reasons);
            let halted = halts.any(|why| matches!(why, HaltReason::RemovedEarly { .. }));
            assert_eq!(halted, *early, "{}", tale());
        }
        // No worklist to remove is in force in a halt, or beyond its time.
        for list in run.worklists().filter(|list| list.is_open() && list.issued.kind == WorklistKind::Remove) {
            assert!(run.halted.is_none(), "{}", tale());
            let late = list.stale_from().is_some_and(|stale| *at > stale + SignedDuration::from_secs(25 * 60));
            assert!(!late, "{}", tale());
        }
    }
    // Whom nobody took out on their own ended with a license: worklists alone harm nobody.
    let run = run.unwrap();
    for user in run.users.iter().filter(|user| user.id.is_some_and(|id| !unasked.contains(&id))) {
        assert!(user.is_migrated() || user.excluded, "{}: {:?}\n{}", user.upn, user.standing, tale());
        assert!(!user.removed_early, "{}", tale());
    }
    // What is left of files names nobody.
    for list in run.worklists().filter(|list| list.ended.is_some()) {
        let text = std::fs::read_to_string(&list.issued.file).unwrap_or_default();
        let last = list.ended.map(|(_, why)| why) == Some(WorklistEnd::Done);
        assert!(last || !text.starts_with("userPrincipalName"), "{}: {text}", list.issued.number);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_movers_do_who_followed_a_worklist_harmed_nobody() {
    for seed in 0..12 {
        play(seed).await;
    }
}
