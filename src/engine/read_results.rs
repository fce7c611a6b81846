//! What comes back from reads: preflight, verify passes, point reads, read-backs.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::event::ReadBack;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::order::IntentLog;
use crate::domain::phase::Phase;
use crate::domain::preflight;
use crate::domain::preflight::Facts;
use crate::domain::progress::counts;
use crate::domain::read::Survey;
use crate::domain::route::Direction;
use crate::domain::sku::Skus;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::Write;
use crate::engine::backoff::told;
use crate::engine::recorder::RecordError;
use crate::engine::run::Classifiers;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Connection;
use crate::engine::snapshot::Mark;
use crate::engine::tasks::PointReads;
use crate::engine::tasks::TaskResult;
use crate::engine::tasks::WriteKind;
use crate::graph::error::GraphError;

/// How many reads must agree that a write is not in effect before it counts as not made: one may be stale.
pub(super) const NEGATIVES_NEEDED: u8 = 2;
/// The longest wait between two such reads.
const READ_BACK_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// How many points of progress the sparkline keeps.
const MARKS: usize = 120;

impl Engine {
    pub(super) fn take(&mut self, done: TaskResult) -> Result<(), RecordError> {
        self.changed = true;
        match done {
            TaskResult::Checked(began, facts) => match *facts {
                // Users were excluded meanwhile, and with them the first batch was done: its check is history.
                Ok(_) if !self.is_untouched() => {}
                Ok(facts) => self.checked(began, &facts)?,
                Err(error) => self.read_failed("preflight", error)?,
            },
            TaskResult::BatchChecked(batch, began, facts) => match *facts {
                Ok(_) if self.recorder.run.current != batch || self.recorder.run.phase() != Phase::Preflight => {}
                Ok(facts) => self.batch_checked(batch, began, &facts)?,
                Err(error) => self.read_failed("the batch's preflight", error)?,
            },
            TaskResult::Refreshed(facts) => match *facts {
                Ok(facts) => self.learn(&facts),
                Err(error) => self.read_failed("groups and SKUs", error)?,
            },
            TaskResult::Surveyed(survey, skus) => {
                if let Some(skus) = skus {
                    self.read_skus(skus);
                }
                match survey {
                    Ok(survey) => self.surveyed(&survey)?,
                    Err(error) => self.read_failed("the verify pass", error)?,
                }
            }
            TaskResult::Confirmed(reads) => self.point_reads(reads)?,
            TaskResult::Inspected(user, reads, names, why) => {
                self.name_groups(names);
                self.point_reads(reads)?;
                self.explained(user, why)?;
            }
            TaskResult::RereadNegatives(wrote, members) => self.reread_result(wrote, members)?,
            TaskResult::Reprocessed(answer) => self.reprocessed(answer)?,
            TaskResult::LookedAtDirect(look, members) => self.looked_at_direct(look, members)?,
            TaskResult::DirectRemoved(answer) => self.direct_removed(answer)?,
            TaskResult::Grouped(groups) => self.grouped(*groups)?,
            TaskResult::ReadBack(wrote, members, exists) => self.read_back_done(wrote, members, exists)?,
            TaskResult::Added(answer) => self.added(answer)?,
            TaskResult::Looked(look, context) => self.looked(look, *context)?,
            TaskResult::Removed(answer) => self.removed(answer)?,
        }
        self.record_progress();
        Ok(())
    }

    fn checked(&mut self, began: Timestamp, facts: &Facts) -> Result<(), RecordError> {
        self.recorder.record(Event::Checked { preflight: Box::new(preflight::check(facts)) })?;
        self.observations.facts = vec![None; self.recorder.run.users.len()];
        self.learn(facts);
        self.sight_lookups(began, facts)
    }

    fn batch_checked(&mut self, batch: usize, began: Timestamp, facts: &Facts) -> Result<(), RecordError> {
        self.learn(facts);
        let found = match self.recorder.run.direction() {
            Direction::Forward => preflight::check(facts),
            Direction::Rollback => preflight::check_back(facts),
        };
        let reasons = |check: &preflight::UserCheck| {
            let id = check.id.or_else(|| self.recorder.run.users.iter().find(|user| user.listed == check.listed)?.id);
            Some((id?, check.reasons.clone()))
        };
        let reasons = found.users.iter().filter_map(reasons).collect();
        self.recorder.record(Event::BatchChecked { batch, problems: found.problems, seats: found.seats, reasons })?;
        self.sight_lookups(began, facts)
    }

