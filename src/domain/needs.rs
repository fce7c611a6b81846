//! What a run needs of somebody, as a code that scripts rely on, and since when.

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::progress::only_late;
use crate::domain::questions::Gate;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::gate_of;
use crate::domain::questions::gates;
use crate::domain::questions::pending_question;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;

/// What a run needs of somebody. Batches are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Users are without a license, and nobody has acknowledged it.
    AcknowledgeAlarm,
    /// The run is halted.
    LiftHalt,
    /// Users are stuck, or late.
    LookAtStuck,
    /// An approval to add, of this batch.
    ApproveAdd(usize),
    /// An approval to remove, of this batch.
    ApproveRemove(usize),
    /// No process is at work on it.
    Resume,
}

impl Need {
    /// The code.
    pub fn word(self) -> &'static str {
        match self {
            Self::AcknowledgeAlarm => "acknowledge-alarm",
            Self::LiftHalt => "lift-halt",
            Self::ApproveAdd(_) => "approve-add",
            Self::ApproveRemove(_) => "approve-remove",
            Self::LookAtStuck => "look-at-stuck",
            Self::Resume => "resume",
        }
    }

    /// The batch whose approval it is.
    pub fn batch(self) -> Option<usize> {
        match self {
            Self::ApproveAdd(batch) | Self::ApproveRemove(batch) => Some(batch),
            Self::AcknowledgeAlarm | Self::LiftHalt | Self::LookAtStuck | Self::Resume => None,
        }
    }
}

/// All that a run at work needs, the loudest first: an alarm, the halt and stuck users are louder than any routine approval.
/// The screen, the lines, the notifications and `status` go by it.
pub fn all(run: &Migration, now: Timestamp) -> Vec<Need> {
    let mut needs = Vec::new();
    if run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged) {
        needs.push(Need::AcknowledgeAlarm);
    }
    if run.halted.is_some() {
        needs.push(Need::LiftHalt);
    }
    if (0..run.batches.len()).any(|batch| run.count(batch, Fact::Stuck) + run.late_in(batch, now) > 0) {
        needs.push(Need::LookAtStuck);
    }
    needs.extend(open_gates(run, now).into_iter().filter_map(|gate| match gate.question {
        PendingQuestion::Add(_) => Some(Need::ApproveAdd(gate.batch)),
        PendingQuestion::Remove(_) => Some(Need::ApproveRemove(gate.batch)),
        PendingQuestion::Alarm | PendingQuestion::LiftHalt => None,
    }));
    needs
}

/// The gates that wait for an answer: those that wait by themselves, and those of batches of which only users past
/// `stuck_after` keep them from it, whom nobody waits for any longer.
pub fn open_gates(run: &Migration, now: Timestamp) -> Vec<Gate> {
    let mut open = gates(run);
    let stopped = run.halted.is_some() || run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged);
    if stopped || pending_question(run).is_err_and(|why| matches!(why, Refusal::OutcomesUnknown(_))) {
        return open;
    }
    let early = run.under_way_batches().into_iter().filter(|batch| {
        matches!(gate_of(run, *batch), Err(Refusal::NotSafeYet(_)))
            && only_late(run, *batch, now)
            && run.may_remove(*batch)
    });
    open.extend(early.map(|batch| {
        let question = PendingQuestion::Remove(run.count(batch, Fact::Removable));
        Gate { batch, question }
    }));
    open
}

/// The one thing to do first, for whoever sees one only: what can be answered goes before what can only be looked at, as a
/// stuck user never holds up the others.
pub fn first(needs: &[Need]) -> Option<Need> {
    needs.iter().find(|need| **need != Need::LookAtStuck).or(needs.first()).copied()
}

/// Follows what a run needs from event to event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait(Option<(Need, Timestamp)>);

impl Wait {
    /// Takes in how the run stands after an event.
    pub fn note(&mut self, run: &Migration, at: Timestamp) {
        let before = self.0;
        let since = |need: Need| before.filter(|was| was.0 == need).map_or(at, |was| was.1);
        self.0 = first(&all(run, at)).map(|need| (need, since(need)));
    }

    /// What it needs now, and since when.
    pub fn need(&self) -> Option<(Need, Timestamp)> {
        self.0
    }
}
