//! Proposal, approval, permit: the only way from an operator's yes to a write.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::route::End;
use crate::domain::standing::StandingCode;
use crate::domain::text::clean;

/// Marks what belongs to adding users to a group. It has no values.
#[derive(Debug)]
pub enum Add {}

/// Marks what belongs to removing users from a group. It has no values.
#[derive(Debug)]
pub enum Remove {}

/// Marks what belongs to having GBL look at users again. It has no values.
#[derive(Debug)]
pub enum Reprocess {}

/// Marks what belongs to taking a directly assigned license off users. It has no values.
#[derive(Debug)]
pub enum Direct {}

/// What stood on the screen when the operator was asked; the journal keeps it with the approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownToOperator {
    /// The group that will be written, by the name shown.
    pub group_name: String,
    /// Free seats of the target SKU at that moment, when they were known.
    pub free_seats: Option<i64>,
    /// How many users stood where.
    pub standings: Vec<(StandingCode, usize)>,
    /// Users of the batch that are left out of this approval.
    pub left_out: usize,
    /// Why, or under which ticket, in the operator's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A question to the operator: may these users be written? It owns its users, so that nothing moves under the dialog.
#[derive(Debug)]
pub struct Proposal<W> {
    number: u64,
    batch: usize,
    end: End,
    users: Vec<UserId>,
    seen: ShownToOperator,
    write: PhantomData<W>,
}

/// An operator's yes. Neither `Clone` nor `Deserialize`: writing uses it up, and no journal brings one back.
#[must_use = "an approval that is dropped approves nothing"]
#[derive(Debug)]
pub struct Approval<W> {
    proposal: Proposal<W>,
    /// How many of its users, from the first on, are used up: a batch may have 100,000, and nobody else is moved for one.
    spent: usize,
}

/// Leave for one write on one user.
#[must_use = "a permit that is dropped permits nothing"]
#[derive(Debug)]
pub struct Permit<W> {
    user: UserId,
    end: End,
    batch: usize,
    write: PhantomData<W>,
}

impl<W> Proposal<W> {
    /// Only the migration's own logic asks the operator: `domain::questions`.
    pub(in crate::domain) fn new(
        number: u64,
        batch: usize,
        end: End,
        users: Vec<UserId>,
        seen: ShownToOperator,
    ) -> Self {
        Self { number, batch, end, users, seen, write: PhantomData }
    }

    /// Which question this is; a later question makes it stale.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The batch, counted from 0.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The group that would be written.
    pub fn group(&self) -> GroupId {
        self.end.group
    }

    /// The product that the write is about.
    pub fn sku(&self) -> SkuId {
        self.end.sku
    }

    /// The users that would be written, and nobody else.
    pub fn users(&self) -> &[UserId] {
        &self.users
    }

    /// What stands on the screen beside the question.
    pub fn seen(&self) -> &ShownToOperator {
        &self.seen
    }
}

impl Proposal<Add> {
    /// The operator's yes to adding.
    pub fn yes(self) -> Approval<Add> {
        Approval::of(self)
    }
}

impl Proposal<Reprocess> {
    /// The operator's yes to reprocessing, which takes no license away.
    pub fn yes(self) -> Approval<Reprocess> {
        Approval::of(self)
    }
}

impl Proposal<Remove> {
    /// The operator typed a number. Only the number of users shown approves; anything else gives the question back.
    ///
    /// # Errors
    /// Gives the proposal back, unchanged, when the text is not that number.
    #[expect(clippy::result_large_err, reason = "the question goes back to the dialog as it came, once a keystroke")]
    pub fn typed(self, text: &str) -> Result<Approval<Remove>, Self> {
        self.by_number(text)
    }
}

impl Proposal<Direct> {
    /// The operator typed a number, as for any removal.
    ///
    /// # Errors
    /// Gives the proposal back, unchanged, when the text is not the number of users shown.
    #[expect(clippy::result_large_err, reason = "the question goes back to the dialog as it came, once a keystroke")]
    pub fn typed(self, text: &str) -> Result<Approval<Direct>, Self> {
        self.by_number(text)
    }
}

impl<W> Proposal<W> {
    #[expect(clippy::result_large_err, reason = "the question goes back to the dialog as it came, once a keystroke")]
    fn by_number(self, text: &str) -> Result<Approval<W>, Self> {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && text.parse() == Ok(self.users.len()) { Ok(Approval::of(self)) } else { Err(self) }
    }
}

impl<W> Approval<W> {
    fn of(proposal: Proposal<W>) -> Self {
        Self { proposal, spent: 0 }
    }

    /// Which question was answered.
    pub fn number(&self) -> u64 {
        self.proposal.number
    }

    /// The batch, counted from 0.
    pub fn batch(&self) -> usize {
        self.proposal.batch
    }

    /// What stood on the screen.
    pub fn seen(&self) -> &ShownToOperator {
        &self.proposal.seen
    }

