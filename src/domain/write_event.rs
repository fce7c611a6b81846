//! How the four kinds of write stand in the journal: twelve events and two read-backs, seen as one thing.

use crate::domain::approval::ShownToOperator;
use crate::domain::event::Event;
use crate::domain::external_change::ExternalChange;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::domain::read_back::ReadBack;
use crate::domain::write::WriteKind;

/// What an event says of writes of one kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WriteEvent<'a> {
    /// What is written.
    pub kind: WriteKind,
    /// What happens to it.
    pub what: WriteStage<'a>,
}

/// The stages of a write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WriteStage<'a> {
    /// The operator approved it.
    Approved {
        /// The batch, counted from 0.
        batch: usize,
        /// For whom.
        users: &'a [UserId],
    },
    /// It is about to leave.
    Intended {
        /// The batch, counted from 0.
        batch: usize,
        /// For whom.
        users: &'a [UserId],
    },
    /// It was answered, or was not sent.
    Settled {
        /// The batch, counted from 0.
        batch: usize,
        /// For whom.
        users: &'a [UserId],
        /// What became of it.
        outcome: &'a Outcome,
    },
    /// A read told what became of it.
    ReadBack {
        /// For whom.
        user: UserId,
        /// What the read said.
        found: ReadBack,
    },
    /// Somebody else made it undone.
    Undone {
        /// For whom.
        user: UserId,
        /// What they did.
        what: ExternalChange,
    },
}

impl Event {
    /// What the event says of a write; `None` for an event about something else.
    pub fn write(&self) -> Option<WriteEvent<'_>> {
        let (kind, what) = match self {
            Self::AddApproved { batch, users, .. } => (WriteKind::Add, approved(*batch, users)),
            Self::RemoveApproved { batch, users, .. } => (WriteKind::Remove, approved(*batch, users)),
            Self::ReprocessApproved { batch, users, .. } => (WriteKind::Reprocess, approved(*batch, users)),
            Self::DirectApproved { batch, users, .. } => (WriteKind::Direct, approved(*batch, users)),
            Self::AddIntended { batch, users } => (WriteKind::Add, intended(*batch, users)),
            Self::RemoveIntended { batch, users } => (WriteKind::Remove, intended(*batch, users)),
            Self::ReprocessIntended { batch, users } => (WriteKind::Reprocess, intended(*batch, users)),
            Self::DirectIntended { batch, users } => (WriteKind::Direct, intended(*batch, users)),
            Self::AddSettled { batch, users, outcome } => (WriteKind::Add, settled(*batch, users, outcome)),
            Self::RemoveSettled { batch, users, outcome } => (WriteKind::Remove, settled(*batch, users, outcome)),
            Self::ReprocessSettled { batch, users, outcome } => (WriteKind::Reprocess, settled(*batch, users, outcome)),
            Self::DirectSettled { batch, users, outcome } => (WriteKind::Direct, settled(*batch, users, outcome)),
            Self::AddReadBack { user, found } => (WriteKind::Add, WriteStage::ReadBack { user: *user, found: *found }),
            Self::RemoveReadBack { user, found } => {
                (WriteKind::Remove, WriteStage::ReadBack { user: *user, found: *found })
            }
            Self::ExternalChange { user, what } => {
                let kind = match what {
                    ExternalChange::TakenOut => WriteKind::Add,
                    ExternalChange::PutBack => WriteKind::Remove,
                };
                (kind, WriteStage::Undone { user: *user, what: *what })
            }
            Self::RunStarted { .. }
            | Self::Resumed { .. }
            | Self::SessionOpened { .. }
            | Self::Checked { .. }
            | Self::BatchChecked { .. }
            | Self::AddsAcknowledged { .. }
            | Self::Proven { .. }
            | Self::NotProven { .. }
            | Self::RemovesAcknowledged { .. }
            | Self::Observed { .. }
            | Self::ReadFailed { .. }
            | Self::Delayed { .. }
            | Self::GroupsChanged { .. }
            | Self::BatchesUnderWaySet { .. }
            | Self::BatchSettingsSet { .. }
            | Self::Excluded { .. }
            | Self::Halted { .. }
            | Self::HaltLifted { .. }
            | Self::Explained { .. }
            | Self::RollbackStarted { .. }
            | Self::AlarmRaised { .. }
            | Self::AlarmAcknowledged { .. }
            | Self::WorklistIssued { .. }
            | Self::WorklistWritten { .. }
            | Self::WorklistEnded { .. }
            | Self::RemovedByOthers { .. }
            | Self::BatchComplete { .. }
            | Self::MigrationComplete => return None,
        };
        Some(WriteEvent { kind, what })
    }
}

