//! Writes to users' own licenses: reprocess, and a direct license taken off after a last look of its own.

use crate::domain::approval::Direct;
use crate::domain::approval::Reprocess;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::order::Draft;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::proof::LastLook;
use crate::domain::user::Write;
use crate::engine::handle::Notice;
use crate::engine::look::in_target;
use crate::engine::look::still_in;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks;
use crate::engine::tasks::Look;
use crate::engine::tasks::Members;
use crate::engine::tasks::TaskResult;
use crate::engine::tasks::WriteKind;
use crate::engine::write_queue::Approved;

impl Engine {
    pub(super) fn next_reprocess(&mut self) -> Result<bool, RecordError> {
        let Some(job) = self.approved.reprocessing() else { return Ok(false) };
        let order = if let Some(order) = job.pending.pop_front() {
            order
        } else {
            let chunk: Vec<UserId> = job.approval.left().iter().copied().take(MOST_PER_ORDER).collect();
            let permits = chunk.into_iter().filter_map(|user| job.approval.permit(user)).collect();
            let Ok(draft) = Draft::reprocess(permits) else {
                self.approved = Approved::None; // nobody is left
                return Ok(false);
            };
            draft.keep(&mut self.recorder)?
        };
        let graph = self.graph.clone();
        self.spawn(Activity::Reprocessing, async move { TaskResult::Reprocessed(graph.reprocess(order).await) });
        Ok(true)
    }

    /// A refusal is news about the user, not about the run: it says why the license cannot be had, and halts nothing.
    pub(super) fn reprocessed(&mut self, answer: Answer<Reprocess>) -> Result<(), RecordError> {
        let worst = self.conclude(WriteKind::Reprocess, answer, Approved::reprocessing)?;
        self.polling.next = Some(self.clock.now());
        self.say_refusal("the license was not reprocessed", worst);
        self.recorder.follow()
    }

    pub(super) fn next_direct(&mut self) -> bool {
        let (switching, [_, group]) = (self.switching(self.clock.now()), self.ends());
        let Some(job) = self.approved.direct_removal() else { return false };
        if switching {
            return false; // rule 6: no license is taken away while a user is in between
        }
        if let Some(order) = job.pending.pop_front() {
            let graph = self.graph.clone();
            self.spawn(
                Activity::RemovingDirect,
                async move { TaskResult::DirectRemoved(graph.remove_direct(order).await) },
            );
            return true;
        }
        let chunk: Vec<UserId> = job.approval.left().iter().copied().take(MOST_PER_ORDER).collect();
        if chunk.is_empty() {
            self.approved = Approved::None;
            return false;
        }
        let number = job.approval.number();
        self.spawn(Activity::LookingLast, tasks::look_at_direct(self.graph.clone(), number, chunk, group));
        true
    }

    /// Rule 3 for a direct license: it goes only from who is seen twice to have the other one from the group, and is a
    /// member of it yet.
    pub(super) fn looked_at_direct(&mut self, look: Look, members: Members) -> Result<(), RecordError> {
        let (number, look, still_in) = (look.number, self.seen(look)?, still_in(members));
        if self.approved.direct_removal().is_none_or(|job| job.approval.number() != number) {
            return self.recorder.follow();
        }
        let proven =
            self.prove(&look, Approved::direct_removal, |classifier, user, first, last, now| match user.remove {
                Write::Done(left) => {
                    let proof = LastLook::prove_direct(classifier, first, last, left, now)
                        .map_err(|why| why.label(user.direction));
                    proof.and_then(|look| in_target(look, &still_in))
                }
                _ => Err("the removal was not acknowledged".to_owned()),
            })?;
        let Ok(draft) = Draft::direct(proven) else { return self.recorder.follow() };
        let order = draft.keep(&mut self.recorder)?;
        if let Some(job) = self.approved.direct_removal() {
            job.pending.push_back(order);
        }
        Ok(())
    }

    pub(super) fn direct_removed(&mut self, answer: Answer<Direct>) -> Result<(), RecordError> {
        let worst = self.conclude(WriteKind::Direct, answer, Approved::direct_removal)?;
        self.polling.next = Some(self.clock.now());
        self.say_refusal("the direct license was not taken off", worst);
        self.recorder.follow()
    }

    fn say_refusal(&self, what: &str, fault: Option<Fault>) {
        if let Some(fault) = fault.filter(|fault| fault.kind != FaultKind::NotSent) {
            self.say(Notice::Said(format!("{what}: {fault}")));
        }
    }
}
