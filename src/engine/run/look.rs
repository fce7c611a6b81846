//! The last look before a removal: what it saw, and whom it proves safe.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::classifier::Classifier;
use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::order::IntentLog;
use crate::domain::order::Order;
use crate::domain::proof::LastLook;
use crate::domain::proof::NotProven;
use crate::domain::read::PointRead;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::domain::work::Work;
use crate::engine::backoff::passes;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks;
use crate::engine::run::tasks::Look;
use crate::engine::run::tasks::Members;
use crate::engine::run::tasks::RemovalContext;
use crate::engine::run::tasks::WriteKind;
use crate::engine::write_queue::Job;
use crate::engine::write_queue::OneJob;
use crate::engine::write_queue::Queued;
use crate::graph::error::GraphError;

impl Engine {
    /// Rules 3 and 4: only who was proven safe is removed, and only when seats are free for all of them.
    pub(super) fn looked(&mut self, look: Look, context: RemovalContext) -> Result<(), RecordError> {
        // A halt came between, and the operator has answered anew: all is read again for that answer.
        let number = look.number;
        let first = look.first.iter().find_map(|(_, read)| read.as_ref().ok());
        if let Some(began) = first.map(|read| read.began) {
            self.seats.looked(self.clock.now().duration_since(began));
        }
        let Some(batch) = self.queue.answers::<Remove>(number) else {
            self.seen(look)?;
            return self.recorder.follow();
        };
        let tired = self.queue.job(batch).is_some_and(OneJob::is_tired);
        if let Some(fault) = failed(&look, &context).filter(|fault| fault.kind != FaultKind::Service || !tired) {
            return self.look_again(batch, fault);
        }
        let RemovalContext { groups_and_seats, members, sheet } = context;
        let still_in = still_in(members);
        let mut counted = None;
        if let Some((groups, seats)) = groups_and_seats {
            match groups {
                // What is wrong with one ends the approval.
                Ok(groups) => self.grouped(self.recorder.run().direction_of(batch), Ok(groups))?,
                Err(error) => return self.halt_on(error.into_fault()),
            }
            match seats {
                Ok(seats) => {
                    counted = Some((number, seats.ended));
                    self.observations.count_seats(seats);
                }
                Err(error) => return self.halt_on(error.into_fault()),
            }
        }
        let mut look = self.seen(look)?;
        if self.queue.answers::<Remove>(number).is_none() || self.recorder.run().halted.is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        if counted.is_none() && !self.seats.serve_for_a_decision(now) {
            // The reads took so long that what was counted for a chunk before is old: this one gets a count of its own.
            self.seats.forget();
            self.put_back(batch);
            return Ok(());
        }
        if let Some((number, at)) = counted {
            self.seats.read(number, at);
        }
        match self.seats_for(batch, &look.chunk)? {
            0 => return Ok(()),
            fits => look.chunk.truncate(fits),
        }
        if let Some(order) = self.queue.of_kind::<Remove>(batch).and_then(Job::take_aside) {
            return self.renew(order, &look, &still_in);
        }
        let proven = self.prove::<Remove>(batch, &look, |classifier, user, first, last, now| {
            prove_added(classifier, user, first, last, now).and_then(|look| in_target(look, &still_in))
        })?;
        match sheet {
            None => self.keep_intent::<Remove>(batch, proven),
            Some(Ok(sheet)) => self.issue::<Remove>(batch, proven, sheet),
            Some(Err(error)) => self.halt_on(error.into_fault()),
        }
    }

    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    fn look_again(&mut self, batch: usize, fault: Fault) -> Result<(), RecordError> {
        let (now, asked) = (self.clock.now(), self.graph.connection_status().borrow().reads_held_until);
        self.queue.wait(batch, fault.kind, now, asked);
        self.put_back(batch);
        self.delayed(Work::LastLook, fault)
    }

    /// An order whose new look came to nothing waits for another.
    pub(super) fn put_back(&mut self, batch: usize) {
        if let Some(job) = self.queue.job_mut(batch) {
            job.put_back();
        }
    }

    /// Lets an order whose proof grew too old leave on a new one. Who is not proven again is left out of it.
    fn renew(&mut self, order: Order<Remove>, look: &ReadPair, still_in: &StillIn) -> Result<(), RecordError> {
        let (now, batch) = (self.clock.now(), order.batch());
        let direction = self.recorder.run().direction_of(batch);
        let Some(classifier) = self.observations.classifier(direction) else { return Ok(()) };
        let (mut proofs, mut left_out) = (Vec::new(), Vec::new());
        for id in order.users() {
            let proof = look.proof(*id, self.recorder.run().user(*id), |user, first, last| {
                prove_added(classifier, user, first, last, now).and_then(|look| in_target(look, still_in))
            });
            match proof {
                Ok(proof) => proofs.push(proof),
                Err(why) => left_out.push((*id, why)),
            }
        }
        if !proofs.is_empty() {
            self.recorder.keep(proven_event(batch, &proofs.iter().collect::<Vec<_>>()))?;
        }
        if let Some(job) = self.queue.of_kind::<Remove>(batch) {
            job.renew(order, &proofs);
        }
        for (user, why) in left_out {
            self.recorder.keep(Event::NotProven { batch, user, why: why.clone() })?;
            let unsent = FaultMessage::NotProven { why: Box::new(why), direction };
            self.settle_failed(WriteKind::Remove, batch, &[user], &Fault::new(FaultKind::NotSent, unsent))?;
        }
        self.recorder.follow()
    }

