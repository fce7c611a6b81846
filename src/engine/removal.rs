//! Removals in their order: the canary, then chunks of the others, each after its last look and with seats for all.

use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::questions::enough_seats;
use crate::domain::questions::fit_now;
use crate::domain::seat_ledger::SeatLedger;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::user::User;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;

/// The shortest time between two verify passes when a removal waits to know who has taken a seat.
const SEATS_AFTER: SignedDuration = SignedDuration::from_secs(2);

impl Engine {
    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    pub(super) fn look_again(&mut self, batch: usize, fault: Fault) -> Result<(), RecordError> {
        let (now, asked) = (self.clock.now(), self.graph.connection_status().borrow().reads_held_until);
        self.queue.wait(batch, fault.kind, now, asked);
        self.put_back(batch);
        self.delayed("the last look", fault)
    }

    /// Rule 4. All who are left need a seat of every product of the target group that they do not hold, or nobody is
    /// removed. Who was removed and not seen since may take one yet: when that leaves too few for this chunk, it waits
    /// until it is known. A chunk goes whole: a few users at a time would ask as much of the tenant for each few.
    pub(super) fn seats_suffice(&mut self, batch: usize, chunk: &[UserId]) -> Result<bool, RecordError> {
        let (now, run) = (self.clock.now(), self.recorder.run());
        let classifier = self.observations.classifier(run.direction_of(batch));
        let Some(products) = classifier.map(|classifier| &classifier.target_products) else { return Ok(false) };
        let ledger = || SeatLedger::new(products, self.observations.skus());
        let holds = |user: &User, sku: SkuId| self.holds(user, sku);
        if let Err(short) = enough_seats(run, batch, ledger(), holds) {
            self.recorder.record(Event::Halted { why: HaltReason::Seats(short) })?;
            self.drop_approvals("writing was halted before it was sent")?;
            return Ok(false);
        }
        let enough = fit_now(run, batch, ledger(), chunk, holds) == chunk.len();
        if !enough {
            // Seats are seen to be taken before users are seen to have taken them: who did is asked soon, and again.
            let soon = self.observations.pass_began().map_or(now, |began| now.max(began + SEATS_AFTER));
            self.schedule.await_seats(soon);
            self.put_back(batch);
        }
        Ok(enough)
    }

    /// An order whose new look came to nothing waits for another.
    fn put_back(&mut self, batch: usize) {
        if let Some(job) = self.queue.job_mut(batch) {
            job.put_back();
        }
    }

    /// Whether a user has a product already, from wherever, by the last read.
    fn holds(&self, user: &User, sku: SkuId) -> bool {
        let place = user.id.and_then(|id| self.recorder.run().place(id));
        match place.and_then(|place| self.observations.facts().get(place)?.as_ref()) {
            Some(facts) => facts.holds(sku),
            // Not read in this sitting: their standing is what an earlier one saw.
            None => {
                matches!(user.standing, Some(Standing::HoldsBoth | Standing::Migrated | Standing::SourceLingers(_)))
            }
        }
    }
}
