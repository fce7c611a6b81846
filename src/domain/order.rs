//! An order is a write whose intent is durable; the client writes nothing without one.

use std::collections::HashMap;
use std::marker::PhantomData;

use crate::domain::approval::Remove;
use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::outcome::Outcome;
use crate::domain::proof::LastLook;
use crate::domain::route::End;
#[cfg(test)]
use crate::domain::route::MovedBy;
use crate::domain::time::Timestamp;
use crate::domain::write::Grounds;
use crate::domain::write::Marker;

/// How many members one write may name (Microsoft Graph, "Add members" and "JSON batching": 20 each).
pub const MOST_PER_ORDER: usize = 20;

/// Keeps events for good, in their order. The disk answers in its own time.
pub trait IntentLog {
    /// What may go wrong while keeping.
    type Error;

    /// Takes an event in, and gives what to ask by whether the disk has it.
    ///
    /// # Errors
    /// When the event cannot be kept; after a failure nothing may be written to the tenant.
    fn keep(&mut self, event: Event) -> Result<Receipt, Self::Error>;

    /// Whether this event and all before it have reached the disk, so that its effect may follow.
    fn is_durable(&self, receipt: Receipt) -> bool;
}

/// The number of an event among those that an [`IntentLog`] was given, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt(pub u64);

/// Permits gathered for one request. It turns into an [`Order`] by being kept, once the disk has it.
#[must_use]
#[derive(Debug)]
pub struct Draft<W> {
    end: End,
    batch: usize,
    users: Vec<UserId>,
    leaves_before: Option<Timestamp>,
    write: PhantomData<W>,
}

/// A write whose intent was handed to the journal. It turns into an [`Order`] once the disk has answered.
#[must_use]
#[derive(Debug)]
pub struct Intent<W> {
    order: Order<W>,
    receipt: Receipt,
}

impl<W> Intent<W> {
    /// The order, when the intent is durable; else the intent, to be asked again later.
    ///
    /// # Errors
    /// Gives the intent back while the disk has not answered.
    pub fn order<L: IntentLog>(self, log: &L) -> Result<Order<W>, Self> {
        if log.is_durable(self.receipt) { Ok(self.order) } else { Err(self) }
    }

    /// The users to write.
    pub fn users(&self) -> &[UserId] {
        &self.order.users
    }

    /// The intent for all but one user, before it leaves; `None` when it names nobody else.
    pub fn without(self, user: UserId) -> Option<Self> {
        let others: Vec<UserId> = self.order.users.iter().copied().filter(|one| *one != user).collect();
        Some(Self { order: self.order.only(&others)?, receipt: self.receipt })
    }
}

/// A write that was approved, whose intent is durable and, for a removal, whose proof was fresh when it was made.
#[must_use]
#[derive(Debug)]
pub struct Order<W> {
    end: End,
    batch: usize,
    users: Vec<UserId>,
    leaves_before: Option<Timestamp>,
    write: PhantomData<W>,
}

/// A draft for no one, for more users than one request may name, for two groups at once, or for a group that others change.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("bad-draft")]
pub struct BadDraft;

impl<W: Marker> Draft<W> {
    /// A draft for the users of these grounds: permits, each beside the proof of its own user where a license is taken
    /// away.
    ///
    /// # Errors
    /// [`BadDraft`] unless they are 1 to 20, for one group and batch, and each proof is of the user of its permit; and for a
    /// group whose members others change, so that no order to write to one can be made.
    pub fn of(grounds: Vec<W::Grounds>) -> Result<Self, BadDraft> {
        let first = grounds.first().ok_or(BadDraft)?.permit();
        let (end, batch) = (first.end(), first.batch());
        let alike = |one: &W::Grounds| one.agree() && one.permit().end() == end && one.permit().batch() == batch;
        let by_others = W::KIND.is_membership() && end.moved_by.is_others();
        if by_others || !grounds.iter().all(alike) || grounds.len() > MOST_PER_ORDER {
            return Err(BadDraft);
        }
        let users = grounds.iter().map(|one| one.permit().user()).collect();
        let leaves_before = grounds.iter().filter_map(Grounds::good_until).min();
        drop(grounds); // they are used up
        Ok(Self { end, batch, users, leaves_before, write: PhantomData })
    }

    /// Hands the intent to the journal.
    ///
    /// # Errors
    /// What the log says; the draft is lost with its permits, so nothing can be written.
    pub fn keep<L: IntentLog>(self, log: &mut L) -> Result<Intent<W>, L::Error> {
        let receipt = log.keep(W::KIND.intended(self.batch, self.users.clone()))?;
        let Self { end, batch, users, leaves_before, write } = self;
        Ok(Intent { order: Order { end, batch, users, leaves_before, write }, receipt })
    }
}

