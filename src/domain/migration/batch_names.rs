//! How batches are called: those that go forward by their number, rollbacks by the batches that they take back.

use crate::domain::batch_name::BatchName;
use crate::domain::migration::Migration;
use crate::domain::route::Direction;

impl Migration {
    /// How many batches go forward. They come first among [`Migration::batches`], so that their places are their numbers.
    pub fn forward_batches(&self) -> usize {
        self.batches.iter().filter(|batch| batch.direction == Direction::Forward).count()
    }

    /// What a batch, counted from 0, is called by.
    pub fn batch_name(&self, number: usize) -> BatchName {
        let Some(batch) = self.batches.get(number).filter(|batch| batch.direction == Direction::Rollback) else {
            return BatchName::Forward(number + 1);
        };
        let nth = self.batches.iter().take(number).filter(|one| one.of == batch.of).count() + 1;
        BatchName::Rollback { nth, of: batch.of.iter().map(|batch| batch + 1).collect() }
    }

    /// What was completed last, counted from 0, as long as nothing was approved since.
    pub fn completed_last(&self) -> Option<usize> {
        self.completed_last
    }
}
