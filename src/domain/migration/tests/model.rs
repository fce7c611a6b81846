//! What is legal, told once more and in another way: by who may do what, not by states.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::domain::event::Event;
use crate::domain::external_change::ExternalChange;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::outcome::Outcome;
use crate::domain::phase::Phase;
use crate::domain::preflight::Preflight;
use crate::domain::read_back::ReadBack;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;

type Kind = &'static str;

/// A run as a careful reader of its journal keeps it.
#[derive(Default)]
pub(super) struct Model {
    phases: Vec<Phase>,
    batch_of: BTreeMap<UserId, usize>,
    users: BTreeSet<UserId>,
    /// Who may yet be written, by batch; each is struck out when their write is about to leave.
    leave: BTreeMap<(usize, Kind), BTreeSet<UserId>>,
    /// When the read behind a user's proof under the approval at work began.
    proofs: BTreeMap<UserId, Timestamp>,
    /// Writes whose outcome nobody knows; `true` while an answer may come yet.
    open: BTreeMap<(UserId, Kind), bool>,
    done: BTreeMap<(UserId, Kind), Timestamp>,
    /// Batches whose approval a removal that did not take effect may have ended, as others were to follow a canary.
    doubtful: BTreeSet<usize>,
    halted: bool,
    alarm: bool,
    /// How many batches may be under way at once.
    most: usize,
    /// Whether anybody was ever seen migrated; without that no canary can have arrived.
    arrived: bool,
}

/// Where a batch has begun; one that is complete tends whom it left behind.
const TENDED: [Phase; 5] =
    [Phase::AddToTarget, Phase::VerifyAdded, Phase::RemoveFromSource, Phase::VerifyMigrated, Phase::Complete];

impl Model {
    /// Takes in what the run has taken in.
    pub(super) fn take(&mut self, at: Timestamp, event: &Event) -> Result<(), String> {
        match event {
            Event::RunStarted { .. } => return Err("a second start".into()),
            Event::Checked { preflight } => self.checked(preflight)?,
            Event::BatchChecked { batch, .. } => {
                need(self.phases[*batch] == Phase::Preflight, "a check of a batch under way")?;
            }
            _ if event.write().is_some() => self.take_write(at, event)?,
            Event::AddsAcknowledged { batch } => {
                self.step(*batch, &[Phase::Preflight, Phase::AddToTarget], Phase::VerifyAdded)?;
            }
            Event::RemovesAcknowledged { batch } => {
                self.step(*batch, &[Phase::RemoveFromSource], Phase::VerifyMigrated)?;
            }
            Event::BatchComplete { batch } => self.step(*batch, &Phase::SHOWN, Phase::Complete)?,
            Event::Proven { batch, users, .. } => {
                for (user, _, read_at) in users {
                    let approved = |(of, _): &(usize, Kind)| of == batch;
                    if self.leave.iter().any(|(key, left)| approved(key) && left.contains(user)) {
                        self.proofs.insert(*user, *read_at);
                    }
                }
            }
            Event::NotProven { user, .. } | Event::Excluded { user, .. } => self.withdraw(*user),
            Event::Halted { .. } | Event::AlarmRaised { .. } => {
                self.halted = true;
                self.alarm |= matches!(event, Event::AlarmRaised { .. });
                self.end();
            }
            Event::Resumed { .. } => self.end(),
            Event::HaltLifted { .. } => self.halted = false,
            Event::AlarmAcknowledged { .. } => need(self.alarm, "an acknowledgement of nothing")?,
            Event::GroupsChanged { problems } if problems.iter().any(|problem| !problem.warning) => self.end(),
            Event::RollbackStarted { batch, users, .. } => self.rolled_back(*batch, users, at)?,
            Event::MigrationComplete => {
                need(self.phases.iter().all(|phase| *phase == Phase::Complete), "an early end")?;
            }
            Event::BatchesUnderWaySet { most, .. } => self.most = *most,
            Event::BatchSettingsSet { settings, .. } => need(settings.canary > 0, "a canary of nobody")?,
            Event::Observed { users, .. } => {
                self.arrived |= users.iter().any(|(_, standing)| *standing == Standing::Migrated);
            }
            // Both groups of these runs are ours to change.
            Event::WorklistIssued { .. }
            | Event::WorklistWritten { .. }
            | Event::WorklistEnded { .. }
            | Event::RemovedByOthers { .. } => return Err("a worklist for a group that is ours to change".into()),
            // What tells of nothing that is counted here, and writes, which were taken above. Each is named, so that no new
            // event passes unseen.
            Event::GroupsChanged { .. }
            | Event::SessionOpened { .. }
            | Event::ReadFailed { .. }
            | Event::Delayed { .. }
            | Event::Explained { .. }
            | Event::AddApproved { .. }
            | Event::RemoveApproved { .. }
            | Event::ReprocessApproved { .. }
            | Event::DirectApproved { .. }
            | Event::AddIntended { .. }
            | Event::RemoveIntended { .. }
            | Event::ReprocessIntended { .. }
            | Event::DirectIntended { .. }
            | Event::AddSettled { .. }
            | Event::RemoveSettled { .. }
            | Event::ReprocessSettled { .. }
            | Event::DirectSettled { .. }
            | Event::AddReadBack { .. }
            | Event::RemoveReadBack { .. }
            | Event::ExternalChange { .. } => {}
        }
        Ok(())
    }

