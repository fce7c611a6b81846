//! Removals in their order: the canary, then chunks of the others, each after its last look and with seats for all.

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultMessage;
use crate::domain::halt::HaltReason;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::questions::enough_seats;
use crate::domain::questions::fit_now;
use crate::domain::seat_count::READ_LAG;
use crate::domain::seat_ledger::SeatLedger;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::work::Work;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;

/// How long between two verify passes while seats are scarce and the removal goes on.
const WHILE_SCARCE: SignedDuration = SignedDuration::from_secs(6);
/// So many users or fewer need not wait until a chunk may go whole.
const FEW_LEFT: usize = 3 * MOST_PER_ORDER;

impl Engine {
    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    pub(super) fn look_again(&mut self, batch: usize, fault: Fault) -> Result<(), RecordError> {
        let (now, asked) = (self.clock.now(), self.graph.connection_status().borrow().reads_held_until);
        self.queue.wait(batch, fault.kind, now, asked);
        self.put_back(batch);
        self.delayed(Work::LastLook, fault)
    }

    /// Rule 4. All who are left need a seat of every product of the target group that they do not hold, or nobody is
    /// removed. Who was removed and not seen since may take one yet: when that leaves too few for this chunk, it waits
    /// until it is known. Gives how many of the chunk may leave, from the first on.
    pub(super) fn seats_for(&mut self, batch: usize, chunk: &[UserId]) -> Result<usize, RecordError> {
        let (now, run) = (self.clock.now(), self.recorder.run());
        let classifier = self.observations.classifier(run.direction_of(batch));
        let Some(products) = classifier.map(|classifier| &classifier.target_products) else { return Ok(0) };
        let ledger = SeatLedger::new(products, self.observations.skus());
        let holds = |user: &User, sku: SkuId| self.holds(user, sku);
        if let Err(short) = enough_seats(run, batch, ledger.clone(), holds) {
            self.recorder.record(Event::Halted { why: HaltReason::Seats(short) })?;
            self.drop_approvals(&FaultMessage::HaltedBeforeSent)?;
            return Ok(0);
        }
        let mut fits = fit_now(run, batch, ledger.clone(), chunk, holds, holds);
        // What others have taken by a count is gone from every earlier one as well, and what they have taken by this look.
        let mut at_most = fit_alone(&ledger, chunk, run, holds);
        for count in self.observations.known_counts(now) {
            if fits == chunk.len() {
                break;
            }
            let then = SeatLedger::new(products, &count.skus);
            let place = |user: &User| user.id.and_then(|id| run.place(id));
            let counted = |user: &User, sku: SkuId| {
                place(user).is_some_and(|place| self.observations.is_counted(count, place, sku))
            };
            let may_be = |user: &User, sku: SkuId| {
                let left_later = user.remove.at().is_some_and(|at| at > count.ended);
                !left_later && place(user).is_none_or(|place| self.observations.may_be_counted(count, place, sku))
            };
            fits = fits.max(fit_now(run, batch, then.clone(), chunk, counted, holds).min(at_most));
            at_most = at_most.min(fit_now(run, batch, then, chunk, may_be, holds));
        }
        // A chunk goes whole: a few users at a time would ask as much of the tenant for each few.
        let (left, aside) = self.queue.job(batch).map_or((&[][..], false), |job| (job.left(), job.is_aside()));
        let few = left.len() <= FEW_LEFT && !aside;
        let fits = if fits == chunk.len() || few { fits } else { 0 };
        let ahead: Vec<UserId> = left.iter().copied().take(4 * FEW_LEFT).collect();
        let fit = fit_now(run, batch, ledger, &ahead, holds, holds);
        if fits == 0 || fit < ahead.len() {
            self.seats.forget();
            self.seats.count_aside(&self.graph);
        }
        if fits == 0 || fit < ahead.len().min(2 * FEW_LEFT) {
            self.know_seats(batch, now, fits == 0);
        }
        Ok(fits)
    }

    /// Seats are scarce: which users have theirs is asked soon, and again.
    fn know_seats(&mut self, batch: usize, now: Timestamp, waits: bool) {
        let began = self.observations.pass_began();
        if waits {
            let last = began.map(|began| began + READ_LAG);
            self.schedule.await_seats(self.observations.next_known().max(last).map_or(now, |at| at.max(now)));
            self.put_back(batch);
        } else {
            self.schedule.poll_by(began.map_or(now, |began| now.max(began + WHILE_SCARCE)));
        }
    }

    /// An order whose new look came to nothing waits for another.
    pub(super) fn put_back(&mut self, batch: usize) {
        if let Some(job) = self.queue.job_mut(batch) {
            job.put_back();
        }
    }

    /// Whether a user has a product already, from wherever, by the last read.
    pub(super) fn holds(&self, user: &User, sku: SkuId) -> bool {
        let place = user.id.and_then(|id| self.recorder.run().place(id));
        match place.and_then(|place| self.observations.facts().get(place)?.as_ref()) {
            Some(facts) => facts.holds(sku),
            // Not read in this session: their standing is what an earlier one saw.
            None => {
                matches!(user.standing, Some(Standing::HoldsBoth | Standing::Migrated | Standing::SourceLingers(_)))
            }
        }
    }
}

/// How many of these users fit if nobody else takes a seat.
pub(super) fn fit_alone(
    ledger: &SeatLedger,
    users: &[UserId],
    run: &Migration,
    holds: impl Fn(&User, SkuId) -> bool,
) -> usize {
    let mut ledger = ledger.clone();
    for user in users {
        ledger.add_to_come(|sku| run.user(*user).is_some_and(|user| holds(user, sku)));
    }
    ledger.fits()
}
