//! The write queue: the approvals at work, one a batch, and the orders that wait under them.

mod job;

use crate::domain::approval::Add;
use crate::domain::approval::Approval;
use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::IntentLog;
use crate::domain::order::Order;
use crate::domain::time::Timestamp;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;

pub(super) use crate::engine::write_queue::job::Job;
pub(super) use crate::engine::write_queue::job::OneJob;

/// The approvals at work and their orders. Intents wait here for the disk, and orders for their turn; what left is not
/// here. Each batch has one approval at most, as writes to a group are serial and each phase is approved by itself.
pub(super) struct WriteQueue {
    /// In the order in which they were approved.
    jobs: Vec<AtWork>,
    /// Not before then is anything sent: what the service asks of one write is asked of all.
    hold: Option<Timestamp>,
    /// Gives a number from 0.0 to 1.0.
    chance: fn() -> f64,
}

impl Default for WriteQueue {
    fn default() -> Self {
        Self { jobs: Vec::new(), hold: None, chance: fastrand::f64 }
    }
}

/// An approval at work, by its kind.
pub(super) enum AtWork {
    Add(Job<Add>),
    Remove(Job<Remove>),
    Reprocess(Job<Reprocess>),
    Direct(Job<Direct>),
}

/// A kind of write that the queue can hold.
pub(super) trait Queued: Marker {
    /// The job, when it is of this kind.
    fn job_mut(at_work: &mut AtWork) -> Option<&mut Job<Self>>;
    /// Sets a job to work.
    fn at_work(job: Job<Self>) -> AtWork;
}

/// Each kind has its own place in [`AtWork`].
macro_rules! queued {
    ($($kind:ident),*) => {
        $(
            impl Queued for $kind {
                fn job_mut(at_work: &mut AtWork) -> Option<&mut Job<Self>> {
                    if let AtWork::$kind(job) = at_work { Some(job) } else { None }
                }

                fn at_work(job: Job<Self>) -> AtWork {
                    AtWork::$kind(job)
                }
            }
        )*

        impl AtWork {
            fn any(&self) -> &dyn OneJob {
                match self { $(Self::$kind(job) => job),* }
            }

            fn any_mut(&mut self) -> &mut dyn OneJob {
                match self { $(Self::$kind(job) => job),* }
            }

            fn release(&mut self, log: &impl IntentLog) {
                match self { $(Self::$kind(job) => job.release(log)),* }
            }
        }
    };
}
queued!(Add, Remove, Reprocess, Direct);

impl WriteQueue {
    /// Sets an approval to work in the place of what was at work for its batch.
    pub(super) fn begin<W: Queued>(&mut self, approval: Approval<W>) {
        let job = W::at_work(Job::new(approval));
        self.jobs.retain(|one| one.any().batch() != job.any().batch());
        self.jobs.push(job);
    }

    /// Ends the approval at work for a batch. Gives the users of its orders that had not left, for what becomes of them to
    /// be noted.
    pub(super) fn end(&mut self, batch: usize) -> Option<Ended> {
        let place = self.jobs.iter().position(|one| one.any().batch() == batch)?;
        let ended = self.jobs.remove(place);
        if self.jobs.is_empty() {
            self.hold = None;
        }
        let job = ended.any();
        Some(Ended { kind: job.kind(), batch, unsent: job.unsent_users() })
    }

    /// Ends all approvals at work.
    pub(super) fn end_all(&mut self) -> Vec<Ended> {
        let batches: Vec<usize> = self.jobs().map(OneJob::batch).collect();
        batches.into_iter().filter_map(|batch| self.end(batch)).collect()
    }

    /// The approvals at work, in the order in which they were given.
    pub(super) fn jobs(&self) -> impl Iterator<Item = &dyn OneJob> {
        self.jobs.iter().map(AtWork::any)
    }

    /// The approval at work for a batch.
    pub(super) fn job(&self, batch: usize) -> Option<&dyn OneJob> {
        self.jobs().find(|job| job.batch() == batch)
    }

    /// The same, to be changed.
    pub(super) fn job_mut(&mut self, batch: usize) -> Option<&mut dyn OneJob> {
        self.jobs.iter_mut().find(|one| one.any().batch() == batch).map(AtWork::any_mut)
    }

