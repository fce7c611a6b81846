//! The write queue: the approval at work, the orders that wait under it, and how patiently they are tried again.

mod job;

use crate::domain::approval::Add;
use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::order::Intent;
use crate::domain::order::IntentLog;
use crate::domain::order::Order;
use crate::domain::proof::LastLook;
use crate::domain::route::Direction;
use crate::domain::time::Timestamp;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;
use crate::engine::write_queue::job::Job;

/// The approval at work, if any, and its orders. Intents wait here for the disk, and orders for
/// their turn; what left is not here.
pub(super) struct WriteQueue {
    at_work: AtWork,
    /// Gives a number from 0.0 to 1.0.
    chance: fn() -> f64,
}

impl Default for WriteQueue {
    fn default() -> Self {
        Self { at_work: AtWork::None, chance: fastrand::f64 }
    }
}

/// One approval at a time: writes to a group are serial, and a halt has one thing to end.
#[derive(Default)]
pub(super) enum AtWork {
    #[default]
    None,
    Add(Job<Add>),
    Remove(Job<Remove>),
    Reprocess(Job<Reprocess>),
    Direct(Job<Direct>),
}

/// A kind of write that the queue can hold.
pub(super) trait Queued: Marker {
    /// The job of this kind, when it is the one at work.
    fn job(at_work: &AtWork) -> Option<&Job<Self>>;
    /// The same, to be changed.
    fn job_mut(at_work: &mut AtWork) -> Option<&mut Job<Self>>;
    /// Sets a job to work.
    fn at_work(job: Job<Self>) -> AtWork;
}

/// Each kind has its own place in [`AtWork`].
macro_rules! queued {
    ($($kind:ident),*) => {$(
        impl Queued for $kind {
            fn job(at_work: &AtWork) -> Option<&Job<Self>> {
                if let AtWork::$kind(job) = at_work { Some(job) } else { None }
            }

            fn job_mut(at_work: &mut AtWork) -> Option<&mut Job<Self>> {
                if let AtWork::$kind(job) = at_work { Some(job) } else { None }
            }

            fn at_work(job: Job<Self>) -> AtWork {
                AtWork::$kind(job)
            }
        }
    )*};
}
queued!(Add, Remove, Reprocess, Direct);

/// The same for the job at work, of whatever kind; `$none` when there is none.
macro_rules! whatever {
    ($at_work:expr, $none:expr, $job:ident => $do:expr) => {
        match $at_work {
            AtWork::None => $none,
            AtWork::Add($job) => $do,
            AtWork::Remove($job) => $do,
            AtWork::Reprocess($job) => $do,
            AtWork::Direct($job) => $do,
        }
    };
}

impl WriteQueue {
    /// Sets an approval to work in the place of what was.
    pub(super) fn begin<W: Queued>(&mut self, approval: Approval<W>) {
        self.at_work = W::at_work(Job::new(approval));
    }

    /// Ends the approval at work. Gives the users of each order that had not left, for what becomes of them to be noted.
    pub(super) fn end(&mut self) -> Option<Ended> {
        let kind = self.kind()?;
        let ended = whatever!(std::mem::take(&mut self.at_work), None, job => Some((job.batch(), job.unsent_users())));
        ended.map(|(batch, unsent)| Ended { kind, batch, unsent })
    }

    /// The kind of write at work.
    pub(super) fn kind(&self) -> Option<WriteKind> {
        match &self.at_work {
            AtWork::None => None,
            AtWork::Add(_) => Some(WriteKind::Add),
            AtWork::Remove(_) => Some(WriteKind::Remove),
            AtWork::Reprocess(_) => Some(WriteKind::Reprocess),
            AtWork::Direct(_) => Some(WriteKind::Direct),
        }
    }

    /// Whether no approval is at work.
    pub(super) fn is_idle(&self) -> bool {
        self.kind().is_none()
    }

    /// Whether this kind of write is at work.
    pub(super) fn writes(&self, kind: WriteKind) -> bool {
        self.kind() == Some(kind)
    }

