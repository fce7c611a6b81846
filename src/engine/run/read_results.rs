//! What comes back from reads: preflight, verify passes, point reads, read-backs.

use std::sync::Arc;

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
use crate::engine::backoff::with_consequence;
use crate::engine::health;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::PointReads;
use crate::engine::run::tasks::TaskResult;
use crate::engine::run::tasks::WriteKind;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Connection;
use crate::engine::under_way::batches_under_way;
use crate::engine::write_queue::OneJob;
use crate::graph::error::GraphError;

/// The longest time between two verify passes while a batch waits for its last users, or all of it for its canary.
const SOON: SignedDuration = SignedDuration::from_secs(10);
/// So many are the last ones.
const FEW: usize = 10;

/// The longest wait between two such reads.
const READ_BACK_AFTER: SignedDuration = SignedDuration::from_secs(5);

/// What readings told that was not known.
#[derive(Default)]
struct News {
    changed: Vec<(UserId, Standing)>,
    /// Users whose removal waits on a proof that no longer holds.
    contradicted: Vec<(UserId, Standing)>,
}

impl Engine {
    pub(super) fn checked(&mut self, began: Timestamp, facts: Facts) -> Result<(), RecordError> {
        self.recorder.record(Event::Checked { preflight: Box::new(preflight::check(&facts)) })?;
        self.observations.forget_users(self.recorder.run().users.len());
        self.learn(&facts);
        self.sight_lookups(began, facts)
    }

    pub(super) fn batch_checked(&mut self, batch: usize, began: Timestamp, facts: Facts) -> Result<(), RecordError> {
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
    pub(super) fn learn(&mut self, facts: &Facts) {
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
        let fault = with_consequence(error.into_fault());
        self.schedule.read_failed(self.clock.now());
        let news = self.backoff.read_failed(&fault);
        // An hour offline is one line in the journal, not one for each try.
        if news { self.recorder.record(Event::ReadFailed { what, fault }) } else { Ok(()) }
    }

    pub(super) fn surveyed(&mut self, mut survey: Survey) -> Result<(), RecordError> {
        self.seats.forget();
        self.observations.surveyed(&survey);
        self.backoff.read_well();
        self.schedule.polled(self.clock.now());
        let (mut clear, mut suspect) = (Vec::new(), Vec::new());
        for id in self.recorder.run().watched() {
            let standing = survey.facts.get(&id).and_then(|facts| self.standing(id, Some(facts.as_ref())));
            match standing {
                // An index may lag or flap: bad news is believed only from the user itself.
                None | Some(Standing::Unlicensed | Standing::Missing) => suspect.push(id),
                Some(_) => clear.push((id, standing)),
            }
        }
        let mut news = News::default();
        for (id, standing) in clear {
            self.note_reading(survey.began, id, survey.facts.remove(&id), standing, &mut news);
        }
        self.record_news(survey.began, news)?;
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

    pub(super) fn explained(
        &mut self,
        user: UserId,
        why: Result<Option<String>, GraphError>,
    ) -> Result<(), RecordError> {
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
        let mut news = News::default();
        for (id, facts) in reads {
            let standing = self.standing(id, facts.as_ref());
            self.note_reading(began, id, facts.map(Arc::new), standing, &mut news);
        }
        self.record_news(began, news)
    }

    /// Keeps what was read of a user and where it shows them, and notes what is news.
    fn note_reading(
        &mut self,
        began: Timestamp,
        id: UserId,
        mut facts: Option<Arc<UserFacts>>,
        standing: Option<Standing>,
        news: &mut News,
    ) {
        let Some(user) = self.recorder.run().user(id) else { return };
        if let Some(facts) = facts.as_mut().and_then(Arc::get_mut) {
            facts.share_names(&user.upn, user.display_name.as_ref());
        }
        if user.written_at().is_some_and(|written| began <= written) {
            return;
        }
        news.contradicted.extend(self.contradiction(id, facts.as_deref()));
        // While a write is on its way a reading may be from before it or after it: no news for the journal.
        let unclear = [&user.add, &user.remove].iter().any(|write| matches!(write, Write::Intended(_)));
        let place = self.recorder.run().place(id);
        let changed = standing.filter(|now| !unclear && user.standing.as_ref() != Some(now));
        news.changed.extend(changed.map(|now| (id, now)));
        if let Some(place) = place {
            self.observations.set_facts(place, facts, began);
        }
    }

    fn record_news(&mut self, began: Timestamp, news: News) -> Result<(), RecordError> {
        self.contradicted(news.contradicted)?;
        if news.changed.is_empty() {
            return Ok(());
        }
        self.recorder.record(Event::Observed { began, users: news.changed })
    }

    pub(super) fn read_back_done(
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
