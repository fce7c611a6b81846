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
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;
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
}

/// What can be asked of an approval at work whatever its kind.
pub(in crate::engine) trait OneJob {
    /// What it writes.
    fn kind(&self) -> WriteKind;
    /// The question that it answered.
    fn number(&self) -> u64;
    /// Its batch, counted from 0.
    fn batch(&self) -> usize;
    /// Whom the approval may still be spent on.
    fn left(&self) -> &[UserId];
    /// Takes a user out before they are permitted.
    fn withdraw(&mut self, user: UserId);
    /// Whether an intent waits for the disk.
    fn has_intent(&self) -> bool;
    /// The users of the first order that waits.
    fn first(&self) -> Option<&[UserId]>;
    /// Whether the first order may leave. A removal goes only while its proof is fresh and nobody of it was seen otherwise
    /// since, as it can be proven anew; of the others the client sends none that grew too old.
    fn may_send(&self, now: Timestamp) -> bool;
    /// Whether a user's order waits to be sent, and not aside.
    fn waits(&self, user: UserId) -> bool;
    /// Whether a user's order or intent has not left.
    fn has_unsent(&self, user: UserId) -> bool;
    /// The users of all orders and intents that have not left.
    fn unsent_users(&self) -> Vec<UserId>;
    /// Takes a user out of the order that waits.
    fn leave_out(&mut self, user: UserId);
    /// The first order waits aside while its users are looked at again.
    fn set_aside(&mut self);
    /// An order whose new look came to nothing waits for another.
    fn put_back(&mut self);
    /// Somebody whose order waits was seen otherwise than their proof has it: it needs a new look.
    fn contradict(&mut self);
    /// A write was answered: the next one is tried as patiently as the first.
    fn answered(&mut self);
    /// Whether so many tries in a row have failed that the operator should hear of it.
    fn is_tired(&self) -> bool;
    /// Whether an order waits aside.
    fn is_aside(&self) -> bool;
    /// It was tried in vain. Gives how long to wait before the next try, and whether there is one. `jitter` is drawn from
    /// 0.0 to 1.0.
    fn tried(&mut self, kind: FaultKind, jitter: f64) -> (SignedDuration, bool);
}

impl<W: Marker> OneJob for Job<W> {
    fn kind(&self) -> WriteKind {
        W::KIND
    }

    fn number(&self) -> u64 {
        self.approval.number()
    }

    fn batch(&self) -> usize {
        self.approval.batch()
    }

    fn left(&self) -> &[UserId] {
        self.approval.left()
    }

    fn withdraw(&mut self, user: UserId) {
        self.approval.withdraw(user);
    }

    fn has_intent(&self) -> bool {
        self.intended.is_some()
    }

    fn first(&self) -> Option<&[UserId]> {
        self.pending.front().map(Order::users)
    }

    fn may_send(&self, now: Timestamp) -> bool {
        self.pending.front().is_some_and(|order| self.is_good(order, now))
    }

    fn waits(&self, user: UserId) -> bool {
        let orders = self.pending.iter().map(Order::users).chain(self.intended.iter().map(Intent::users));
        orders.into_iter().any(|users| users.contains(&user))
    }

    fn has_unsent(&self, user: UserId) -> bool {
        self.unsent().any(|users| users.contains(&user))
    }

    fn unsent_users(&self) -> Vec<UserId> {
        self.unsent().flatten().copied().collect()
    }

    fn leave_out(&mut self, user: UserId) {
        for order in std::mem::take(&mut self.pending) {
            let others: Vec<UserId> = order.users().iter().copied().filter(|one| *one != user).collect();
            self.pending.extend(order.only(&others));
        }
        self.intended = self.intended.take().and_then(|intent| intent.without(user));
    }

    fn set_aside(&mut self) {
        self.aside = self.pending.pop_front();
    }

    fn put_back(&mut self) {
        if let Some(order) = self.aside.take() {
            self.pending.push_front(order);
        }
    }

    fn contradict(&mut self) {
        self.contradicted = true;
    }

    fn answered(&mut self) {
        self.tries = 0;
    }

    fn is_tired(&self) -> bool {
        self.tries >= TRIES
    }

    fn is_aside(&self) -> bool {
        self.aside.is_some()
    }

    /// The tries are never used up for what passes by itself, nor for what only grew too old. A part of the wait is left to
    /// chance, so that two who met once do not meet again and again.
    fn tried(&mut self, kind: FaultKind, jitter: f64) -> (SignedDuration, bool) {
        self.tries += 1;
        let patient = passes(kind) || kind == FaultKind::NotSent;
        let longest = FIRST_WAIT.saturating_mul(1 << (self.tries - 1).min(5));
        let wait = SignedDuration::try_from_secs_f64(longest.as_secs_f64() * (0.5 + jitter.clamp(0.0, 1.0) / 2.0));
        (wait.unwrap_or(longest), patient || self.tries <= TRIES)
    }
}

impl<W: Marker> Job<W> {
    pub(super) fn new(approval: Approval<W>) -> Self {
        Self { approval, pending: VecDeque::new(), intended: None, aside: None, contradicted: false, tries: 0 }
    }

    /// Spends the approval on a user; `None` when it was not for them, or is spent.
    pub(in crate::engine) fn permit(&mut self, user: UserId) -> Option<Permit<W>> {
        self.approval.permit(user)
    }

    /// A write waits for the disk to answer for its intent.
    pub(in crate::engine) fn intend(&mut self, intent: Intent<W>) {
        self.intended = Some(intent);
    }

    pub(super) fn release(&mut self, log: &impl IntentLog) {
        match self.intended.take().map(|intent| intent.order(log)) {
            Some(Ok(order)) => self.pending.push_back(order),
            Some(Err(intent)) => self.intended = Some(intent),
            None => {}
        }
    }

    /// The users of each order that has not left.
    fn unsent(&self) -> impl Iterator<Item = &[UserId]> {
        let orders = self.pending.iter().chain(&self.aside).map(Order::users);
        orders.chain(self.intended.iter().map(Intent::users))
    }

    fn is_good(&self, order: &Order<W>, now: Timestamp) -> bool {
        W::KIND != WriteKind::Remove || (!self.contradicted && order.may_leave(now))
    }

    /// An order waits to be sent, after those that are there.
    #[cfg(test)]
    pub(in crate::engine) fn push(&mut self, order: Order<W>) {
        self.pending.push_back(order);
    }

    pub(super) fn push_first(&mut self, order: Order<W>) {
        self.pending.push_front(order);
    }

    /// The next order to send, if it [may leave](OneJob::may_send).
    pub(in crate::engine) fn next_order(&mut self, now: Timestamp) -> Option<Order<W>> {
        if self.may_send(now) { self.pending.pop_front() } else { None }
    }

    /// The order whose users were looked at again.
    pub(in crate::engine) fn take_aside(&mut self) -> Option<Order<W>> {
        self.aside.take()
    }
}

impl Job<Remove> {
    /// A removal that was set aside is proven anew by these proofs, for those of its users whom they name.
    pub(in crate::engine) fn renew(&mut self, order: Order<Remove>, proofs: &[LastLook]) {
        self.contradicted = false;
        if let Some(order) = order.renewed(proofs) {
            self.pending.push_front(order);
        }
    }
}
