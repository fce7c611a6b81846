//! What to do next. One pure function says it from what the parts know; the loop carries it out.

use std::sync::Arc;

use crate::domain::id::UserId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::migration::canary;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::worklist::MOST_PER_WORKLIST;
use crate::domain::write::WriteKind;
use crate::engine::observations::Observations;
use crate::engine::others::watches_others;
use crate::engine::recorder::Disk;
use crate::engine::schedule::Schedule;
use crate::engine::under_way::batches_under_way;
use crate::engine::under_way::in_preflight;
use crate::engine::under_way::is_switching;
use crate::engine::under_way::is_untouched;
use crate::engine::write_queue::OneJob;
use crate::engine::write_queue::WriteQueue;
use crate::graph::READ_BESIDE;

/// How old the reading of both groups may be when a write leaves.
const GROUPS_GOOD_FOR: SignedDuration = SignedDuration::from_secs(5);
/// A look is not taken while a write would wait longer than this: its proof would grow old for nothing, and while the
/// service wants to be left alone for minutes the proof of every chunk would.
const SOON: SignedDuration = SignedDuration::from_secs(5);

/// How long so many writes wait for the quota as a look has fewer users in it when groups and seats are read with them.
const WRITES_BESIDE: SignedDuration = SignedDuration::from_millis(150);

/// What the next step depends on, as the parts have it.
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and none follows from another")]
pub(super) struct State<'a> {
    /// The run.
    pub(super) run: &'a Migration,
    /// Whether another session writes the run, and this one only follows.
    pub(super) follows: bool,
    /// Whether nothing may be written in this session.
    pub(super) read_only: bool,
    /// Whether writes may leave by the window that the configuration gives for them.
    pub(super) window_open: bool,
    /// Whether the operator has asked to end.
    pub(super) quitting: bool,
    /// Whether a job is under way.
    pub(super) busy: bool,
    /// Whether a fault that kept writes from leaving is still shown.
    pub(super) hindered: bool,
    /// Whether the disk has all that was kept.
    pub(super) disk: Disk,
    pub(super) schedule: &'a Schedule,
    pub(super) observations: &'a Observations,
    pub(super) queue: &'a WriteQueue,
    /// Whether a worklist waits for the disk.
    pub(super) listing: bool,
    /// Whether groups and seats that were read for the answer with this number serve for one more look.
    pub(super) seats_serve: &'a dyn Fn(u64) -> bool,
    /// How long the last look took.
    pub(super) look_took: Option<SignedDuration>,
    /// How long so many writes would wait for their turn in the client.
    pub(super) write_wait: &'a dyn Fn(usize) -> SignedDuration,
}

/// What to do next, and by which rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Rule 10: nothing may be written any more, so the approvals at work end.
    DropApprovals,
    /// Preflight of the whole run: the first, or asked for before any batch has begun.
    CheckRun,
    /// Preflight of this batch: it has had none, or the operator asked for it.
    CheckBatch(usize),
    /// Reads what users are classified by: a run that was taken up again does not know it.
    Learn,
    /// Rule 8: asks what became of writes that nobody has answered for.
    ReadBack(WriteKind, Direction, Vec<UserId>),
    /// A verify pass is due.
    Poll(Vec<UserId>),
    /// The groups were not read for too long.
    ReadGroups,
    /// The next users of a batch's approval: their intent is handed to the journal.
    Intend(usize, Vec<UserId>),
    /// The batch's order in front leaves: its intent is durable, and its proof good.
    Send(usize),
    /// Rules 3 and 4: the last look at the next users of a batch.
    Look(usize, Vec<UserId>),
    /// An order's proof grew old, or was contradicted: the same users are looked at anew.
    LookAgain(usize, Vec<UserId>),
    /// What others know the next users of a batch by is read, for a worklist to add.
    Name(usize, Vec<UserId>),
    /// It is looked whom others have moved.
    WatchOthers,
    /// Nobody is left of the batch's approval.
    EndApproval(usize),
    /// Nothing may be done yet.
    Wait(Wait),
    /// Nothing is to be done.
    Idle,
    /// The operator has asked to end, and everything is answered.
    End,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// The job under way: one at a time, so that writes to a group are serial and a halt has one thing to wait for.
    Job,
    /// The disk has not answered for what was kept.
    Disk,
    /// A write is tried again then, or the client is busy until then.
    Until(Timestamp),
    /// Rules 5 and 6: the canary, or users who are in between, go first.
    Canary,
    /// Rule 4: who took a seat is not known yet.
    Seats,
}