impl Order<Remove> {
    /// The order for those of its users whom a new last look proves safe, good for as long as these proofs are; `None`
    /// when it proves nobody. An order that could not leave in time leaves by this way only.
    pub fn renewed(self, proofs: &[LastLook]) -> Option<Self> {
        let leaves_before = proofs.iter().map(LastLook::good_until).min();
        let proven: Vec<UserId> = proofs.iter().map(LastLook::user).collect();
        let order = self.only(&proven)?;
        Some(Self { leaves_before, ..order })
    }
}

impl<W> Order<W> {
    /// The group to write.
    pub fn group(&self) -> GroupId {
        self.end.group
    }

    /// The product that the write is about.
    pub fn sku(&self) -> SkuId {
        self.end.sku
    }

    /// The batch that it was approved for, counted from 0.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The users to write.
    pub fn users(&self) -> &[UserId] {
        &self.users
    }

    /// Whether the order may still leave: the proof behind a removal is good for 60 s, an addition needs none.
    pub fn may_leave(&self, now: Timestamp) -> bool {
        self.leaves_before.is_none_or(|limit| now <= limit)
    }

    /// The order cut in two, so that a refused request can be narrowed down to its culprit. One user cannot be cut.
    ///
    /// # Errors
    /// Gives the order back when it names one user only.
    pub fn split(self) -> Result<(Self, Self), Self> {
        if self.users.len() < 2 {
            return Err(self);
        }
        let (left, right) = self.users.split_at(self.users.len() / 2);
        let part = |users: &[UserId]| Self {
            end: self.end,
            batch: self.batch,
            users: users.to_vec(),
            leaves_before: self.leaves_before,
            write: PhantomData,
        };
        Ok((part(left), part(right)))
    }

    /// The order for some of its users; `None` when it names none of them.
    pub fn only(self, users: &[UserId]) -> Option<Self> {
        let users: Vec<UserId> = self.users.iter().copied().filter(|user| users.contains(user)).collect();
        (!users.is_empty()).then_some(Self { users, ..self })
    }

    /// The order for some of its users, and the order for the others.
    pub fn part(self, users: &[UserId]) -> (Option<Self>, Option<Self>) {
        let (some, others): (Vec<UserId>, Vec<UserId>) = self.users.iter().partition(|user| users.contains(user));
        let Self { end, batch, leaves_before, .. } = self;
        let of = |users: Vec<UserId>| {
            (!users.is_empty()).then_some(Self { end, batch, users, leaves_before, write: PhantomData })
        };
        (of(some), of(others))
    }

    /// Uses the order up: `answers` says what became of each user. Who is not named there counts as lost, and so does
    /// who is named twice, unlike.
    pub fn answered(self, answers: Vec<(UserId, Outcome)>) -> Answer<W> {
        let lost = |why| Outcome::Lost(Fault::new(FaultKind::Malformed, why));
        let mut told: HashMap<UserId, Outcome> = HashMap::with_capacity(self.users.len());
        for (user, outcome) in answers {
            let known = told.entry(user).or_insert_with(|| outcome.clone());
            if *known != outcome {
                *known = lost(FaultMessage::SaidTwoThings);
            }
        }
        let outcome = |user| told.remove(user).unwrap_or_else(|| lost(FaultMessage::NotMentioned));
        let outcomes: Vec<_> = self.users.iter().copied().zip(self.users.iter().map(outcome)).collect();
        let batch = self.batch;
        let unspent: Vec<_> =
            outcomes.iter().filter(|(_, out)| matches!(out, Outcome::Failed(_))).map(|(user, _)| *user).collect();
        let unspent = (!unspent.is_empty()).then_some(Self { users: unspent, ..self });
        Answer { batch, outcomes, unspent }
    }
}

/// What became of an order.
#[derive(Debug)]
pub struct Answer<W> {
    /// The batch that the order was approved for, counted from 0.
    pub batch: usize,
    /// One outcome a user.
    pub outcomes: Vec<(UserId, Outcome)>,
    /// The order for those whose write surely did not happen; the only thing that may be sent again.
    pub unspent: Option<Order<W>>,
}

/// An order as if everything before it had happened, for tests of what becomes of orders.
#[cfg(test)]
pub(crate) fn test_order<W>(group: GroupId, users: Vec<UserId>, leaves_before: Option<Timestamp>) -> Order<W> {
    Order {
        end: End { group, sku: SkuId(uuid::Uuid::nil()), moved_by: MovedBy::Skuferry },
        batch: 0,
        users,
        leaves_before,
        write: PhantomData,
    }
}
