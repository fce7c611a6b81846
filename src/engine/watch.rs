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
use crate::domain::order::Ledger;
use crate::domain::phase::Phase;
use crate::domain::preflight;
use crate::domain::preflight::Facts;
use crate::domain::progress::counts;
use crate::domain::read::Survey;
use crate::domain::route::Way;
use crate::domain::standing::Standing;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::Write;
use crate::engine::book::BookError;
use crate::engine::hindrance::told;
use crate::engine::job::Done;
use crate::engine::job::PointReads;
use crate::engine::job::Wrote;
use crate::engine::run::Engine;
use crate::engine::run::Judges;
use crate::engine::snapshot::Activity;
use crate::engine::snapshot::Connection;
use crate::engine::snapshot::Mark;
use crate::graph::error::GraphError;

/// How many reads must agree that a write is not in effect before it counts as not made: one may be stale.
pub(super) const DOUBTS: u8 = 2;
/// The longest wait between two such reads.
const READ_BACK_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// How many points of progress the sparkline keeps.
const MARKS: usize = 120;

impl Engine {
    pub(super) fn take(&mut self, done: Done) -> Result<(), BookError> {
        self.changed = true;
        match done {
            Done::Checked(began, facts) => match *facts {
                // Users were excluded meanwhile, and with them the first batch was done: its check is history.
                Ok(_) if !self.is_untouched() => {}
                Ok(facts) => self.checked(began, &facts)?,
                Err(error) => self.read_failed("preflight", error)?,
            },
            Done::BatchChecked(batch, began, facts) => match *facts {
                Ok(_) if self.book.run.current != batch || self.book.run.phase() != Phase::Preflight => {}
                Ok(facts) => self.batch_checked(batch, began, &facts)?,
                Err(error) => self.read_failed("the batch's preflight", error)?,
            },
            Done::Refreshed(facts) => match *facts {
                Ok(facts) => self.learn(&facts),
                Err(error) => self.read_failed("groups and SKUs", error)?,
            },
            Done::Surveyed(survey, skus) => {
                if let Some(skus) = skus {
                    self.sights.skus = Arc::new(skus);
                }
                match survey {
                    Ok(survey) => self.surveyed(&survey)?,
                    Err(error) => self.read_failed("the verify pass", error)?,
                }
            }
            Done::Confirmed(reads) => self.point_reads(reads)?,
            Done::Inspected(user, reads, names, why) => {
                self.name_groups(names);
                self.point_reads(reads)?;
                self.explained(user, why)?;
            }
            Done::Doubted(wrote, members) => self.doubted(wrote, members)?,
            Done::Reprocessed(answer) => self.reprocessed(answer)?,
            Done::LookedAtDirect(look, members) => self.looked_at_direct(look, members)?,
            Done::DirectRemoved(answer) => self.direct_removed(answer)?,
            Done::Grouped(groups) => self.grouped(*groups)?,
            Done::ReadBack(wrote, members, exists) => self.read_back_done(wrote, members, exists)?,
            Done::Added(answer) => self.added(answer)?,
            Done::Looked(look, beside) => self.looked(look, *beside)?,
            Done::Removed(answer) => self.removed(answer)?,
        }
        self.mark();
        Ok(())
    }

    fn checked(&mut self, began: Timestamp, facts: &Facts) -> Result<(), BookError> {
        self.book.record(Event::Checked { preflight: Box::new(preflight::check(facts)) })?;
        self.sights.facts = vec![None; self.book.run.users.len()];
        self.learn(facts);
        self.sight_lookups(began, facts)
    }

    fn batch_checked(&mut self, batch: usize, began: Timestamp, facts: &Facts) -> Result<(), BookError> {
        self.learn(facts);
        let found = match self.book.run.way() {
            Way::Forward => preflight::check(facts),
            Way::Back => preflight::check_back(facts),
        };
        let reasons = |check: &preflight::UserCheck| {
            let id = check.id.or_else(|| self.book.run.users.iter().find(|user| user.listed == check.listed)?.id);
            Some((id?, check.reasons.clone()))
        };
        let reasons = found.users.iter().filter_map(reasons).collect();
        self.book.record(Event::BatchChecked { batch, problems: found.problems, seats: found.seats, reasons })?;
        self.sight_lookups(began, facts)
    }

    fn sight_lookups(&mut self, began: Timestamp, facts: &Facts) -> Result<(), BookError> {
        let found = facts.users.iter().filter_map(|(_, lookup)| match lookup {
            preflight::Lookup::Found(user) => Some((user.id, Some(user.clone()))),
            preflight::Lookup::NotFound | preflight::Lookup::Malformed => None,
        });
        self.sight(began, found.collect())
    }

    /// Takes over what preflight read beside the users.
    fn learn(&mut self, facts: &Facts) {
        let mut judge = preflight::judge(facts);
        judge.scenario = self.book.run.scenario;
        self.judges = Some(Judges { back: judge.turned(), forward: judge });
        self.read_well();
        self.polling.retry = None;
        self.name_groups(facts.group_names.clone());
        self.sights.skus = Arc::new(facts.skus.clone());
    }

    fn name_groups(&mut self, names: HashMap<GroupId, String>) {
        if !names.is_empty() {
            let mut all = (*self.sights.group_names).clone();
            all.extend(names);
            self.sights.group_names = Arc::new(all);
        }
    }

