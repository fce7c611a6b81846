//! What each event does to a run.

use std::sync::Arc;

use imbl::Vector;

use crate::domain::end_state::Keeps;
use crate::domain::end_state::UsageLocations;
use crate::domain::event::Event;
use crate::domain::event::RunInfo;
use crate::domain::id::UserId;
use crate::domain::latency::Before;
use crate::domain::migration::Migration;
use crate::domain::migration::Places;
use crate::domain::migration::approvals::Approvals;
use crate::domain::migration::canary;
use crate::domain::migration::tally::Share;
use crate::domain::migration::tally::Tally;
use crate::domain::migration::user_events::LatestMoments;
use crate::domain::migration::user_events::note;
use crate::domain::migration::user_events::observe;
use crate::domain::migration::user_writes::read_back;
use crate::domain::migration::user_writes::settled;
use crate::domain::migration::user_writes::undone;
use crate::domain::migration::user_writes::write;
use crate::domain::phase::Illegal;
use crate::domain::phase::Phase;
use crate::domain::phase::Place;
use crate::domain::proof::NotProven;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user_history::Happened;
use crate::domain::write::Step;
use crate::domain::write::WriteKind;
use crate::domain::write_event::WriteEvent;
use crate::domain::write_event::WriteStage;

impl Migration {
    /// The run that its first event describes.
    ///
    /// # Errors
    /// [`Illegal`] when the first event is not the start of a run.
    pub fn start(at: Timestamp, event: &Event) -> Result<Self, Illegal> {
        match event {
            Event::RunStarted { run, .. } => Ok(Self::new(at, run)),
            _ => Err(Illegal { event: event.name(), place: Place::BeforeTheRun }),
        }
    }

    fn new(at: Timestamp, run: &RunInfo) -> Self {
        Self {
            run: run.clone(),
            started: at,
            route: run.route.clone(),
            scenario: run.choice.decide(Scenario::NonConflicting),
            preflight: None,
            usage_locations: UsageLocations::default(),
            group_problems: Vec::new(),
            last_checked: 0,
            users: Vector::new(),
            batches: Vector::new(),
            current: 0,
            batches_under_way: run.settings.batches_under_way.max(1),
            batch_settings: run.settings.of_batches(),
            batch_settings_by: None,
            canary_arrived: false,
            both_seen: false,
            halted: None,
            alarm: None,
            approved_pending: Approvals::default(),
            worklists: Vector::new(),
            stuck_limit: run.settings.max_stuck,
            complete: false,
            completed_last: None,
            route_direction_now: Direction::Forward,
            by_id: Places::default(),
            latest_moments: LatestMoments::default(),
            tally: Arc::default(),
            latencies: Arc::default(),
            latest: at,
        }
    }

    /// Takes one event in.
    ///
    /// # Errors
    /// [`Illegal`] when the event cannot follow what happened before. The run is left as it was.
    pub fn apply(&mut self, at: Timestamp, event: &Event) -> Result<(), Illegal> {
        self.may_follow(event)?;
        self.take_in(at, event);
        Ok(())
    }

    /// Takes in one event that a journal has. What an older program let happen and this one does not is past and done: it
    /// is taken as it stands, so that the run can be read and gone on with.
    ///
    /// # Errors
    /// [`Illegal`] when the event cannot follow what happened before. The run is left as it was.
    pub fn replay(&mut self, at: Timestamp, event: &Event) -> Result<(), Illegal> {
        if !self.older_programs_let_it_follow(event) {
            self.may_follow(event)?;
        }
        self.take_in(at, event);
        Ok(())
    }

    fn take_in(&mut self, at: Timestamp, event: &Event) {
        if matches!(event, Event::Resumed { .. }) {
            Arc::make_mut(&mut self.latencies).interrupted(self.latest, at);
        }
        self.latest = at;
        match event.write() {
            Some(write) => self.written(at, write, event),
            None => self.happened(at, event),
        }
    }

    /// What a write's event does, once it is known to follow.
    fn written(&mut self, at: Timestamp, WriteEvent { kind, what }: WriteEvent<'_>, event: &Event) {
        match what {
            WriteStage::Approved { batch, users } => {
                if kind.is_membership() {
                    if let Some(batch) = self.batches.get_mut(batch) {
                        batch.began.get_or_insert(at);
                    }
                    self.step_on(batch, event);
                    self.completed_last = None; // it is no news any more
                    self.complete = false;
                }
                self.approved_pending.begin(batch, kind, users);
            }
            WriteStage::Intended { batch, users } => {
                for user in users {
                    self.change(*user, |user| write(user, kind, Step::Intended, at));
                    self.approved_pending.spend(batch, *user);
                }
            }
            WriteStage::Settled { users, outcome, .. } => {
                for user in users {
                    self.change(*user, |user| settled(user, kind, outcome, at));
                    self.approved_pending.remove(*user);
                }
            }
            WriteStage::ReadBack { user, found } => {
                // Who is seen moved by others needs no worklist any more, though one was approved anew.
                let by_others = self.user(user).is_some_and(|user| user.write(kind).may_be_done_by_others());
                if by_others && found == ReadBack::InEffect {
                    self.approved_pending.remove(user);
                }
                self.change(user, |user| read_back(user, kind, found, at));
                if kind == WriteKind::Remove {
                    canary::read_back(self, user, found);
                }
            }
            WriteStage::Undone { user, what } => self.change(user, |user| undone(user, kind, what, at)),
        }
    }

