//! Which batches are under way, each with a phase of its own, and which one the screen shows.

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;

impl Migration {
    /// The batches under way: rollbacks first, as somebody waits for them; then those that have begun; then those that may
    /// begin next, as many as may be under way at once. What has begun stays under way when fewer may be.
    ///
    /// Where one batch is under way at a time, a rollback interrupts it.
    pub fn under_way_batches(&self) -> Vec<usize> {
        let (mut due, mut begun, mut next) = (Vec::new(), Vec::new(), Vec::new());
        for (number, batch) in self.batches.iter().enumerate() {
            match (batch.direction, batch.phase) {
                (_, Phase::Complete) => {}
                (Direction::Rollback, _) => due.push(number),
                // More than may be under way are not looked for.
                (Direction::Forward, Phase::Preflight) if next.len() == self.batches_under_way => {}
                (Direction::Forward, Phase::Preflight) => next.push(number),
                (Direction::Forward, _) => begun.push(number),
            }
        }
        let alone = self.batches_under_way == 1 && begun.len() < 2;
        due.extend(begun);
        let most = if alone { 1 } else { self.batches_under_way.max(due.len()) };
        due.extend(next);
        due.truncate(most);
        due
    }

    /// Whether a batch is under way.
    pub fn is_under_way(&self, batch: usize) -> bool {
        self.under_way_batches().contains(&batch)
    }

    /// Whether a batch was completed without users whom it still tends: they are watched on, and come under a later
    /// approval once they are safe.
    pub fn has_exceptions(&self, batch: usize) -> bool {
        self.phase_of(batch) == Phase::Complete && self.exceptions_of(batch) > 0
    }

    /// How many users a batch waits for and has not brought to their end.
    pub fn exceptions_of(&self, batch: usize) -> usize {
        self.count(batch, Fact::Active).saturating_sub(self.count(batch, Fact::Arrived))
    }

    /// How many users of any batch have neither arrived nor gone back.
    pub fn exceptions_of_run(&self) -> usize {
        let all = |fact| self.tally.in_batches(fact);
        all(Fact::Member).saturating_sub(all(Fact::Migrated) + all(Fact::RolledBack))
    }

    /// Whether a rollback takes the place of what is under way, as only one batch may be.
    pub fn rollback_interrupts(&self) -> bool {
        self.batches_under_way == 1
    }

    /// Rule 5: whether users of a batch may be removed as far as other batches go. Until a canary has arrived only the
    /// first batch that is not complete may be, and where all are, whoever one of them left behind; a rollback waits for no
    /// canary but its own.
    pub fn may_remove(&self, batch: usize) -> bool {
        self.canary_arrived
            || self.direction_of(batch) == Direction::Rollback
            || self.lead().is_none_or(|lead| lead == batch)
    }

    /// The first batch that goes forward and is not complete.
    pub fn lead(&self) -> Option<usize> {
        self.batches.iter().position(|batch| batch.direction == Direction::Forward && batch.phase != Phase::Complete)
    }

    /// Puts a batch on the screen. It makes no difference to anything else.
    pub fn show(&mut self, batch: usize) {
        if batch < self.batches.len() {
            self.current = batch;
            self.turn_route();
        }
    }

    /// Puts the batch that is due first on the screen; the ends are turned when it goes the other way.
    pub(super) fn show_due(&mut self) {
        self.current = self.under_way_batches().first().copied().unwrap_or(self.current);
        if self.turn_route() {
            // Other batches went the other way meanwhile.
            if let Some(batch) = self.batches.get_mut(self.current).filter(|batch| batch.phase == Phase::Preflight) {
                batch.checked = false;
            }
        }
    }

    /// Gives whether the ends were turned.
    fn turn_route(&mut self) -> bool {
        let turns = self.direction() != self.route_direction_now;
        if turns {
            self.route_direction_now = self.direction();
            self.route = self.route.reversed();
        }
        turns
    }
}