    /// Takes in what a last look saw, whatever comes of it.
    pub(super) fn seen(&mut self, look: Look) -> Result<ReadPair, RecordError> {
        let seen = ReadPair { chunk: look.chunk, first: reads(look.first), last: reads(look.last) };
        for read in seen.last.values() {
            self.record_reading(read.began, vec![(read.user, read.facts.clone())])?;
        }
        Ok(seen)
    }

    /// Spends the permits of those who are proven, and withdraws the others, who stay where they are.
    pub(super) fn prove<W: Queued>(
        &mut self,
        batch: usize,
        look: &ReadPair,
        prove: impl Fn(&Classifier, &User, &PointRead, &PointRead, Timestamp) -> Result<LastLook<W>, NotProven>,
    ) -> Result<Proven<W>, RecordError> {
        let (now, mut proven) = (self.clock.now(), Vec::new());
        let classifier = self.observations.classifier(self.recorder.run().direction_of(batch));
        let Some(classifier) = classifier else { return Ok(proven) };
        for id in look.chunk.iter().copied() {
            let user = self.recorder.run().user(id);
            match look.proof(id, user, |user, first, last| prove(classifier, user, first, last, now)) {
                Ok(look) => {
                    let permit = self.queue.of_kind::<W>(batch).and_then(|job| job.permit(id));
                    proven.extend(permit.map(|permit| (permit, look)));
                }
                Err(why) => {
                    self.queue.withdraw(id);
                    self.recorder.keep(Event::NotProven { batch, user: id, why })?;
                }
            }
        }
        if !proven.is_empty() {
            let looks: Vec<_> = proven.iter().map(|(_, look)| look).collect();
            self.recorder.keep(proven_event(batch, &looks))?;
        }
        Ok(proven)
    }
}

/// The proofs as the journal keeps them.
fn proven_event<W>(batch: usize, proofs: &[&LastLook<W>]) -> Event {
    let users = proofs.iter().map(|look| (look.user(), look.standing().clone(), look.read_at())).collect();
    let keeps = proofs.iter().map(|look| (look.user(), look.keeps().clone())).collect();
    Event::Proven { batch, users, keeps }
}

/// Permits, each with the proof that the user is safe.
type Proven<W> = Vec<(Permit<W>, LastLook<W>)>;

/// Two reads of each user of a chunk, as far as they were answered.
pub(super) struct ReadPair {
    chunk: Vec<UserId>,
    first: HashMap<UserId, PointRead>,
    last: HashMap<UserId, PointRead>,
}

impl ReadPair {
    /// The proof that two good reads of a known user give, or why there is none.
    fn proof<W>(
        &self,
        id: UserId,
        user: Option<&Arc<User>>,
        prove: impl FnOnce(&User, &PointRead, &PointRead) -> Result<LastLook<W>, NotProven>,
    ) -> Result<LastLook<W>, NotProven> {
        match (self.first.get(&id), self.last.get(&id), user) {
            (Some(first), Some(last), Some(user)) => prove(user, first, last),
            _ => Err(NotProven::NotLooked),
        }
    }
}

/// Rule 3: the proof begins after the addition was acknowledged.
fn prove_added(
    classifier: &Classifier,
    user: &User,
    first: &PointRead,
    last: &PointRead,
    now: Timestamp,
) -> Result<LastLook, NotProven> {
    match user.add {
        Write::Done(added) => LastLook::prove(classifier, first, last, added, now),
        _ => Err(NotProven::NotAdded),
    }
}

/// Licenses show for minutes after somebody else took the user out of the group that gives them.
pub(super) fn in_target<W>(look: LastLook<W>, still_in: &StillIn) -> Result<LastLook<W>, NotProven> {
    match still_in.get(&look.user()) {
        Some(Ok(true)) => Ok(look),
        Some(Ok(false)) | None => Err(NotProven::NotInGroup),
        Some(Err(error)) => Err(NotProven::GroupNotRead(error.fault().clone())),
    }
}

/// What is known of each user's place in the group that they went to.
pub(super) type StillIn = HashMap<UserId, Result<bool, GraphError>>;

pub(super) fn still_in(members: Members) -> StillIn {
    members.into_iter().collect()
}

/// The first fault of a look that may pass by itself, so that nobody need be left out for it.
fn failed(look: &Look, context: &RemovalContext) -> Option<Fault> {
    let reads = look.first.iter().chain(&look.last).filter_map(|(_, read)| read.as_ref().err());
    let members = context.members.iter().filter_map(|(_, member)| member.as_ref().err());
    let beside = context.groups_and_seats.iter();
    let beside = beside.flat_map(|(groups, seats)| [seats.as_ref().err(), groups.as_ref().err()].into_iter().flatten());
    let names = context.sheet.iter().filter_map(|sheet| sheet.as_ref().err());
    let all = reads.chain(beside).chain(members).chain(names);
    all.map(GraphError::fault).find(|fault| passes(fault.kind)).cloned()
}

fn reads(reads: tasks::PointReads) -> HashMap<UserId, PointRead> {
    reads.into_iter().filter_map(|(user, read)| Some((user, read.ok()?))).collect()
}
