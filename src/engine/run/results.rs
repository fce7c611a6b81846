//! What each job brings back, and who takes it in.

use crate::domain::route::Direction;
use crate::domain::work::Work;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::TaskResult;
use crate::engine::under_way::in_preflight;
use crate::engine::under_way::is_untouched;

impl Engine {
    pub(super) fn take(&mut self, done: TaskResult) -> Result<(), RecordError> {
        self.screen.changed();
        match done {
            TaskResult::Checked(began, facts) => match *facts {
                // Users were excluded meanwhile, and with them the first batch was done: its check is history.
                Ok(_) if !is_untouched(self.recorder.run()) => {}
                Ok(facts) => self.checked(began, facts)?,
                Err(error) => self.read_failed(Work::Preflight, error)?,
            },
            TaskResult::BatchChecked(batch, began, facts) => match *facts {
                Ok(_) if !in_preflight(self.recorder.run()).any(|(now, _)| now == batch) => {}
                Ok(facts) => self.batch_checked(batch, began, facts)?,
                Err(error) => self.read_failed(Work::BatchPreflight, error)?,
            },
            TaskResult::Refreshed(facts) => match *facts {
                Ok(facts) => self.learn(&facts),
                Err(error) => self.read_failed(Work::GroupsAndSkus, error)?,
            },
            TaskResult::Surveyed(survey, seats) => {
                if let Some(seats) = seats {
                    self.observations.count_seats(seats);
                }
                match survey {
                    Ok(survey) => self.surveyed(survey)?,
                    Err(error) => self.read_failed(Work::VerifyPass, error)?,
                }
            }
            TaskResult::SeatsCounted(seats) => {
                if let Some(seats) = seats {
                    self.observations.count_seats(seats);
                }
                if self.schedule.awaits_seats() {
                    self.seats.count_aside(&self.graph, self.clock.now());
                }
            }
            TaskResult::Confirmed(reads) => self.point_reads(reads)?,
            TaskResult::Inspected(user, reads, names, why) => {
                self.observations.name_groups(names);
                self.point_reads(reads)?;
                self.explained(user, why)?;
            }
            TaskResult::RereadNegatives(wrote, members) => self.reread_result(wrote, members)?,
            TaskResult::Named(number, users, sheet) => self.named(number, &users, sheet)?,
            TaskResult::OthersSeen(seen, failed) => self.others_seen(seen, failed)?,
            TaskResult::Reprocessed(answer) => self.answered(answer)?,
            TaskResult::LookedAtDirect(look, members) => self.looked_at_direct(look, members)?,
            TaskResult::DirectRemoved(answer) => self.answered(answer)?,
            TaskResult::Grouped(groups) => self.grouped(Direction::Forward, *groups)?,
            TaskResult::ReadBack(wrote, members, exists) => self.read_back_done(wrote, members, exists)?,
            TaskResult::Added(answer) => self.answered(answer)?,
            TaskResult::Looked(look, context) => self.looked(look, *context)?,
            TaskResult::Removed(answer) => self.answered(answer)?,
        }
        Ok(())
    }
}