/// What to do next. What comes first in it goes first.
pub(super) fn next_step(state: &State<'_>, now: Timestamp) -> Step {
    if state.writing_is_over() && (!state.queue.is_idle() || state.hindered) {
        return Step::DropApprovals;
    }
    if state.busy {
        return Step::Wait(Wait::Job);
    }
    // A disk that is only at work answers sooner than any read would; one that is slow must not blind the operator.
    if state.disk == Disk::Behind || (state.quitting && state.disk == Disk::Slow) {
        return Step::Wait(Wait::Disk);
    }
    if state.quitting {
        return Step::End;
    }
    if let Some(check) = state.check(now) {
        return check;
    }
    if state.follows {
        return state.poll(now).unwrap_or(Step::Idle); // all else is the other session's
    }
    // Passes that take longer than the interval must not keep writes waiting for ever: they take turns.
    let first_poll = || state.poll(now).filter(|_| !state.schedule.polled_last());
    let others = || (state.schedule.others_due(now) && watches_others(state.run)).then_some(Step::WatchOthers);
    let read = state.read_back(now).or_else(others).or_else(first_poll).or_else(|| state.read_groups(now));
    read.unwrap_or_else(|| match state.write(now) {
        step @ (Step::Wait(_) | Step::Idle) => state.poll(now).unwrap_or(step),
        step => step,
    })
}

impl State<'_> {
    /// How many users a look takes: as many as one request holds with what is read beside them, where that costs no time.
    fn most_per_look(&self, job: &dyn OneJob) -> usize {
        let waits_for_quota =
            self.look_took.is_some_and(|look| (self.write_wait)(MOST_PER_ORDER) >= look + WRITES_BESIDE);
        if waits_for_quota && !(self.seats_serve)(job.number()) { MOST_PER_ORDER - READ_BESIDE } else { MOST_PER_ORDER }
    }

    /// Rule 10, sessions that only read, and the window for writes.
    pub(super) fn writing_is_over(&self) -> bool {
        self.quitting || self.read_only || !self.window_open || self.run.halted.is_some()
    }

    fn check(&self, now: Timestamp) -> Option<Step> {
        if !self.schedule.check_due(now) {
            return None;
        }
        // What another session is at work on is checked there.
        let asked = self.schedule.check_asked() && !self.follows;
        let first = self.run.preflight.is_none() && !self.follows;
        if first || (asked && is_untouched(self.run)) {
            return Some(Step::CheckRun);
        }
        let due = |number: usize, checked: bool| !self.follows && (!checked || self.schedule.check_asked_of(number));
        if let Some((batch, _)) = in_preflight(self.run).find(|(number, batch)| due(*number, batch.checked)) {
            return Some(Step::CheckBatch(batch));
        }
        self.observations.classifier(Direction::Forward).is_none().then_some(Step::Learn)
    }

    fn read_back(&self, now: Timestamp) -> Option<Step> {
        if !self.schedule.read_back_due(now) {
            return None;
        }
        let unanswered = |wrote: WriteKind| {
            let is_open = move |user: &&Arc<User>| match wrote {
                WriteKind::Add => user.add.is_open() && !self.queue.is_pending(user.id),
                WriteKind::Remove => user.remove.is_open() && !self.queue.is_pending(user.id),
                // Asked for again, the one does no harm, and the other is proven anew.
                WriteKind::Reprocess | WriteKind::Direct => false,
            };
            self.run.open().filter(is_open)
        };
        // Users who go the other way are in the other group: they are asked about next.
        let step = |wrote| {
            let direction = unanswered(wrote).next()?.direction;
            let alike = unanswered(wrote).filter(|user| user.direction == direction);
            Some(Step::ReadBack(wrote, direction, alike.filter_map(|user| user.id).collect()))
        };
        step(WriteKind::Add).or_else(|| step(WriteKind::Remove))
    }

    fn poll(&self, now: Timestamp) -> Option<Step> {
        if !self.schedule.poll_due(now) {
            return None;
        }
        let wait = !self.run.watches_anybody() || (self.queue.proof_waits(now) && !is_switching(self.run, now));
        let users = if wait { Vec::new() } else { self.run.watched() }; // all users are looked at for it
        (!users.is_empty()).then_some(Step::Poll(users))
    }

    /// Both groups are read again before an addition, and now and then while a batch is under way.
    fn read_groups(&self, now: Timestamp) -> Option<Step> {
        let (run, looking) = (self.run, self.queue.writes(WriteKind::Remove));
        let adding = self.queue.writes(WriteKind::Add);
        let begun = batches_under_way(run).any(|(_, batch)| batch.phase != Phase::Preflight);
        if run.complete || (looking && !adding) || !begun || !self.schedule.groups_due(now) {
            return None;
        }
        let interval = self.schedule.interval();
        let good_for = match (run.group_problem(), adding) {
            (Some(_), _) => interval,
            (None, true) => GROUPS_GOOD_FOR,
            (None, false) => GROUPS_GOOD_FOR.max(interval),
        };
        let wait = self.observations.groups_are_fresh(now, good_for) || (self.schedule.is_paused() && !adding);
        (!wait).then_some(Step::ReadGroups)
    }

    /// The next of the approvals at work.
    fn write(&self, now: Timestamp) -> Step {
        // Rule 8: what became of a write that nobody has answered for is asked before anything else is written. A canary
        // may have left by it.
        if self.run.open().any(|user| !self.queue.is_pending(user.id)) {
            return Step::Idle;
        }
        let waits = self.disk != Disk::Answered || self.queue.has_intent() || self.listing;
        if !self.queue.is_idle() && waits {
            return Step::Wait(Wait::Disk);
        }
        // One writer: what one batch has intended leaves before another intends anything.
        if let Some(job) = self.queue.in_front() {
            return self.next_of(job, now);
        }
        let mut waits = Step::Idle;
        for job in self.in_turn() {
            match self.next_of(job, now) {
                wait @ Step::Wait(_) if waits == Step::Idle => waits = wait,
                Step::Idle | Step::Wait(_) => {}
                step => return step,
            }
        }
        waits
    }

    /// The approvals at work, in the order in which they have their turn: rollbacks first; additions before removals, as
    /// licensing needs its time from then on.
    fn in_turn(&self) -> Vec<&dyn OneJob> {
        let mut jobs: Vec<&dyn OneJob> = self.queue.jobs().collect();
        jobs.sort_by_key(|job| {
            let kind = match job.kind() {
                WriteKind::Add => 0,
                WriteKind::Remove => 1,
                WriteKind::Reprocess => 2,
                WriteKind::Direct => 3,
            };
            (self.run.direction_of(job.batch()) == Direction::Forward, kind)
        });
        jobs
    }

    /// The next of one approval.
    fn next_of(&self, job: &dyn OneJob, now: Timestamp) -> Step {
        // Before a removal the last look reads them.
        let may_touch = self.observations.groups_are_fresh(now, GROUPS_GOOD_FOR) && self.run.group_problem().is_none();
        if job.kind() == WriteKind::Add && !may_touch {
            return Step::Wait(Wait::Until(self.schedule.groups_after().unwrap_or(now)));
        }
        if let Some(until) = self.queue.held(now) {
            return Step::Wait(Wait::Until(until));
        }
        match job.kind() {
            WriteKind::Add if self.by_others(job) => send_or(job, now, MOST_PER_WORKLIST, Step::Name),
            WriteKind::Add | WriteKind::Reprocess => send_or(job, now, MOST_PER_ORDER, Step::Intend),
            WriteKind::Remove => self.remove(job, now),
            // Rule 6: no license is taken away while a user is in between.
            WriteKind::Direct if is_switching(self.run, now) => Step::Idle,
            WriteKind::Direct => send_or(job, now, MOST_PER_ORDER, Step::Look),
        }
    }

    /// Whether others do what was approved.
    fn by_others(&self, job: &dyn OneJob) -> bool {
        self.run.written_end(job.batch(), job.kind()).moved_by.is_others()
    }

    /// The canary goes first and is waited for.
    fn remove(&self, job: &dyn OneJob, now: Timestamp) -> Step {
        let batch = job.batch();
        if is_switching(self.run, now) {
            return Step::Wait(Wait::Canary); // rule 6: no more removals while a user is in between
        }
        if job.may_send(now) {
            return Step::Send(batch);
        }
        // An order that could not leave in time, or whose user was seen otherwise since, needs a new look before anybody
        // else is looked at.
        let stale = job.first();
        let most = if self.by_others(job) { MOST_PER_WORKLIST } else { self.most_per_look(job) };
        let users = stale.map_or_else(|| next(self.run, job, most), <[UserId]>::to_vec);
        if users.is_empty() {
            let over = job.left().is_empty();
            return if over { Step::EndApproval(batch) } else { Step::Wait(Wait::Canary) };
        }
        if self.schedule.awaits_seats() {
            return Step::Wait(Wait::Seats);
        }
        let wait = (self.write_wait)(users.len());
        if wait > SOON {
            return Step::Wait(Wait::Until(now.saturating_add(wait).unwrap_or(Timestamp::MAX)));
        }
        if stale.is_some() { Step::LookAgain(batch, users) } else { Step::Look(batch, users) }
    }
}

