//! The write path, first: permits are spent, and intent goes to the journal before any effect.

use crate::domain::approval::Add;
use crate::domain::approval::Permit;
use crate::domain::approval::Reprocess;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::write::Marker;
use crate::domain::write::WriteKind;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::write_queue::OneJob;
use crate::engine::write_queue::Queued;

impl Engine {
    /// Hands the intent of the next users to the journal. Their order leaves once the disk has it.
    pub(super) fn intend(&mut self, batch: usize, users: &[UserId]) -> Result<(), RecordError> {
        match self.queue.job(batch).map(OneJob::kind) {
            Some(WriteKind::Add) => self.intend_unproven::<Add>(batch, users),
            Some(WriteKind::Reprocess) => self.intend_unproven::<Reprocess>(batch, users),
            Some(WriteKind::Remove | WriteKind::Direct) | None => Ok(()), // after their last look only
        }
    }

    fn intend_unproven<W>(&mut self, batch: usize, users: &[UserId]) -> Result<(), RecordError>
    where
        W: Queued + Marker<Grounds = Permit<W>>,
    {
        let Some(job) = self.queue.of_kind::<W>(batch) else { return Ok(()) };
        let permits: Vec<_> = users.iter().filter_map(|user| job.permit(*user)).collect();
        self.keep_intent::<W>(batch, permits)
    }

    /// Keeps the intent of these users' writes, if there are any.
    pub(super) fn keep_intent<W: Queued>(&mut self, batch: usize, grounds: Vec<W::Grounds>) -> Result<(), RecordError> {
        let Ok(draft) = Draft::<W>::of(grounds) else { return self.recorder.follow() };
        let intent = draft.keep(&mut self.recorder)?;
        if let Some(job) = self.queue.of_kind::<W>(batch) {
            job.intend(intent);
        }
        Ok(())
    }
}
