//! What follows from the answer to a write: one table for all kinds, by the fault that each user's write came back with.

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::order::Order;
use crate::domain::outcome::Outcome;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;
use crate::engine::handle::Notice;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::write_queue::Queued;

/// What becomes of a write that surely did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// It is sent again, by itself.
    Again,
    /// One of several stood in the way of all: the culprit is found by halving, and the rest proceed.
    Split,
    /// It may have happened before: it is read back.
    ReadBack,
    /// It is settled as failed.
    Settle,
    /// It is settled as failed, and the operator must look at it.
    Refused,
}

/// `at_work` is whether the approval of the write is still at work, so that it may be sent again.
fn next(kind: WriteKind, fault: FaultKind, at_work: bool) -> Next {
    match (kind, fault) {
        (
            _,
            FaultKind::Throttled
            | FaultKind::Concurrent
            | FaultKind::Unreachable
            | FaultKind::SignIn
            | FaultKind::Service,
        ) => Next::Again,
        // Halted meanwhile: what would be looked into is left for the next approval.
        (WriteKind::Add, _) if !at_work => Next::Settle,
        (
            WriteKind::Add,
            FaultKind::AlreadyMember | FaultKind::Refused | FaultKind::NotFound | FaultKind::Malformed,
        ) => Next::Split,
        // The proof grew too old on the way out: they are looked at again.
        (WriteKind::Remove, FaultKind::NotSent) if at_work => Next::Again,
        // An absent member is a success once it is read back; Graph's words cannot tell it from a lost group.
        (WriteKind::Remove, FaultKind::NotFound) => Next::ReadBack,
        (WriteKind::Remove | WriteKind::Reprocess | WriteKind::Direct, FaultKind::NotSent) => Next::Settle,
        (WriteKind::Add, FaultKind::Forbidden | FaultKind::NotSent)
        | (
            WriteKind::Remove | WriteKind::Reprocess | WriteKind::Direct,
            FaultKind::Forbidden
            | FaultKind::NotFound
            | FaultKind::AlreadyMember
            | FaultKind::Malformed
            | FaultKind::Refused,
        ) => Next::Refused,
    }
}

/// The outcomes of an answer, sorted by what follows.
#[derive(Default)]
struct Sorted {
    settled: Vec<(UserId, Outcome)>,
    again: Vec<(UserId, Fault)>,
    split: Vec<(UserId, Fault)>,
    /// The last of the refusals that the operator must hear of.
    worst: Option<Fault>,
}

fn sort(kind: WriteKind, outcomes: Vec<(UserId, Outcome)>, at_work: bool) -> Sorted {
    let mut sorted = Sorted::default();
    for (user, outcome) in outcomes {
        let Outcome::Failed(fault) = outcome else {
            sorted.settled.push((user, outcome));
            continue;
        };
        match next(kind, fault.kind, at_work) {
            Next::Again => sorted.again.push((user, fault)),
            Next::Split => sorted.split.push((user, fault)),
            Next::ReadBack => sorted.settled.push((user, Outcome::Lost(fault))),
            Next::Settle => sorted.settled.push((user, Outcome::Failed(fault))),
            Next::Refused => {
                sorted.worst = Some(fault.clone());
                sorted.settled.push((user, Outcome::Failed(fault)));
            }
        }
    }
    sorted
}

impl Engine {
    fn asked_to_wait(&self) -> Option<Timestamp> {
        self.graph.connection_status().borrow().writes_held_until
    }

    /// Whether nothing more may leave, though the halt may not have been taken in yet.
    fn is_halting(&self) -> bool {
        self.halt.is_raised() || self.recorder.run().halted.is_some()
    }

    /// Takes in what became of an order, of whatever kind.
    pub(super) fn answered<W: Queued>(&mut self, answer: Answer<W>) -> Result<(), RecordError> {
        let kind = W::KIND;
        let Answer { batch, outcomes, unspent } = answer;
        let at_work = self.queue.writes_in(batch, kind) && !self.is_halting();
        let Sorted { settled, again, split, worst } = sort(kind, outcomes, at_work);
        self.settle(kind, batch, settled)?;
        let (again_users, split_users) = (users(&again), users(&split));
        let (again_order, split_order) = match unspent {
            Some(order) => {
                let (again_order, rest) = order.part(&again_users);
                (again_order, rest.and_then(|rest| rest.only(&split_users)))
            }
            None => (None, None),
        };
        if again_order.is_none() && split_order.is_none() && self.queue.writes_in(batch, kind) {
            self.queue.answered(batch);
            self.backoff.unhindered();
        }
        if let (Some((_, fault)), Some(order)) = (split.first(), split_order) {
            self.narrow(order, fault)?;
        }
        // Who has to wait goes before the halves: what is asked of one is asked of all.
        if let (Some((_, fault)), Some(order)) = (again.first(), again_order) {
            self.send_again(order, fault.clone(), &again)?;
        }
        match (kind, worst) {
            (WriteKind::Add | WriteKind::Remove, Some(fault)) => return self.halt_on(fault),
            (WriteKind::Add | WriteKind::Remove, None) => {}
            // A refusal is news about the user, not about the run: it says why the license cannot be had, and halts nothing.
            (WriteKind::Reprocess, fault) => self.say_refusal(Notice::NotReprocessed, fault),
            (WriteKind::Direct, fault) => self.say_refusal(Notice::NotTakenOff, fault),
        }
        self.recorder.follow()
    }

