//! The engine is killed between any two events, and the run goes on as if nothing had been.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::event::Event;
use skuferry::domain::questions;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::witness;

/// How many runs go on beside each other.
const BESIDE: usize = 4;

/// A clock at which whoever looks dies, once the journal has so many events.
struct Deadly {
    journal: PathBuf,
    events: usize,
}

impl Clock for Deadly {
    fn now(&self) -> Timestamp {
        let lines = fs::read_to_string(&self.journal).unwrap().lines().count();
        if lines >= self.events {
            std::panic::resume_unwind(Box::new("killed")); // without the noise of a panic
        }
        SystemClock.now()
    }
}

fn four_users(scenario: Scenario) -> Options {
    Options { scenario, users: 4, seed: 3, ..Options::default() }
}

/// What the crash leaves of the event that was being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    Whole,
    Torn,
}

/// Kills the engine when its journal has so many events, takes the run up again and finishes it.
async fn killed_at(scenario: Scenario, events: usize, tail: Tail) {
    let deadly = |journal| -> Arc<dyn Clock> { Arc::new(Deadly { journal, events }) };
    let mut rig = Rig::open_at(four_users(scenario), |settings| settings.canary = 1, deadly).await;
    if !rig.operate_until_dead().await {
        return; // fewer reads showed something new than in the run that was counted
    }
    let journal = rig.journal();
    // Before an intent is whole its write has not left; an intent that is whole may be at work already.
    let intent = matches!(journal.last(), Some((_, Event::AddIntended { .. } | Event::RemoveIntended { .. })));
    if tail == Tail::Torn && !intent {
        let text = fs::read(rig.journal_path()).unwrap();
        fs::write(rig.journal_path(), &text[..text.len() - 9]).unwrap();
    }
    let before = witness::writes(&rig).len();
    let run = rig.resume();
    assert!(run.approved_pending.is_empty(), "an approval came back after {events} events");
    let shot =
        rig.operate("asked again", |shot| shot.run.complete || questions::pending_question(&shot.run).is_ok()).await;
    assert_eq!(witness::writes(&rig).len(), before, "written without a new approval after {events} events");
    assert!(shot.run.approved_pending.is_empty());
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "after {events} events:\n{}", rig.tale());
    witness::check(&rig);
}

async fn killed_everywhere(scenario: Scenario, tails: &[Tail]) {
    let mut rig = Rig::open(four_users(scenario), |settings| settings.canary = 1).await;
    rig.finish().await;
    let events = rig.journal().len();
    assert!(events > 12, "{}", rig.tale());
    let cases = (2..events).flat_map(|events| tails.iter().map(move |tail| (events, *tail)));
    let runs = cases.map(|(events, tail)| killed_at(scenario, events, tail));
    stream::iter(runs).buffer_unordered(BESIDE).collect::<Vec<()>>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflicting_batch_survives_a_kill_between_every_two_events() {
    killed_everywhere(Scenario::Conflicting, &[Tail::Whole, Tail::Torn]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_holds_both_survives_a_kill_between_every_two_events() {
    killed_everywhere(Scenario::NonConflicting, &[Tail::Whole]).await;
}
