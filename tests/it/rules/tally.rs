//! Counts what really happened in runs, so that no law holds only because its situation never came.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::standing::Standing;

use crate::rules::record::Record;
use skuferry::domain::fault::FaultMessage;

/// How often each situation came.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    pub(crate) fn of(record: &Record) -> Self {
        let mut tally = Self::default();
        tally.add("runs", 1);
        tally.add("runs complete", usize::from(record.end.complete));
        tally.add("faults met", record.log.iter().filter(|entry| entry.fault.is_some()).count());
        tally.add("requests", record.log.len());
        let written = record.writes().unwrap_or_default();
        tally.add("users written", written.len());
        tally.add("answers refused", record.answers.len().saturating_sub(record.approvals()));
        tally.add("rolled back in the end", record.end.users.iter().filter(|user| user.is_rolled_back()).count());
        tally.count_events(record);
        let canary =
            |user: &&std::sync::Arc<skuferry::domain::user::User>| user.remove.is_done() && !user.is_migrated();
        tally.add("removed and not migrated in the end", record.end.users.iter().filter(canary).count());
        tally
    }

    fn count_events(&mut self, record: &Record) {
        let mut open: BTreeSet<UserId> = BTreeSet::new();
        let mut approved_pending = false;
        let (mut under_way, mut at_work): (BTreeSet<usize>, BTreeSet<usize>) = Default::default();
        let mut bare: BTreeSet<UserId> = BTreeSet::new();
        let mut rung: BTreeSet<UserId> = BTreeSet::new();
        for (_, event) in &record.events {
            match event {
                Event::AddApproved { batch, .. } | Event::RemoveApproved { batch, .. } => {
                    approved_pending = true;
                    under_way.insert(*batch);
                    at_work.insert(*batch);
                    self.add("batches side by side", usize::from(under_way.len() > 1));
                    self.add("approvals side by side", usize::from(at_work.len() > 1));
                }
                Event::AddsAcknowledged { batch } | Event::RemovesAcknowledged { batch } => {
                    approved_pending = false;
                    at_work.remove(batch);
                }
                Event::BatchComplete { batch } => drop(under_way.remove(batch)),
                Event::AddIntended { users, .. } | Event::RemoveIntended { users, .. } => open.extend(users),
                Event::AddSettled { users, outcome, .. } | Event::RemoveSettled { users, outcome, .. } => {
                    open.retain(|user| !users.contains(user));
                    match outcome {
                        Outcome::Lost(_) => self.add("writes lost", 1),
                        Outcome::Failed(fault) if matches!(*fault.message, FaultMessage::ProofTooOld) => {
                            self.add("proofs too old", 1);
                        }
                        Outcome::Failed(fault) if fault.kind == FaultKind::NotSent => self.add("orders not sent", 1),
                        Outcome::Failed(_) | Outcome::Done => {}
                    }
                }
                Event::AddReadBack { found, .. } | Event::RemoveReadBack { found, .. } => match found {
                    ReadBack::InEffect => self.add("found in effect", 1),
                    ReadBack::NotInEffect => self.add("found not in effect", 1),
                },
                Event::Resumed { .. } => {
                    self.add("resumes", 1);
                    self.add("resumes amid batches", usize::from(under_way.len() > 1));
                    at_work.clear();
                    self.add("resumes amid writes", usize::from(!open.is_empty()));
                    self.add("approvals ended by a resume", usize::from(std::mem::take(&mut approved_pending)));
                }
                Event::Halted { why } => {
                    self.add("halts", 1);
                    self.add("halts amid batches", usize::from(under_way.len() > 1));
                    at_work.clear();
                    match why {
                        HaltReason::Operator => {
                            self.add("halts amid writes", usize::from(!open.is_empty()));
                            self.add("halts of an approval at work", usize::from(approved_pending));
                        }
                        HaltReason::Seats(_) => self.add("seats short", 1),
                        HaltReason::TooManyStuck { .. } => self.add("breaker tripped", 1),
                        HaltReason::Write(_) => self.add("halts over a write", 1),
                        HaltReason::Unlicensed
                        | HaltReason::RemovedEarly { .. }
                        | HaltReason::Command { .. }
                        | HaltReason::WindowClosed => {}
                    }
                    approved_pending = false;
                }
                Event::ReprocessSettled { .. } => self.add("reprocessed", 1),
                Event::DirectSettled { outcome: Outcome::Done, .. } => self.add("direct licenses taken off", 1),
                Event::RollbackStarted { batch, .. } => {
                    self.add("rollbacks", 1);
                    self.add("rollbacks beside batches", usize::from(!under_way.is_empty()));
                    under_way.insert(*batch);
                }
                Event::ExternalChange { .. } => self.add("moved by others", 1),
                Event::NotProven { .. } => self.add("last looks failed", 1),
                Event::AlarmRaised { users } => {
                    self.add("alarms", 1);
                    rung.extend(users);
                }
                Event::Observed { users, .. } => {
                    for (user, standing) in users {
                        if *standing == Standing::Unlicensed {
                            bare.insert(*user);
                        } else if bare.remove(user) {
                            self.add("graces passed without alarm", usize::from(!rung.contains(user)));
                        }
                        self.add("seen stuck", usize::from(matches!(standing, Standing::Stuck(_))));
                    }
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, what: &'static str, more: usize) {
        *self.0.entry(what).or_default() += more;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, more)| self.add(what, *more));
    }

    /// How often it came.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or_default()
    }
}
