//! The table of cases of the next step.

use std::collections::HashMap;

use super::*;
use crate::domain::approval::Remove;
use crate::domain::event::Event;
use crate::domain::fault::FaultKind;
use crate::domain::halt::HaltReason;
use crate::domain::order::test_order;
use crate::domain::questions;
use crate::domain::questions::Question;
use crate::domain::route::Scenario;
use crate::domain::sku::Skus;
use crate::domain::standing::Standing;
use crate::domain::testing;
use crate::engine::testing::Run;

/// A run and the parts as the table's first column has them; everything is fresh, and nothing is due but what a case changes.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and none follows from another")]
struct Case {
    run: Run,
    follows: bool,
    read_only: bool,
    window_open: bool,
    quitting: bool,
    busy: bool,
    hindered: bool,
    disk: Disk,
    schedule: Schedule,
    observations: Observations,
    queue: WriteQueue,
    write_wait: SignedDuration,
}

impl Case {
    fn of(run: Run) -> Self {
        let mut observations = Observations::new(run.run.users.len(), Skus::default(), HashMap::new());
        observations.classify_by(testing::classifier(Scenario::Conflicting));
        observations.groups_read(run.now);
        let mut schedule = Schedule::new(SignedDuration::from_secs(30));
        schedule.polled(run.now);
        Self {
            run,
            follows: false,
            read_only: false,
            window_open: true,
            quitting: false,
            busy: false,
            hindered: false,
            disk: Disk::Answered,
            schedule,
            observations,
            queue: WriteQueue::default(),
            write_wait: SignedDuration::ZERO,
        }
    }

    /// The same with something else.
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The operator says yes to the question that waits.
    fn yes(mut self) -> Self {
        match questions::question(&self.run.run, 1, Some(100)).unwrap() {
            Question::Add(proposal) => self.queue.begin(proposal.yes()),
            Question::Remove(proposal) => {
                let users = proposal.users().len().to_string();
                self.queue.begin(proposal.typed(&users).unwrap());
            }
            other => panic!("{other:?}"),
        }
        self
    }

    /// A removal of these waits to be sent, proven for so much longer.
    fn pending(mut self, users: &[UserId], good_for: SignedDuration) -> Self {
        let order = test_order::<Remove>(testing::SOURCE_GROUP, users.to_vec(), Some(self.run.now + good_for));
        self.queue.of_kind::<Remove>(0).unwrap().push(order);
        self
    }

    fn poll_is_due(mut self) -> Self {
        self.schedule.poll_now(self.run.now);
        self
    }

    fn groups_are_old(mut self) -> Self {
        self.observations.forget_groups();
        self
    }

    fn next(&self) -> Step {
        let state = State {
            run: &self.run.run,
            follows: self.follows,
            read_only: self.read_only,
            window_open: self.window_open,
            quitting: self.quitting,
            busy: self.busy,
            hindered: self.hindered,
            disk: self.disk,
            schedule: &self.schedule,
            observations: &self.observations,
            queue: &self.queue,
            listing: false,
            write_wait: &|_| self.write_wait,
        };
        next_step(&state, self.run.now)
    }
}

fn ids(numbers: impl IntoIterator<Item = u128>) -> Vec<UserId> {
    numbers.into_iter().map(testing::user_id).collect()
}

/// Approved to be removed, five of them, and nobody has left yet.
fn removing() -> Case {
    let case = Case::of(Run::safe(5)).yes();
    let run = case.run.removing();
    let now = run.now;
    Case { run, ..case }.with(|case| {
        case.schedule.polled(now);
        case.observations.groups_read(now);
    })
}

/// The canary of two has left and stands there.
fn canary_left(standing: Option<&Standing>) -> Case {
    let mut case = removing();
    let canary = ids([1, 2]);
    for user in &canary {
        let _ = case.queue.of_kind::<Remove>(0).unwrap().permit(*user);
    }
    let run = case.run.removed(&canary);
    case.run = match standing {
        Some(standing) => run.stand(&canary, standing),
        None => run,
    };
    let now = case.run.now;
    case.with(|case| case.schedule.polled(now))
}

fn halted(case: Case) -> Case {
    Case { run: case.run.then(&Event::Halted { why: HaltReason::Operator }), ..case }.with(|case| {
        case.schedule.polled(case.run.now);
        case.observations.groups_read(case.run.now);
    })
}

