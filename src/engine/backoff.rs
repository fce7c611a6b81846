//! What keeps a write from leaving for a while: faults that pass by themselves, and groups that others have changed.

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::order::IntentLog;
use crate::domain::phase::Phase;
use crate::domain::preflight::of_groups;
use crate::domain::preflight::products_of;
use crate::domain::time::SignedDuration;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks;
use crate::engine::write_queue::Approved;
use crate::graph::error::GraphError;

/// How old the reading of both groups may be when a write leaves.
const GROUPS_GOOD_FOR: SignedDuration = SignedDuration::from_secs(5);

/// The two groups as they were read; `None` is one that does not exist.
pub(super) type Groups = (Option<Group>, Option<Group>);

/// Whether waiting may help against it, so that the operator need not be asked. What failed like this was not sent.
pub(super) fn passes(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Unreachable | FaultKind::SignIn | FaultKind::Throttled | FaultKind::Service => true,
        FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::AlreadyMember
        | FaultKind::Concurrent
        | FaultKind::Malformed
        | FaultKind::Refused
        | FaultKind::NotSent => false,
    }
}

/// The fault with what becomes of the run, where the service's own words do not tell.
pub(super) fn told(fault: Fault) -> Fault {
    if fault.kind != FaultKind::SignIn {
        return fault;
    }
    let message = format!("signing in failed; the run waits, and goes on by itself once it works: {}", fault.message);
    Fault { message, ..fault }
}

impl Engine {
    /// Reads both groups again: before an addition, and now and then while a batch is under way.
    pub(super) fn regroup(&mut self) -> bool {
        let (now, run) = (self.clock.now(), &self.recorder.run);
        let looking = matches!(self.approved, Approved::Remove(_));
        if run.complete
            || looking
            || run.phase() == Phase::Preflight
            || self.polling.groups_retry.is_some_and(|due| now < due)
        {
            return false;
        }
        let adding = self.is_adding();
        let good_for = match (run.group_problem(), adding) {
            (Some(_), _) => self.polling.interval,
            (None, true) => GROUPS_GOOD_FOR,
            (None, false) => GROUPS_GOOD_FOR.max(self.polling.interval),
        };
        if self.groups_are_fresh(good_for) || (self.polling.paused && !adding) {
            return false;
        }
        self.spawn(Activity::Polling, tasks::groups(self.graph.clone(), self.ends()));
        true
    }

    /// The groups that users leave and that they go to.
    pub(super) fn ends(&self) -> [GroupId; 2] {
        let route = &self.recorder.run.route;
        [route.source.group, route.target.group]
    }

    /// Whether both groups were read lately enough for an addition to leave; before a removal the last look reads them.
    pub(super) fn may_touch_groups(&self) -> bool {
        self.groups_are_fresh(GROUPS_GOOD_FOR) && self.recorder.run.group_problem().is_none()
    }

    fn groups_are_fresh(&self, good_for: SignedDuration) -> bool {
        self.polling.groups.is_some_and(|read| self.clock.now().duration_since(read) < good_for)
    }

    /// Takes in how the groups are. What is wrong with one ends the approval at work before anything more leaves.
    pub(super) fn grouped(&mut self, read: Result<Groups, GraphError>) -> Result<(), RecordError> {
        let (source, target) = match read {
            Ok(groups) => groups,
            Err(error) => {
                self.polling.groups_retry = Some(self.clock.now() + self.polling.interval);
                return self.delayed("reading the groups", error.into_fault());
            }
        };
        (self.polling.groups, self.polling.groups_retry) = (Some(self.clock.now()), None);
        self.read_well();
        let run = &self.recorder.run;
        // What the groups assign may be another thing than when the run began, and users are judged by all of it.
        if let (Some(classifiers), Some(from), Some(to)) = (&mut self.classifiers, &source, &target) {
            let ends = [(from, &run.route.source), (to, &run.route.target)];
            classifiers.use_products(run.direction(), ends.map(|(group, side)| products_of(Some(group), side)));
        }
        let found = of_groups(&run.route, run.direction().ends(), (source.as_ref(), target.as_ref()));
        let known = run.problems.iter().filter(|problem| problem.code.is_of_groups());
        if known.eq(found.iter()) {
            return Ok(());
        }
        let why = found.first().map(|problem| problem.message.clone());
        self.recorder.keep(Event::GroupsChanged { problems: found })?;
        if let Some(why) = why {
            self.drop_approval(&format!("{why}, so it was not sent"))?;
        }
        self.recorder.follow()
    }

    /// Something could not leave and is tried again by itself. An hour offline is one line in the journal.
    pub(super) fn delayed(&mut self, what: &str, fault: Fault) -> Result<(), RecordError> {
        let fault = told(fault);
        let news = self.hindered_by != Some(fault.kind);
        self.hindered_by = Some(fault.kind);
        self.observations.fault = Some(fault.clone());
        if news { self.recorder.record(Event::Delayed { what: what.into(), fault }) } else { Ok(()) }
    }

    /// A read went well: its fault is over, but not one that keeps a write from leaving.
    pub(super) fn read_well(&mut self) {
        if self.hindered_by.is_none() {
            self.observations.fault = None;
        }
    }

    /// A write was answered, or none waits any more: whatever hindered it is over.
    pub(super) fn unhindered(&mut self) {
        if self.hindered_by.take().is_some() {
            self.observations.fault = None;
        }
    }
}