    fn sight_lookups(&mut self, began: Timestamp, facts: &Facts) -> Result<(), RecordError> {
        let found = facts.users.iter().filter_map(|(_, lookup)| match lookup {
            preflight::Lookup::Found(user) => Some((user.id, Some(user.clone()))),
            preflight::Lookup::NotFound | preflight::Lookup::Malformed => None,
        });
        self.record_reading(began, found.collect())
    }

    /// Takes over what preflight read beside the users.
    fn learn(&mut self, facts: &Facts) {
        let mut classifier = preflight::classifier(facts);
        classifier.scenario = self.recorder.run.scenario;
        // A later check reads the users of one batch, and a resume none: what the first one saw holds on.
        if let Some(preflight) = &self.recorder.run.preflight {
            classifier.disproved.extend(&preflight.disproved);
        }
        self.classifiers = Some(Classifiers { back: classifier.reversed(), forward: classifier });
        self.read_well();
        self.polling.retry = None;
        self.name_groups(facts.group_names.clone());
        self.read_skus(facts.skus.clone());
    }

    /// Takes over SKUs that were read; where users stand depends on which seats are free.
    pub(super) fn read_skus(&mut self, skus: Skus) {
        if let Some(classifiers) = &mut self.classifiers {
            classifiers.forward.skus.clone_from(&skus);
            classifiers.back.skus.clone_from(&skus);
        }
        self.observations.skus = Arc::new(skus);
    }

    fn name_groups(&mut self, names: HashMap<GroupId, String>) {
        if !names.is_empty() {
            let mut all = (*self.observations.group_names).clone();
            all.extend(names);
            self.observations.group_names = Arc::new(all);
        }
    }

    pub(super) fn read_failed(&mut self, what: &str, error: GraphError) -> Result<(), RecordError> {
        let fault = told(error.into_fault());
        let later = self.clock.now() + self.polling.interval;
        (self.polling.retry, self.polling.next) = (Some(later), Some(later));
        let news = self.observations.fault.as_ref().is_none_or(|known| known.kind != fault.kind);
        self.observations.fault = Some(fault.clone());
        // An hour offline is one line in the journal, not one for each try.
        if news { self.recorder.record(Event::ReadFailed { what: what.into(), fault }) } else { Ok(()) }
    }

    fn surveyed(&mut self, survey: &Survey) -> Result<(), RecordError> {
        self.observations.survey = Some((survey.form, survey.requests));
        (self.polling.began, self.polling.awaited) = (Some(survey.began), false);
        self.read_well();
        self.polling.next = Some(self.clock.now() + self.polling.interval);
        let watched = self.recorder.run.watched();
        let (mut clear, mut suspect) = (Vec::new(), Vec::new());
        for id in watched {
            let facts = survey.facts.get(&id);
            let standing = facts.and_then(|facts| self.standing(id, Some(facts)));
            match standing {
                // An index may lag or flap: bad news is believed only from the user itself.
                None | Some(Standing::Unlicensed | Standing::Missing) => suspect.push(id),
                Some(_) => clear.push((id, facts.cloned())),
            }
        }
        self.record_reading(survey.began, clear)?;
        if !suspect.is_empty() {
            let graph = self.graph.clone();
            self.spawn(Activity::Polling, async move { TaskResult::Confirmed(graph.point_reads(&suspect).await) });
        }
        self.doubt();
        Ok(())
    }