fn approved(batch: usize, users: &[UserId]) -> WriteStage<'_> {
    WriteStage::Approved { batch, users }
}

fn intended(batch: usize, users: &[UserId]) -> WriteStage<'_> {
    WriteStage::Intended { batch, users }
}

fn settled<'a>(batch: usize, users: &'a [UserId], outcome: &'a Outcome) -> WriteStage<'a> {
    WriteStage::Settled { batch, users, outcome }
}

impl WriteKind {
    /// That the operator approved it.
    pub fn approved(self, batch: usize, users: Vec<UserId>, by: String, seen: ShownToOperator) -> Event {
        match self {
            Self::Add => Event::AddApproved { batch, users, by, seen },
            Self::Remove => Event::RemoveApproved { batch, users, by, seen },
            Self::Reprocess => Event::ReprocessApproved { batch, users, by, seen },
            Self::Direct => Event::DirectApproved { batch, users, by, seen },
        }
    }

    /// That it is about to leave.
    pub fn intended(self, batch: usize, users: Vec<UserId>) -> Event {
        match self {
            Self::Add => Event::AddIntended { batch, users },
            Self::Remove => Event::RemoveIntended { batch, users },
            Self::Reprocess => Event::ReprocessIntended { batch, users },
            Self::Direct => Event::DirectIntended { batch, users },
        }
    }

    /// What became of it.
    pub fn settled(self, batch: usize, users: Vec<UserId>, outcome: Outcome) -> Event {
        match self {
            Self::Add => Event::AddSettled { batch, users, outcome },
            Self::Remove => Event::RemoveSettled { batch, users, outcome },
            Self::Reprocess => Event::ReprocessSettled { batch, users, outcome },
            Self::Direct => Event::DirectSettled { batch, users, outcome },
        }
    }

    /// What a read said of it; `None` for what is never read back.
    pub fn read_back(self, user: UserId, found: ReadBack) -> Option<Event> {
        match self {
            Self::Add => Some(Event::AddReadBack { user, found }),
            Self::Remove => Some(Event::RemoveReadBack { user, found }),
            Self::Reprocess | Self::Direct => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::user_id;

    #[test]
    fn what_is_made_for_a_kind_is_seen_as_of_that_kind() {
        let users = vec![user_id(1), user_id(2)];
        let seen = ShownToOperator {
            group_name: "LIC".into(),
            free_seats: None,
            standings: vec![],
            left_out: 0,
            reason: None,
        };
        for kind in WriteKind::ALL {
            let approved = kind.approved(3, users.clone(), "admin".into(), seen.clone());
            let stage = WriteStage::Approved { batch: 3, users: &users };
            assert_eq!(approved.write(), Some(WriteEvent { kind, what: stage }));
            let stage = WriteStage::Intended { batch: 3, users: &users };
            assert_eq!(kind.intended(3, users.clone()).write(), Some(WriteEvent { kind, what: stage }));
            let stage = WriteStage::Settled { batch: 3, users: &users, outcome: &Outcome::Done };
            assert_eq!(kind.settled(3, users.clone(), Outcome::Done).write(), Some(WriteEvent { kind, what: stage }));
            let found = ReadBack::InEffect;
            let read = kind.read_back(users[0], found);
            assert_eq!(read.is_some(), kind.is_membership());
            let stage = WriteStage::ReadBack { user: users[0], found };
            assert!(read.is_none_or(|event| event.write() == Some(WriteEvent { kind, what: stage })));
        }
    }
}
