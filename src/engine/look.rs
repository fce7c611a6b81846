//! The last look before a removal, the canary, and the removal itself.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::approval::Permit;
use crate::domain::decide::enough_seats;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::Ledger;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::proof::LastLook;
use crate::domain::read::PointRead;
use crate::domain::sku::Skus;
use crate::domain::standing::Judge;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::engine::book::BookError;
use crate::engine::job;
use crate::engine::job::Done;
use crate::engine::job::Look;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::write::Approved;
use crate::engine::write::Job;
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
        let Approved::Remove(job) = &mut self.approved else { return false };
        if switching {
            self.activity = Activity::AwaitingCanary; // rule 6: no more removals while a user is in between
            return false;
        }
        if let Some(order) = job.pending.pop_front() {
            let graph = self.graph.clone();
            self.spawn(Activity::Removing, async move { Done::Removed(graph.remove(order).await) });
            return true;
        }
        let chunk: Vec<UserId> = job.approval.left().iter().copied().take(most.min(MOST_PER_ORDER)).collect();
        if job.approval.left().is_empty() {
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
        self.spawn(Activity::LookingLast, job::look(self.graph.clone(), chunk));
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

    /// Rules 3 and 4: only who was proven safe is removed, and only when seats are free for all of them.
    pub(super) fn looked(&mut self, look: Look, skus: Result<Skus, GraphError>) -> Result<(), BookError> {
        let seats = match skus {
            Ok(skus) => {
                self.sights.skus = Arc::new(skus);
                self.free_seats().unwrap_or(0)
            }
            Err(_) => 0,
        };
        let look = self.seen(look)?;
        if self.approved.removal().is_none() || self.book.run.halted.is_some() {
            return Ok(());
        }
        if !self.seats_suffice(seats, look.chunk.len())? {
            return Ok(());
        }
        let proven = self.prove(look, Approved::removal, |judge, user, first, last, now| match user.add {
            Write::Done(added) => LastLook::prove(judge, first, last, added, now).map_err(|why| why.along(user.way)),
            _ => Err("the addition was not acknowledged".to_owned()),
        })?;
        let Ok(draft) = Draft::remove(proven) else { return self.book.follow() };
        let order = draft.keep(&mut self.book)?;
        if let Some(job) = self.approved.removal() {
            job.pending.push_back(order);
        }
        Ok(())
    }

    /// Rule 4. All who are left need a seat, or nobody is removed. Who was removed and not seen since may take one yet:
    /// when that leaves too few for this chunk, it waits until it is known.
    fn seats_suffice(&mut self, free: i64, chunk: usize) -> Result<bool, BookError> {
        let run = &self.book.run;
        let takers = |removed: bool| {
            let waits = |user: &&Arc<User>| user.standing == Some(Standing::ExpectedConflict);
            run.active().filter(waits).filter(|user| user.remove.is_done() == removed).count()
        };
        let (left, under_way) = (takers(false), takers(true));
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
        look: Seen,
        slot: fn(&mut Approved) -> Option<&mut Job<W>>,
        prove: impl Fn(&Judge, &User, &PointRead, &PointRead, Timestamp) -> Result<LastLook<W>, String>,
    ) -> Result<Proven<W>, BookError> {
        let (now, batch) = (self.clock.now(), self.book.run.current);
        let mut proven = Vec::new();
        let (Some(judges), Some(job)) = (&self.judges, slot(&mut self.approved)) else { return Ok(proven) };
        let judge = judges.of(self.book.run.way());
        for id in look.chunk {
            let proof = match (look.first.get(&id), look.last.get(&id), self.book.run.user(id)) {
                (Some(first), Some(last), Some(user)) => prove(judge, user, first, last, now),
                _ => Err("the last look could not be made".to_owned()),
            };
            match proof {
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

fn reads(reads: job::PointReads) -> HashMap<UserId, PointRead> {
    reads.into_iter().filter_map(|(user, read)| Some((user, read.ok()?))).collect()
}
