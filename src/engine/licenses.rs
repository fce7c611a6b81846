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
use crate::engine::approved::Approved;
use crate::engine::book::BookError;
use crate::engine::handle::Notice;
use crate::engine::job;
use crate::engine::job::Done;
use crate::engine::job::Look;
use crate::engine::job::Members;
use crate::engine::job::Wrote;
use crate::engine::look::in_target;
use crate::engine::look::still_in;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;

impl Engine {
    pub(super) fn next_reprocess(&mut self) -> Result<bool, BookError> {
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
            draft.keep(&mut self.book)?
        };
        let graph = self.graph.clone();
        self.spawn(Activity::Reprocessing, async move { Done::Reprocessed(graph.reprocess(order).await) });
        Ok(true)
    }

    /// A refusal is news about the user, not about the run: it says why the license cannot be had, and halts nothing.
    pub(super) fn reprocessed(&mut self, answer: Answer<Reprocess>) -> Result<(), BookError> {
        let worst = self.conclude(Wrote::Reprocess, answer, Approved::reprocessing)?;
        self.polling.next = Some(self.clock.now());
        self.say_refusal("the license was not reprocessed", worst);
        self.book.follow()
    }

    pub(super) fn next_direct(&mut self) -> bool {
        let (switching, [_, group]) = (self.switching(self.clock.now()), self.ends());
        let Some(job) = self.approved.clearing() else { return false };
        if switching {
            return false; // rule 6: no license is taken away while a user is in between
        }
        if let Some(order) = job.pending.pop_front() {
            let graph = self.graph.clone();
            self.spawn(Activity::RemovingDirect, async move { Done::DirectRemoved(graph.remove_direct(order).await) });
            return true;
        }
        let chunk: Vec<UserId> = job.approval.left().iter().copied().take(MOST_PER_ORDER).collect();
        if chunk.is_empty() {
            self.approved = Approved::None;
            return false;
        }
        let number = job.approval.number();
        self.spawn(Activity::LookingLast, job::look_at_direct(self.graph.clone(), number, chunk, group));
        true
    }

    /// Rule 3 for a direct license: it goes only from who is seen twice to have the other one from the group, and is a
    /// member of it yet.
    pub(super) fn looked_at_direct(&mut self, look: Look, members: Members) -> Result<(), BookError> {
        let (number, look, still_in) = (look.number, self.seen(look)?, still_in(members));
        if self.approved.clearing().is_none_or(|job| job.approval.number() != number) {
            return self.book.follow();
        }
        let proven = self.prove(&look, Approved::clearing, |judge, user, first, last, now| match user.remove {
            Write::Done(left) => {
                let proof = LastLook::prove_direct(judge, first, last, left, now).map_err(|why| why.along(user.way));
                proof.and_then(|look| in_target(look, &still_in))
            }
            _ => Err("the removal was not acknowledged".to_owned()),
        })?;
        let Ok(draft) = Draft::direct(proven) else { return self.book.follow() };
        let order = draft.keep(&mut self.book)?;
        if let Some(job) = self.approved.clearing() {
            job.pending.push_back(order);
        }
        Ok(())
    }

    pub(super) fn direct_removed(&mut self, answer: Answer<Direct>) -> Result<(), BookError> {
        let worst = self.conclude(Wrote::Direct, answer, Approved::clearing)?;
        self.polling.next = Some(self.clock.now());
        self.say_refusal("the direct license was not taken off", worst);
        self.book.follow()
    }

    fn say_refusal(&self, what: &str, fault: Option<Fault>) {
        if let Some(fault) = fault.filter(|fault| fault.kind != FaultKind::NotSent) {
            self.say(Notice::Said(format!("{what}: {fault}")));
        }
    }
}
