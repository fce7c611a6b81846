//! How batches are called: those that go forward by their number, rollbacks by the batches that they take back.

use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;

impl Migration {
    /// How many batches go forward. They come first among [`Migration::batches`], so that their places are their numbers.
    pub fn forward_batches(&self) -> usize {
        self.batches.iter().filter(|batch| batch.direction == Direction::Forward).count()
    }

    /// What a batch is called inside a sentence, counted from 0: `batch 2`, `rollback of batch 2`, `2nd rollback of
    /// batch 2`.
    pub fn title(&self, number: usize) -> String {
        let Some(batch) = self.batches.get(number).filter(|batch| batch.direction == Direction::Rollback) else {
            return format!("batch {}", number + 1);
        };
        let rollback = match self.batches[..number].iter().filter(|one| one.of == batch.of).count() {
            0 => "rollback of ".to_owned(),
            1 => "2nd rollback of ".to_owned(),
            2 => "3rd rollback of ".to_owned(),
            more => format!("{}th rollback of ", more + 1),
        };
        rollback + &named(&batch.of)
    }

    /// That a batch is complete, in the words for it: `batch complete (2)`, `rollback complete (batch 2)`.
    pub fn completion(&self, number: usize) -> String {
        match self.batches.get(number).filter(|batch| batch.direction == Direction::Rollback) {
            Some(batch) => format!("{} ({})", Phase::Complete.label(Direction::Rollback), named(&batch.of)),
            None => format!("{} ({})", Phase::Complete.name(), number + 1),
        }
    }

    /// What was completed last, as long as nothing was approved since.
    pub fn completed(&self) -> Option<String> {
        self.completed_last.map(|number| self.completion(number))
    }
}

fn named(batches: &[usize]) -> String {
    let numbers: Vec<String> = batches.iter().map(|batch| (batch + 1).to_string()).collect();
    match numbers.as_slice() {
        [one] => format!("batch {one}"),
        [all @ .., last] => format!("batches {} and {last}", all.join(", ")),
        [] => "users".to_owned(),
    }
}
