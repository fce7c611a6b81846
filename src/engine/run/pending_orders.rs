//! Orders that wait to be sent: what is read of their users meanwhile is held against their proofs (rules 3 and 6).

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::order::IntentLog;
use crate::domain::proof::NotProven;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::write::WriteKind;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;

impl Engine {
    /// Where a user stands whose order waits, when that is not what their proof has shown. The order has not left, so
    /// that the reading is clear, though the run holds its intent for open.
    pub(super) fn contradiction(&self, id: UserId, facts: Option<&UserFacts>) -> Option<(UserId, Standing)> {
        let removal = match self.queue.waits_on_proof(id)?.kind() {
            WriteKind::Direct => Removal::Sent,
            WriteKind::Remove | WriteKind::Add | WriteKind::Reprocess => Removal::NotSent,
        };
        let user = self.recorder.run().user(id)?;
        let standing = self.observations.classifier(user.direction)?.standing(facts, removal);
        (user.standing.as_ref() != Some(&standing)).then_some((id, standing))
    }

    /// A removal is proven anew before it leaves; who is seen without a license stays, so that the alarm need not wait
    /// for as long as the service has asked to be left alone. A direct license has no second look: it stays.
    pub(super) fn contradicted(&mut self, seen: Vec<(UserId, Standing)>) -> Result<(), RecordError> {
        for (user, standing) in seen {
            let Some((wrote, batch)) = self.queue.waits_on_proof(user).map(|job| (job.kind(), job.batch())) else {
                continue;
            };
            let direction = self.recorder.run().direction_of(batch);
            let Some(job) = self.queue.job_mut(batch) else { continue };
            if wrote == WriteKind::Remove && !matches!(standing, Standing::Unlicensed | Standing::Missing) {
                job.contradict();
                continue;
            }
            job.leave_out(user);
            let why = NotProven::SeenWhileWaiting(standing);
            self.recorder.keep(Event::NotProven { batch, user, why: why.clone() })?;
            let unsent = FaultMessage::NotProven { why: Box::new(why), direction };
            self.settle_failed(wrote, batch, &[user], &Fault::new(FaultKind::NotSent, unsent))?;
            // What was read before the order was given up says nothing about what is so after it.
            self.schedule.poll_now(self.clock.now());
        }
        Ok(())
    }
}
