//! The recorder on a disk that answers when the test says so.

use std::sync::Mutex;

use super::*;
use crate::clock::ManualClock;
use crate::domain::halt::HaltReason;
use crate::domain::id::RunId;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::engine::start::fold;
use crate::engine::testing;
use crate::engine::testing::Run;
use crate::engine::timeline::LATEST;
use crate::journal::JournalError;
use crate::journal::Keeper;
use crate::journal::Reader;
use crate::journal::Writer;

/// What a disk was given, and how far it says to have come.
#[derive(Clone)]
struct Disks {
    given: Arc<Mutex<Vec<String>>>,
    progress: watch::Sender<Progress>,
}

impl Keeper for Disks {
    fn submit(&mut self, _: Timestamp, event: Arc<Event>) {
        self.given.lock().unwrap().push(event.name().to_owned());
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }
}

impl Disks {
    fn new() -> Self {
        Self { given: Arc::default(), progress: watch::Sender::new(Progress::default()) }
    }

    fn answers(&self, durable: u64) {
        self.progress.send_modify(|progress| progress.durable = durable);
    }

    fn fails(&self) {
        let full = Arc::new(JournalError::Poisoned { path: "full".into() });
        self.progress.send_modify(|progress| progress.failed = Some(full));
    }

    fn given(&self) -> Vec<String> {
        self.given.lock().unwrap().clone()
    }
}

fn recorder(session: Session) -> (Recorder, Arc<ManualClock>) {
    let clock = testing::clock();
    (Recorder::new(fold(&Run::past()).unwrap(), Run::past(), session, clock.clone()), clock)
}

fn writing() -> (Recorder, Disks, Arc<ManualClock>) {
    let disk = Disks::new();
    let (recorder, clock) = recorder(Session::Writes(Box::new(disk.clone())));
    (recorder, disk, clock)
}

fn halted() -> Event {
    Event::Halted { why: HaltReason::Operator }
}

#[test]
fn an_event_takes_effect_in_memory_at_once_and_is_durable_when_the_disk_says_so() {
    let (mut recorder, disk, clock) = writing();
    let receipt = recorder.keep(testing::preflight(3)).unwrap();
    assert!(recorder.run().preflight.is_some() && recorder.timeline().len() == 2);
    assert!(!recorder.is_durable(receipt));
    assert_eq!(recorder.disk(clock.now()), Disk::Behind);
    clock.advance(SLOW);
    assert_eq!(recorder.disk(clock.now()), Disk::Slow);
    let later = recorder.keep(halted()).unwrap();
    disk.answers(1);
    assert!(recorder.is_durable(receipt) && !recorder.is_durable(later));
    disk.answers(2);
    assert!(recorder.is_durable(later));
    assert_eq!(recorder.disk(clock.now()), Disk::Answered);
    recorder.keep(Event::HaltLifted { by: "me".into() }).unwrap();
    assert_eq!(recorder.disk(clock.now()), Disk::Behind, "counted from the first that waits");
}

#[test]
fn no_event_falls_out_of_reach_however_many_are_kept_or_were_there_before() {
    let (mut recorder, _) = recorder(Session::ReadOnly { why: ReadOnly::Asked });
    recorder.keep(testing::preflight(3)).unwrap();
    for _ in 0..2 * LATEST {
        recorder.keep(Event::GroupsChanged { problems: Vec::new() }).unwrap();
    }
    assert_eq!(recorder.timeline().len(), LATEST);
    assert_eq!(recorder.older().len() + recorder.timeline().len(), 2 * LATEST + 2);
    assert!(matches!(recorder.older().get(0).unwrap().event, Event::RunStarted { .. }));
    let (past, clock) = (vec![(testing::clock().now(), testing::begun()); 1], testing::clock());
    let many = (0..LATEST).map(|_| (clock.now(), Event::GroupsChanged { problems: Vec::new() }));
    let past: Vec<_> = past.into_iter().chain(many).collect();
    let resumed = Recorder::new(fold(&past).unwrap(), past, Session::ReadOnly { why: ReadOnly::Asked }, clock);
    assert!(matches!(resumed.older().get(0).unwrap().event, Event::RunStarted { .. }) && resumed.older().len() == 1);
}

#[test]
fn what_cannot_happen_is_not_written_down() {
    let (mut recorder, disk, _) = writing();
    let impossible = Event::AddsAcknowledged { batch: 7 };
    assert!(matches!(recorder.keep(impossible), Err(RecordError::Illegal(_))));
    assert!(disk.given().is_empty() && recorder.kept() == 0);
}

#[test]
fn a_disk_that_fails_ends_all_writing_and_makes_nothing_durable() {
    let (mut recorder, disk, clock) = writing();
    let receipt = recorder.keep(testing::preflight(3)).unwrap();
    disk.fails();
    let error = recorder.hear_disk().unwrap_err();
    assert!(matches!(error, RecordError::Journal(_)));
    let again = Arc::new(RecordError::ReadOnly);
    assert!(recorder.stop(Arc::new(error)) && !recorder.stop(again), "the first reason stands");
    let why = recorder.read_only();
    assert!(matches!(why, Some(ReadOnly::Stopped(why)) if matches!(**why, RecordError::Journal(_))), "{why:?}");
    recorder.hear_disk().unwrap(); // told once
    disk.answers(5);
    assert!(!recorder.is_durable(receipt), "not even when the disk speaks again");
    assert_eq!(recorder.disk(clock.now()), Disk::Answered, "nobody waits for it");
    let approved = Run::checked(3);
    let rollback = Event::RollbackStarted { batch: 1, users: approved.users(), by: "me".into() };
    assert!(matches!(recorder.keep(rollback), Err(RecordError::ReadOnly)));
    recorder.keep(halted()).unwrap();
    assert!(recorder.run().halted.is_some(), "what is in flight is shown on");
}

