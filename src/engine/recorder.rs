//! The run and its journal, kept in step: an event takes effect in memory at once, and on the tenant once the disk has it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::automatic::follow;
use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::order::IntentLog;
use crate::domain::order::Receipt;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::record_error::RecordError;
use crate::engine::session::ReadOnly;
use crate::engine::session::Session;
use crate::engine::timeline::Older;
use crate::engine::timeline::Timeline;
use crate::journal::Progress;
use crate::log;

/// A disk that has not answered for so long is called slow, and reads no longer wait for it.
const SLOW: SignedDuration = SignedDuration::from_secs(1);

/// Whether the disk has all that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disk {
    /// It has.
    Answered,
    /// It is at work.
    Behind,
    /// It has been at work for longer than a disk should.
    Slow,
}

/// The run, its journal, and the latest events.
pub(super) struct Recorder {
    run: Migration,
    timeline: Timeline,
    kept: u64,
    /// After how many kept events nothing followed by itself, when time alone cannot change that.
    quiet_at: Option<u64>,
    /// When the next user has waited too long after the removal, so that time alone changes something.
    overdue_at: Option<Timestamp>,
    session: Session,
    /// How many events the journal was given.
    submitted: u64,
    progress: watch::Receiver<Progress>,
    /// Since when the disk has not had all that was kept.
    behind_since: Option<Timestamp>,
    clock: Arc<dyn Clock>,
}

impl Recorder {
    pub(super) fn new(
        run: Migration,
        past: Vec<(Timestamp, Event)>,
        mut session: Session,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut timeline = Timeline::default();
        for (at, event) in past {
            timeline.push(&run, at, Arc::new(event));
        }
        let progress =
            session.keeper().map_or_else(|| watch::channel(Progress::default()).1, |keeper| keeper.progress());
        Self {
            run,
            timeline,
            kept: 0,
            quiet_at: None,
            overdue_at: None,
            session,
            submitted: 0,
            progress,
            behind_since: None,
            clock,
        }
    }

    /// The run as its events leave it.
    pub(super) fn run(&self) -> &Migration {
        &self.run
    }

    pub(super) fn into_run(self) -> Migration {
        self.run
    }

    /// The latest events, oldest first.
    pub(super) fn timeline(&self) -> &VecDeque<(Timestamp, Arc<Event>)> {
        self.timeline.latest()
    }

    /// All events before the latest.
    pub(super) fn older(&self) -> &Older {
        self.timeline.older()
    }

    /// How many events were kept in this session.
    pub(super) fn kept(&self) -> u64 {
        self.kept
    }

    /// Why nothing can be written in this session, when nothing can.
    pub(super) fn read_only(&self) -> Option<&ReadOnly> {
        self.session.read_only()
    }

    /// Whether all that happens to the run is told by the journal of another session.
    pub(super) fn follows(&self) -> bool {
        matches!(self.session, Session::Follows { .. })
    }

    /// Takes over what the other session has written down since. Gives whether the list of users was read anew.
    pub(super) fn catch_up(&mut self) -> Result<bool, RecordError> {
        let Session::Follows { journal, .. } = &mut self.session else { return Ok(false) };
        let Some(found) = journal.take() else { return Ok(false) };
        let mut listed = false;
        for record in found.map_err(RecordError::Followed)? {
            listed |= matches!(record.event, Event::Checked { .. });
            self.run.replay(record.at, &record.event)?;
            self.note(record.at, Arc::new(record.event));
        }
        Ok(listed)
    }

    /// Goes on by itself from where the run was told to be.
    pub(super) fn stop_following(&mut self) {
        self.change(Session::stop_following);
    }

    /// From here on nothing is written, and no approval is left. Gives whether that is news.
    pub(super) fn stop(&mut self, why: Arc<RecordError>) -> bool {
        self.run.approved_pending.clear();
        let news = self.session.read_only().is_none();
        self.change(|session| session.stop(ReadOnly::Stopped(why)));
        news
    }

