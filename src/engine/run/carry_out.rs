//! Steps carried out: each starts one job, hands one intent to the journal, or says what is waited for.

use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::last_reads::LastReads;
use crate::domain::migration::Migration;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;
use crate::engine::plan;
use crate::engine::record_error::RecordError;
use crate::engine::recorder::Disk;
use crate::engine::run::Engine;
use crate::engine::run::tasks;
use crate::engine::run::tasks::TaskResult;
use crate::engine::run::tasks::WentTo;
use crate::engine::snapshot::Activity;
use crate::engine::step::Step;
use crate::engine::step::Wait;
use crate::engine::under_way::ends;
use crate::engine::write_queue::OneJob;

/// A verify pass while users are removed does not count the seats again that were counted so short a time ago.
const COUNTED_FOR: SignedDuration = SignedDuration::from_secs(3);

impl Engine {
    /// Carries a step out. Gives whether the next one may follow at once.
    pub(super) fn carry_out(&mut self, step: Step, now: Timestamp) -> Result<bool, RecordError> {
        let no_turn = Step::Wait(Wait::Job) == step || Step::Wait(Wait::Disk) == step;
        if !no_turn && !matches!(step, Step::DropApprovals | Step::EndApproval(_) | Step::Intend(..)) {
            self.schedule.took_turn(matches!(step, Step::Poll(_) | Step::ReadGroups));
        }
        match step {
            Step::DropApprovals => {
                self.drop_approvals(&FaultMessage::HaltedBeforeSent)?;
                return Ok(true);
            }
            Step::EndApproval(batch) => {
                self.queue.end(batch);
                return Ok(true);
            }
            Step::Intend(batch, users) => {
                self.intend(batch, &users)?;
                return Ok(true);
            }
            Step::CheckRun | Step::CheckBatch(_) | Step::Learn => self.start_check(&step, now),
            Step::ReadBack(wrote, direction, users) => {
                let [source, target] = ends(self.recorder.run(), direction);
                let group = if wrote == WriteKind::Remove { source } else { target };
                self.jobs.spawn(Activity::ReadingBack, tasks::read_back(self.graph.clone(), wrote, users, group));
            }
            Step::Poll(users) => {
                let mut parts = by_group(self.recorder.run(), users);
                if let Some(first) = parts.pop() {
                    // The looks of a removal count them all the while.
                    let counted =
                        self.queue.writes(WriteKind::Remove) && self.observations.has_counted_seats(now, COUNTED_FOR);
                    let last_reads =
                        LastReads::new(self.recorder.run().places().clone(), self.observations.facts().clone());
                    let survey = tasks::survey(self.graph.clone(), first, parts, last_reads, counted);
                    self.jobs.spawn(Activity::Polling, survey);
                }
            }
            Step::ReadGroups => {
                let ends = ends(self.recorder.run(), Direction::Forward);
                self.jobs.spawn(Activity::Polling, tasks::groups(self.graph.clone(), ends));
            }
            Step::Send(batch) => self.send_first(batch, now),
            Step::Look(batch, users) | Step::LookAgain(batch, users) => self.start_look(batch, users),
            Step::Name(batch, users) => self.start_naming(batch, users),
            Step::WatchOthers => {
                let watch = tasks::watch_others(self.graph.clone(), self.others_to_watch());
                self.jobs.spawn(Activity::Polling, watch);
            }
            Step::Wait(wait) => self.wait_for(wait, now),
            Step::Idle | Step::End => self.set_activity(Activity::Idle),
        }
        Ok(false)
    }

    fn start_check(&mut self, step: &Step, began: Timestamp) {
        self.checking = None;
        match step {
            Step::CheckBatch(batch) => {
                self.schedule.batch_check_started(*batch);
                self.checking = Some(*batch);
            }
            _ => self.schedule.check_started(),
        }
        let graph = self.graph.clone();
        match step {
            Step::CheckBatch(batch) => {
                let batch = *batch;
                let users = self.recorder.run().members(batch);
                let users: Vec<_> = users.filter_map(|user| Some((user.listed.clone(), user.id?))).collect();
                let plan = self.plan.only(&users);
                self.jobs.spawn(Activity::Checking, async move {
                    TaskResult::BatchChecked(batch, began, Box::new(plan::gather(&graph, &plan, began).await))
                });
            }
            Step::CheckRun => {
                let plan = self.plan.clone();
                self.jobs.spawn(Activity::Checking, async move {
                    TaskResult::Checked(began, Box::new(plan::gather_with_advice(&graph, &plan, began).await))
                });
            }
            _ => {
                let plan = self.plan.only(&[]);
                self.jobs.spawn(Activity::Connecting, async move {
                    TaskResult::Refreshed(Box::new(plan::gather(&graph, &plan, began).await))
                });
            }
        }
    }

    fn start_look(&mut self, batch: usize, users: Vec<UserId>) {
        let (graph, run, now) = (self.graph.clone(), self.recorder.run(), self.clock.now());
        let ends = ends(run, run.direction_of(batch));
        let Some(number) = self.queue.job(batch).map(OneJob::number) else { return };
        let by_others = run.written_end(batch, WriteKind::Remove).moved_by.is_others();
        let counted = self.seats.serve_for_a_look(number, now);
        let Some(job) = self.queue.job_mut(batch) else { return };
        match job.kind() {
            WriteKind::Remove => {
                job.set_aside();
                let look = tasks::look(graph, number, users, ends, counted && !by_others, by_others);
                self.jobs.spawn(Activity::LookingLast, look);
            }
            WriteKind::Direct => {
                self.jobs.spawn(Activity::LookingLast, tasks::look_at_direct(graph, number, users, ends[1]));
            }
            WriteKind::Add | WriteKind::Reprocess => {}
        }
    }

    fn wait_for(&mut self, wait: Wait, now: Timestamp) {
        match wait {
            Wait::Job => {}
            // What was shown is shown on while the disk is only at work: it answers within a frame.
            Wait::Disk if self.recorder.disk(now) == Disk::Behind => {}
            Wait::Disk => self.set_activity(Activity::AwaitingDisk),
            Wait::Until(until) => self.set_activity(Activity::Holding { until }),
            Wait::Canary => self.set_activity(Activity::AwaitingCanary),
            Wait::Seats => self.set_activity(Activity::AwaitingSeats),
        }
    }

    fn set_activity(&mut self, activity: Activity) {
        if self.jobs.wait_for(activity) {
            self.screen.changed();
        }
    }
}

fn by_group(run: &Migration, users: Vec<UserId>) -> Vec<WentTo> {
    let goes_back = |user: &UserId| run.user(*user).is_some_and(|user| user.direction == Direction::Rollback);
    let (back, forward): (Vec<UserId>, Vec<UserId>) = users.into_iter().partition(goes_back);
    let parts = [(Direction::Forward, forward), (Direction::Rollback, back)];
    let parts = parts.into_iter().filter(|(_, users)| !users.is_empty());
    parts.map(|(direction, users)| (ends(run, direction)[1], users)).collect()
}
