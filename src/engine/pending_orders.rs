//! Orders that wait to be sent again: what is read of their users meanwhile is held against their proofs (rules 3 and 6).

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::order::IntentLog;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::tasks::WriteKind;
use crate::engine::write_queue::Approved;

impl Engine {
    /// Where a user stands whose order waits, when that is not what their proof has shown. The order has not left, so
    /// that the reading is clear, though the run holds its intent for open.
    pub(super) fn contradiction(&self, id: UserId, facts: Option<&UserFacts>) -> Option<(UserId, Standing)> {
        let removal = match &self.approved {
            Approved::Remove(job) if job.waits(id) => Removal::NotSent,
            Approved::Direct(job) if job.waits(id) => Removal::Sent,
            _ => return None,
        };
        let user = self.recorder.run.user(id)?;
        let standing = self.classifiers.as_ref()?.of(user.direction).standing(facts, removal);
        (user.standing.as_ref() != Some(&standing)).then_some((id, standing))
    }

    /// A removal is proven anew before it leaves; who is seen without a license stays, so that the alarm need not wait
    /// for as long as the service has asked to be left alone. A direct license has no second look: it stays.
    pub(super) fn contradicted(&mut self, seen: Vec<(UserId, Standing)>) -> Result<(), RecordError> {
        let batch = self.recorder.run.current;
        for (user, standing) in seen {
            let wrote = match &mut self.approved {
                Approved::Remove(job) if !matches!(standing, Standing::Unlicensed | Standing::Missing) => {
                    job.contradicted = true;
                    continue;
                }
                Approved::Remove(job) => {
                    job.leave_out(user);
                    WriteKind::Remove
                }
                Approved::Direct(job) => {
                    job.leave_out(user);
                    WriteKind::Direct
                }
                Approved::None | Approved::Add(_) | Approved::Reprocess(_) => continue,
            };
            let why = format!(
                "{} was seen while it waited to be sent",
                standing.detailed_label(self.recorder.run.direction(), Removal::NotSent)
            );
            self.recorder.keep(Event::NotProven { batch, user, why: why.clone() })?;
            self.settle_failed(wrote, &[user], &Fault::new(FaultKind::NotSent, why))?;
            // What was read before the order was given up says nothing about what is so after it.
            self.polling.next = Some(self.clock.now());
        }
        Ok(())
    }
}
