//! The last look before a removal, the canary, and the removal itself.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::decide::enough_seats;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::Ledger;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::order::Order;
use crate::domain::proof::LastLook;
use crate::domain::read::PointRead;
use crate::domain::standing::Judge;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::engine::approved::Approved;
use crate::engine::approved::Job;
use crate::engine::book::BookError;
use crate::engine::hindrance::passes;
use crate::engine::job;
use crate::engine::job::Beside;
use crate::engine::job::Done;
use crate::engine::job::Look;
use crate::engine::job::Members;
use crate::engine::job::Wrote;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::graph::error::GraphError;

/// A look is not taken while a write would wait longer than this: its proof would grow old for nothing, and while the
/// service wants to be left alone for minutes the proof of every chunk would.
const SOON: SignedDuration = SignedDuration::from_secs(5);

impl Engine {
    /// The next chunk to look at, or the pending order; the canary goes first and is waited for.
    pub(super) fn next_removal(&mut self) -> bool {
        let now = self.clock.now();
        let switching = self.switching(now);
        let most = self.canary_room();
        let passed = !self.polling.awaited;
        let ends = self.ends();
        let Approved::Remove(job) = &mut self.approved else { return false };
        if switching {
            self.activity = Activity::AwaitingCanary; // rule 6: no more removals while a user is in between
            return false;
        }
        if let Some(order) = job.pending.pop_front_if(|order| !job.doubted && order.may_leave(now)) {
            let graph = self.graph.clone();
            self.spawn(Activity::Removing, async move { Done::Removed(graph.remove(order).await) });
            return true;
        }
        // An order that could not leave in time, or whose user was seen otherwise since, needs a new look before anybody else is looked at.
        let stale = job.pending.front().map(|order| order.users().to_vec());
        let fresh = || job.approval.left().iter().copied().take(most.min(MOST_PER_ORDER)).collect();
        let chunk: Vec<UserId> = stale.unwrap_or_else(fresh);
        if job.approval.left().is_empty() && chunk.is_empty() {
            self.approved = Approved::None;
            return false;
        }
        if chunk.is_empty() {
            self.activity = Activity::AwaitingCanary;
            return false;
        }
        if !passed {
            self.activity = Activity::AwaitingSeats;
            return false;
        }
        let writes = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let wait = SignedDuration::try_from(self.graph.write_wait(writes)).unwrap_or(SignedDuration::MAX);
        if wait > SOON {
            self.activity = Activity::Holding { until: now.saturating_add(wait).unwrap_or(Timestamp::MAX) };
            return false;
        }
        job.renewing = job.pending.pop_front();
        let number = job.approval.number();
        self.spawn(Activity::LookingLast, job::look(self.graph.clone(), number, chunk, ends));
        true
    }

    /// How many may be removed now: what is left of the canary, nothing while it is awaited, any number after it.
    fn canary_room(&self) -> usize {
        let run = &self.book.run;
        let canary = run.run.settings.canary.min(run.active().count()).max(1);
        let removed = run.active().filter(|user| user.remove.is_done()).count();
        let migrated = run.active().filter(|user| user.remove.is_done() && user.has_arrived()).count();
        if migrated >= canary { usize::MAX } else { canary.saturating_sub(removed) }
    }

    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    fn look_again(&mut self, fault: Fault) -> Result<(), BookError> {
        let (now, asked) = (self.clock.now(), self.asked_to_wait());
        if let Approved::Remove(job) = &mut self.approved {
            job.wait(fault.kind, now, asked);
        }
        self.keep_for_later();
        self.delayed("the last look", fault)
    }

    /// An order whose new look came to nothing waits for another.
    fn keep_for_later(&mut self) {
        if let Some(job) = self.approved.removal()
            && let Some(order) = job.renewing.take()
        {
            job.pending.push_front(order);
        }
    }

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
    fn renew(&mut self, order: Order<Remove>, look: &Seen, still_in: &HashSet<UserId>) -> Result<(), BookError> {
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

    /// Rule 4. All who are left need a seat, or nobody is removed. Who was removed and not seen since may take one yet:
    /// when that leaves too few for this chunk, it waits until it is known.
    fn seats_suffice(&mut self, free: i64, chunk: usize) -> Result<bool, BookError> {
        let run = &self.book.run;
        let waits = |user: &&Arc<User>| user.standing == Some(Standing::ExpectedConflict);
        let left = run.active().filter(waits).filter(|user| !user.remove.is_done()).count();
        // Whom the operator took out of the batch takes a seat all the same.
        let gone = |user: &&Arc<User>| user.remove.is_done() && user.way == run.way();
        let under_way = run.users.iter().filter(waits).filter(gone).count();
        if let Err(short) = enough_seats(run.scenario, free, left) {
            self.book.record(Event::Halted { why: HaltReason::Seats(short) })?;
            self.drop_approval("writing was halted before it was sent")?;
            return Ok(false);
        }
        let enough = enough_seats(run.scenario, free, under_way + chunk.min(left)).is_ok();
        if !enough {
            // A pass that began after the last removal knows all there is to know: only time helps then.
            let written = run.active().filter_map(|user| user.remove.at()).max();
            if self.polling.began < written {
                self.polling.next = Some(self.clock.now());
            }
            self.polling.awaited = true;
            self.keep_for_later();
        }
        Ok(enough)
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
pub(super) fn in_target<W>(look: LastLook<W>, still_in: &HashSet<UserId>) -> Result<LastLook<W>, String> {
    if still_in.contains(&look.user()) {
        Ok(look)
    } else {
        Err("they are not seen in the group that they went to".to_owned())
    }
}

/// Those who are surely seen to be members.
pub(super) fn still_in(members: Members) -> HashSet<UserId> {
    members.into_iter().filter(|(_, member)| *member == Ok(true)).map(|(user, _)| user).collect()
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