    fn checked(&mut self, preflight: &Preflight) -> Result<(), String> {
        need(self.phases.iter().all(|phase| *phase == Phase::Preflight), "a late check")?;
        *self = Self { halted: self.halted, alarm: self.alarm, most: self.most, ..Self::default() };
        let ready = preflight.users.iter().filter(|user| user.is_ready()).filter_map(|user| user.id);
        self.batch_of = ready.enumerate().map(|(place, user)| (user, place / 2)).collect();
        self.users = preflight.users.iter().filter_map(|user| user.id).collect();
        self.phases = vec![Phase::Preflight; self.batch_of.len().div_ceil(2)];
        Ok(())
    }

    /// The events of the four kinds of write.
    fn take_write(&mut self, at: Timestamp, event: &Event) -> Result<(), String> {
        match event {
            Event::AddApproved { batch, users, .. } => {
                use Phase::*;
                self.approved("add", *batch, users, &[Preflight, AddToTarget, VerifyAdded])?;
                self.phases[*batch] = AddToTarget;
            }
            Event::RemoveApproved { batch, users, .. } => {
                use Phase::*;
                let first = self.open(0..super::random::FORWARD).next().is_none_or(|open| open == *batch);
                let back = *batch >= super::random::FORWARD;
                need(first || back || self.arrived, "a removal before the first canary")?;
                self.approved("remove", *batch, users, &[VerifyAdded, RemoveFromSource, VerifyMigrated, Complete])?;
                self.phases[*batch] = RemoveFromSource;
            }
            Event::ReprocessApproved { batch, users, .. } => {
                self.approved("reprocess", *batch, users, &TENDED)?;
            }
            Event::DirectApproved { batch, users, .. } => self.approved("direct", *batch, users, &TENDED)?,
            Event::AddIntended { batch, users } => {
                need(self.phases[*batch] == Phase::AddToTarget, "an addition out of its phase")?;
                self.intended("add", *batch, users)?;
            }
            Event::RemoveIntended { batch, users } => {
                need(self.phases[*batch] == Phase::RemoveFromSource, "a removal out of its phase")?;
                self.proven(users, "add")?;
                self.intended("remove", *batch, users)?;
            }
            Event::ReprocessIntended { batch, users } => self.intended("reprocess", *batch, users)?,
            Event::DirectIntended { batch, users } => {
                self.proven(users, "remove")?;
                self.intended("direct", *batch, users)?;
            }
            Event::AddSettled { users, outcome, .. } => self.settled("add", users, outcome, at)?,
            Event::RemoveSettled { users, outcome, .. } => self.settled("remove", users, outcome, at)?,
            Event::ReprocessSettled { users, outcome, .. } => self.settled("reprocess", users, outcome, at)?,
            Event::DirectSettled { users, outcome, .. } => self.settled("direct", users, outcome, at)?,
            Event::AddReadBack { user, found } => self.read_back("add", *user, *found, at)?,
            Event::RemoveReadBack { user, found } => self.read_back("remove", *user, *found, at)?,
            Event::ExternalChange { user, what } => {
                let kind = if *what == ExternalChange::TakenOut { "add" } else { "remove" };
                need(self.done.remove(&(*user, kind)).is_some(), "undone what was not done")?;
            }
            _ => return Err("no event of a write".into()),
        }
        Ok(())
    }