    /// The same approval with the operator's reason for it, which the journal keeps. Of an empty one nothing is kept.
    pub fn because(mut self, reason: Option<String>) -> Self {
        let told = reason.map(|reason| clean(reason.trim()).into_owned());
        self.proposal.seen.reason = told.filter(|reason| !reason.is_empty());
        self
    }

    /// Users that may still be written.
    pub fn left(&self) -> &[UserId] {
        &self.proposal.users[self.spent..]
    }

    /// Takes the user out of the approval, so that one yes never writes twice. `None` when the yes was not for them.
    pub fn permit(&mut self, user: UserId) -> Option<Permit<W>> {
        match self.left().iter().position(|one| *one == user)? {
            0 => self.spent += 1,
            at => drop(self.proposal.users.remove(self.spent + at)),
        }
        Some(Permit { user, end: self.proposal.end, batch: self.proposal.batch, write: PhantomData })
    }

    /// Takes a user out without a write: they failed the last look, or were excluded.
    pub fn withdraw(&mut self, user: UserId) {
        self.proposal.users.drain(..std::mem::take(&mut self.spent));
        self.proposal.users.retain(|one| *one != user);
    }
}

impl<W> Permit<W> {
    /// The user who may be written.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The group that may be written.
    pub fn group(&self) -> GroupId {
        self.end.group
    }

    /// The group and the product that the write is about.
    pub(in crate::domain) fn end(&self) -> End {
        self.end
    }

    /// The batch, counted from 0.
    pub fn batch(&self) -> usize {
        self.batch
    }
}

/// The same for a group that these change.
#[cfg(test)]
pub(crate) fn test_approval_by<W>(moved_by: crate::domain::route::MovedBy, users: Vec<UserId>) -> Approval<W> {
    let mut approval = test_approval(1, 0, users);
    approval.proposal.end.moved_by = moved_by;
    approval
}

/// An approval as if the operator had been asked, for tests of what becomes of approvals.
#[cfg(test)]
pub(crate) fn test_approval<W>(number: u64, batch: usize, users: Vec<UserId>) -> Approval<W> {
    let seen =
        ShownToOperator { group_name: "LIC".into(), free_seats: None, standings: vec![], left_out: 0, reason: None };
    let moved_by = crate::domain::route::MovedBy::Skuferry;
    let end = End { group: GroupId(uuid::Uuid::nil()), sku: SkuId(uuid::Uuid::nil()), moved_by };
    Approval::of(Proposal::new(number, batch, end, users, seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    use crate::domain::route::MovedBy;

    fn proposal<W>(users: u128) -> Proposal<W> {
        let seen = ShownToOperator {
            group_name: "LIC".into(),
            free_seats: Some(5),
            standings: vec![],
            left_out: 0,
            reason: None,
        };
        let users = (1..=users).map(|id| UserId(Uuid::from_u128(id))).collect();
        let end =
            End { group: GroupId(Uuid::from_u128(99)), sku: SkuId(Uuid::from_u128(98)), moved_by: MovedBy::Skuferry };
        Proposal::new(1, 0, end, users, seen)
    }

    #[test]
    fn only_the_exact_number_of_users_approves_a_removal() {
        for text in ["", "y", "yes", "19", "21", "20.0", "-20", "+20", "twenty", "20 users", "2 0", "0x14"] {
            assert!(proposal::<Remove>(20).typed(text).is_err(), "{text:?} approved");
        }
        assert!(proposal::<Remove>(20).typed(" 20 ").is_ok());
    }

    #[test]
    fn a_permit_is_given_once_and_only_to_the_approved() {
        let mut approval = proposal::<Add>(2).yes();
        let user = UserId(Uuid::from_u128(1));
        assert!(approval.permit(UserId(Uuid::from_u128(3))).is_none());
        assert!(approval.permit(user).is_some());
        assert!(approval.permit(user).is_none());
        assert_eq!(approval.left().len(), 1);
    }

    proptest! {
        /// Permits are asked for in any order, of anybody, again and again, and users are taken out in between.
        #[test]
        fn a_yes_permits_each_of_its_users_once_in_any_order(
            asks in proptest::collection::vec((1_u128..12, proptest::bool::weighted(0.8)), 0..40),
        ) {
            let mut approval = proposal::<Remove>(9).typed("9").unwrap();
            let mut left: Vec<UserId> = approval.left().to_vec();
            for (id, permits) in asks {
                let user = UserId(Uuid::from_u128(id));
                let place = left.iter().position(|one| *one == user);
                if permits {
                    prop_assert_eq!(approval.permit(user).map(|permit| permit.user()), place.map(|_| user));
                } else {
                    approval.withdraw(user);
                }
                if let Some(place) = place {
                    left.remove(place);
                }
                prop_assert_eq!(approval.left(), &left[..]);
            }
        }
    }
}