    fn explained(&mut self, user: UserId, why: Result<Option<String>, GraphError>) -> Result<(), RecordError> {
        match why {
            Ok(Some(why)) if self.recorder.run.user(user).is_some_and(|user| user.why.as_ref() != Some(&why)) => {
                self.recorder.record(Event::Explained { user, why })
            }
            // The log needs a permission of its own and asks for patience often; without it the screen says less.
            Err(error) => {
                self.observations.audits_refused |= error.kind() == FaultKind::Forbidden;
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    pub(super) fn point_reads(&mut self, reads: PointReads) -> Result<(), RecordError> {
        for (_, read) in reads {
            match read {
                Ok(read) => self.record_reading(read.began, vec![(read.user, read.facts)])?,
                Err(error) => self.read_failed("a user", error)?,
            }
        }
        Ok(())
    }

    fn standing(&self, id: UserId, facts: Option<&UserFacts>) -> Option<Standing> {
        let user = self.recorder.run.user(id)?;
        Some(self.classifiers.as_ref()?.of(user.direction).standing_of(facts, user.removal(), &user.keeps))
    }

    /// Notes where users stand. Only what changed goes into the journal.
    pub(super) fn record_reading(
        &mut self,
        began: Timestamp,
        reads: Vec<(UserId, Option<UserFacts>)>,
    ) -> Result<(), RecordError> {
        let (mut changed, mut contradicted) = (Vec::new(), Vec::new());
        for (id, facts) in reads {
            let Some(user) = self.recorder.run.user(id) else { continue };
            if user.written_at().is_some_and(|written| began <= written) {
                continue;
            }
            contradicted.extend(self.contradiction(id, facts.as_ref()));
            // While a write is on its way a reading may be from before it or after it: no news for the journal.
            let unclear = [&user.add, &user.remove].iter().any(|write| matches!(write, Write::Intended(_)));
            let (standing, place) = (self.standing(id, facts.as_ref()), self.recorder.run.place(id));
            let news = standing.filter(|now| !unclear && user.standing.as_ref() != Some(now));
            changed.extend(news.map(|now| (id, now)));
            // Whom Graph does not find has no licenses to show: those of the last read are none of today's.
            if let Some(slot) = place.and_then(|place| self.observations.facts.get_mut(place)) {
                *slot = facts.map(Arc::new);
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
                self.polling.read_back = Some(self.clock.now() + self.polling.interval);
                return self.read_failed("a group", error);
            }
        };
        if !exists {
            self.polling.groups = None; // what is wrong with it is told at once
        }
        let wait = READ_BACK_AFTER.min(self.polling.interval);
        self.polling.read_back = Some(self.clock.now() + wait);
        for (user, member) in members {
            let in_effect = match member {
                // Nobody was removed from a group that is gone.
                Ok(member) => member == (wrote == WriteKind::Add) && exists,
                Err(error) => {
                    self.read_failed("a membership", error)?;
                    continue;
                }
            };
            let negative_reads = self.negative_reads.entry(user).or_default();
            *negative_reads += u8::from(!in_effect);
            let found = match (in_effect, *negative_reads) {
                (true, _) => ReadBack::InEffect,
                (false, NEGATIVES_NEEDED..) => ReadBack::NotInEffect,
                (false, _) if !exists => ReadBack::NotInEffect,
                (false, _) => continue,
            };
            self.negative_reads.remove(&user);
            self.recorder.keep(match wrote {
                WriteKind::Remove => Event::RemoveReadBack { user, found },
                WriteKind::Add | WriteKind::Reprocess | WriteKind::Direct => Event::AddReadBack { user, found },
            })?;
        }
        if self.approved.removal().is_some() && self.recorder.run.approved_pending.is_empty() {
            self.drop_approval("a removal of the canary has to be made again first, so it was not sent")?;
        }
        self.recorder.follow()
    }

    pub(super) fn connection(&self) -> Connection {
        let connection_status = self.graph.connection_status();
        let connection_status = connection_status.borrow();
        let now = self.clock.now();
        match (connection_status.failing_since, connection_status.slowed_until, connection_status.last_answer) {
            (Some(since), _, _) => {
                let unknown = || Fault::new(FaultKind::Unreachable, "no answer");
                Connection::Failing { since, fault: self.observations.fault.clone().unwrap_or_else(unknown) }
            }
            (None, Some(until), _) if until > now => Connection::Slowed { until },
            (None, _, Some(_)) => Connection::Connected,
            (None, _, None) => Connection::Connecting,
        }
    }

    pub(super) fn record_progress(&mut self) {
        let at = self.clock.now();
        let done = counts(&self.recorder.run, at).done;
        let here = Some((self.recorder.run.current, self.recorder.run.phase()));
        if std::mem::replace(&mut self.observations.marked, here) != here {
            self.observations.marks.clear();
        }
        if self.observations.marks.back().is_none_or(|mark| mark.done != done) {
            if self.observations.marks.len() == MARKS {
                self.observations.marks.pop_front();
            }
            self.observations.marks.push_back(Mark { at, done });
        }
    }
}