    /// What any other event does, once it is known to follow.
    fn happened(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::GroupsChanged { problems } => self.groups_changed(at, problems),
            Event::WorklistIssued { worklist } => self.issue(at, worklist),
            Event::WorklistWritten { number } => self.worklist_written(at, *number),
            Event::WorklistEnded { number, why } => self.end_worklist(at, *number, *why),
            Event::RemovedByOthers { users, early } => self.removed_by_others(at, users, *early),
            Event::BatchesUnderWaySet { most, .. } => {
                self.batches_under_way = (*most).max(1);
                self.show_due();
            }
            Event::BatchSettingsSet { settings, by } => self.set_batches(at, *settings, by),
            Event::Resumed { .. } => self.resumed(at),
            Event::Checked { preflight } => self.checked(preflight),
            Event::BatchChecked { batch, problems, seats, products, reasons } => {
                self.batch_checked(*batch, problems, (*seats, products), reasons);
            }
            Event::AddsAcknowledged { batch }
            | Event::RemovesAcknowledged { batch }
            | Event::BatchComplete { batch } => self.step_on(*batch, event),
            Event::Proven { batch, users, keeps } => self.proven(*batch, users, keeps),
            Event::NotProven { user, why, .. } => self.not_proven(at, *user, why),
            Event::Observed { began, users } => {
                for (user, standing) in users {
                    self.change(*user, |user| observe(user, at, *began, standing));
                    self.both_seen |= *standing == Standing::HoldsBoth;
                }
            }
            Event::Excluded { user, by } => self.excluded(at, *user, by),
            Event::Explained { user, why } => self.change(*user, |user| {
                user.seldom.change(|seldom| seldom.why = Some(Box::new(why.as_str().into())));
                note(at, Happened::Explained(why.clone()), &mut user.history);
            }),
            Event::RollbackStarted { batch, users, by } => self.roll_back(at, *batch, users, by),
            Event::Halted { why } => self.halt(at, why.clone()),
            Event::HaltLifted { .. } => self.lift_halt(),
            Event::AlarmRaised { users } => self.raise(at, users),
            Event::AlarmAcknowledged { .. } => {
                if let Some(alarm) = &mut self.alarm {
                    alarm.acknowledged = true;
                }
            }
            Event::MigrationComplete => self.complete = true,
            // Said for the operator; and the writes, which have their own way.
            _ => {}
        }
    }

    fn proven(&mut self, batch: usize, users: &[(UserId, Standing, Timestamp)], keeps: &[(UserId, Keeps)]) {
        for (user, _, read_at) in users {
            self.change(*user, |user| user.seldom.change(|seldom| seldom.not_proven = None));
            self.approved_pending.prove(batch, *user, *read_at);
        }
        // Most users of a batch keep the same: they share it.
        let mut last = Arc::<Keeps>::default();
        for (user, keeps) in keeps {
            if *last != *keeps {
                last = Arc::new(keeps.clone());
            }
            self.change(*user, |user| user.keeps = Arc::clone(&last));
        }
    }

    fn not_proven(&mut self, at: Timestamp, user: UserId, why: &NotProven) {
        self.change(user, |user| {
            user.seldom.change(|seldom| seldom.not_proven = Some(Box::new(why.clone())));
            note(at, Happened::NotRemoved(Box::new(why.clone())), &mut user.history);
        });
        self.approved_pending.remove(user);
    }

    fn excluded(&mut self, at: Timestamp, user: UserId, by: &str) {
        self.change(user, |user| {
            user.excluded = true;
            note(at, Happened::Excluded { by: by.to_owned() }, &mut user.history);
        });
        self.approved_pending.remove(user);
    }

    /// The counts, made anew from all users.
    pub(super) fn recounted(&self) -> Tally {
        Tally::recount(self.users.iter().map(AsRef::as_ref), self.batches.len(), self.scenario)
    }

    fn step_on(&mut self, number: usize, event: &Event) {
        let Ok(phase) = self.step(number, event) else { return };
        self.batches[number].phase = phase;
        if phase == Phase::Complete {
            self.batches[number].completed = Some(self.latest);
            self.completed_last = Some(number);
            self.show_due();
        }
    }

    pub(super) fn change(&mut self, user: UserId, with: impl FnOnce(&mut User)) {
        let Some(place) = self.place(user) else { return };
        let (scenario, slot) = (self.scenario, &mut self.users[place]);
        let (before, waited) = (Share::of(slot, scenario), Before::of(slot, scenario));
        let user = Arc::make_mut(slot);
        let told = user.history.len();
        with(user);
        for new in user.history.iter_mut().skip(told) {
            self.latest_moments.share(new);
        }
        if waited.differs(user, scenario) {
            Arc::make_mut(&mut self.latencies).changed(waited, user, scenario, self.latest);
        }
        let (batch, after) = (user.batch, Share::of(user, scenario));
        if before != after {
            Arc::make_mut(&mut self.tally).replace(place, &before, &after);
        }
        let forward = |batch: &usize| self.direction_of(*batch) == Direction::Forward;
        if let Some(batch) = batch.filter(forward).filter(|_| !self.canary_arrived) {
            self.canary_arrived = canary::room_in(self, batch) == usize::MAX;
        }
    }
}