    /// The approval of this kind at work for a batch.
    pub(super) fn of_kind<W: Queued>(&mut self, batch: usize) -> Option<&mut Job<W>> {
        let of_batch = self.jobs.iter_mut().find(|one| one.any().batch() == batch);
        of_batch.and_then(W::job_mut)
    }

    /// Whether no approval is at work.
    pub(super) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Whether this kind of write is at work for any batch.
    pub(super) fn writes(&self, kind: WriteKind) -> bool {
        self.jobs().any(|job| job.kind() == kind)
    }

    /// Whether this kind of write is at work for a batch.
    pub(super) fn writes_in(&self, batch: usize, kind: WriteKind) -> bool {
        self.job(batch).is_some_and(|job| job.kind() == kind)
    }

    /// The batch whose approval at work is the one of this kind that was given to this question.
    pub(super) fn answers<W: Queued>(&self, number: u64) -> Option<usize> {
        self.jobs().find(|job| job.kind() == W::KIND && job.number() == number).map(OneJob::batch)
    }

    /// Takes a user out of whatever was approved for them, before they are permitted.
    pub(super) fn withdraw(&mut self, user: UserId) {
        self.jobs.iter_mut().for_each(|one| one.any_mut().withdraw(user));
    }

    /// Intents become orders once the disk has them.
    pub(super) fn release(&mut self, log: &impl IntentLog) {
        self.jobs.iter_mut().for_each(|one| one.release(log));
    }

    /// Whether an intent waits for the disk.
    pub(super) fn has_intent(&self) -> bool {
        self.jobs().any(OneJob::has_intent)
    }

    /// The approval whose orders have not all left: it goes on before any other intends anything, so that what is open at
    /// any time is of one batch.
    pub(super) fn in_front(&self) -> Option<&dyn OneJob> {
        self.jobs().find(|job| !job.unsent_users().is_empty())
    }

    /// The approval under which a user's order waits to be sent on the strength of a proof.
    pub(super) fn waits_on_proof(&self, user: UserId) -> Option<&dyn OneJob> {
        self.jobs().find(|job| job.kind().needs_proof() && job.waits(user))
    }

    /// Whether a proven write could leave now; its proof grows old while anything else goes first.
    pub(super) fn proof_waits(&self, now: Timestamp) -> bool {
        let proven = |job: &dyn OneJob| job.kind().needs_proof() && (job.first().is_some() || job.has_intent());
        self.held(now).is_none() && self.jobs().any(proven)
    }

    /// Whether a user's order waits to be sent, so that their open write needs no reading back.
    pub(super) fn is_pending(&self, user: Option<UserId>) -> bool {
        user.is_some_and(|user| self.jobs().any(|job| job.kind().is_membership() && job.has_unsent(user)))
    }

    /// Until when nothing may be sent, if that is not over.
    pub(super) fn held(&self, now: Timestamp) -> Option<Timestamp> {
        self.hold.filter(|until| now < *until)
    }

    /// Until when nothing may be sent.
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        self.hold
    }

    /// Tries again at once what waits for another try.
    pub(super) fn retry_now(&mut self) {
        self.hold = None;
    }

    /// A write of a batch was answered: the next one is tried as patiently as the first.
    pub(super) fn answered(&mut self, batch: usize) {
        self.hold = None;
        if let Some(job) = self.job_mut(batch) {
            job.answered();
        }
    }

    /// Waits before the next try of a batch's write; `false` when its tries are used up.
    pub(super) fn wait(&mut self, batch: usize, kind: FaultKind, now: Timestamp, asked: Option<Timestamp>) -> bool {
        let jitter = (self.chance)();
        let Some(job) = self.job_mut(batch) else { return false };
        let (wait, goes_on) = job.tried(kind, jitter);
        // What the service asks for is waited for and no more; only without that is it our own wait.
        self.hold = asked.filter(|until| *until > now).or(Some(now + wait));
        goes_on
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
        let batch = order.batch();
        if self.of_kind::<W>(batch).is_none() || !self.wait(batch, kind, now, asked) {
            return Err(order);
        }
        self.push_first([order].into_iter());
        Ok(())
    }

    /// Orders wait to be sent before those of their batch that are there; the first of these goes first.
    pub(super) fn push_first<W: Queued>(&mut self, orders: impl DoubleEndedIterator<Item = Order<W>>) {
        for order in orders.rev() {
            if let Some(job) = self.of_kind::<W>(order.batch()) {
                job.push_first(order);
            }
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