#[tokio::test]
async fn the_disk_is_heard_though_nobody_listened_when_it_spoke() {
    let (mut recorder, disk, _) = writing();
    recorder.keep(testing::preflight(3)).unwrap();
    recorder.hear_disk().unwrap();
    disk.answers(1);
    recorder.disk_answers().await; // returns, or the test hangs: the answer came in between
}

#[test]
fn a_session_that_reads_only_keeps_what_it_reads_in_memory() {
    let (mut recorder, clock) = recorder(Session::ReadOnly { why: ReadOnly::Asked });
    let receipt = recorder.keep(testing::preflight(3)).unwrap();
    assert_eq!((recorder.kept(), recorder.disk(clock.now())), (1, Disk::Answered));
    assert!(!recorder.is_durable(receipt), "so no order can ever leave");
    let rollback = Event::RollbackStarted { batch: 1, users: Vec::new(), by: "me".into() };
    assert!(matches!(recorder.keep(rollback), Err(RecordError::ReadOnly)));
}

#[tokio::test]
async fn a_session_that_follows_has_it_all_from_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path(), RunId(uuid::Uuid::from_u128(7))).unwrap();
    writer.append(Timestamp::UNIX_EPOCH, &testing::begun()).unwrap();
    let mut journal = Reader::open(writer.path()).unwrap();
    journal.more().unwrap();
    let (mut recorder, _) =
        recorder(Session::Follows { journal: journal.into(), why: ReadOnly::AtWork { process: Some(7) } });
    recorder.keep(halted()).unwrap();
    assert!(recorder.run().halted.is_none() && recorder.follows(), "what it would say itself holds for nobody");
    writer.append(Timestamp::UNIX_EPOCH, &testing::preflight(3)).unwrap();
    assert!(caught_up(&mut recorder).await, "the list was read");
    writer.append(Timestamp::UNIX_EPOCH, &halted()).unwrap();
    assert!(!caught_up(&mut recorder).await);
    assert!(recorder.run().halted.is_some() && recorder.kept() == 2);
    recorder.stop_following();
    assert!(!recorder.follows());
    assert!(matches!(recorder.read_only(), Some(ReadOnly::AtWork { process: Some(7) })));
}

/// The journal is read off this thread: a reading is begun, awaited and taken over.
async fn caught_up(recorder: &mut Recorder) -> bool {
    assert!(!recorder.catch_up().unwrap(), "nothing is read in between");
    recorder.disk_answers().await;
    recorder.catch_up().unwrap()
}

#[test]
fn what_follows_by_time_alone_is_not_missed() {
    let run = Run::safe(2).removing();
    let users = run.users();
    let run = run.removed(&users).all_stand(&Standing::Unlicensed);
    let (clock, disk) = (testing::clock(), Disks::new());
    clock.set(run.now);
    let session = Session::Writes(Box::new(disk.clone()));
    let mut recorder = Recorder::new(run.run, Run::past(), session, clock.clone());
    recorder.follow().unwrap();
    assert!(disk.given().is_empty(), "within the grace");
    clock.advance(SignedDuration::from_mins(3));
    recorder.follow().unwrap();
    assert_eq!(disk.given().first().map(String::as_str), Some("alarm-raised"));
    recorder.keep(Event::AlarmAcknowledged { by: "me".into() }).unwrap();
    recorder.follow().unwrap();
    recorder.record(Event::Observed { began: clock.now(), users: vec![(users[0], Standing::Migrated)] }).unwrap();
    recorder.record(Event::Observed { began: clock.now(), users: vec![(users[1], Standing::Migrated)] }).unwrap();
    assert_eq!(disk.given().last().map(String::as_str), Some("migration-complete"), "nor what follows from an event");
}

/// Five who left, of whom this many keep the source license without a word of why.
fn left(lingering: usize) -> (Recorder, Arc<ManualClock>) {
    let run = Run::safe(5).removing();
    let users = run.users();
    let run = run
        .removed(&users)
        .stand(&users[..lingering], &Standing::SourceLingers(Holder::NotProcessed))
        .stand(&users[lingering..], &Standing::Migrated);
    let clock = testing::clock();
    clock.set(run.now);
    let session = Session::Writes(Box::new(Disks::new()));
    (Recorder::new(run.run, Run::past(), session, clock.clone()), clock)
}

#[test]
fn who_keeps_the_source_license_long_after_the_removal_counts_for_the_breaker() {
    let (mut recorder, clock) = left(4);
    recorder.follow().unwrap();
    clock.advance(SignedDuration::from_mins(29));
    recorder.follow().unwrap();
    assert!(recorder.run().halted.is_none(), "not late yet");
    clock.advance(SignedDuration::from_mins(2));
    recorder.follow().unwrap();
    let halt = recorder.run().halted.as_ref().map(|halt| halt.why.clone());
    assert_eq!(halt, Some(HaltReason::TooManyStuck { stuck: 4, most: 3 }), "time alone makes them late");
    recorder.record(Event::HaltLifted { by: "me".into() }).unwrap();
    clock.advance(SignedDuration::from_mins(30));
    recorder.follow().unwrap();
    assert!(recorder.run().halted.is_none(), "the operator has seen these four");
}

#[test]
fn as_many_late_users_as_the_run_allows_do_not_halt_it() {
    let (mut recorder, clock) = left(3);
    recorder.follow().unwrap();
    clock.advance(SignedDuration::from_hours(5));
    recorder.follow().unwrap();
    assert!(recorder.run().halted.is_none());
}
