//! Which event may follow what happened before: asked live before an event is kept, and again for each line a resume reads.

use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Illegal;
use crate::domain::phase::Phase;
use crate::domain::phase::Place;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::write::Step;
use crate::domain::write::Write;
use crate::domain::write::WriteKind;
use crate::domain::write_event::WriteEvent;
use crate::domain::write_event::WriteStage;

impl Migration {
    /// Whether the event can follow. The run is not touched.
    pub(super) fn may_follow(&self, event: &Event) -> Result<(), Illegal> {
        if let Some(write) = event.write() {
            return self.write_may_follow(write, event);
        }
        match event {
            Event::RunStarted { .. } => Err(illegal(event, Place::TwiceInARun)),
            Event::Checked { .. } if !self.batches.iter().all(|batch| batch.phase == Phase::Preflight) => {
                Err(illegal(event, Place::OnceUnderWay))
            }
            Event::BatchChecked { batch, reasons, .. } => {
                self.at_phase(*batch, event, Phase::Preflight)?;
                self.all_known(reasons.iter().map(|(user, _)| *user), event)
            }
            Event::AddsAcknowledged { batch }
            | Event::RemovesAcknowledged { batch }
            | Event::BatchComplete { batch } => {
                self.step(*batch, event)?;
                let open = self.count(*batch, Fact::Open) > 0;
                if open { Err(illegal(event, Place::WithOpenWrite)) } else { Ok(()) }
            }
            Event::Proven { users, .. } => self.all_known(users.iter().map(|(user, ..)| *user), event),
            Event::Observed { users, .. } => self.all_known(users.iter().map(|(user, _)| *user), event),
            Event::AlarmRaised { users } => self.all_known(users.iter().copied(), event),
            Event::NotProven { user, .. } | Event::Excluded { user, .. } | Event::Explained { user, .. } => {
                self.known(*user, event).map(drop)
            }
            Event::WorklistIssued { worklist } => self.may_be_issued(worklist, event),
            Event::WorklistWritten { number } | Event::WorklistEnded { number, .. } => {
                self.open_worklist(*number, event).map(drop)
            }
            Event::RemovedByOthers { users, .. } => {
                users.iter().try_for_each(|user| self.may_step(WriteKind::Remove, *user, Step::DoneByOthers, event))
            }
            Event::RollbackStarted { batch, users, .. } => self.may_roll_back(*batch, users, event),
            Event::BatchSettingsSet { settings, .. } if self.may_set_batches(*settings).is_err() => {
                Err(illegal(event, Place::Now))
            }
            Event::AlarmAcknowledged { .. } if self.alarm.is_none() => Err(illegal(event, Place::WithoutAlarm)),
            Event::MigrationComplete if !self.batches.iter().all(|batch| batch.phase == Phase::Complete) => {
                Err(illegal(event, Place::BeforeTheEnd))
            }
            _ => Ok(()),
        }
    }

    /// Whether an older program, and not this one, lets the event follow: one let a direct removal leave that was approved
    /// before a halt. The write's own state must fit all the same.
    pub(super) fn older_programs_let_it_follow(&self, event: &Event) -> bool {
        let Some(WriteEvent { kind: WriteKind::Direct, what: WriteStage::Intended { batch, users } }) = event.write()
        else {
            return false;
        };
        let fits = |user: &UserId| {
            let member = self.member(batch, *user, event)?;
            self.may_step(WriteKind::Direct, *user, Step::Intended, event).map(|()| member.remove.is_done())
        };
        self.halted.is_some() && distinct(users, event).is_ok() && users.iter().all(|user| fits(user) == Ok(true))
    }

    fn write_may_follow(&self, WriteEvent { kind, what }: WriteEvent<'_>, event: &Event) -> Result<(), Illegal> {
        match what {
            WriteStage::Approved { batch, users } => self.may_be_approved(kind, batch, users, event),
            WriteStage::Intended { batch, users } => {
                distinct(users, event)?;
                users.iter().try_for_each(|user| self.may_be_intended(kind, batch, *user, event))
            }
            WriteStage::Settled { users, outcome, .. } => {
                distinct(users, event)?;
                users.iter().try_for_each(|user| self.may_step(kind, *user, Step::Settled(outcome), event))
            }
            WriteStage::ReadBack { user, found } => self.may_step(kind, user, Step::ReadBack(found), event),
            WriteStage::Undone { user, what } => {
                let fault = what.fault(self.known(user, event)?.direction);
                self.may_step(kind, user, Step::Undone(&fault), event)
            }
        }
    }

    /// Rule 2: an approval is for one phase of one batch and for users of it, while nothing forbids writing.
    fn may_be_approved(&self, kind: WriteKind, batch: usize, users: &[UserId], event: &Event) -> Result<(), Illegal> {
        distinct(users, event)?;
        if self.halted.is_some() {
            return Err(illegal(event, Place::Halted));
        }
        if self.approved_pending.left_in(batch) > 0 {
            return Err(illegal(event, Place::BesideAnotherApproval));
        }
        if kind == WriteKind::Remove && !self.may_remove(batch) {
            return Err(illegal(event, Place::BeforeFirstCanary));
        }
        if kind.is_membership() {
            self.step(batch, event)?;
        } else if self.under_way(batch, event)? == Phase::Preflight {
            return Err(illegal(event, Place::NotUnderWay));
        }
        users.iter().try_for_each(|user| self.member(batch, *user, event).map(drop))
    }

