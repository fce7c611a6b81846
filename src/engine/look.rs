//! The last look before a removal: what it saw, and whom it proves safe.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::Ledger;
use crate::domain::order::Order;
use crate::domain::proof::LastLook;
use crate::domain::read::PointRead;
use crate::domain::standing::Judge;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::engine::approved::Approved;
use crate::engine::approved::Job;
use crate::engine::book::BookError;
use crate::engine::hindrance::passes;
use crate::engine::job;
use crate::engine::job::Beside;
use crate::engine::job::Look;
use crate::engine::job::Members;
use crate::engine::job::Wrote;
use crate::engine::run::Engine;
use crate::graph::error::GraphError;

impl Engine {
    /// Rules 3 and 4: only who was proven safe is removed, and only when seats are free for all of them.
    pub(super) fn looked(&mut self, look: Look, beside: Beside) -> Result<(), BookError> {
        // A halt came between, and the operator has answered anew: all is read again for that answer.
        if self.approved.removal().is_none_or(|job| job.approval.number() != look.number) {
            self.seen(look)?;
            return self.book.follow();
        }
        let tired = self.approved.removal().is_some_and(|job| job.is_tired());
        if let Some(fault) = failed(&look, &beside).filter(|fault| fault.kind != FaultKind::Service || !tired) {
            return self.look_again(fault);
        }
        let Beside { skus, groups, members } = beside;
        let still_in = still_in(members);
        match groups {
            // What is wrong with one ends the approval.
            Ok(groups) => self.grouped(Ok(groups))?,
            Err(error) => return self.halt_on(error.into_fault()),
        }
        let seats = match skus {
            Ok(skus) => {
                self.sights.skus = Arc::new(skus);
                self.free_seats().unwrap_or(0)
            }
            Err(error) => return self.halt_on(error.into_fault()),
        };
        let look = self.seen(look)?;
        if self.approved.removal().is_none() || self.book.run.halted.is_some() {
            return Ok(());
        }
        if !self.seats_suffice(seats, look.chunk.len())? {
            return Ok(());
        }
        if let Some(order) = self.approved.removal().and_then(|job| job.renewing.take()) {
            return self.renew(order, &look, &still_in);
        }
        let proven = self.prove(&look, Approved::removal, |judge, user, first, last, now| {
            prove_added(judge, user, first, last, now).and_then(|look| in_target(look, &still_in))
        })?;
        let Ok(draft) = Draft::remove(proven) else { return self.book.follow() };
        let order = draft.keep(&mut self.book)?;
        if let Some(job) = self.approved.removal() {
            job.pending.push_back(order);
        }
        Ok(())
    }

    /// Lets an order whose proof grew too old leave on a new one. Who is not proven again is left out of it.
    fn renew(&mut self, order: Order<Remove>, look: &Seen, still_in: &StillIn) -> Result<(), BookError> {
        let (now, batch) = (self.clock.now(), self.book.run.current);
        let Some(judges) = &self.judges else { return Ok(()) };
        let judge = judges.of(self.book.run.way());
        let (mut proofs, mut left_out) = (Vec::new(), Vec::new());
        for id in order.users() {
            let proof = look.proof(*id, self.book.run.user(*id), |user, first, last| {
                prove_added(judge, user, first, last, now).and_then(|look| in_target(look, still_in))
            });
            match proof {
                Ok(proof) => proofs.push(proof),
                Err(why) => left_out.push((*id, why)),
            }
        }
        let users = proofs.iter().map(|look| (look.user(), look.standing().clone(), look.read_at())).collect();
        if let Some(order) = order.renewed(&proofs) {
            self.book.keep(Event::Proven { batch, users })?;
            if let Some(job) = self.approved.removal() {
                job.pending.push_front(order);
            }
        }
        if let Some(job) = self.approved.removal() {
            job.doubted = false;
        }
        for (user, why) in left_out {
            self.book.keep(Event::NotProven { batch, user, why: why.clone() })?;
            self.give_up(Wrote::Remove, &[user], &Fault::new(FaultKind::NotSent, why))?;
        }
        self.book.follow()
    }

    /// Takes in what a last look saw, whatever comes of it.
    pub(super) fn seen(&mut self, look: Look) -> Result<Seen, BookError> {
        let seen = Seen { chunk: look.chunk, first: reads(look.first), last: reads(look.last) };
        for read in seen.last.values() {
            self.sight(read.began, vec![(read.user, read.facts.clone())])?;
        }
        Ok(seen)
    }