    /// What Graph surely did not do for want of time is sent again, until the tries are used up.
    fn send_again<W: Queued>(
        &mut self,
        order: Order<W>,
        fault: Fault,
        faults: &[(UserId, Fault)],
    ) -> Result<(), RecordError> {
        let (batch, now, asked) = (order.batch(), self.clock.now(), self.asked_to_wait());
        match self.queue.again(order, fault.kind, now, asked) {
            Ok(()) => self.delayed(W::KIND.work(), fault),
            Err(_) => faults.iter().try_for_each(|(user, fault)| self.settle_failed(W::KIND, batch, &[*user], fault)),
        }
    }

    /// Sends a refused order again in two halves, until the culprit is alone.
    fn narrow<W: Queued>(&mut self, order: Order<W>, fault: &Fault) -> Result<(), RecordError> {
        let batch = order.batch();
        if fault.kind != FaultKind::AlreadyMember {
            self.observations.forget_groups(); // perhaps it is the group
        }
        match order.split() {
            Ok((left, right)) => {
                self.queue.push_first([left, right].into_iter());
                Ok(())
            }
            // A member already there is a success once it is read back.
            Err(one) if fault.kind == FaultKind::AlreadyMember => {
                let lost = one.users().iter().map(|user| (*user, Outcome::Lost(fault.clone()))).collect();
                self.settle(W::KIND, batch, lost)
            }
            Err(one) => self.settle_failed(W::KIND, batch, one.users(), fault),
        }
    }

    fn say_refusal(&mut self, notice: fn(Fault) -> Notice, fault: Option<Fault>) {
        self.schedule.poll_now(self.clock.now());
        if let Some(fault) = fault.filter(|fault| fault.kind != FaultKind::NotSent) {
            self.screen.say(notice(fault));
        }
    }
}

fn users(faults: &[(UserId, Fault)]) -> Vec<UserId> {
    faults.iter().map(|(user, _)| *user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::FaultMessage;
    use FaultKind::*;

    #[test]
    fn what_may_have_happened_before_is_settled_as_lost() {
        let absent = Fault::new(NotFound, FaultMessage::CanaryFirst);
        let user = UserId(uuid::Uuid::nil());
        let sorted = sort(WriteKind::Remove, vec![(user, Outcome::Failed(absent.clone()))], true);
        assert_eq!(sorted.settled, [(user, Outcome::Lost(absent))]);
    }

    /// Each fault with what follows for additions, removals, reprocesses and direct licenses, at work and when not.
    #[test]
    fn each_fault_has_one_answer_for_each_kind_of_write() {
        let faults = [
            Unreachable,
            SignIn,
            Forbidden,
            NotFound,
            AlreadyMember,
            Concurrent,
            Throttled,
            Service,
            Malformed,
            Refused,
            NotSent,
        ];
        let row = |fault: &FaultKind| {
            let cell = |kind| match (next(kind, *fault, true), next(kind, *fault, false)) {
                (one, other) if one == other => format!("{one:?}"),
                (one, other) => format!("{one:?}/{other:?}"),
            };
            format!("{fault:?}: {}\n", WriteKind::ALL.map(cell).join(" | "))
        };
        insta::assert_snapshot!(faults.iter().map(row).collect::<String>(), @r"
        Unreachable: Again | Again | Again | Again
        SignIn: Again | Again | Again | Again
        Forbidden: Refused/Settle | Refused | Refused | Refused
        NotFound: Split/Settle | ReadBack | Refused | Refused
        AlreadyMember: Split/Settle | Refused | Refused | Refused
        Concurrent: Again | Again | Again | Again
        Throttled: Again | Again | Again | Again
        Service: Again | Again | Again | Again
        Malformed: Split/Settle | Refused | Refused | Refused
        Refused: Split/Settle | Refused | Refused | Refused
        NotSent: Refused/Settle | Again/Settle | Settle | Settle
        ");
    }
}