    /// Rules 2, 3 and 8: an intent spends the approval of its user, with a proof where a license is taken away, and only
    /// when no outcome of an earlier one is unknown.
    fn may_be_intended(&self, kind: WriteKind, batch: usize, user: UserId, event: &Event) -> Result<(), Illegal> {
        match kind {
            WriteKind::Add => self.at_phase(batch, event, Phase::AddToTarget)?,
            WriteKind::Remove => self.at_phase(batch, event, Phase::RemoveFromSource)?,
            // What was approved while the batch was under way may leave when it is not: the users arrived meanwhile.
            WriteKind::Reprocess | WriteKind::Direct => {}
        }
        let member = self.member(batch, user, event)?;
        if !self.approved_pending.is_unspent(batch, kind, user) {
            return Err(illegal(event, Place::WithoutApproval));
        }
        let end = self.written_end(batch, kind);
        if kind.is_membership() && end.moved_by.is_others() {
            return Err(illegal(event, Place::MovedByOthers));
        }
        let acknowledged = match kind {
            WriteKind::Add | WriteKind::Reprocess => return self.may_step(kind, user, Step::Intended, event),
            WriteKind::Remove => &member.add,
            WriteKind::Direct => &member.remove,
        };
        if !is_proven(self.approved_pending.proven_at(batch, user), acknowledged) {
            return Err(illegal(event, Place::WithoutProof));
        }
        self.may_step(kind, user, Step::Intended, event)
    }

    pub(super) fn may_step(&self, kind: WriteKind, user: UserId, step: Step<'_>, event: &Event) -> Result<(), Illegal> {
        let write = self.known(user, event)?.write(kind);
        // The time makes no difference to whether it can follow.
        match write.after(kind, step, Timestamp::MAX) {
            Some(_) => Ok(()),
            None => Err(illegal(event, Place::ToWrite(write.state()))),
        }
    }

    fn may_roll_back(&self, batch: usize, users: &[UserId], event: &Event) -> Result<(), Illegal> {
        distinct(users, event)?;
        let at_rest = |batch: usize| self.approved_pending.left_in(batch) == 0 && self.count(batch, Fact::Open) == 0;
        let listed = User::is_on_worklist;
        let may_leave =
            |user: &UserId| self.known(*user, event).map(|user| user.batch.is_some_and(at_rest) && !listed(user));
        let all = users.iter().map(may_leave).collect::<Result<Vec<_>, _>>()?.into_iter().all(|may| may);
        let interrupts = self.rollback_interrupts() && !(0..self.batches.len()).all(at_rest);
        if batch != self.batches.len() || users.is_empty() || !all || interrupts {
            return Err(illegal(event, Place::Now));
        }
        Ok(())
    }

    /// The phase after the event, of a batch that is under way or was completed without all of its users.
    pub(super) fn step(&self, batch: usize, event: &Event) -> Result<Phase, Illegal> {
        self.under_way(batch, event)?.after(event)
    }

    fn under_way(&self, batch: usize, event: &Event) -> Result<Phase, Illegal> {
        let found = self.batches.get(batch).ok_or_else(|| illegal(event, Place::NoSuchBatch))?;
        if self.is_under_way(batch) || self.has_exceptions(batch) {
            Ok(found.phase)
        } else {
            Err(illegal(event, Place::BatchNotUnderWay))
        }
    }

    pub(super) fn at_phase(&self, number: usize, event: &Event, phase: Phase) -> Result<(), Illegal> {
        match self.batches.get(number) {
            Some(batch) if batch.phase == phase => Ok(()),
            Some(batch) => Err(illegal(event, Place::InPhase(batch.phase))),
            None => Err(illegal(event, Place::NoSuchBatch)),
        }
    }

    pub(super) fn known(&self, user: UserId, event: &Event) -> Result<&User, Illegal> {
        self.user(user).map(AsRef::as_ref).ok_or_else(|| illegal(event, Place::NotInRun))
    }

    fn all_known(&self, mut users: impl Iterator<Item = UserId>, event: &Event) -> Result<(), Illegal> {
        users.try_for_each(|user| self.known(user, event).map(drop))
    }

    pub(super) fn member(&self, batch: usize, user: UserId, event: &Event) -> Result<&User, Illegal> {
        let found = self.known(user, event)?;
        if found.batch == Some(batch) { Ok(found) } else { Err(illegal(event, Place::NotInBatch)) }
    }
}

/// Rule 3: the read behind the proof began after the write that it is about was acknowledged.
pub(super) fn is_proven(read_at: Option<Timestamp>, acknowledged: &Write) -> bool {
    match (read_at, acknowledged) {
        (Some(read_at), Write::Done(at)) => read_at > *at,
        (None, _)
        | (
            _,
            Write::None
            | Write::Intended(_)
            | Write::Failed(..)
            | Write::Lost(..)
            | Write::Listed(_)
            | Write::Delisted(_),
        ) => false,
    }
}

/// A write is for somebody, and names nobody twice.
pub(super) fn distinct(users: &[UserId], event: &Event) -> Result<(), Illegal> {
    let mut sorted = users.to_vec();
    sorted.sort_unstable();
    if users.is_empty() {
        Err(illegal(event, Place::ToNobody))
    } else if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
        Ok(())
    } else {
        Err(illegal(event, Place::TwiceToAUser))
    }
}

pub(super) fn illegal(event: &Event, place: Place) -> Illegal {
    Illegal { event: event.name(), place }
}