    /// Whether the approval at work is the one of this kind that was given to this question.
    pub(super) fn answers<W: Queued>(&self, number: u64) -> bool {
        W::job(&self.at_work).is_some_and(|job| job.number() == number)
    }

    /// The question that the approval at work answered.
    pub(super) fn number(&self) -> Option<u64> {
        whatever!(&self.at_work, None, job => Some(job.number()))
    }

    /// The batch of the approval at work.
    pub(super) fn batch(&self) -> Option<usize> {
        whatever!(&self.at_work, None, job => Some(job.batch()))
    }

    /// Whom the approval may still be spent on.
    pub(super) fn left(&self) -> &[UserId] {
        whatever!(&self.at_work, &[], job => job.left())
    }

    /// Spends the approval on a user; `None` when it was not for them, or is spent.
    pub(super) fn permit<W: Queued>(&mut self, user: UserId) -> Option<Permit<W>> {
        W::job_mut(&mut self.at_work)?.permit(user)
    }

    /// Takes a user out before they are permitted.
    pub(super) fn withdraw(&mut self, user: UserId) {
        whatever!(&mut self.at_work, (), job => job.withdraw(user));
    }

    /// A write waits for the disk to answer for its intent.
    pub(super) fn intend<W: Queued>(&mut self, intent: Intent<W>) {
        if let Some(job) = W::job_mut(&mut self.at_work) {
            job.intend(intent);
        }
    }

    /// Intents become orders once the disk has them.
    pub(super) fn release(&mut self, log: &impl IntentLog) {
        whatever!(&mut self.at_work, (), job => job.release(log));
    }

    /// Whether an intent waits for the disk.
    pub(super) fn has_intent(&self) -> bool {
        whatever!(&self.at_work, false, job => job.has_intent())
    }

    /// Which way the users of the approval at work go.
    pub(super) fn direction(&self, run: &Migration) -> Direction {
        self.batch().and_then(|batch| run.batches.get(batch)).map_or(Direction::Forward, |batch| batch.direction)
    }

    /// An order waits to be sent, after those that are there.
    #[cfg(test)]
    pub(super) fn push<W: Queued>(&mut self, order: Order<W>) {
        if let Some(job) = W::job_mut(&mut self.at_work) {
            job.push(order);
        }
    }

    /// Orders wait to be sent before those that are there; the first of these goes first.
    pub(super) fn push_first<W: Queued>(&mut self, orders: impl DoubleEndedIterator<Item = Order<W>>) {
        if let Some(job) = W::job_mut(&mut self.at_work) {
            orders.rev().for_each(|order| job.push_first(order));
        }
    }

    /// The next order to send. A removal goes only while its proof is fresh and nobody of it was seen otherwise since, as
    /// it can be proven anew; of the others the client sends none that grew too old.
    pub(super) fn next_order<W: Queued>(&mut self, now: Timestamp) -> Option<Order<W>> {
        let job = W::job_mut(&mut self.at_work)?;
        if W::KIND == WriteKind::Remove { job.next_fresh(now) } else { job.next_order() }
    }

    /// Whether [`WriteQueue::next_order`] has one.
    pub(super) fn may_send(&self, now: Timestamp) -> bool {
        let fresh = self.kind() == Some(WriteKind::Remove);
        whatever!(&self.at_work, false, job => if fresh { job.first_is_fresh(now) } else { job.first().is_some() })
    }

    /// The users of the first order that waits, which may not leave as it is.
    pub(super) fn stale(&self) -> Option<&[UserId]> {
        whatever!(&self.at_work, None, job => job.first())
    }

    /// The first order waits aside while its users are looked at again.
    pub(super) fn set_aside(&mut self) {
        whatever!(&mut self.at_work, (), job => job.set_aside());
    }

    /// Whether an order waits aside.
    pub(super) fn is_aside(&self) -> bool {
        whatever!(&self.at_work, false, job => job.is_aside())
    }

    /// An order whose new look came to nothing waits for another.
    pub(super) fn put_back(&mut self) {
        whatever!(&mut self.at_work, (), job => job.put_back());
    }

