//! Rule 4: seats are counted again when a removal is about to leave, and for all whom the approval names.

use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::migration::Fact;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::canary_seats::leave_seats;
use crate::canary_seats::removed;
use crate::driver::Rig;
use crate::driver::SPEED;
use crate::guards::asked;
use crate::guards::say_yes;

/// A clock that can stand still, so that no slow machine lets what was counted grow old.
#[derive(Clone, Default)]
struct Stopped(Arc<Mutex<(Option<Timestamp>, SignedDuration)>>);

impl Stopped {
    /// It stands still from now on.
    fn stop(&self) {
        let now = self.now();
        self.0.lock().unwrap().0 = Some(now);
    }

    /// It goes on, so much later.
    fn go_on(&self, later: SignedDuration) {
        *self.0.lock().unwrap() = (None, later);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        let (stands, ahead) = *self.0.lock().unwrap();
        stands.unwrap_or_else(|| SystemClock.now() + ahead)
    }
}

/// A run of users who take a seat when they leave, at the question whether to remove them, whom no verify pass reads any
/// more. Gives how many the question is about.
async fn at_the_removal(users: usize, canary: usize) -> (Rig, Stopped, usize) {
    let clock = Stopped::default();
    let options = Options { scenario: Scenario::Conflicting, users, seed: 5, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let set =
        |settings: &mut skuferry::domain::settings::Settings| (settings.canary, settings.max_stuck) = (canary, 50);
    let mut rig = Rig::on(sim, set, |_| Arc::new(clock.clone())).await;
    let waits = |shot: &Snapshot| matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_)));
    let shot = rig.operate("a removal waits", waits).await;
    rig.send(Command::TogglePolling);
    // A pass under way counts seats, too.
    rig.wait("paused", |shot| shot.paused && shot.activity == Activity::Idle).await;
    let all = shot.run.count(0, Fact::Removable);
    (rig, clock, all)
}

/// Waits until the run halts for want of seats, or somebody more than these has left.
async fn halted_for_seats(rig: &mut Rig, gone: usize) {
    let seats = |shot: &Snapshot| matches!(&shot.run.halted, Some(halt) if matches!(halt.why, HaltReason::Seats(_)));
    let shot = rig.wait("decided", |shot| seats(shot) || removed(shot) > gone).await;
    assert!(seats(&shot), "{}", rig.tale());
    assert_eq!(asked(rig, "DELETE", "/members/").len(), gone, "{}", rig.tale());
}

/// More are free than one order needs, and the canary would have one: but those who come last would have none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_for_fewer_than_were_approved_are_seats_for_nobody() {
    let (mut rig, _, all) = at_the_removal(30, 1).await;
    assert!(all > 22, "{all}");
    leave_seats(&rig, all - 1);
    say_yes(&mut rig).await;
    halted_for_seats(&mut rig, 0).await;
}

/// The last verify pass counted seats for everybody; somebody else has taken them since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_taken_between_the_gate_and_the_removal_is_missed_before_anybody_leaves() {
    let (mut rig, _, _) = at_the_removal(3, 3).await;
    let question = rig.ask().await.unwrap();
    leave_seats(&rig, 0);
    rig.yes(question);
    halted_for_seats(&mut rig, 0).await;
}

/// Seats that were counted at one order serve for the next, but not when the look at its users took seconds in which
/// somebody else took the seats.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seats_counted_for_the_chunk_before_do_not_serve_after_five_seconds() {
    let (mut rig, clock, all) = at_the_removal(46, 40).await;
    assert!(all > 40, "{all}");
    // So many that one count serves for two orders.
    leave_seats(&rig, 300);
    let slow = "[[fault]]\non = \"GET /users/*\"\nnth = 41\ndelay = \"700ms\"\n";
    rig.sim.set_faults(slow).unwrap();
    let looks = |rig: &Rig| asked(rig, "GET", "/users/").iter().filter(|entry| entry.fault.is_some()).count();
    let counts = |rig: &Rig| asked(rig, "GET", "/subscribedSkus").len();
    let before = counts(&rig);
    clock.stop();
    say_yes(&mut rig).await;
    rig.until("the second order is looked at", |rig| looks(rig) == 1).await;
    assert_eq!((asked(&rig, "DELETE", "/members/").len(), counts(&rig) - before), (20, 1), "{}", rig.tale());
    leave_seats(&rig, 0);
    clock.go_on(SignedDuration::from_secs(6));
    halted_for_seats(&mut rig, 20).await;
}
