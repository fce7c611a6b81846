//! Faults that worlds by chance have found, each as a test of its own.

use std::sync::Arc;

use skuferry::clock::SteadyClock;
use skuferry::domain::event::Event;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::rules::clock::Jumpy;
use crate::witness;
use skuferry::domain::user_history::Happened;

fn users(users: usize) -> Options {
    Options { users, seed: 7, ..Options::default() }
}

/// Between a removal that was lost and the answer to what became of it, another user left: the canary was one too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_leaves_while_a_canary_is_lost() {
    let mut rig = Rig::open(users(6), |settings| settings.canary = 1).await;
    let lost = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 504\ncommit = true\n";
    let silent = "[[fault]]\non = \"GET /users/*/memberOf\"\nfirst = 8\nanswer = 400\n";
    rig.sim.set_faults(&[lost, silent].concat()).unwrap();
    rig.finish().await;
    let mut unknown = false;
    for (_, event) in rig.journal() {
        match event {
            Event::RemoveSettled { outcome: Outcome::Lost(_), .. } => unknown = true,
            Event::RemoveReadBack { found: ReadBack::InEffect, .. } => unknown = false,
            Event::RemoveIntended { .. } => assert!(!unknown, "{}", rig.tale()),
            _ => {}
        }
    }
    witness::check(&rig);
}

/// Everything was being checked again while the operator took the whole first batch out; the check came back to a run
/// that had moved on, which closed the journal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_comes_back_too_late_is_dropped() {
    let mut rig = Rig::open(users(4), |settings| settings.batch_size = 2).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    rig.sim.set_faults("[[fault]]\non = \"GET /subscribedSkus\"\nfirst = 1\ndelay = \"200ms\"\n").unwrap();
    rig.send(Command::PollNow);
    let first: Vec<_> = rig.snapshot().run.members(0).filter_map(|user| user.id).collect();
    for user in first {
        rig.send(Command::Exclude(user));
    }
    let shot = rig.finish().await;
    assert_eq!(shot.run.users.iter().filter(|user| user.excluded).count(), 2);
    assert_eq!(shot.run.users.iter().filter(|user| user.is_migrated()).count(), 2, "{}", rig.tale());
}

/// Checking everything again brought users back whom the operator had taken out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_taken_out_stays_out_when_all_is_checked_again() {
    let mut rig = Rig::open(users(4), |_| {}).await;
    let shot = rig.wait_for(PendingQuestion::Add(4)).await;
    rig.send(Command::Exclude(shot.run.users[1].id.unwrap()));
    rig.wait_for(PendingQuestion::Add(3)).await;
    rig.send(Command::PollNow);
    let checked = |rig: &Rig| rig.journal().iter().filter(|(_, event)| matches!(event, Event::Checked { .. })).count();
    rig.until("checked again", |rig| checked(rig) >= 2).await;
    let shot = rig.wait("asked again", |shot| questions::pending_question(&shot.run).is_ok()).await;
    assert_eq!(questions::pending_question(&shot.run), Ok(PendingQuestion::Add(3)), "{}", rig.tale());
    assert!(shot.run.users[1].history.iter().any(|moment| matches!(moment.what, Happened::Excluded { .. })));
}

/// While a removal waited to be sent again, every verify pass wrote the same reading of its user into the journal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_amid_a_write_are_no_news() {
    let mut rig = Rig::open(users(3), |settings| settings.canary = 1).await;
    rig.sim.set_faults("[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 1\n").unwrap();
    rig.finish().await;
    let journal = rig.journal();
    let first = journal.iter().position(|(_, event)| matches!(event, Event::RemoveIntended { .. })).unwrap();
    let settled = journal.iter().position(|(_, event)| matches!(event, Event::RemoveSettled { .. })).unwrap();
    let observed = journal[first..settled].iter().filter(|(_, event)| matches!(event, Event::Observed { .. })).count();
    assert_eq!(observed, 0, "{}", rig.tale());
}

/// The machine's clock was set back by an hour, and nothing was read for an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_back_stops_nothing() {
    let clock = Jumpy::default();
    let sim = Arc::new(Sim::start(Options { speed: SPEED, ..users(3) }).await.unwrap());
    let mut rig = Rig::on(sim, |_| {}, |_| Arc::new(SteadyClock::new(Arc::new(clock.clone())))).await;
    rig.operate("adding", |shot| shot.run.active().any(|user| user.add.is_done())).await;
    clock.jump(SignedDuration::from_hours(-1));
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
}