    /// The order whose users were looked at again.
    pub(super) fn aside<W: Queued>(&mut self) -> Option<Order<W>> {
        W::job_mut(&mut self.at_work)?.take_aside()
    }

    /// A removal that was set aside is proven anew by these proofs, for those of its users whom they name.
    pub(super) fn renew(&mut self, order: Order<Remove>, proofs: &[LastLook]) {
        if let Some(job) = Remove::job_mut(&mut self.at_work) {
            job.renew(order, proofs);
        }
    }

    /// Somebody whose order waits was seen otherwise than their proof has it: it needs a new look.
    pub(super) fn contradict(&mut self) {
        whatever!(&mut self.at_work, (), job => job.contradict());
    }

    /// The kind of write for which a user's order waits to be sent on the strength of a proof.
    pub(super) fn waits_on_proof(&self, user: UserId) -> Option<WriteKind> {
        let kind = self.kind().filter(|kind| kind.needs_proof())?;
        whatever!(&self.at_work, false, job => job.waits(user)).then_some(kind)
    }

    /// Takes a user out of the order that waits.
    pub(super) fn leave_out(&mut self, user: UserId) {
        whatever!(&mut self.at_work, (), job => job.leave_out(user));
    }

    /// Whether a proven write could leave now; its proof grows old while anything else goes first.
    pub(super) fn proof_waits(&self, now: Timestamp) -> bool {
        let proven = self.kind().is_some_and(WriteKind::needs_proof);
        proven
            && whatever!(&self.at_work, false, job => (job.first().is_some() || job.has_intent()) && job.held(now).is_none())
    }

    /// Whether a user's order waits to be sent, so that their open write needs no reading back.
    pub(super) fn is_pending(&self, user: Option<UserId>) -> bool {
        let read_back = self.kind().is_some_and(WriteKind::is_membership);
        read_back && user.is_some_and(|user| whatever!(&self.at_work, false, job => job.has_unsent(user)))
    }

    /// Until when nothing may be sent, if that is not over.
    pub(super) fn held(&self, now: Timestamp) -> Option<Timestamp> {
        whatever!(&self.at_work, None, job => job.held(now))
    }

    /// Until when nothing may be sent.
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        whatever!(&self.at_work, None, job => job.held_until())
    }

    /// Tries again at once what waits for another try.
    pub(super) fn retry_now(&mut self) {
        whatever!(&mut self.at_work, (), job => job.retry_now());
    }

    /// A write was answered: the next one is tried as patiently as the first.
    pub(super) fn answered(&mut self) {
        whatever!(&mut self.at_work, (), job => job.answered());
    }

    /// Whether so many tries in a row have failed that the operator should hear of it.
    pub(super) fn is_tired(&self) -> bool {
        whatever!(&self.at_work, false, job => job.is_tired())
    }

    /// Waits before the next try; `false` when the tries are used up.
    pub(super) fn wait(&mut self, kind: FaultKind, now: Timestamp, asked: Option<Timestamp>) -> bool {
        whatever!(&mut self.at_work, false, job => job.wait(kind, now, asked, (self.chance)()))
    }

    /// Puts an order back for another try.
    ///
    /// # Errors
    /// Gives the order back when the tries are used up, or its approval is not at work any more.
    pub(super) fn again<W: Queued>(
        &mut self,
        order: Order<W>,
        kind: FaultKind,
        now: Timestamp,
        asked: Option<Timestamp>,
    ) -> Result<(), Order<W>> {
        match W::job_mut(&mut self.at_work) {
            Some(job) => job.again(order, kind, now, asked, (self.chance)()),
            None => Err(order),
        }
    }
}

/// What was left of an approval that was ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ended {
    kind: WriteKind,
    batch: usize,
    unsent: Vec<UserId>,
}

impl Ended {
    /// What it was for.
    pub(super) fn kind(&self) -> WriteKind {
        self.kind
    }

    /// The batch, counted from 0.
    pub(super) fn batch(&self) -> usize {
        self.batch
    }

    /// The users whose intents are durable and whose orders were never sent.
    pub(super) fn unsent(&self) -> &[UserId] {
        &self.unsent
    }
}

#[cfg(test)]
mod tests;