    pub(super) fn read_failed(&mut self, what: &str, error: GraphError) -> Result<(), BookError> {
        let fault = told(error.into_fault());
        let later = self.clock.now() + self.polling.interval;
        (self.polling.retry, self.polling.next) = (Some(later), Some(later));
        let news = self.sights.fault.as_ref().is_none_or(|known| known.kind != fault.kind);
        self.sights.fault = Some(fault.clone());
        // An hour offline is one line in the journal, not one for each try.
        if news { self.book.record(Event::ReadFailed { what: what.into(), fault }) } else { Ok(()) }
    }

    fn surveyed(&mut self, survey: &Survey) -> Result<(), BookError> {
        self.sights.survey = Some((survey.form, survey.requests));
        (self.polling.began, self.polling.awaited) = (Some(survey.began), false);
        self.read_well();
        self.polling.next = Some(self.clock.now() + self.polling.interval);
        let watched = self.book.run.watched();
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
        self.sight(survey.began, clear)?;
        if !suspect.is_empty() {
            let graph = self.graph.clone();
            self.spawn(Activity::Polling, async move { Done::Confirmed(graph.point_reads(&suspect).await) });
        }
        self.doubt();
        Ok(())
    }

    fn explained(&mut self, user: UserId, why: Result<Option<String>, GraphError>) -> Result<(), BookError> {
        match why {
            Ok(Some(why)) if self.book.run.user(user).is_some_and(|user| user.why.as_ref() != Some(&why)) => {
                self.book.record(Event::Explained { user, why })
            }
            // The log needs a permission of its own and asks for patience often; without it the screen says less.
            Err(error) => {
                self.sights.audits_refused |= error.kind() == FaultKind::Forbidden;
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    pub(super) fn point_reads(&mut self, reads: PointReads) -> Result<(), BookError> {
        for (_, read) in reads {
            match read {
                Ok(read) => self.sight(read.began, vec![(read.user, read.facts)])?,
                Err(error) => self.read_failed("a user", error)?,
            }
        }
        Ok(())
    }

    fn standing(&self, id: UserId, facts: Option<&UserFacts>) -> Option<Standing> {
        let user = self.book.run.user(id)?;
        Some(self.judges.as_ref()?.of(user.way).standing(facts, user.removal()))
    }

    /// Notes where users stand. Only what changed goes into the journal.
    pub(super) fn sight(&mut self, began: Timestamp, reads: Vec<(UserId, Option<UserFacts>)>) -> Result<(), BookError> {
        let mut changed = Vec::new();
        for (id, facts) in reads {
            let Some(user) = self.book.run.user(id) else { continue };
            if user.written_at().is_some_and(|written| began <= written) {
                continue;
            }
            self.suspect(id, facts.as_ref());
            let Some(user) = self.book.run.user(id) else { continue };
            // While a write is on its way a reading may be from before it or after it: no news for the journal.
            let unclear = [&user.add, &user.remove].iter().any(|write| matches!(write, Write::Intended(_)));
            let (standing, place) = (self.standing(id, facts.as_ref()), self.book.run.place(id));
            let news = standing.filter(|now| !unclear && user.standing.as_ref() != Some(now));
            changed.extend(news.map(|now| (id, now)));
            if let (Some(facts), Some(slot)) = (facts, place.and_then(|place| self.sights.facts.get_mut(place))) {
                *slot = Some(Arc::new(facts));
            }
        }
        if changed.is_empty() { Ok(()) } else { self.book.record(Event::Observed { began, users: changed }) }
    }

    fn read_back_done(
        &mut self,
        wrote: Wrote,
        members: Vec<(UserId, Result<bool, GraphError>)>,
        exists: Result<bool, GraphError>,
    ) -> Result<(), BookError> {
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
                Ok(member) => member == (wrote == Wrote::Add) && exists,
                Err(error) => {
                    self.read_failed("a membership", error)?;
                    continue;
                }
            };
            let doubts = self.doubts.entry(user).or_default();
            *doubts += u8::from(!in_effect);
            let found = match (in_effect, *doubts) {
                (true, _) => ReadBack::InEffect,
                (false, DOUBTS..) => ReadBack::NotInEffect,
                (false, _) if !exists => ReadBack::NotInEffect,
                (false, _) => continue,
            };
            self.doubts.remove(&user);
            self.book.keep(match wrote {
                Wrote::Remove => Event::RemoveReadBack { user, found },
                Wrote::Add | Wrote::Reprocess | Wrote::Direct => Event::AddReadBack { user, found },
            })?;
        }
        if self.approved.removal().is_some() && self.book.run.granted.is_empty() {
            self.drop_approval("a removal of the canary has to be made again first, so it was not sent")?;
        }
        self.book.follow()
    }

    pub(super) fn connection(&self) -> Connection {
        let pulse = self.graph.pulse();
        let pulse = pulse.borrow();
        let now = self.clock.now();
        match (pulse.failing_since, pulse.slowed_until, pulse.last_answer) {
            (Some(since), _, _) => {
                let unknown = || Fault::new(FaultKind::Unreachable, "no answer");
                Connection::Failing { since, fault: self.sights.fault.clone().unwrap_or_else(unknown) }
            }
            (None, Some(until), _) if until > now => Connection::Slowed { until },
            (None, _, Some(_)) => Connection::Connected,
            (None, _, None) => Connection::Connecting,
        }
    }

    fn mark(&mut self) {
        let at = self.clock.now();
        let done = counts(&self.book.run, at).done;
        let here = Some((self.book.run.current, self.book.run.phase()));
        if std::mem::replace(&mut self.sights.marked, here) != here {
            self.sights.marks.clear();
        }
        if self.sights.marks.back().is_none_or(|mark| mark.done != done) {
            if self.sights.marks.len() == MARKS {
                self.sights.marks.pop_front();
            }
            self.sights.marks.push_back(Mark { at, done });
        }
    }
}