    fn change(&mut self, change: impl FnOnce(Session) -> Session) {
        let session = std::mem::replace(&mut self.session, Session::ReadOnly { why: ReadOnly::NotKept });
        self.session = change(session);
    }

    /// Whether the disk has all that was kept.
    pub(super) fn disk(&self, now: Timestamp) -> Disk {
        if !self.is_behind() {
            return Disk::Answered;
        }
        let slow = self.behind_since.is_some_and(|since| now.duration_since(since) >= SLOW);
        if slow { Disk::Slow } else { Disk::Behind }
    }

    fn is_behind(&self) -> bool {
        let progress = self.progress.borrow();
        progress.failed.is_none() && progress.durable < self.submitted
    }

    /// Waits until the disk answers, for what was kept or with what another session has kept. Never returns where neither
    /// is asked of it.
    pub(super) async fn disk_answers(&mut self) {
        if let Session::Follows { journal, .. } = &mut self.session {
            return journal.reads().await;
        }
        if self.progress.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What the disk has answered since: a failure ends all writing.
    pub(super) fn hear_disk(&mut self) -> Result<(), RecordError> {
        let failed = self.progress.borrow_and_update().failed.clone();
        match failed.filter(|_| self.read_only().is_none()) {
            Some(error) => Err(RecordError::Journal(error)),
            None => Ok(()),
        }
    }

    fn note(&mut self, at: Timestamp, event: Arc<Event>) {
        log::step(&event);
        self.timeline.push(&self.run, at, event);
        self.kept += 1;
    }

    /// Keeps an event and all that follows from it by itself.
    pub(super) fn record(&mut self, event: Event) -> Result<(), RecordError> {
        self.keep(event)?;
        self.follow()
    }

    /// Keeps what follows from the run as it stands now. Looks at all users only when something may have changed that.
    pub(super) fn follow(&mut self) -> Result<(), RecordError> {
        let now = self.clock.now();
        if self.quiet_at == Some(self.kept) && self.overdue_at.is_none_or(|due| now < due) {
            return Ok(());
        }
        while let Some(event) = follow(&self.run, now).filter(|_| !self.follows()) {
            self.keep(event)?;
        }
        // Only who is without a license is judged by the time that passes, too, and who waits long after the removal.
        let by_time = self.run.unlicensed().next().is_some();
        self.quiet_at = (!by_time).then_some(self.kept);
        self.overdue_at = self.run.next_overdue(now);
        Ok(())
    }
}

impl IntentLog for Recorder {
    type Error = RecordError;

    /// A session without a journal keeps what it reads in memory and refuses what leads to a write. One that follows
    /// another leaves it to that one to say what happened.
    fn keep(&mut self, event: Event) -> Result<Receipt, RecordError> {
        let at = self.clock.now();
        if self.read_only().is_some() && leads_to_a_write(&event) {
            return Err(RecordError::ReadOnly);
        }
        if self.follows() {
            return Ok(Receipt(self.submitted));
        }
        // What cannot happen is not written down either: the journal stays one that can be taken up again.
        self.run.apply(at, &event)?;
        let (event, was_behind) = (Arc::new(event), self.is_behind());
        if let Some(keeper) = self.session.keeper() {
            self.behind_since = self.behind_since.filter(|_| was_behind).or(Some(at));
            self.submitted += 1;
            keeper.submit(at, event.clone());
        }
        self.note(at, event);
        Ok(Receipt(self.submitted))
    }

    fn is_durable(&self, receipt: Receipt) -> bool {
        matches!(self.session, Session::Writes(_)) && receipt.0 <= self.progress.borrow().durable
    }
}

fn leads_to_a_write(event: &Event) -> bool {
    matches!(
        event,
        Event::AddApproved { .. }
            | Event::AddIntended { .. }
            | Event::RemoveApproved { .. }
            | Event::RemoveIntended { .. }
            | Event::ReprocessApproved { .. }
            | Event::ReprocessIntended { .. }
            | Event::DirectApproved { .. }
            | Event::DirectIntended { .. }
            | Event::WorklistIssued { .. }
            | Event::RollbackStarted { .. }
    )
}

#[cfg(test)]
mod tests;
