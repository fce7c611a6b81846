//! How batches are that have not begun: their size, their canary, and how often is read.

use std::sync::Arc;

use crate::domain::migration::Batch;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::refusal::Refusal;
use crate::domain::route::Direction;
use crate::domain::settings::BatchSettings;
use crate::domain::time::Timestamp;

impl Migration {
    /// Whether batches that have not begun may be set so.
    ///
    /// # Errors
    /// [`Refusal`] when the figures are none, when no batch is left for them, or when users were turned back: a rollback is
    /// known by its place behind the batches, so that their number stays.
    pub fn may_set_batches(&self, settings: BatchSettings) -> Result<(), Refusal> {
        let now = self.batch_settings;
        if !settings.are_possible() {
            return Err(Refusal::NoSuchSettings);
        }
        if settings.batch_size != now.batch_size && self.batches.len() > self.forward_batches() {
            return Err(Refusal::SizeAfterRollback);
        }
        let fresh = |batch: &Batch| !batch.has_begun();
        if (settings.batch_size, settings.canary) != (now.batch_size, now.canary) && !self.batches.iter().any(fresh) {
            return Err(Refusal::AllBatchesBegun);
        }
        Ok(())
    }

    /// The batches that have not begun are cut anew; who was approved stays where they are.
    pub(super) fn set_batches(&mut self, at: Timestamp, settings: BatchSettings, by: &str) {
        let cut = settings.batch_size != self.batch_settings.batch_size;
        (self.batch_settings, self.batch_settings_by) = (settings, Some((at, by.into())));
        for batch in self.batches.iter_mut().filter(|batch| !batch.has_begun()) {
            batch.canary = settings.canary;
        }
        if cut {
            self.cut_anew();
        }
    }

    /// Cuts the last batches anew, from the one behind the last that has begun. What was checked of them was checked of
    /// other users, so they are checked again before their first approval; the first batch shares the check of the run.
    fn cut_anew(&mut self) {
        let pilot = usize::from(self.preflight.as_ref().is_some_and(|preflight| !preflight.pilot.is_empty()));
        let begun = self.batches.iter().rposition(Batch::has_begun).map_or(0, |last| last + 1);
        let first = begun.max(pilot).min(self.batches.len());
        let users: Vec<usize> = self.batches.iter().skip(first).flat_map(|batch| batch.users.iter().copied()).collect();
        let run_check = self.batches.front().filter(|_| first == 0).cloned();
        self.batches.truncate(first);
        for chunk in users.chunks(self.batch_settings.batch_size) {
            let number = self.batches.len();
            for place in chunk {
                Arc::make_mut(&mut self.users[*place]).batch = Some(number);
            }
            let new = Batch::new(chunk.into(), Direction::Forward, self.batch_settings.canary);
            let new = match &run_check {
                Some(old) if number == 0 => {
                    let (checked, problems) = (old.checked, old.problems.clone());
                    Batch { checked, problems, seats: old.seats, products: old.products.clone(), ..new }
                }
                _ => new,
            };
            self.batches.push_back(new);
        }
        if self.last_checked >= first {
            self.last_checked = first.saturating_sub(1);
        }
        self.current = self.current.min(self.batches.len().saturating_sub(1));
        self.tally = Arc::new(self.recounted());
        self.show_due();
    }
}

impl Batch {
    /// Whether its first approval was given.
    pub fn has_begun(&self) -> bool {
        self.began.is_some() || self.phase != Phase::Preflight
    }
}
