//! One approval at work: whom it may still permit, and the orders that wait to be sent.

use std::collections::VecDeque;

use crate::domain::approval::Approval;
use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Intent;
use crate::domain::order::IntentLog;
use crate::domain::order::Order;
use crate::domain::proof::LastLook;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::backoff::passes;

/// How often a write that surely did not happen is sent again before the operator is asked.
pub(super) const TRIES: u32 = 6;
/// The first wait before it is, at most; it doubles.
pub(super) const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);

/// One approval at work.
pub(in crate::engine) struct Job<W> {
    approval: Approval<W>,
    pending: VecDeque<Order<W>>,
    /// A write whose intent the disk has not answered for.
    intended: Option<Intent<W>>,
    /// An order whose proof grew too old before it could leave, while its users are looked at again.
    aside: Option<Order<W>>,
    /// Whether somebody whose order waits was seen otherwise than their proof has it.
    contradicted: bool,
    /// How often in a row it was tried in vain.
    tries: u32,
    /// Not before then is it tried again.
    hold: Option<Timestamp>,
}

impl<W> Job<W> {
    pub(super) fn new(approval: Approval<W>) -> Self {
        Self {
            approval,
            pending: VecDeque::new(),
            intended: None,
            aside: None,
            contradicted: false,
            tries: 0,
            hold: None,
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.approval.number()
    }

    pub(super) fn batch(&self) -> usize {
        self.approval.batch()
    }

    pub(super) fn left(&self) -> &[UserId] {
        self.approval.left()
    }

    pub(super) fn permit(&mut self, user: UserId) -> Option<Permit<W>> {
        self.approval.permit(user)
    }

    pub(super) fn withdraw(&mut self, user: UserId) {
        self.approval.withdraw(user);
    }

    pub(super) fn intend(&mut self, intent: Intent<W>) {
        self.intended = Some(intent);
    }

    pub(super) fn release(&mut self, log: &impl IntentLog) {
        match self.intended.take().map(|intent| intent.order(log)) {
            Some(Ok(order)) => self.pending.push_back(order),
            Some(Err(intent)) => self.intended = Some(intent),
            None => {}
        }
    }

    pub(super) fn has_intent(&self) -> bool {
        self.intended.is_some()
    }

    /// The users of each order that has not left.
    fn unsent(&self) -> impl Iterator<Item = &[UserId]> {
        let orders = self.pending.iter().chain(&self.aside).map(Order::users);
        orders.chain(self.intended.iter().map(Intent::users))
    }

    #[cfg(test)]
    pub(super) fn push(&mut self, order: Order<W>) {
        self.pending.push_back(order);
    }

    pub(super) fn push_first(&mut self, order: Order<W>) {
        self.pending.push_front(order);
    }

    pub(super) fn next_order(&mut self) -> Option<Order<W>> {
        self.pending.pop_front()
    }

    pub(super) fn next_fresh(&mut self, now: Timestamp) -> Option<Order<W>> {
        self.pending.pop_front_if(|order| !self.contradicted && order.may_leave(now))
    }

    pub(super) fn first_is_fresh(&self, now: Timestamp) -> bool {
        self.pending.front().is_some_and(|order| !self.contradicted && order.may_leave(now))
    }

    pub(super) fn first(&self) -> Option<&[UserId]> {
        self.pending.front().map(Order::users)
    }

    pub(super) fn set_aside(&mut self) {
        self.aside = self.pending.pop_front();
    }

    pub(super) fn is_aside(&self) -> bool {
        self.aside.is_some()
    }

    pub(super) fn put_back(&mut self) {
        if let Some(order) = self.aside.take() {
            self.pending.push_front(order);
        }
    }

    pub(super) fn take_aside(&mut self) -> Option<Order<W>> {
        self.aside.take()
    }

    pub(super) fn contradict(&mut self) {
        self.contradicted = true;
    }

    pub(super) fn waits(&self, user: UserId) -> bool {
        let orders = self.pending.iter().map(Order::users).chain(self.intended.iter().map(Intent::users));
        orders.into_iter().any(|users| users.contains(&user))
    }

    pub(super) fn has_unsent(&self, user: UserId) -> bool {
        self.unsent().any(|users| users.contains(&user))
    }

    pub(super) fn unsent_users(&self) -> Vec<UserId> {
        self.unsent().flatten().copied().collect()
    }

    pub(super) fn leave_out(&mut self, user: UserId) {
        for order in std::mem::take(&mut self.pending) {
            let others: Vec<UserId> = order.users().iter().copied().filter(|one| *one != user).collect();
            self.pending.extend(order.only(&others));
        }
        self.intended = self.intended.take().and_then(|intent| intent.without(user));
    }

    pub(super) fn held(&self, now: Timestamp) -> Option<Timestamp> {
        self.hold.filter(|until| now < *until)
    }

    pub(super) fn held_until(&self) -> Option<Timestamp> {
        self.hold
    }

    pub(super) fn retry_now(&mut self) {
        self.hold = None;
    }

    pub(super) fn answered(&mut self) {
        (self.tries, self.hold) = (0, None);
    }

    pub(super) fn is_tired(&self) -> bool {
        self.tries >= TRIES
    }

    /// The tries are never used up for what passes by itself, nor for what only grew too old.
    /// Of our own wait a part is left to chance, so that two who met once do not meet again and again. `jitter` is drawn
    /// from 0.0 to 1.0.
    pub(super) fn wait(&mut self, kind: FaultKind, now: Timestamp, asked: Option<Timestamp>, jitter: f64) -> bool {
        self.tries += 1;
        let patient = passes(kind) || kind == FaultKind::NotSent;
        let longest = FIRST_WAIT.saturating_mul(1 << (self.tries - 1).min(5));
        let wait = SignedDuration::try_from_secs_f64(longest.as_secs_f64() * (0.5 + jitter.clamp(0.0, 1.0) / 2.0));
        let wait = wait.unwrap_or(longest);
        // What the service asks for is waited for and no more; only without that is it our own wait.
        self.hold = asked.filter(|until| *until > now).or(Some(now + wait));
        patient || self.tries <= TRIES
    }

    pub(super) fn again(
        &mut self,
        order: Order<W>,
        kind: FaultKind,
        now: Timestamp,
        asked: Option<Timestamp>,
        jitter: f64,
    ) -> Result<(), Order<W>> {
        if !self.wait(kind, now, asked, jitter) {
            return Err(order);
        }
        self.pending.push_front(order);
        Ok(())
    }
}

impl Job<Remove> {
    pub(super) fn renew(&mut self, order: Order<Remove>, proofs: &[LastLook]) {
        self.contradicted = false;
        if let Some(order) = order.renewed(proofs) {
            self.pending.push_front(order);
        }
    }
}
