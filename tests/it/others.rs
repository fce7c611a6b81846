//! Groups that others change: worklists instead of writes, from preflight to the end, with a mover that reads the files.

mod by_attribute;
mod files;
mod mover;
mod plain;
mod random;
mod screens;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::clock::SystemClock;
use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::route::Direction;
use skuferry::domain::route::MovedBy;
use skuferry::domain::settings::Settings;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::user::Write;
use skuferry::domain::worklist::Worklist;
use skuferry::domain::worklist::WorklistEnd;
use skuferry::domain::worklist::WorklistKind;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::canary_seats::leave_seats;
use crate::driver::Rig;
use crate::driver::SPEED;
use crate::guards::say_yes;
use crate::others::mover::Hand;
use crate::others::mover::Mover;
use crate::rules::clock::Jumpy;

pub(crate) const OTHERS: MovedBy = MovedBy::Others;
pub(crate) const SKUFERRY: MovedBy = MovedBy::Skuferry;
pub(crate) const SOURCE: &str = "b82c04f0-ce30-4ff1-bac7-735d92d83036";
pub(crate) const TARGET: &str = "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe";
const RULE: &str = "(user.department -eq \\\"Sales\\\")";

/// What a group is, on the side of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Cloud,
    Synced,
    Dynamic,
}

impl Kind {
    fn moved_by(self) -> MovedBy {
        if self == Self::Cloud { SKUFERRY } else { OTHERS }
    }

    fn event(self, group: &str) -> String {
        match self {
            Self::Cloud => String::new(),
            Self::Synced => format!("[[event]]\nsynchronize = \"{group}\"\n"),
            Self::Dynamic => format!("[[event]]\ngovern = {{ group = \"{group}\", rule = \"{RULE}\" }}\n"),
        }
    }
}

