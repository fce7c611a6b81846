//! The disk stalls: nothing leaves, and the operator is heard all the same.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions::PendingQuestion;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::journal::AtOnce;
use skuferry::journal::Dated;
use skuferry::journal::Keeper;
use skuferry::journal::Progress;
use skuferry::journal::Writer;
use skuferry::sim::Options;
use tokio::sync::watch;

use crate::driver::Rig;
use crate::witness;

/// A disk that answers for nothing from a certain event on, until it is told to.
pub(crate) struct Disk {
    inner: AtOnce,
    waiting: Vec<Dated>,
    /// The event that it stalls at; none once it has been released.
    stalls_at: Option<&'static str>,
    stalled: bool,
}

/// The disk as the engine holds it; the test has the other end.
struct Shared(Arc<Mutex<Disk>>);

impl Keeper for Shared {
    fn submit(&mut self, at: Timestamp, event: Arc<Event>) {
        let mut disk = self.0.lock().unwrap();
        disk.stalled |= disk.stalls_at == Some(event.name());
        if disk.stalled {
            disk.waiting.push((at, event));
        } else {
            disk.inner.submit(at, event);
        }
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.0.lock().unwrap().inner.progress()
    }
}

impl Disk {
    fn waits_with(&self, name: &str) -> bool {
        self.waiting.iter().any(|(_, event)| event.name() == name)
    }

    fn release(&mut self) {
        (self.stalled, self.stalls_at) = (false, None);
        for (at, event) in std::mem::take(&mut self.waiting) {
            self.inner.submit(at, event);
        }
    }
}

/// A batch of four whose disk stalls at this event.
async fn stalling_at(event: &'static str) -> (Rig, Arc<Mutex<Disk>>) {
    let place = Arc::new(Mutex::new(None));
    let keeper = {
        let place = place.clone();
        move |writer: Writer| -> Box<dyn Keeper> {
            let inner = AtOnce::new(writer);
            let disk = Disk { inner, waiting: Vec::new(), stalls_at: Some(event), stalled: false };
            let disk = Arc::new(Mutex::new(disk));
            *place.lock().unwrap() = Some(disk.clone());
            Box::new(Shared(disk))
        }
    };
    let options = Options { users: 4, seed: 3, ..Options::default() };
    let rig = Rig::open_with(options, |settings| settings.canary = 4, keeper).await;
    let disk = place.lock().unwrap().take().unwrap();
    (rig, disk)
}

/// Waits for something to be with the disk.
async fn until(rig: &mut Rig, disk: &Mutex<Disk>, name: &str) {
    let end = tokio::time::Instant::now() + Duration::from_mins(2);
    while !disk.lock().unwrap().waits_with(name) {
        assert!(tokio::time::Instant::now() < end, "{name} never came:\n{}", rig.tale());
        let shot = rig.snapshot();
        rig.a_while(&shot).await;
    }
}

/// Halts while an intent is with the disk: it is heard at once, and neither this order nor another ever leaves.
async fn halt_while_stalled(intent: &'static str, waits: PendingQuestion, writes_before: usize) {
    let (mut rig, disk) = stalling_at(intent).await;
    while rig
        .wait("a question", |shot| skuferry::domain::questions::pending_question(&shot.run).is_ok())
        .await
        .run
        .phase()
        != Phase::VerifyAdded
        && waits != PendingQuestion::Add(4)
    {
        let question = rig.ask().await.unwrap();
        rig.yes(question);
        rig.wait_for(waits).await;
    }
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    until(&mut rig, &disk, intent).await;
    let before = rig.snapshot().revision;
    rig.send(Command::Halt);
    let shot = rig.wait("halted", |shot| shot.run.halted.is_some()).await;
    assert_eq!(shot.run.halted.as_ref().unwrap().why, HaltReason::Operator);
    assert!(shot.revision <= before + 3, "heard within a few turns, not {} later", shot.revision - before);
    assert!(disk.lock().unwrap().waits_with("halted"), "the disk has not answered for it yet");
    assert!(rig.on_disk().iter().all(|(_, event)| event.name() != "halted"));
    assert!(shot.run.approved_pending.is_empty(), "the approval is over");

    // The disk answers for the intent and for all that came after it: still nothing leaves.
    disk.lock().unwrap().release();
    rig.wait("looked", |shot| shot.activity == Activity::Idle).await;
    for _ in 0..5 {
        let shot = rig.snapshot();
        rig.a_while(&shot).await;
    }
    assert_eq!(witness::writes(&rig).len(), writes_before, "{}", rig.tale());
    assert!(rig.journal().iter().any(|(_, event)| event.name() == "halted"));
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_is_heard_while_the_disk_stalls_over_an_addition() {
    halt_while_stalled("add-intended", PendingQuestion::Add(4), 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_halt_is_heard_while_the_disk_stalls_over_a_removal() {
    halt_while_stalled("remove-intended", PendingQuestion::Remove(4), 4).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_stalls_for_long_is_told_and_the_run_goes_on_when_it_answers() {
    let (mut rig, disk) = stalling_at("add-intended").await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait("the disk is told", |shot| shot.activity == Activity::AwaitingDisk).await;
    assert!(witness::writes(&rig).is_empty(), "an intent that is not durable has no effect");
    disk.lock().unwrap().release();
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_ends_while_the_disk_stalls_leaves_nothing_half_kept() {
    let (mut rig, disk) = stalling_at("add-intended").await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    until(&mut rig, &disk, "add-intended").await;
    rig.send(Command::Quit);
    until(&mut rig, &disk, "add-settled").await;
    disk.lock().unwrap().release();
    let left = rig.quit().await;
    assert!(witness::writes(&rig).is_empty());
    let run = rig.resume();
    assert_eq!(run.open().count(), 0, "what never left is known not to have left");
    assert_eq!(left.open().count(), 0);
}
