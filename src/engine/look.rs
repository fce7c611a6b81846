//! The last look before a removal, the canary, and the removal itself.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::decide::enough_seats;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::Ledger;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::proof::LastLook;
use crate::domain::read::PointRead;
use crate::domain::standing::Standing;
use crate::domain::user::Write;
use crate::engine::book::BookError;
use crate::engine::job;
use crate::engine::job::Done;
use crate::engine::job::Look;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::write::Approved;

impl Engine {
    /// The next chunk to look at, or the pending order; the canary goes first and is waited for.
    pub(super) fn next_removal(&mut self) -> bool {
        let now = self.clock.now();
        let switching = self.switching(now);
        let most = self.canary_room();
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
    pub(super) fn looked(&mut self, look: Look) -> Result<(), BookError> {
        let seats = match look.skus {
            Ok(skus) => {
                self.sights.skus = Arc::new(skus);
                self.free_seats()
            }
            Err(_) => None,
        };
        let first: HashMap<UserId, PointRead> = reads(look.first);
        let last: HashMap<UserId, PointRead> = reads(look.last);
        for read in last.values() {
            self.sight(read.began, vec![(read.user, read.facts.clone())])?;
        }
        let now = self.clock.now();
        let (batch, scenario) = (self.book.run.current, self.book.run.scenario);
        let way = self.book.run.way();
        let Some(judge) = self.judges.as_ref().map(|judges| judges.of(way).clone()) else {
            return Ok(());
        };
        if self.book.run.halted.is_some() {
            return Ok(());
        }
        let takers = self.book.run.active().filter(|user| !user.remove.is_done());
        let takers = takers.filter(|user| user.standing == Some(Standing::ExpectedConflict)).count();
        let Approved::Remove(job) = &mut self.approved else { return Ok(()) };
        if let Err(short) = enough_seats(scenario, seats.unwrap_or(0), takers) {
            self.book.record(Event::Halted { why: HaltReason::Seats(short) })?;
            return self.drop_approval("writing was halted before it was sent");
        }
        let mut proven = Vec::new();
        for user in look.chunk {
            let added = match self.book.run.user(user).map(|user| user.add.clone()) {
                Some(Write::Done(at)) => Some(at),
                _ => None,
            };
            let proof = match (first.get(&user), last.get(&user), added) {
                (Some(first), Some(last), Some(added)) => {
                    LastLook::prove(&judge, first, last, added, now).map_err(|why| why.along(way))
                }
                (_, _, None) => Err("the addition was not acknowledged".to_owned()),
                _ => Err("the last look could not be made".to_owned()),
            };
            match proof {
                Ok(look) => proven.extend(job.approval.permit(user).map(|permit| (permit, look))),
                Err(why) => {
                    job.approval.withdraw(user);
                    self.book.keep(Event::NotProven { batch, user, why })?;
                }
            }
        }
        let users: Vec<_> =
            proven.iter().map(|(_, look)| (look.user(), look.standing().clone(), look.read_at())).collect();
        let Ok(draft) = Draft::remove(proven) else { return self.book.follow() };
        self.book.keep(Event::Proven { batch, users })?;
        let order = draft.keep(&mut self.book)?;
        job.pending.push_back(order);
        Ok(())
    }
}

pub(super) fn reads(reads: job::PointReads) -> HashMap<UserId, PointRead> {
    reads.into_iter().filter_map(|(user, read)| Some((user, read.ok()?))).collect()
}