/// Sends what waits, else goes on to the next users.
fn send_or(job: &dyn OneJob, now: Timestamp, most: usize, go_on: fn(usize, Vec<UserId>) -> Step) -> Step {
    let users: Vec<UserId> = job.left().iter().copied().take(most).collect();
    match (job.may_send(now), users.is_empty()) {
        (true, _) => Step::Send(job.batch()),
        (false, true) => Step::EndApproval(job.batch()),
        (false, false) => go_on(job.batch(), users),
    }
}

/// Who goes next: whoever has a place in the canary and has to be removed again, then as many others as may follow.
fn next(run: &Migration, job: &dyn OneJob, most: usize) -> Vec<UserId> {
    let begun = |id: &UserId| run.user(*id).is_some_and(|user| user.has_canary_place());
    let room = canary::room_in(run, job.batch());
    // Of the active users only who was not removed for sure has a place and may need it again: mostly there is none.
    let unsure = run.count(job.batch(), Fact::CanaryBegun) > run.count(job.batch(), Fact::Removed);
    let again = if unsure { job.left() } else { &[] }.iter().filter(|id| begun(id));
    let others = job.left().iter().filter(|id| !begun(id)).take(room);
    again.chain(others).copied().take(most).collect()
}

#[cfg(test)]
mod tests;