/// A run of so many users between two groups of these kinds, with a clock that can be set.
pub(crate) async fn open(
    kinds: [Kind; 2],
    scenario: Scenario,
    users: usize,
    set: impl FnOnce(&mut Settings),
) -> (Rig, Jumpy) {
    let clock = Jumpy::default();
    let options = Options { scenario, users, seed: 5, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let [source, target] = kinds;
    sim.set_faults(&format!("{}{}", source.event(SOURCE), target.event(TARGET))).unwrap();
    let moved_by = [source.moved_by(), target.moved_by()];
    let inner = clock.clone();
    let steady = |_| -> Arc<dyn Clock> { Arc::new(SteadyClock::new(Arc::new(inner))) };
    let set = |settings: &mut Settings| {
        settings.canary = 2;
        set(settings);
    };
    (Rig::moved_by(sim, moved_by, set, steady).await, clock)
}

/// Writes of members that left for one of these groups.
pub(crate) fn writes_to(rig: &Rig, groups: &[&str]) -> Vec<LogEntry> {
    let written = |entry: &LogEntry| entry.method != "GET" && groups.iter().any(|group| entry.path.contains(group));
    rig.sim.log().into_iter().filter(written).collect()
}

/// The worklists in force whose file is written.
pub(crate) fn open_lists(shot: &Snapshot) -> Vec<Worklist> {
    shot.run.worklists().filter(|list| list.is_open() && list.written.is_some()).cloned().collect()
}

fn text(list: &Worklist) -> String {
    std::fs::read_to_string(&list.issued.file).unwrap()
}

/// An operator who says yes to all, beside somebody who does what the worklists say, until all is wanted.
pub(crate) async fn work(rig: &mut Rig, mover: &mut Mover, what: &str, until: impl Fn(&Snapshot) -> bool) {
    let end = tokio::time::Instant::now() + Duration::from_mins(2);
    loop {
        let shot = rig.snapshot();
        if until(&shot) {
            return;
        }
        assert!(tokio::time::Instant::now() < end, "never {what}\n{}", rig.tale());
        assert!(shot.read_only.is_none(), "{:?}\n{}", shot.read_only, rig.tale());
        for list in open_lists(&shot) {
            mover.act(rig, &list);
        }
        if questions::pending_question(&shot.run).is_ok()
            && let Ok(question) = rig.ask().await
        {
            rig.yes(question);
        }
        rig.a_while(&shot).await;
    }
}

async fn finish(rig: &mut Rig, mover: &mut Mover) {
    work(rig, mover, "complete", |shot| shot.run.complete).await;
}

fn all_migrated(rig: &Rig) {
    let shot = rig.snapshot();
    assert!(shot.run.users.iter().all(|user| user.is_migrated()), "{}", rig.tale());
    let bare = rig.witness.bare();
    assert!(shot.run.users.iter().filter_map(|user| user.id).all(|user| !bare.contains(&user) || conflicting(rig)));
}

/// In the conflicting scenario GBL's own switch-over may show for a moment.
fn conflicting(rig: &Rig) -> bool {
    rig.snapshot().run.scenario == skuferry::domain::route::Scenario::Conflicting
}

async fn migrates(kinds: [Kind; 2], scenario: Scenario, hand: Hand) -> Rig {
    let (mut rig, _) = open(kinds, scenario, 8, |settings| settings.batch_size = 5).await;
    let mut mover = Mover::new(hand);
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
    for (kind, group) in kinds.iter().zip([SOURCE, TARGET]) {
        let written = writes_to(&rig, &[group]).len();
        assert_eq!(written == 0, *kind != Kind::Cloud, "{kind:?}: {written} writes");
    }
    rig
}

#[tokio::test]
async fn users_move_between_synced_groups_by_the_tables_of_the_worklists() {
    let rig = migrates([Kind::Synced; 2], Scenario::NonConflicting, Hand::Table).await;
    // The canary of each batch has a worklist of its own, and nobody is on two.
    let removes: Vec<usize> = rig
        .snapshot()
        .run
        .worklists()
        .filter(|list| list.issued.kind == WorklistKind::Remove)
        .map(|list| list.issued.users.len())
        .collect();
    assert_eq!(removes, [2, 3, 2, 1], "{}", rig.tale());
    assert!(rig.snapshot().run.worklists().all(|list| list.ended.is_some_and(|(_, why)| why == WorklistEnd::Done)));
}

#[tokio::test]
async fn users_move_between_synced_groups_by_the_snippets_of_the_worklists() {
    migrates([Kind::Synced; 2], Scenario::Conflicting, Hand::Snippet).await;
}

#[tokio::test]
async fn users_move_between_dynamic_groups() {
    let rig = migrates([Kind::Dynamic; 2], Scenario::NonConflicting, Hand::Table).await;
    let list = rig.snapshot().run.worklists().next().unwrap().clone();
    assert!(!Path::new(&list.issued.file).with_extension("ps1").exists(), "no directory on premises knows the group");
}

#[tokio::test]
async fn a_synced_source_and_a_cloud_target_mix() {
    migrates([Kind::Synced, Kind::Cloud], Scenario::Conflicting, Hand::Table).await;
}

#[tokio::test]
async fn a_cloud_source_and_a_dynamic_target_mix() {
    migrates([Kind::Cloud, Kind::Dynamic], Scenario::NonConflicting, Hand::Table).await;
}

/// A run at its first open worklist to remove, its canary named there.
async fn at_the_removal(kinds: [Kind; 2], set: impl FnOnce(&mut Settings)) -> (Rig, Jumpy, Mover) {
    let (mut rig, clock) = open(kinds, Scenario::NonConflicting, 6, set).await;
    let mut mover = Mover::new(Hand::Table);
    mover.only = Some(WorklistKind::Add);
    let listed = |shot: &Snapshot| open_lists(shot).iter().any(|list| list.issued.kind == WorklistKind::Remove);
    work(&mut rig, &mut mover, "a worklist to remove", listed).await;
    (rig, clock, mover)
}

fn removal(rig: &Rig) -> Worklist {
    open_lists(&rig.snapshot()).into_iter().find(|list| list.issued.kind == WorklistKind::Remove).unwrap()
}

#[tokio::test]
async fn a_worklist_to_remove_names_the_canary_alone_with_fresh_proofs_in_files_of_ones_own() {
    let (rig, _, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    assert_eq!(list.issued.users.len(), 2);
    let written = list.written.unwrap();
    for (user, proven) in &list.issued.users {
        let age = written.duration_since(proven.unwrap());
        assert!(age <= SignedDuration::from_secs(60) && age >= SignedDuration::ZERO, "{age}");
        let Write::Listed(_) = rig.snapshot().run.user(*user).unwrap().remove else { panic!("{}", rig.tale()) };
    }
    for path in [PathBuf::from(&list.issued.file), Path::new(&list.issued.file).with_extension("ps1")] {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(path.is_file());
    }
    // The journal had it before the file could be read.
    let journal = rig.journal();
    let at = |name: &str| journal.iter().rposition(|(_, event)| event.name() == name).unwrap();
    assert!(at("proven") < at("worklist-issued") && at("worklist-issued") < at("worklist-written"));
}

#[tokio::test]
async fn a_stale_worklist_is_replaced_and_asked_for_anew() {
    let (mut rig, clock, mut mover) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    clock.jump(SignedDuration::from_secs(14 * 60));
    rig.poll_until(2, |rig| crate::guards::asked(rig, "GET", "/members").len(), |_| true).await;
    assert!(text(&list).starts_with("userPrincipalName"));
    clock.jump(SignedDuration::from_secs(2 * 60));
    let shot = rig
        .wait("stale", |shot| {
            shot.run.worklist(list.issued.number).unwrap().ended.is_some_and(|(_, why)| why == WorklistEnd::Stale)
        })
        .await;
    assert!(shot.run.approved_pending.is_empty(), "what was approved with it is approved no more");
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
    assert!(text(&list).contains("stale") && !text(&list).contains('@'));
    let snippet = std::fs::read_to_string(Path::new(&list.issued.file).with_extension("ps1")).unwrap();
    assert!(!snippet.contains("Remove-ADGroupMember"), "{snippet}");
    rig.wait_for(PendingQuestion::Remove(6)).await;
    assert_eq!(open_lists(&rig.snapshot()).len(), 0, "nothing is written without a new yes");
    mover.only = None;
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
}

#[tokio::test]
async fn who_acts_on_a_copy_of_a_stale_worklist_is_taken_in_and_holds_a_place_in_the_canary() {
    let (mut rig, clock, mut mover) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    clock.jump(SignedDuration::from_secs(16 * 60));
    rig.wait_for(PendingQuestion::Remove(6)).await;
    mover::move_now(&rig, &list.issued.users.iter().map(|(user, _)| *user).collect::<Vec<_>>(), WorklistKind::Remove);
    let gone =
        |shot: &Snapshot| list.issued.users.iter().all(|(user, _)| shot.run.user(*user).unwrap().remove.is_done());
    let shot = rig.wait("taken in", gone).await;
    assert!(shot.run.halted.is_none(), "they were proven\n{}", rig.tale());
    mover.only = None;
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
}

#[tokio::test]
async fn a_halt_withdraws_the_open_worklist() {
    let (mut rig, _, mut mover) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    rig.send(Command::Halt);
    rig.wait("halted", |shot| shot.run.halted.is_some()).await;
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
    let shot = rig.snapshot();
    assert_eq!(shot.run.worklist(list.issued.number).unwrap().ended.map(|(_, why)| why), Some(WorklistEnd::Halted));
    for (user, _) in &list.issued.users {
        assert!(matches!(shot.run.user(*user).unwrap().remove, Write::Delisted(_)));
    }
    mover.only = None;
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
}

#[tokio::test]
async fn a_worklist_to_add_is_withdrawn_by_a_halt_too_and_asked_for_again() {
    let (mut rig, _) = open([Kind::Synced; 2], Scenario::NonConflicting, 4, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    say_yes(&mut rig).await;
    let shot = rig.wait("written", |shot| !open_lists(shot).is_empty()).await;
    let list = open_lists(&shot).remove(0);
    assert_eq!((shot.run.phase(), list.issued.users.len()), (Phase::VerifyAdded, 4));
    assert!(questions::pending_question(&shot.run).is_err(), "others have it in hand");
    rig.send(Command::Halt);
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    let mut mover = Mover::new(Hand::Table);
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
}

async fn early(which: impl Fn(&Rig) -> UserId, kinds: [Kind; 2], at: impl Fn(&Snapshot) -> bool) {
    let (mut rig, _) = open(kinds, Scenario::NonConflicting, 4, |_| {}).await;
    let mut mover = Mover::new(Hand::Table);
    mover.only = Some(WorklistKind::Remove); // nobody is added, so nobody is safe
    work(&mut rig, &mut mover, "under way", at).await;
    let user = which(&rig);
    let name = rig.snapshot().run.user(user).unwrap().upn.clone();
    mover::move_now(&rig, &[user], WorklistKind::Remove);
    let shot = rig
        .wait("alarm", |shot| {
            let why = shot.run.halted.as_ref().map(|halt| &halt.why);
            matches!(why, Some(HaltReason::RemovedEarly { users }) if *users == [name.to_string()])
                || shot.run.alarm.is_some()
        })
        .await;
    let early =
        |(_, event): &(_, Event)| matches!(event, Event::RemovedByOthers { users, early: true } if *users == [user]);
    rig.wait("told", |shot| shot.run.user(user).unwrap().removed_early).await;
    assert!(rig.journal().iter().any(early), "{}", rig.tale());
    assert!(shot.run.worklists().all(|list| !list.is_open()), "all worklists are withdrawn");
}

#[tokio::test]
async fn who_is_removed_before_they_were_added_halts_the_run_and_is_named() {
    early(|rig| rig.planned()[1], [Kind::Synced; 2], |shot| !open_lists(shot).is_empty()).await;
}

#[tokio::test]
async fn who_is_removed_before_licensing_has_acted_halts_the_run_and_is_named() {
    let added = |shot: &Snapshot| shot.run.phase() == Phase::VerifyAdded;
    early(|rig| rig.planned()[0], [Kind::Synced, Kind::Cloud], added).await;
}

#[tokio::test]
async fn who_is_removed_while_safe_and_on_no_worklist_is_an_external_change() {
    let (mut rig, _, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    let listed: Vec<UserId> = list.issued.users.iter().map(|(user, _)| *user).collect();
    let other = rig.planned().into_iter().find(|user| !listed.contains(user)).unwrap();
    mover::move_now(&rig, &[other], WorklistKind::Remove);
    let shot = rig.wait("noticed", |shot| shot.run.user(other).unwrap().remove.is_done()).await;
    assert!(shot.run.halted.is_none() && !shot.run.user(other).unwrap().removed_early, "{}", rig.tale());
    let told = |(_, event): &(_, Event)| matches!(event, Event::RemovedByOthers { early: false, .. });
    assert!(rig.journal().iter().any(told));
}

#[tokio::test]
async fn a_user_who_is_not_safe_any_more_ends_the_worklist() {
    let (mut rig, _, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    let user = list.issued.users[0].0;
    // Somebody takes them out of the target group again.
    rig.sim.set_faults(&mover::event("remove", user, TARGET)).unwrap();
    rig.wait("ended", |shot| {
        shot.run.worklist(list.issued.number).unwrap().ended.is_some_and(|(_, why)| why == WorklistEnd::NotSafe)
    })
    .await;
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
    assert_eq!(rig.snapshot().run.user(user).unwrap().standing, Some(Standing::OnSource));
}

#[tokio::test]
async fn seats_that_are_taken_meanwhile_end_a_worklist_that_names_more() {
    let (mut rig, _clock) = open([Kind::Synced; 2], Scenario::Conflicting, 6, |_| {}).await;
    let mut mover = Mover::new(Hand::Table);
    mover.only = Some(WorklistKind::Add);
    let listed = |shot: &Snapshot| open_lists(shot).iter().any(|list| list.issued.kind == WorklistKind::Remove);
    work(&mut rig, &mut mover, "a worklist to remove", listed).await;
    let list = removal(&rig);
    assert_eq!(list.issued.users.len(), 2);
    leave_seats(&rig, 1);
    rig.wait("ended", |shot| {
        shot.run.worklist(list.issued.number).unwrap().ended.is_some_and(|(_, why)| why == WorklistEnd::NotSafe)
    })
    .await;
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
}

/// Each of two worklists alone has seats enough, and both together have not.
#[tokio::test]
async fn seats_are_counted_over_all_worklists_in_force() {
    let (mut rig, _clock) = open([Kind::Synced; 2], Scenario::Conflicting, 6, |settings| {
        (settings.batch_size, settings.canary, settings.batches_under_way) = (3, 1, 2);
    })
    .await;
    let mut mover = Mover::new(Hand::Table);
    mover.only = Some(WorklistKind::Add);
    let removals = |shot: &Snapshot| -> Vec<Worklist> {
        open_lists(shot).into_iter().filter(|list| list.issued.kind == WorklistKind::Remove).collect()
    };
    work(&mut rig, &mut mover, "a canary", |shot| !removals(shot).is_empty()).await;
    let canary: Vec<UserId> = removal(&rig).issued.users.iter().map(|(user, _)| *user).collect();
    mover::move_now(&rig, &canary, WorklistKind::Remove);
    work(&mut rig, &mut mover, "two worklists to remove", |shot| {
        let open = removals(shot);
        open.len() == 2 && open.iter().all(|list| list.issued.users.iter().all(|(user, _)| !canary.contains(user)))
    })
    .await;
    let [first, other] = &removals(&rig.snapshot())[..] else { panic!("{}", rig.tale()) };
    leave_seats(&rig, first.issued.users.len().max(other.issued.users.len()));
    let shot = rig.wait("ended", |shot| shot.run.worklist(other.issued.number).unwrap().ended.is_some()).await;
    let ended = |list: &Worklist| shot.run.worklist(list.issued.number).unwrap().ended.map(|(_, why)| why);
    assert_eq!((ended(first), ended(other)), (None, Some(WorklistEnd::NotSafe)), "{}", rig.tale());
}

#[tokio::test]
async fn a_worklist_to_remove_holds_no_longer_while_polling_is_paused() {
    let (mut rig, _, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    rig.send(Command::TogglePolling);
    rig.wait("ended", |shot| {
        shot.run.worklist(list.issued.number).unwrap().ended.is_some_and(|(_, why)| why == WorklistEnd::Unwatched)
    })
    .await;
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
}

#[tokio::test]
async fn when_the_journal_fails_nobody_is_named_for_removal_any_more() {
    let (rig, _, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    // Another file is at its place: what is written into the old one is lost.
    let copy = rig.journal_path().with_extension("copy");
    std::fs::copy(rig.journal_path(), &copy).unwrap();
    std::fs::rename(&copy, rig.journal_path()).unwrap();
    rig.send(Command::Halt);
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
    assert!(rig.snapshot().read_only.is_some());
}

/// Another program may have the file open just then; it is tried on although nothing can be kept any more.
#[tokio::test]
async fn a_file_that_cannot_be_withdrawn_when_the_journal_fails_is_tried_again() {
    let (mut rig, clock, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    let (file, aside) = (PathBuf::from(&list.issued.file), rig.journal_path().with_extension("aside"));
    std::fs::rename(&file, &aside).unwrap();
    std::fs::create_dir(&file).unwrap();
    let copy = rig.journal_path().with_extension("copy");
    std::fs::copy(rig.journal_path(), &copy).unwrap();
    std::fs::rename(&copy, rig.journal_path()).unwrap();
    rig.send(Command::Halt);
    rig.wait("read-only", |shot| shot.read_only.is_some()).await;
    std::fs::remove_dir(&file).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    clock.jump(SignedDuration::from_secs(11));
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
}

#[tokio::test]
async fn users_go_back_by_worklists_as_they_came() {
    let mut rig = migrates([Kind::Synced; 2], Scenario::NonConflicting, Hand::Table).await;
    let users = rig.planned();
    rig.send(Command::RollBack(users.clone()));
    let mut mover = Mover::new(Hand::Snippet);
    let back = |shot: &Snapshot| shot.run.complete && shot.run.users.iter().all(|user| user.is_rolled_back());
    work(&mut rig, &mut mover, "rolled back", back).await;
    assert!(writes_to(&rig, &[SOURCE, TARGET]).is_empty());
    let back = rig.snapshot().run.worklists().filter(|list| list.issued.direction == Direction::Rollback).count();
    assert!(back >= 2, "{}", rig.tale());
}

#[tokio::test]
async fn an_orderly_end_withdraws_what_nobody_watches_and_leaves_what_waits_to_be_added() {
    let (mut rig, _, _) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    let run = rig.quit().await;
    assert_eq!(run.worklist(list.issued.number).unwrap().ended.map(|(_, why)| why), Some(WorklistEnd::Unwatched));
    assert!(text(&list).starts_with("notInForce"));
}

#[tokio::test]
async fn a_removal_in_hand_when_the_engine_was_killed_may_have_been_done() {
    let (mut rig, _, mut mover) = at_the_removal([Kind::Synced; 2], |_| {}).await;
    let list = removal(&rig);
    rig.kill().await;
    let [first, other] = [list.issued.users[0].0, list.issued.users[1].0];
    mover::move_now(&rig, &[first], WorklistKind::Remove);
    let run = rig.resume();
    assert!(run.approved_pending.is_empty());
    assert!(matches!(run.user(other).unwrap().remove, Write::Delisted(_)), "it may be acted on yet");
    rig.until("replaced", |_| text(&list).starts_with("notInForce")).await;
    let shot = rig.wait("seen", |shot| shot.run.user(first).unwrap().remove.is_done()).await;
    assert!(shot.run.halted.is_none(), "they were proven before it was written\n{}", rig.tale());
    mover.only = None;
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
}

/// A clock at which whoever looks dies, once the journal has so many events.
struct Deadly {
    journal: PathBuf,
    events: usize,
}

impl Clock for Deadly {
    fn now(&self) -> Timestamp {
        let lines = std::fs::read_to_string(&self.journal).unwrap().lines().count();
        if lines >= self.events {
            std::panic::resume_unwind(Box::new("killed")); // without the noise of a panic
        }
        SystemClock.now()
    }
}

/// Kills the engine when its journal has so many events, takes the run up again and finishes it. Gives whether it died.
async fn killed_at(events: usize) -> bool {
    let options = Options { scenario: Scenario::NonConflicting, users: 3, seed: 5, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    sim.set_faults(&format!("{}{}", Kind::Synced.event(SOURCE), Kind::Synced.event(TARGET))).unwrap();
    let deadly = |journal| -> Arc<dyn Clock> { Arc::new(Deadly { journal, events }) };
    let mut rig = Rig::moved_by(sim, [OTHERS; 2], |settings| settings.canary = 1, deadly).await;
    rig.direction.goes_on = false;
    let mut mover = Mover::new(Hand::Table);
    while !rig.is_over() {
        let shot = rig.snapshot();
        if shot.run.complete {
            return false;
        }
        for list in open_lists(&shot) {
            mover.act(&rig, &list);
        }
        if questions::pending_question(&shot.run).is_ok() {
            rig.say_yes_if_alive().await;
        }
        rig.a_while(&shot).await;
    }
    rig.dead().await;
    let run = rig.resume();
    assert!(run.approved_pending.is_empty(), "an approval came back after {events} events");
    let open: Vec<_> = run.worklists().filter(|list| list.is_open()).collect();
    assert!(open.iter().all(|list| list.issued.kind == WorklistKind::Add && list.written.is_some()), "{open:?}");
    let mut mover = Mover::new(Hand::Table);
    finish(&mut rig, &mut mover).await;
    all_migrated(&rig);
    assert!(writes_to(&rig, &[SOURCE, TARGET]).is_empty());
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_others_move_survives_a_kill_between_every_two_events() {
    let mut events = 2;
    while killed_at(events).await {
        events += 1;
    }
    assert!(events > 15, "only {events} events");
}
