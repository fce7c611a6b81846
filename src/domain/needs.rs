//! What a run needs of somebody, as a code that scripts rely on, and since when.

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::gates;
use crate::domain::questions::pending_question;
use crate::domain::time::Timestamp;

/// What a run needs of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Users are without a license, and nobody has acknowledged it.
    AcknowledgeAlarm,
    /// The run is halted.
    LiftHalt,
    /// An approval to add.
    ApproveAdd,
    /// An approval to remove.
    ApproveRemove,
    /// Users are stuck, and nothing else waits.
    LookAtStuck,
    /// No process is at work on it.
    Resume,
}

impl Need {
    /// The code.
    pub fn word(self) -> &'static str {
        match self {
            Self::AcknowledgeAlarm => "acknowledge-alarm",
            Self::LiftHalt => "lift-halt",
            Self::ApproveAdd => "approve-add",
            Self::ApproveRemove => "approve-remove",
            Self::LookAtStuck => "look-at-stuck",
            Self::Resume => "resume",
        }
    }
}

/// What a run that is at work needs, and of which batch, counted from 0.
pub fn needed(run: &Migration) -> Option<(Need, usize)> {
    let batch = gates(run).first().map_or(0, |gate| gate.batch);
    match pending_question(run) {
        Ok(PendingQuestion::Alarm) => Some((Need::AcknowledgeAlarm, 0)),
        Ok(PendingQuestion::LiftHalt) => Some((Need::LiftHalt, 0)),
        Ok(PendingQuestion::Add(_)) => Some((Need::ApproveAdd, batch)),
        Ok(PendingQuestion::Remove(_)) => Some((Need::ApproveRemove, batch)),
        Err(_) => {
            let stuck = |batch: &usize| run.count(*batch, Fact::Stuck) > 0;
            run.under_way_batches().into_iter().find(stuck).map(|batch| (Need::LookAtStuck, batch))
        }
    }
}

/// Follows what a run needs from event to event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait(Option<(Need, usize, Timestamp)>);

impl Wait {
    /// Takes in how the run stands after an event.
    pub fn note(&mut self, run: &Migration, at: Timestamp) {
        let before = self.0;
        let since = |what: (Need, usize)| before.filter(|was| (was.0, was.1) == what).map_or(at, |was| was.2);
        self.0 = needed(run).map(|what| (what.0, what.1, since(what)));
    }

    /// What it needs now, and since when.
    pub fn need(&self) -> Option<(Need, Timestamp)> {
        self.0.map(|(need, _, since)| (need, since))
    }
}