/// Approved to be added, five of them, and nobody was yet.
fn adding() -> Case {
    let case = Case::of(Run::checked(5)).yes();
    let run = case.run.with_addition_approved();
    let now = run.now;
    Case { run, ..case }.with(|case| {
        case.schedule.polled(now);
        case.observations.groups_read(now);
    })
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn check(table: Vec<(&str, Case, Step)>) {
    for (name, case, step) in table {
        assert_eq!(case.next(), step, "{name}");
    }
}

#[test]
fn halts_the_job_under_way_the_disk_and_the_end_come_before_everything() {
    let due = || Case::of(Run::begun()).poll_is_due(); // preflight is due
    check(vec![
        ("a halt ends the approval", halted(removing()), Step::DropApprovals),
        ("even beside a job", halted(removing()).with(|case| case.busy = true), Step::DropApprovals),
        ("even while the disk stalls", halted(removing()).with(|case| case.disk = Disk::Slow), Step::DropApprovals),
        ("so does the end", removing().with(|case| case.quitting = true), Step::DropApprovals),
        ("and a window that is closed", removing().with(|case| case.window_open = false), Step::DropApprovals),
        ("and a session that reads only", removing().with(|case| case.read_only = true), Step::DropApprovals),
        (
            "what hindered writes is over",
            halted(Case::of(Run::safe(5))).with(|c| c.hindered = true),
            Step::DropApprovals,
        ),
        ("a halt with nothing at work", halted(Case::of(Run::safe(5))), Step::Idle),
        ("one job at a time", due().with(|case| case.busy = true), Step::Wait(Wait::Job)),
        ("no end beside a job", due().with(|c| (c.busy, c.quitting) = (true, true)), Step::Wait(Wait::Job)),
        ("a disk at work is waited for", due().with(|case| case.disk = Disk::Behind), Step::Wait(Wait::Disk)),
        ("a slow one blinds nobody", due().with(|case| case.disk = Disk::Slow), Step::CheckRun),
        ("no end before the disk", due().with(|c| (c.disk, c.quitting) = (Disk::Slow, true)), Step::Wait(Wait::Disk)),
        ("the end", due().with(|case| case.quitting = true), Step::End),
    ]);
}

#[test]
fn checks_come_before_other_reads() {
    let again = |case: Case| case.with(|case| case.schedule.everything_now(case.run.now, true, [0].into_iter()));
    let fault = |case: Case| case.with(|case| case.schedule.read_failed(case.run.now));
    let unknown = |case: Case| {
        case.with(|case| case.observations = Observations::new(5, Skus::default(), HashMap::new())).poll_is_due()
    };
    check(vec![
        ("preflight", Case::of(Run::begun()), Step::CheckRun),
        ("preflight that failed waits", fault(Case::of(Run::begun())), Step::Idle),
        ("preflight again, all of it", again(Case::of(Run::checked(5))), Step::CheckRun),
        ("not once a batch has begun", again(Case::of(Run::safe(5))), Step::Poll(ids(1..=5))),
        ("what users are classified by", unknown(Case::of(Run::safe(5))), Step::Learn),
        ("a session that follows checks nothing", again(Case::of(Run::begun())).with(|c| c.follows = true), Step::Idle),
        ("but reads what it shows", unknown(Case::of(Run::safe(5))).with(|case| case.follows = true), Step::Learn),
        ("and polls", Case::of(Run::safe(5)).poll_is_due().with(|case| case.follows = true), Step::Poll(ids(1..=5))),
    ]);
}

#[test]
fn reading_back_comes_before_a_pass_and_passes_and_writes_take_turns() {
    let open = || Case::of(Run::checked(5).adding()).poll_is_due().groups_are_old();
    let polled_last = |case: Case| case.with(|case| case.schedule.took_turn(true));
    let ready = || canary_left(Some(&Standing::Migrated)).poll_is_due();
    check(vec![
        ("a write that nobody answered for", open(), Step::ReadBack(WriteKind::Add, Direction::Forward, ids(1..=5))),
        ("a removal, too", removing().left(&ids([1])), Step::ReadBack(WriteKind::Remove, Direction::Forward, ids([1]))),
        (
            "not before its time, and nothing is written meanwhile",
            removing().left(&ids([1])).with(|case| case.schedule.read_back_within(case.run.now, MINUTE)),
            Step::Idle,
        ),
        ("a pass that is due", ready(), Step::Poll(ids(1..=5))),
        ("a write after a pass", polled_last(ready()), Step::Look(0, ids(3..=5))),
        ("paused", ready().with(|case| case.schedule.toggle_pause()), Step::Look(0, ids(3..=5))),
        ("groups before an addition", adding().groups_are_old(), Step::ReadGroups),
        ("the addition", adding(), Step::Intend(0, ids(1..=5))),
        (
            "a pass when there is nothing else",
            polled_last(Case::of(Run::safe(5)).poll_is_due()),
            Step::Poll(ids(1..=5)),
        ),
        ("groups now and then", Case::of(Run::safe(5)).groups_are_old(), Step::ReadGroups),
        ("not in preflight", Case::of(Run::checked(5)).groups_are_old(), Step::Idle),
        (
            "groups that cannot be read hold additions",
            adding().groups_are_old().with(|case| case.schedule.groups_failed(case.run.now)),
            Step::Wait(Wait::Until(adding().run.now + SignedDuration::from_secs(30))),
        ),
        ("nobody is watched, nothing is due", Case::of(Run::checked(5)).poll_is_due(), Step::Idle),
    ]);
}

#[test]
fn nothing_leaves_before_its_intent_is_durable_and_its_time_has_come() {
    let now = adding().run.now;
    let held = |case: Case| {
        case.with(|case| {
            case.queue.wait(0, FaultKind::Throttled, case.run.now, Some(case.run.now + MINUTE));
        })
    };
    let empty = |case: Case| case.with(|case| ids(1..=5).into_iter().for_each(|user| case.queue.withdraw(user)));
    check(vec![
        ("a slow disk", adding().with(|case| case.disk = Disk::Slow), Step::Wait(Wait::Disk)),
        ("as long as Graph has asked", held(adding()), Step::Wait(Wait::Until(now + MINUTE))),
        ("nobody is left", empty(adding()), Step::EndApproval(0)),
    ]);
}

#[test]
fn a_removal_is_looked_at_proven_and_sent_behind_its_canary() {
    let now = removing().run.now;
    let (canary, good, old) = (ids([1, 2]), SignedDuration::from_secs(30), SignedDuration::from_secs(-1));
    let contradicted = |case: Case| case.with(|case| case.queue.job_mut(0).unwrap().contradict());
    let empty = |case: Case| case.with(|case| ids(1..=5).into_iter().for_each(|user| case.queue.withdraw(user)));
    check(vec![
        ("the canary is looked at", removing(), Step::Look(0, canary.clone())),
        ("what is proven leaves", removing().pending(&canary, good), Step::Send(0)),
        ("before a pass", removing().pending(&canary, good).poll_is_due(), Step::Send(0)),
        ("a proof grew old", removing().pending(&canary, old), Step::LookAgain(0, canary.clone())),
        ("or was contradicted", contradicted(removing().pending(&canary, good)), Step::LookAgain(0, canary.clone())),
        ("the canary is waited for", canary_left(None), Step::Wait(Wait::Canary)),
        ("while it is watched", canary_left(None).poll_is_due(), Step::Poll(ids(1..=5))),
        ("nobody leaves while one is in between", canary_left(Some(&Standing::Unlicensed)), Step::Wait(Wait::Canary)),
        (
            "not even who is proven",
            canary_left(Some(&Standing::Unlicensed)).pending(&ids([3]), good),
            Step::Wait(Wait::Canary),
        ),
        (
            "and a pass goes before who waits then",
            canary_left(Some(&Standing::Unlicensed)).pending(&ids([3]), good).poll_is_due(),
            Step::Poll(ids(1..=5)),
        ),
        ("the others follow", canary_left(Some(&Standing::Migrated)), Step::Look(0, ids(3..=5))),
        (
            "seats first",
            canary_left(Some(&Standing::Migrated)).with(|case| case.schedule.await_seats(case.run.now + MINUTE)),
            Step::Wait(Wait::Seats),
        ),
        (
            "no look for a write that would wait",
            removing().with(|case| case.write_wait = MINUTE),
            Step::Wait(Wait::Until(now + MINUTE)),
        ),
        ("nobody is left", empty(removing()), Step::EndApproval(0)),
    ]);
}

impl Case {
    /// These have left, and nobody has answered for it.
    fn left(mut self, users: &[UserId]) -> Self {
        for user in users {
            let _ = self.queue.of_kind::<Remove>(0).unwrap().permit(*user);
        }
        let run = self.run.leaving(users);
        let now = run.now;
        self.schedule.polled(now);
        Self { run, ..self }
    }
}
