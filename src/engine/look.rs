//! The last look before a removal, the canary, and the removal itself.

use std::collections::HashMap;

use crate::domain::decide::enough_seats;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Draft;
use crate::domain::order::Ledger;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::proof::LastLook;
use crate::domain::read::PointRead;
use crate::domain::standing::Standing;
use crate::domain::user::Write;
use crate::engine::book::BookError;
use crate::engine::hindrance::passes;
use crate::engine::job;
use crate::engine::job::Done;
use crate::engine::job::Look;
use crate::engine::job::Wrote;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::write::Approved;
use crate::graph::error::GraphError;

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
        if let Some(order) = job.pending.pop_front_if(|order| !order.may_leave(now)) {
            let chunk = order.users().to_vec();
            job.renewing = Some(order);
            self.spawn(Activity::LookingLast, job::look(self.graph.clone(), chunk));
            return true;
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
        let migrated = run.active().filter(|user| user.remove.is_done() && user.is_migrated()).count();
        if migrated >= canary { usize::MAX } else { canary.saturating_sub(removed) }
    }

    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    fn look_again(&mut self, fault: Fault) -> Result<(), BookError> {
        let (now, asked) = (self.clock.now(), self.asked_to_wait());
        if let Approved::Remove(job) = &mut self.approved {
            if let Some(order) = job.renewing.take() {
                job.pending.push_front(order);
            }
            job.wait(fault.kind, now, asked);
        }
        self.delayed("the last look", fault)
    }

    /// Rules 3 and 4: only who was proven safe is removed, and only when seats are free for all of them.
    pub(super) fn looked(&mut self, look: Look) -> Result<(), BookError> {
        let tired = matches!(&self.approved, Approved::Remove(job) if job.is_tired());
        if let Some(fault) = failed(&look).filter(|fault| fault.kind != FaultKind::Service || !tired) {
            return self.look_again(fault);
        }
        match look.skus {
            Ok(skus) => self.learn_seats(skus),
            Err(error) => return self.halt_on(error.into_fault()),
        }
        let seats = self.sights.free_seats;
        let first: HashMap<UserId, PointRead> = reads(look.first);
        let last: HashMap<UserId, PointRead> = reads(look.last);
        for read in last.values() {
            self.sight(read.began, vec![(read.user, read.facts.clone())])?;
        }
        let now = self.clock.now();
        let (batch, scenario) = (self.book.run.current, self.book.run.scenario);
        let Some(judge) = self.judge.clone() else { return Ok(()) };
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
        let renewing = job.renewing.take();
        let (mut proven, mut renewed, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for user in look.chunk {
            let added = match self.book.run.user(user).map(|user| user.add.clone()) {
                Some(Write::Done(at)) => Some(at),
                _ => None,
            };
            let proof = match (first.get(&user), last.get(&user), added) {
                (Some(first), Some(last), Some(added)) => {
                    LastLook::prove(&judge, first, last, added, now).map_err(|why| why.to_string())
                }
                (_, _, None) => Err("the addition was not acknowledged".to_owned()),
                _ => Err("the last look could not be made".to_owned()),
            };
            match proof {
                Ok(look) if renewing.is_some() => renewed.push(look),
                Ok(look) => proven.extend(job.approval.permit(user).map(|permit| (permit, look))),
                Err(why) => {
                    job.approval.withdraw(user);
                    left_out.push(user);
                    self.book.keep(Event::NotProven { batch, user, why })?;
                }
            }
        }
        if let Some(order) = renewing {
            let users: Vec<_> =
                renewed.iter().map(|look| (look.user(), look.standing().clone(), look.read_at())).collect();
            if let Some(order) = order.renewed(&renewed) {
                job.pending.push_front(order);
                self.book.keep(Event::Proven { batch, users })?;
            }
            let fault = Fault::new(FaultKind::NotSent, "the last look did not prove it safe");
            self.give_up(Wrote::Remove, &left_out, &fault)?;
            return self.book.follow();
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

/// The first fault of a look that may pass by itself, so that nobody need be left out for it.
fn failed(look: &Look) -> Option<Fault> {
    let reads = look.first.iter().chain(&look.last).filter_map(|(_, read)| read.as_ref().err());
    let all = reads.chain(look.skus.as_ref().err());
    all.map(GraphError::fault).find(|fault| passes(fault.kind)).cloned()
}

fn reads(reads: job::PointReads) -> HashMap<UserId, PointRead> {
    reads.into_iter().filter_map(|(user, read)| Some((user, read.ok()?))).collect()
}