    /// The run tells the same phases; what it holds approved is no more than what is.
    pub(super) fn agrees(&self, run: &Migration) -> Result<(), String> {
        let phases: Vec<Phase> = run.batches.iter().map(|batch| batch.phase).collect();
        need(phases == self.phases, "the phases differ")?;
        let open = run.users.iter().filter(|user| user.is_open()).count();
        let ours: BTreeSet<UserId> =
            self.open.keys().filter(|(_, kind)| ["add", "remove"].contains(kind)).map(|(user, _)| *user).collect();
        need(open == ours.len(), "the open writes differ")
    }

    fn approved(&mut self, kind: Kind, batch: usize, users: &[UserId], phases: &[Phase]) -> Result<(), String> {
        need(!self.halted, "an approval in a halt")?;
        let complete = self.phases[batch] == Phase::Complete;
        need(complete || self.is_under_way(batch), "an approval for a batch that is not under way")?;
        need(phases.contains(&self.phases[batch]), "an approval out of its phase")?;
        let left = self.leave.iter().any(|((of, _), left)| *of == batch && !left.is_empty());
        need(!left || self.doubtful.remove(&batch), "a second approval beside one that is not used up")?;
        need(users.iter().all(|user| self.batch_of.get(user) == Some(&batch)), "an approval for a stranger")?;
        self.proofs.retain(|user, _| !users.contains(user));
        self.leave.insert((batch, kind), users.iter().copied().collect());
        Ok(())
    }

    fn intended(&mut self, kind: Kind, batch: usize, users: &[UserId]) -> Result<(), String> {
        need(!self.halted, "an intent in a halt")?;
        for user in users {
            let left = self.leave.get_mut(&(batch, kind)).is_some_and(|left| left.remove(user));
            need(left, "an intent without an approval, or a second one by the same")?;
            need(self.batch_of.get(user) == Some(&batch), "an intent for a stranger")?;
            if ["add", "remove"].contains(&kind) {
                need(!self.open.contains_key(&(*user, kind)), "an intent beside one of unknown outcome")?;
                need(!self.done.contains_key(&(*user, kind)), "an intent for what is done")?;
            }
            self.done.remove(&(*user, kind));
            self.open.insert((*user, kind), true);
        }
        Ok(())
    }

    fn proven(&self, users: &[UserId], since: Kind) -> Result<(), String> {
        let good = |user: &UserId| match (self.proofs.get(user), self.done.get(&(*user, since))) {
            (Some(read), Some(acknowledged)) => read > acknowledged,
            _ => false,
        };
        need(users.iter().all(good), "a license taken away without a proof of this approval")
    }

    fn settled(&mut self, kind: Kind, users: &[UserId], outcome: &Outcome, at: Timestamp) -> Result<(), String> {
        for user in users {
            need(self.open.remove(&(*user, kind)) == Some(true), "an answer to nothing")?;
            match outcome {
                Outcome::Done => self.done.extend([((*user, kind), at)]),
                Outcome::Lost(_) => self.open.extend([((*user, kind), false)]),
                Outcome::Failed(_) => {}
            }
            self.withdraw(*user);
        }
        Ok(())
    }

