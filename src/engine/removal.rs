//! Removals in their order: the canary, then chunks of the others, each after its last look and with seats for all.

use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::fault::Fault;
use crate::domain::questions::enough_seats;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::user::User;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;

/// The shortest time between two verify passes when a removal waits to know who has taken a seat.
const SEATS_AFTER: SignedDuration = SignedDuration::from_secs(2);

impl Engine {
    /// The look could not be made just now: it is made again, and whoever was to be removed stays approved.
    pub(super) fn look_again(&mut self, fault: Fault) -> Result<(), RecordError> {
        let (now, asked) = (self.clock.now(), self.asked_to_wait());
        self.queue.wait(fault.kind, now, asked);
        self.queue.put_back();
        self.delayed("the last look", fault)
    }

    /// Rule 4. All who are left need a seat, or nobody is removed. Who was removed and not seen since may take one yet:
    /// when that leaves too few for this chunk, it waits until it is known.
    pub(super) fn seats_suffice(&mut self, free: i64, chunk: usize) -> Result<bool, RecordError> {
        let (now, run) = (self.clock.now(), self.recorder.run());
        let waits = |user: &&Arc<User>| user.standing == Some(Standing::ExpectedConflict);
        let left = run.active().filter(waits).filter(|user| !user.remove.is_done()).count();
        // Whom the operator took out of the batch takes a seat all the same.
        let gone = |user: &&Arc<User>| user.remove.is_done() && user.direction == run.direction();
        let under_way = run.users.iter().filter(waits).filter(gone).count();
        if let Err(short) = enough_seats(run.scenario, free, left) {
            self.recorder.record(Event::Halted { why: HaltReason::Seats(short) })?;
            self.drop_approval("writing was halted before it was sent")?;
            return Ok(false);
        }
        let enough = enough_seats(run.scenario, free, under_way + chunk.min(left)).is_ok();
        if !enough {
            // Seats are seen to be taken before users are seen to have taken them: who did is asked soon, and again.
            let soon = self.observations.pass_began().map_or(now, |began| now.max(began + SEATS_AFTER));
            self.schedule.await_seats(soon);
            self.queue.put_back();
        }
        Ok(enough)
    }
}
