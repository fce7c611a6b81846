//! What comes back from reads: preflight, verify passes, point reads, read-backs.

use crate::domain::event::Event;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::migration::canary::room_in;
use crate::domain::order::IntentLog;
use crate::domain::phase::Phase;
use crate::domain::preflight;
use crate::domain::preflight::Facts;
use crate::domain::read::Survey;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::Write;
use crate::domain::work::Work;
use crate::engine::backoff::told;
use crate::engine::health;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::PointReads;
use crate::engine::run::tasks::TaskResult;
use crate::engine::run::tasks::WriteKind;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Connection;
use crate::engine::under_way::batches_under_way;
use crate::engine::under_way::in_preflight;
use crate::engine::under_way::is_untouched;
use crate::engine::write_queue::OneJob;
use crate::graph::error::GraphError;

/// The longest time between two verify passes while a batch waits for its last users, or all of it for its canary.
const SOON: SignedDuration = SignedDuration::from_secs(10);
/// So many are the last ones.
const FEW: usize = 10;

/// The longest wait between two such reads.
const READ_BACK_AFTER: SignedDuration = SignedDuration::from_secs(5);

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
                    self.seats.count_aside(&self.graph);
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

    fn checked(&mut self, began: Timestamp, facts: Facts) -> Result<(), RecordError> {
        self.recorder.record(Event::Checked { preflight: Box::new(preflight::check(&facts)) })?;
        self.observations.forget_users(self.recorder.run().users.len());
        self.learn(&facts);
        self.sight_lookups(began, facts)
    }

    fn batch_checked(&mut self, batch: usize, began: Timestamp, facts: Facts) -> Result<(), RecordError> {
        self.learn(&facts);
        let direction = self.recorder.run().direction_of(batch);
        let found = match direction {
            Direction::Forward => preflight::check(&facts),
            Direction::Rollback => preflight::check_back(&facts),
        };
        let reasons = |check: &preflight::UserCheck| {
            let id = check.id.or_else(|| self.recorder.run().users.iter().find(|user| user.listed == check.listed)?.id);
            Some((id?, check.reasons.clone()))
        };
        let reasons = found.users.iter().filter_map(reasons).collect();
        let (problems, seats, products) = (found.problems, found.seats, found.products);
        self.recorder.record(Event::BatchChecked { batch, problems, seats, products, reasons })?;
        self.sight_lookups(began, facts)
    }

    /// Takes over what was read of the users: of 100,000 there is no room for a second copy.
    fn sight_lookups(&mut self, began: Timestamp, facts: Facts) -> Result<(), RecordError> {
        let found = facts.users.into_iter().filter_map(|(_, lookup)| match lookup {
            preflight::Lookup::Found(user) => Some((user.id, Some(user))),
            preflight::Lookup::NotFound | preflight::Lookup::Malformed => None,
        });
        self.record_reading(began, found)
    }

    /// Takes over what preflight read beside the users.
    fn learn(&mut self, facts: &Facts) {
        let mut classifier = preflight::classifier(facts);
        classifier.scenario = self.recorder.run().scenario;
        // A later check reads the users of one batch, and a resume none: what the first one saw holds on.
        if let Some(preflight) = &self.recorder.run().preflight {
            classifier.disproved.extend(&preflight.disproved);
            let products = [&preflight.source_products, &preflight.target_products];
            classifier.at_preflight.take_over(products, self.recorder.run().usage_locations());
        }
        self.observations.classify_by(classifier);
        self.backoff.read_well();
        self.schedule.checked();
        self.observations.name_groups(facts.group_names.clone());
        self.observations.set_skus(facts.skus.clone());
    }

    pub(super) fn read_failed(&mut self, what: Work, error: GraphError) -> Result<(), RecordError> {
        let fault = told(error.into_fault());
        self.schedule.read_failed(self.clock.now());
        let news = self.backoff.read_failed(&fault);
        // An hour offline is one line in the journal, not one for each try.
        if news { self.recorder.record(Event::ReadFailed { what, fault }) } else { Ok(()) }
    }

    fn surveyed(&mut self, mut survey: Survey) -> Result<(), RecordError> {
        self.seats.forget();
        self.observations.surveyed(&survey);
        self.backoff.read_well();
        self.schedule.polled(self.clock.now());
        let is_clear = |id: &UserId| {
            let standing = survey.facts.get(id).and_then(|facts| self.standing(*id, Some(facts)));
            // An index may lag or flap: bad news is believed only from the user itself.
            !matches!(standing, None | Some(Standing::Unlicensed | Standing::Missing))
        };
        let (clear, suspect): (Vec<UserId>, Vec<UserId>) =
            self.recorder.run().watched().into_iter().partition(is_clear);
        self.record_reading(survey.began, clear.into_iter().map(|id| (id, survey.facts.remove(&id))))?;
        if !suspect.is_empty() {
            let graph = self.graph.clone();
            self.jobs.spawn(Activity::Polling, async move { TaskResult::Confirmed(graph.point_reads(&suspect).await) });
        }
        if waits_for_few(self.recorder.run()) {
            self.schedule.hurry(self.clock.now() + SOON);
        }
        self.doubt();
        Ok(())
    }

    fn explained(&mut self, user: UserId, why: Result<Option<String>, GraphError>) -> Result<(), RecordError> {
        match why {
            Ok(Some(why))
                if self
                    .recorder
                    .run()
                    .user(user)
                    .is_some_and(|user| user.seldom.why.as_deref() != Some(&why.as_str().into())) =>
            {
                self.recorder.record(Event::Explained { user, why })
            }
            // The log needs a permission of its own and asks for patience often; without it the screen says less.
            Err(error) => {
                if error.kind() == FaultKind::Forbidden {
                    self.observations.refuse_audits();
                }
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    pub(super) fn point_reads(&mut self, reads: PointReads) -> Result<(), RecordError> {
        self.seats.forget();
        for (_, read) in reads {
            match read {
                Ok(read) => self.record_reading(read.began, vec![(read.user, read.facts)])?,
                Err(error) => self.read_failed(Work::User, error)?,
            }
        }
        Ok(())
    }

    fn standing(&self, id: UserId, facts: Option<&UserFacts>) -> Option<Standing> {
        let user = self.recorder.run().user(id)?;
        Some(self.observations.classifier(user.direction)?.standing_of(facts, user.removal(), &user.keeps))
    }

    /// Notes where users stand. Only what changed goes into the journal.
    pub(super) fn record_reading(
        &mut self,
        began: Timestamp,
        reads: impl IntoIterator<Item = (UserId, Option<UserFacts>)>,
    ) -> Result<(), RecordError> {
        let (mut changed, mut contradicted) = (Vec::new(), Vec::new());
        for (id, mut facts) in reads {
            let Some(user) = self.recorder.run().user(id) else { continue };
            if let Some(facts) = &mut facts {
                facts.share_names(&user.upn, user.display_name.as_ref());
            }
            if user.written_at().is_some_and(|written| began <= written) {
                continue;
            }
            contradicted.extend(self.contradiction(id, facts.as_ref()));
            // While a write is on its way a reading may be from before it or after it: no news for the journal.
            let unclear = [&user.add, &user.remove].iter().any(|write| matches!(write, Write::Intended(_)));
            let (standing, place) = (self.standing(id, facts.as_ref()), self.recorder.run().place(id));
            let news = standing.filter(|now| !unclear && user.standing.as_ref() != Some(now));
            changed.extend(news.map(|now| (id, now)));
            if let Some(place) = place {
                self.observations.set_facts(place, facts, began);
            }
        }
        self.contradicted(contradicted)?;
        if changed.is_empty() { Ok(()) } else { self.recorder.record(Event::Observed { began, users: changed }) }
    }

    fn read_back_done(
        &mut self,
        wrote: WriteKind,
        members: Vec<(UserId, Result<bool, GraphError>)>,
        exists: Result<bool, GraphError>,
    ) -> Result<(), RecordError> {
        let exists = match exists {
            Ok(exists) => exists,
            Err(error) => {
                self.schedule.read_back_within(self.clock.now(), SignedDuration::MAX);
                return self.read_failed(Work::Group, error);
            }
        };
        if !exists {
            self.observations.forget_groups(); // what is wrong with it is told at once
        }
        self.schedule.read_back_within(self.clock.now(), READ_BACK_AFTER);
        for (user, member) in members {
            let in_effect = match member {
                // Nobody was removed from a group that is gone.
                Ok(member) => member == (wrote == WriteKind::Add) && exists,
                Err(error) => {
                    self.read_failed(Work::Membership, error)?;
                    continue;
                }
            };
            let found = if in_effect {
                ReadBack::InEffect
            } else if self.observations.read_negative(user) || !exists {
                ReadBack::NotInEffect
            } else {
                continue;
            };
            self.observations.forget_negatives(user);
            if let Some(event) = wrote.read_back(user, found) {
                self.recorder.keep(event)?;
            }
        }
        let pending = &self.recorder.run().approved_pending;
        let removals = self.queue.jobs().filter(|job| job.kind() == WriteKind::Remove).map(OneJob::batch);
        let ended: Vec<usize> = removals.filter(|batch| pending.left_in(*batch) == 0).collect();
        for batch in ended {
            self.drop_approval_of(batch, &FaultMessage::CanaryFirst)?;
        }
        self.recorder.follow()
    }

    pub(super) fn connection(&self) -> Connection {
        let status = *self.graph.connection_status().borrow();
        health::connection(&status, self.backoff.fault(), self.clock.now())
    }
}

/// Whether a batch waits for licensing to act on the last few of its users, or on its canary.
fn waits_for_few(run: &Migration) -> bool {
    batches_under_way(run).any(|(number, batch)| {
        let waiting = run.count(number, Fact::Waiting);
        match batch.phase {
            Phase::VerifyAdded | Phase::VerifyMigrated => (1..=FEW).contains(&waiting),
            Phase::RemoveFromSource => room_in(run, number) == 0 && waiting > 0,
            Phase::Preflight | Phase::AddToTarget | Phase::Complete => false,
        }
    })
}
