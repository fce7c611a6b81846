//! A whole run that sleeps while somebody sets the machine's clock back: what was read before is as old as it is.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use skuferry::clock::SteadyClock;
use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::guards::asked;
use crate::guards::say_yes;
use crate::rules::clock::Jumpy;

/// How long the machine sleeps: longer than a proof is good for.
const ASLEEP: Duration = Duration::from_secs(65);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_looks_anew_after_a_sleep_with_the_clock_set_back() {
    let (jumpy, slept) = (Jumpy::default(), Arc::new(Mutex::new(Duration::ZERO)));
    let (start, passed) = (Instant::now(), Arc::clone(&slept));
    let since_boot = move || start.elapsed() + *passed.lock().unwrap();
    let clock = SteadyClock::measured_by(Arc::new(jumpy.clone()), Arc::new(since_boot));
    let options = Options { scenario: Scenario::NonConflicting, users: 1, seed: 5, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let mut rig = Rig::on(sim, |_| {}, |_| Arc::new(clock)).await;
    rig.wait_for(PendingQuestion::Add(1)).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Remove(1)).await;
    let user = rig.planned()[0];
    let refused = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 2\n";
    rig.sim.set_faults(refused).unwrap();
    say_yes(&mut rig).await;
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    // A minute passes, and the machine's clock shows hardly more than before.
    jumpy.jump(SignedDuration::from_secs(-3600));
    *slept.lock().unwrap() = ASLEEP;
    rig.send(Command::PollNow);
    rig.finish().await;
    let removals: Vec<u64> = asked(&rig, "DELETE", "/members/").iter().map(|entry| entry.number).collect();
    let [first, second] = removals[..] else { panic!("{removals:?}\n{}", rig.tale()) };
    let looks = asked(&rig, "GET", &format!("/users/{user}?"));
    let again = looks.iter().filter(|entry| (first..second).contains(&entry.number)).count();
    assert!(again >= 2, "{again} looks between both\n{}", rig.tale());
    let journal = rig.journal();
    assert_eq!(journal.iter().filter(|(_, event)| matches!(event, Event::Proven { .. })).count(), 2);
    assert!(journal.is_sorted_by_key(|(at, _)| *at), "no event is before the one before it");
}
