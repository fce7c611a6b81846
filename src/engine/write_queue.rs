//! The approval at work: whom it may still permit, the orders that wait to be sent, and how patiently.

use std::collections::VecDeque;

use crate::domain::approval::Add;
use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Order;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::engine::backoff::passes;

/// How often a write that surely did not happen is sent again before the operator is asked.
const TRIES: u32 = 6;
/// The first wait before it is; it doubles.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(2);

/// One approval at work: what may still be permitted, and orders that wait to be sent.
pub(super) struct Job<W> {
    pub(super) approval: Approval<W>,
    pub(super) pending: VecDeque<Order<W>>,
    /// An order whose proof grew too old before it could leave, while its users are looked at again.
    pub(super) renewing: Option<Order<W>>,
    /// Whether somebody whose order waits was seen otherwise than their proof has it.
    pub(super) contradicted: bool,
    /// How often in a row it was tried in vain.
    pub(super) tries: u32,
    /// Not before then is it tried again.
    pub(super) hold: Option<Timestamp>,
}

/// The approval at work, if any.
pub(super) enum Approved {
    None,
    Add(Job<Add>),
    Remove(Job<Remove>),
    Reprocess(Job<Reprocess>),
    Direct(Job<Direct>),
}

impl Approved {
    pub(super) fn add(approval: Approval<Add>) -> Self {
        Self::Add(Job::new(approval))
    }

    pub(super) fn remove(approval: Approval<Remove>) -> Self {
        Self::Remove(Job::new(approval))
    }

    pub(super) fn reprocess(approval: Approval<Reprocess>) -> Self {
        Self::Reprocess(Job::new(approval))
    }

    pub(super) fn direct(approval: Approval<Direct>) -> Self {
        Self::Direct(Job::new(approval))
    }

    pub(super) fn removal(&mut self) -> Option<&mut Job<Remove>> {
        if let Self::Remove(job) = self { Some(job) } else { None }
    }

    pub(super) fn reprocessing(&mut self) -> Option<&mut Job<Reprocess>> {
        if let Self::Reprocess(job) = self { Some(job) } else { None }
    }

    pub(super) fn direct_removal(&mut self) -> Option<&mut Job<Direct>> {
        if let Self::Direct(job) = self { Some(job) } else { None }
    }

    /// Takes a user out before they are permitted.
    pub(super) fn withdraw(&mut self, user: UserId) {
        match self {
            Self::None => {}
            Self::Add(job) => job.approval.withdraw(user),
            Self::Remove(job) => job.approval.withdraw(user),
            Self::Reprocess(job) => job.approval.withdraw(user),
            Self::Direct(job) => job.approval.withdraw(user),
        }
    }

    /// Tries again at once what waits for another try.
    pub(super) fn retry_now(&mut self) {
        match self {
            Self::None => {}
            Self::Add(job) => job.hold = None,
            Self::Remove(job) => job.hold = None,
            Self::Reprocess(job) => job.hold = None,
            Self::Direct(job) => job.hold = None,
        }
    }

    /// Whether a proven removal could leave now; its proof grows old while anything else goes first.
    pub(super) fn proof_waits(&self, now: Timestamp) -> bool {
        match self {
            Self::Remove(job) => !job.pending.is_empty() && job.held(now).is_none(),
            Self::Direct(job) => !job.pending.is_empty() && job.held(now).is_none(),
            Self::None | Self::Add(_) | Self::Reprocess(_) => false,
        }
    }

    /// Whether a user's order waits to be sent, so that their open write needs no reading back.
    pub(super) fn is_pending(&self, user: Option<UserId>) -> bool {
        user.is_some_and(|user| match self {
            // Neither of the last two is read back.
            Self::None | Self::Reprocess(_) | Self::Direct(_) => false,
            Self::Add(job) => job.unsent().any(|order| order.users().contains(&user)),
            Self::Remove(job) => job.unsent().any(|order| order.users().contains(&user)),
        })
    }
}

impl<W> Job<W> {
    pub(super) fn new(approval: Approval<W>) -> Self {
        Self { approval, pending: VecDeque::new(), renewing: None, contradicted: false, tries: 0, hold: None }
    }

    pub(super) fn unsent(&self) -> impl Iterator<Item = &Order<W>> {
        self.pending.iter().chain(&self.renewing)
    }

    /// Whether a user's order waits to be sent.
    pub(super) fn waits(&self, user: UserId) -> bool {
        self.pending.iter().any(|order| order.users().contains(&user))
    }

    /// Takes a user out of the order that waits.
    pub(super) fn leave_out(&mut self, user: UserId) {
        for order in std::mem::take(&mut self.pending) {
            let others: Vec<UserId> = order.users().iter().copied().filter(|one| *one != user).collect();
            self.pending.extend(order.only(&others));
        }
    }

    pub(super) fn held(&self, now: Timestamp) -> Option<Timestamp> {
        self.hold.filter(|until| now < *until)
    }

    /// Puts an order back for another try; gives it back when the tries are used up, which they never are for what
    /// passes by itself.
    pub(super) fn again(
        &mut self,
        order: Order<W>,
        kind: FaultKind,
        now: Timestamp,
        asked: Option<Timestamp>,
    ) -> Result<(), Order<W>> {
        if !self.wait(kind, now, asked) {
            return Err(order);
        }
        self.pending.push_front(order);
        Ok(())
    }

    /// Whether so many tries in a row have failed that the operator should hear of it.
    pub(super) fn is_tired(&self) -> bool {
        self.tries >= TRIES
    }

    /// Waits before the next try; `false` when the tries are used up.
    pub(super) fn wait(&mut self, kind: FaultKind, now: Timestamp, asked: Option<Timestamp>) -> bool {
        self.tries += 1;
        let patient = passes(kind) || kind == FaultKind::NotSent;
        let wait = FIRST_WAIT.saturating_mul(1 << (self.tries - 1).min(5));
        // What the service asks for is waited for and no more; only without that is it our own wait.
        self.hold = asked.filter(|until| *until > now).or(Some(now + wait));
        patient || self.tries <= TRIES
    }
}
