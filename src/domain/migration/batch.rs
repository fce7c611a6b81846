//! One batch of a run.

use std::sync::Arc;

use crate::domain::phase::Phase;
use crate::domain::preflight::Problem;
use crate::domain::preflight::Seats;
use crate::domain::route::Direction;
use crate::domain::seat_ledger::ProductSeats;
use crate::domain::time::Timestamp;

/// One batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its users, as places in [`Migration::users`](crate::domain::migration::Migration::users).
    pub users: Arc<[usize]>,
    /// Which way it goes.
    pub direction: Direction,
    /// The batches that a rollback takes its users from, counted from 0; empty for a batch that goes forward.
    pub of: Vec<usize>,
    /// Where it is.
    pub phase: Phase,
    /// How many of it are removed first.
    pub canary: usize,
    /// When its first approval was given.
    pub began: Option<Timestamp>,
    /// When it was completed last.
    pub completed: Option<Timestamp>,
    /// Whether its own preflight was made; the first batch shares that of the run.
    pub checked: bool,
    /// What its preflight found wrong, with what is wrong with the groups now.
    pub problems: Vec<Problem>,
    /// Seats by its preflight, of the target product that was the tightest.
    pub seats: Seats,
    /// Seats of every target product by its preflight; empty when a journal does not say.
    pub products: Vec<ProductSeats>,
}

impl Batch {
    pub(super) fn new(users: Arc<[usize]>, direction: Direction, canary: usize) -> Self {
        Self {
            users,
            direction,
            of: Vec::new(),
            phase: Phase::Preflight,
            canary,
            began: None,
            completed: None,
            checked: false,
            problems: Vec::new(),
            seats: Seats::default(),
            products: Vec::new(),
        }
    }

    /// When it came to its end, unless it has gone on since.
    pub fn ended(&self) -> Option<Timestamp> {
        self.completed.filter(|_| self.phase == Phase::Complete)
    }
}
