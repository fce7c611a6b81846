//! What the events of worklists do to a run: who is named on one, and whom others were seen to have moved.

use crate::domain::event::Event;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::migration::legal::distinct;
use crate::domain::migration::legal::illegal;
use crate::domain::migration::legal::is_proven;
use crate::domain::migration::user_events::note;
use crate::domain::migration::user_writes::seen_gone;
use crate::domain::migration::user_writes::write;
use crate::domain::phase::Illegal;
use crate::domain::phase::Phase;
use crate::domain::phase::Place;
use crate::domain::route::End;
use crate::domain::time::Timestamp;
use crate::domain::user_history::Happened;
use crate::domain::worklist::Issued;
use crate::domain::worklist::Worklist;
use crate::domain::worklist::WorklistEnd;
use crate::domain::worklist::WorklistKind;
use crate::domain::write::Step;
use crate::domain::write::WriteKind;

impl Migration {
    /// All worklists of the run, in the order of their numbers.
    pub fn worklists(&self) -> impl Iterator<Item = &Worklist> {
        self.worklists.iter()
    }

    /// A worklist by its number.
    pub fn worklist(&self, number: usize) -> Option<&Worklist> {
        self.worklists.get(number.checked_sub(1)?)
    }

    /// The number that the next worklist gets.
    pub fn next_worklist(&self) -> usize {
        self.worklists.len() + 1
    }

    /// Whom a worklist names and who was not seen moved.
    pub fn outstanding<'a>(&'a self, list: &'a Worklist) -> impl Iterator<Item = UserId> + 'a {
        let kind = list.issued.kind.write_kind();
        let waits = move |user: &UserId| self.user(*user).is_some_and(|user| user.write(kind).is_listed());
        list.issued.users.iter().map(|(user, _)| *user).filter(waits)
    }

    /// The worklists that need to be told of: they are in force, or others may still act on copies.
    pub fn worklists_to_tell(&self) -> impl Iterator<Item = &Worklist> {
        self.worklists().filter(|list| {
            let kind = list.issued.kind.write_kind();
            let waits = |user| self.user(user).is_some_and(|user| user.write(kind).may_be_done_by_others());
            list.is_open() || list.issued.users.iter().any(|(user, _)| waits(*user))
        })
    }

    /// The group and product that a write of this kind for a batch is about.
    pub fn written_end(&self, batch: usize, kind: WriteKind) -> End {
        let route = self.route_direction(self.direction_of(batch));
        match kind {
            WriteKind::Add | WriteKind::Reprocess => route.target.end(),
            WriteKind::Remove | WriteKind::Direct => route.source.end(),
        }
    }

    /// Whether others change the members of one of the two groups.
    pub fn has_others(&self) -> bool {
        [&self.route.source, &self.route.target].iter().any(|side| side.moved_by.is_others())
    }

    /// Rules 2 and 3 hold for a worklist as for a write: it spends the approval of each user, with a proof where a license
    /// is taken away; and it is for a group that others change.
    pub(super) fn may_be_issued(&self, list: &Issued, event: &Event) -> Result<(), Illegal> {
        if self.halted.is_some() {
            return Err(illegal(event, Place::Halted));
        }
        let kind = list.kind.write_kind();
        let end = self.written_end(list.batch, kind);
        if !end.moved_by.is_others() || end.group != list.group || list.direction != self.direction_of(list.batch) {
            return Err(illegal(event, Place::MovedByOthers));
        }
        if list.number != self.next_worklist() {
            return Err(illegal(event, Place::Now));
        }
        let phase = if list.kind == WorklistKind::Add { Phase::AddToTarget } else { Phase::RemoveFromSource };
        self.at_phase(list.batch, event, phase)?;
        distinct(&list.users.iter().map(|(user, _)| *user).collect::<Vec<_>>(), event)?;
        for (user, proven) in &list.users {
            let member = self.member(list.batch, *user, event)?;
            if !self.approved_pending.is_unspent(list.batch, kind, *user) {
                return Err(illegal(event, Place::WithoutApproval));
            }
            let read_at = self.approved_pending.proven_at(list.batch, *user);
            if list.kind == WorklistKind::Remove && (!is_proven(read_at, &member.add) || read_at != *proven) {
                return Err(illegal(event, Place::WithoutProof));
            }
            self.may_step(kind, *user, Step::Listed, event)?;
        }
        Ok(())
    }

    pub(super) fn open_worklist(&self, number: usize, event: &Event) -> Result<&Worklist, Illegal> {
        let open = self.worklist(number).filter(|list| list.is_open());
        open.ok_or_else(|| illegal(event, Place::WorklistNotInForce))
    }

    pub(super) fn issue(&mut self, at: Timestamp, issued: &Issued) {
        let (number, kind, direction) = (issued.number, issued.kind.write_kind(), issued.direction);
        for (user, _) in &issued.users {
            self.change(*user, |user| {
                write(user, kind, Step::Listed, at);
                note(at, Happened::Listed { number, kind, direction }, &mut user.history);
            });
            self.approved_pending.remove(*user);
        }
        self.worklists.push_back(Worklist { issued: issued.clone(), written: None, ended: None });
    }

    pub(super) fn worklist_written(&mut self, at: Timestamp, number: usize) {
        if let Some(list) = number.checked_sub(1).and_then(|place| self.worklists.get_mut(place)) {
            list.written = Some(at);
        }
    }

    /// Nothing more may be done by a worklist: whom it names is asked about anew. What was approved with it for others of the
    /// batch is approved no more, as they were to follow these.
    pub(super) fn end_worklist(&mut self, at: Timestamp, number: usize, why: WorklistEnd) {
        let Some(list) = self.worklist(number).filter(|list| list.is_open()) else { return };
        let (batch, kind) = (list.issued.batch, list.issued.kind.write_kind());
        let users: Vec<UserId> = self.outstanding(list).collect();
        if let Some(list) = self.worklists.get_mut(number - 1) {
            list.ended = Some((at, why));
        }
        for user in &users {
            self.change(*user, |user| {
                write(user, kind, Step::Delisted, at);
                note(at, Happened::Delisted { number, why }, &mut user.history);
            });
        }
        if why != WorklistEnd::Done {
            self.approved_pending.end(batch);
        }
    }

    /// Ends the worklists that are in force and of which this is so.
    pub(super) fn end_worklists(&mut self, at: Timestamp, why: WorklistEnd, which: impl Fn(&Worklist) -> bool) {
        let open = self.worklists.iter().filter(|list| list.is_open() && which(list));
        let numbers: Vec<usize> = open.map(|list| list.issued.number).collect();
        for number in numbers {
            self.end_worklist(at, number, why);
        }
    }

    /// Others took users out of the group that they were to leave, on no worklist or before they were safe. The latter
    /// halts the run, in the same event, so that no crash comes between.
    pub(super) fn removed_by_others(&mut self, at: Timestamp, users: &[UserId], early: bool) {
        for user in users {
            self.change(*user, |user| {
                write(user, WriteKind::Remove, Step::DoneByOthers, at);
                user.removed_early |= early;
                let direction = user.direction;
                note(at, Happened::LeftByOthers { early, direction }, &mut user.history);
                seen_gone(user);
            });
            self.approved_pending.remove(*user);
        }
        if early {
            let named = users.iter().filter_map(|user| Some(self.user(*user)?.upn.to_string())).collect();
            self.halt(at, HaltReason::RemovedEarly { users: named });
        }
    }
}
