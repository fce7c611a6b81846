//! A worklist in the making: permits and proofs are spent on it, and its event goes before its file.

use crate::domain::event::Event;
use crate::domain::id::UserId;
use crate::domain::order::BadDraft;
use crate::domain::order::IntentLog;
use crate::domain::order::Receipt;
use crate::domain::route::Direction;
use crate::domain::route::End;
use crate::domain::time::Timestamp;
use crate::domain::worklist::Issued;
use crate::domain::worklist::MOST_PER_WORKLIST;
use crate::domain::worklist::WorklistKind;
use crate::domain::write::Grounds;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;

/// A worklist whose event was handed to the journal. Its file may be written once the disk has that.
#[must_use]
#[derive(Debug)]
pub struct Listing {
    issued: Issued,
    receipt: Receipt,
    leaves_before: Option<Timestamp>,
}

impl Listing {
    /// The users of these grounds for others: permits, each beside the proof of its own user where a license is taken away.
    /// It is the counterpart of a draft of an order, and of the same permits either one or the other can be made.
    ///
    /// # Errors
    /// [`BadDraft`] unless they are 1 to [`MOST_PER_WORKLIST`], for one batch and one group whose members others change, and
    /// each proof is of the user of its permit.
    pub fn of<W: Marker>(grounds: Vec<W::Grounds>) -> Result<WorklistDraft, BadDraft> {
        let first = grounds.first().ok_or(BadDraft)?.permit();
        let (end, batch) = (first.end(), first.batch());
        let alike = |one: &W::Grounds| one.agree() && one.permit().end() == end && one.permit().batch() == batch;
        let kind = match W::KIND {
            WriteKind::Add => WorklistKind::Add,
            WriteKind::Remove => WorklistKind::Remove,
            WriteKind::Reprocess | WriteKind::Direct => return Err(BadDraft),
        };
        if !end.moved_by.is_others() || !grounds.iter().all(alike) || grounds.len() > MOST_PER_WORKLIST {
            return Err(BadDraft);
        }
        let users = grounds.iter().map(|one| (one.permit().user(), one.read_at())).collect();
        let leaves_before = grounds.iter().filter_map(Grounds::good_until).min();
        drop(grounds); // they are used up
        Ok(WorklistDraft { end, batch, kind, users, leaves_before })
    }

    /// What was issued.
    pub fn issued(&self) -> &Issued {
        &self.issued
    }

    /// Whether the disk has its event.
    pub fn is_durable<L: IntentLog>(&self, log: &L) -> bool {
        log.is_durable(self.receipt)
    }

    /// Until when its file may be written: as long as every proof on it is good; `None` when it needs no proof.
    pub fn leaves_before(&self) -> Option<Timestamp> {
        self.leaves_before
    }
}

/// Permits gathered for one worklist, and used up by it.
#[must_use]
#[derive(Debug)]
pub struct WorklistDraft {
    end: End,
    batch: usize,
    kind: WorklistKind,
    users: Vec<(UserId, Option<Timestamp>)>,
    leaves_before: Option<Timestamp>,
}

impl WorklistDraft {
    /// What others are asked to do.
    pub fn kind(&self) -> WorklistKind {
        self.kind
    }

    /// Hands the worklist to the journal, with its number and the place of its file.
    ///
    /// # Errors
    /// What the log says; the draft is lost with its permits.
    pub fn keep<L: IntentLog>(
        self,
        (number, direction, file): (usize, Direction, String),
        log: &mut L,
    ) -> Result<Listing, L::Error> {
        let Self { end, batch, kind, users, leaves_before } = self;
        let issued = Issued { number, batch, direction, kind, group: end.group, file, users };
        let receipt = log.keep(Event::WorklistIssued { worklist: Box::new(issued.clone()) })?;
        Ok(Listing { issued, receipt, leaves_before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::approval::Add;
    use crate::domain::approval::Direct;
    use crate::domain::approval::Permit;
    use crate::domain::approval::Reprocess;
    use crate::domain::approval::test_approval_by;
    use crate::domain::order;
    use crate::domain::route::MovedBy;
    use crate::domain::testing::user_id;

    fn permits<W>(moved_by: MovedBy, users: u128) -> Vec<Permit<W>> {
        let users: Vec<UserId> = (1..=users).map(user_id).collect();
        let mut approval = test_approval_by::<W>(moved_by, users.clone());
        users.into_iter().filter_map(|user| approval.permit(user)).collect()
    }

    #[test]
    fn of_a_permit_for_a_group_that_others_change_no_order_can_be_made_and_of_any_other_no_worklist() {
        for users in 1..=20 {
            assert!(order::Draft::<Add>::of(permits(MovedBy::Others, users)).is_err());
            assert!(order::Draft::<Add>::of(permits(MovedBy::Skuferry, users)).is_ok());
            assert!(Listing::of::<Add>(permits(MovedBy::Others, users)).is_ok());
            assert!(Listing::of::<Add>(permits(MovedBy::Skuferry, users)).is_err());
        }
        // What changes licenses of users and no members is ours wherever they are.
        assert!(order::Draft::<Reprocess>::of(permits(MovedBy::Others, 3)).is_ok());
        assert!(Listing::of::<Reprocess>(permits(MovedBy::Others, 3)).is_err());
        assert!(Listing::of::<Add>(permits(MovedBy::Others, 201)).is_err());
        assert!(permits::<Direct>(MovedBy::Others, 1).len() == 1);
    }
}