    fn read_back(&mut self, kind: Kind, user: UserId, found: ReadBack, at: Timestamp) -> Result<(), String> {
        need(self.open.remove(&(user, kind)).is_some(), "a read-back of what is not open")?;
        match (found, kind) {
            (ReadBack::InEffect, _) => self.done.extend([((user, kind), at)]),
            (ReadBack::NotInEffect, "remove") => self.doubtful.extend(self.batch_of.get(&user)),
            (ReadBack::NotInEffect, _) => {}
        }
        Ok(())
    }

    fn step(&mut self, batch: usize, from: &[Phase], to: Phase) -> Result<(), String> {
        need(self.is_under_way(batch), "a step of a batch that is not under way")?;
        need(from.contains(&self.phases[batch]), "a step that the table does not have")?;
        let open = |(user, kind): &(UserId, Kind)| self.batch_of[user] == batch && ["add", "remove"].contains(kind);
        need(!self.open.keys().any(open), "a step beside an open write")?;
        self.phases[batch] = to;
        Ok(())
    }

    fn rolled_back(&mut self, batch: usize, users: &[UserId], at: Timestamp) -> Result<(), String> {
        need(batch == self.phases.len() && !users.is_empty(), "a way back that is no new batch")?;
        let theirs: BTreeSet<usize> = users.iter().filter_map(|user| self.batch_of.get(user)).copied().collect();
        let concerns = |of: usize| self.most < 2 || theirs.contains(&of);
        let open = |(user, kind): &(UserId, Kind)| ["add", "remove"].contains(kind) && concerns(self.batch_of[user]);
        need(!self.open.keys().any(open), "a way back beside an open write")?;
        let left = |((of, _), left): (&(usize, Kind), &BTreeSet<UserId>)| {
            !left.is_empty() && concerns(*of) && !self.doubtful.contains(of)
        };
        need(!self.leave.iter().any(left), "a way back beside an approval at work")?;
        for user in users {
            need(self.batch_of.contains_key(user), "a way back for who never went")?;
            if !self.is_back(*user) {
                let removed = self.done.remove(&(*user, "remove")).is_some();
                self.done.remove(&(*user, "add"));
                if !removed {
                    self.done.insert((*user, "add"), at);
                }
            }
            self.done.remove(&(*user, "direct"));
            self.open.retain(|(one, kind), _| one != user || ["add", "remove"].contains(kind));
            self.batch_of.insert(*user, batch);
        }
        self.phases.push(Phase::Preflight);
        Ok(())
    }

    /// Batches behind the first two or three are those of rollbacks.
    fn is_back(&self, user: UserId) -> bool {
        self.batch_of[&user] >= super::random::FORWARD
    }

    fn open(&self, batches: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
        let end = batches.end.min(self.phases.len());
        (batches.start.min(end)..end).filter(|number| self.phases[*number] != Phase::Complete)
    }

    /// Rollbacks go first, then what has begun; what has not takes the places that are left. One at a time is one.
    fn is_under_way(&self, batch: usize) -> bool {
        let fresh = |number: &usize| self.phases[*number] == Phase::Preflight;
        let forward: Vec<usize> = self.open(0..super::random::FORWARD).collect();
        let mut order: Vec<usize> = self.open(super::random::FORWARD..self.phases.len()).collect();
        order.extend(forward.iter().filter(|one| !fresh(one)));
        let begun = order.len();
        order.extend(forward.iter().filter(|one| fresh(one)));
        let Some(place) = order.iter().position(|one| *one == batch) else { return false };
        let alone = self.most < 2 && forward.iter().filter(|one| !fresh(one)).count() < 2;
        if alone { place == 0 } else { place < begun || place < self.most }
    }

    fn withdraw(&mut self, user: UserId) {
        self.leave.values_mut().for_each(|left| left.retain(|one| *one != user));
    }

    fn end(&mut self) {
        self.leave.clear();
        self.proofs.clear();
    }
}

fn need(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}