    /// Spends the permits of those who are proven, and withdraws the others, who stay where they are.
    pub(super) fn prove<W>(
        &mut self,
        look: &Seen,
        slot: fn(&mut Approved) -> Option<&mut Job<W>>,
        prove: impl Fn(&Judge, &User, &PointRead, &PointRead, Timestamp) -> Result<LastLook<W>, String>,
    ) -> Result<Proven<W>, BookError> {
        let (now, batch) = (self.clock.now(), self.book.run.current);
        let mut proven = Vec::new();
        let (Some(judges), Some(job)) = (&self.judges, slot(&mut self.approved)) else { return Ok(proven) };
        let judge = judges.of(self.book.run.way());
        for id in look.chunk.iter().copied() {
            let user = self.book.run.user(id);
            match look.proof(id, user, |user, first, last| prove(judge, user, first, last, now)) {
                Ok(look) => proven.extend(job.approval.permit(id).map(|permit| (permit, look))),
                Err(why) => {
                    job.approval.withdraw(id);
                    self.book.keep(Event::NotProven { batch, user: id, why })?;
                }
            }
        }
        if !proven.is_empty() {
            let users = proven.iter().map(|(_, look)| (look.user(), look.standing().clone(), look.read_at()));
            self.book.keep(Event::Proven { batch, users: users.collect() })?;
        }
        Ok(proven)
    }
}

/// Permits, each with the proof that the user is safe.
type Proven<W> = Vec<(Permit<W>, LastLook<W>)>;

/// Two reads of each user of a chunk, as far as they were answered.
pub(super) struct Seen {
    chunk: Vec<UserId>,
    first: HashMap<UserId, PointRead>,
    last: HashMap<UserId, PointRead>,
}

impl Seen {
    /// The proof that two good reads of a known user give, or why there is none.
    fn proof<W>(
        &self,
        id: UserId,
        user: Option<&Arc<User>>,
        prove: impl FnOnce(&User, &PointRead, &PointRead) -> Result<LastLook<W>, String>,
    ) -> Result<LastLook<W>, String> {
        match (self.first.get(&id), self.last.get(&id), user) {
            (Some(first), Some(last), Some(user)) => prove(user, first, last),
            _ => Err("the last look could not be made".to_owned()),
        }
    }
}

/// Rule 3: the proof begins after the addition was acknowledged.
fn prove_added(
    judge: &Judge,
    user: &User,
    first: &PointRead,
    last: &PointRead,
    now: Timestamp,
) -> Result<LastLook, String> {
    match user.add {
        Write::Done(added) => LastLook::prove(judge, first, last, added, now).map_err(|why| why.along(user.way)),
        _ => Err("the addition was not acknowledged".to_owned()),
    }
}

/// Licenses show for minutes after somebody else took the user out of the group that gives them.
pub(super) fn in_target<W>(look: LastLook<W>, still_in: &StillIn) -> Result<LastLook<W>, String> {
    match still_in.get(&look.user()) {
        Some(Ok(true)) => Ok(look),
        Some(Ok(false)) | None => Err("they are not seen in the group that they went to".to_owned()),
        Some(Err(error)) => Err(format!("it cannot be read whether they are in the group that they went to: {error}")),
    }
}

/// What is known of each user's place in the group that they went to.
pub(super) type StillIn = HashMap<UserId, Result<bool, GraphError>>;

pub(super) fn still_in(members: Members) -> StillIn {
    members.into_iter().collect()
}

/// The first fault of a look that may pass by itself, so that nobody need be left out for it.
fn failed(look: &Look, beside: &Beside) -> Option<Fault> {
    let reads = look.first.iter().chain(&look.last).filter_map(|(_, read)| read.as_ref().err());
    let members = beside.members.iter().filter_map(|(_, member)| member.as_ref().err());
    let all = reads.chain(beside.skus.as_ref().err()).chain(beside.groups.as_ref().err()).chain(members);
    all.map(GraphError::fault).find(|fault| passes(fault.kind)).cloned()
}

fn reads(reads: job::PointReads) -> HashMap<UserId, PointRead> {
    reads.into_iter().filter_map(|(user, read)| Some((user, read.ok()?))).collect()
}
