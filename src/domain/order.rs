//! An order is a write whose intent is durable; the client writes nothing without one.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::proof::LastLook;
use crate::domain::route::End;
use crate::domain::time::Timestamp;

/// How many members one write may name (Microsoft Graph, "Add members" and "JSON batching": 20 each).
pub const MOST_PER_ORDER: usize = 20;

/// Keeps events for good: when `keep` returns, the event has reached the disk.
pub trait IntentLog {
    /// What may go wrong while keeping.
    type Error;

    /// Makes the event durable, or fails; after a failure nothing may be written to the tenant.
    ///
    /// # Errors
    /// When the event may not have reached the disk.
    fn keep(&mut self, event: Event) -> Result<(), Self::Error>;
}

/// Permits gathered for one request. It turns into an [`Order`] by being kept.
#[must_use]
#[derive(Debug)]
pub struct Draft<W> {
    end: End,
    batch: usize,
    users: Vec<UserId>,
    leaves_before: Option<Timestamp>,
    write: PhantomData<W>,
}

/// A write that was approved, whose intent is durable and, for a removal, whose proof was fresh when it was made.
#[must_use]
#[derive(Debug)]
pub struct Order<W> {
    end: End,
    users: Vec<UserId>,
    leaves_before: Option<Timestamp>,
    write: PhantomData<W>,
}

/// A draft for no one, for more users than one request may name, or for two groups at once.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("one write names 1 to {MOST_PER_ORDER} users of one group")]
pub struct BadDraft;

impl<W> Draft<W> {
    fn of(permits: &[Permit<W>], leaves_before: Option<Timestamp>) -> Result<Self, BadDraft> {
        let first = permits.first().ok_or(BadDraft)?;
        let alike = permits.iter().all(|one| one.end() == first.end() && one.batch() == first.batch());
        if !alike || permits.len() > MOST_PER_ORDER {
            return Err(BadDraft);
        }
        Ok(Self {
            end: first.end(),
            batch: first.batch(),
            users: permits.iter().map(Permit::user).collect(),
            leaves_before,
            write: PhantomData,
        })
    }

    fn proven(proven: Vec<(Permit<W>, LastLook<W>)>) -> Result<Self, BadDraft> {
        if proven.iter().any(|(permit, look)| permit.user() != look.user()) {
            return Err(BadDraft);
        }
        let leaves_before = proven.iter().map(|(_, look)| look.good_until()).min();
        let permits: Vec<_> = proven.into_iter().map(|(permit, _)| permit).collect();
        Self::of(&permits, leaves_before)
    }

    fn order(self) -> Order<W> {
        Order { end: self.end, users: self.users, leaves_before: self.leaves_before, write: PhantomData }
    }
}

impl Draft<Add> {
    /// A draft to add the permitted users.
    ///
    /// # Errors
    /// [`BadDraft`] unless the permits are 1 to 20 and for one group.
    pub fn add(permits: Vec<Permit<Add>>) -> Result<Self, BadDraft> {
        let draft = Self::of(&permits, None);
        drop(permits);
        draft
    }

    /// Writes the intent down and gives the order.
    ///
    /// # Errors
    /// What the ledger says; the draft is lost with its permits, so nothing can be written.
    pub fn keep<L: IntentLog>(self, ledger: &mut L) -> Result<Order<Add>, L::Error> {
        ledger.keep(Event::AddIntended { batch: self.batch, users: self.users.clone() })?;
        Ok(self.order())
    }
}

impl Draft<Remove> {
    /// A draft to remove the permitted users, each with the proof that it is safe.
    ///
    /// # Errors
    /// [`BadDraft`] unless the permits are 1 to 20 and for one group, each beside the proof of its own user.
    pub fn remove(proven: Vec<(Permit<Remove>, LastLook<Remove>)>) -> Result<Self, BadDraft> {
        Self::proven(proven)
    }

    /// Writes the intent down and gives the order.
    ///
    /// # Errors
    /// What the ledger says; the draft is lost with its permits, so nothing can be written.
    pub fn keep<L: IntentLog>(self, ledger: &mut L) -> Result<Order<Remove>, L::Error> {
        ledger.keep(Event::RemoveIntended { batch: self.batch, users: self.users.clone() })?;
        Ok(self.order())
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

impl Draft<Reprocess> {
    /// A draft to have GBL look at the permitted users again.
    ///
    /// # Errors
    /// [`BadDraft`] unless the permits are 1 to 20 and of one batch.
    pub fn reprocess(permits: Vec<Permit<Reprocess>>) -> Result<Self, BadDraft> {
        let draft = Self::of(&permits, None);
        drop(permits);
        draft
    }

    /// Writes the intent down and gives the order.
    ///
    /// # Errors
    /// What the ledger says; the draft is lost with its permits, so nothing can be written.
    pub fn keep<L: IntentLog>(self, ledger: &mut L) -> Result<Order<Reprocess>, L::Error> {
        ledger.keep(Event::ReprocessIntended { batch: self.batch, users: self.users.clone() })?;
        Ok(self.order())
    }
}

impl Draft<Direct> {
    /// A draft to take a direct license off the permitted users, each with the proof that a group gives them another.
    ///
    /// # Errors
    /// [`BadDraft`] unless the permits are 1 to 20 and for one license, each beside the proof of its own user.
    pub fn direct(proven: Vec<(Permit<Direct>, LastLook<Direct>)>) -> Result<Self, BadDraft> {
        Self::proven(proven)
    }

    /// Writes the intent down and gives the order.
    ///
    /// # Errors
    /// What the ledger says; the draft is lost with its permits, so nothing can be written.
    pub fn keep<L: IntentLog>(self, ledger: &mut L) -> Result<Order<Direct>, L::Error> {
        ledger.keep(Event::DirectIntended { batch: self.batch, users: self.users.clone() })?;
        Ok(self.order())
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

    /// Uses the order up: `outcomes` says what became of each user. Who is not named there counts as lost.
    pub fn answered(self, mut outcomes: Vec<(UserId, Outcome)>) -> Answer<W> {
        outcomes.retain(|(user, _)| self.users.contains(user));
        for user in &self.users {
            if !outcomes.iter().any(|(one, _)| one == user) {
                let fault = Fault::new(FaultKind::Malformed, "the answer did not mention this user");
                outcomes.push((*user, Outcome::Lost(fault)));
            }
        }
        let unspent: Vec<_> =
            outcomes.iter().filter(|(_, out)| matches!(out, Outcome::Failed(_))).map(|(user, _)| *user).collect();
        let unspent = (!unspent.is_empty()).then_some(Self { users: unspent, ..self });
        Answer { outcomes, unspent }
    }
}

/// What became of one user's write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Graph acknowledged it.
    Done,
    /// Graph surely did not do it.
    Failed(Fault),
    /// Nobody knows: the answer never came, or came as a 5xx. Reality is asked before anything is written again.
    Lost(Fault),
}

/// What became of an order.
#[derive(Debug)]
pub struct Answer<W> {
    /// One outcome a user.
    pub outcomes: Vec<(UserId, Outcome)>,
    /// The order for those whose write surely did not happen; the only thing that may be sent again.
    pub unspent: Option<Order<W>>,
}

/// An order as if everything before it had happened, for tests of what becomes of orders.
#[cfg(test)]
pub(crate) fn test_order<W>(group: GroupId, users: Vec<UserId>, leaves_before: Option<Timestamp>) -> Order<W> {
    Order { end: End { group, sku: SkuId(uuid::Uuid::nil()) }, users, leaves_before, write: PhantomData }
}
