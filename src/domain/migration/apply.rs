//! What each event does to a run.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::canary;
use crate::domain::end_state::Keeps;
use crate::domain::event::Event;
use crate::domain::event::HaltReason;
use crate::domain::event::RunInfo;
use crate::domain::id::UserId;
use crate::domain::migration::Alarm;
use crate::domain::migration::Batch;
use crate::domain::migration::Halt;
use crate::domain::migration::Migration;
use crate::domain::migration::user_events::added;
use crate::domain::migration::user_events::left;
use crate::domain::migration::user_events::note;
use crate::domain::migration::user_events::observe;
use crate::domain::migration::user_events::read_back;
use crate::domain::migration::user_events::removed;
use crate::domain::migration::user_events::settle;
use crate::domain::phase::Illegal;
use crate::domain::phase::Phase;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::Seats;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user::Write;

impl Migration {
    /// The run that its first event describes.
    ///
    /// # Errors
    /// [`Illegal`] when the first event is not the start of a run.
    pub fn start(at: Timestamp, event: &Event) -> Result<Self, Illegal> {
        match event {
            Event::RunStarted { run, .. } => Ok(Self::new(at, run)),
            _ => Err(Illegal { event: event.name().into(), place: "before the run began".into() }),
        }
    }

    fn new(at: Timestamp, run: &RunInfo) -> Self {
        Self {
            run: run.clone(),
            started: at,
            route: run.route.clone(),
            scenario: run.choice.decide(Scenario::NonConflicting),
            preflight: None,
            problems: Vec::new(),
            seats: Seats::default(),
            users: Vec::new(),
            batches: Vec::new(),
            current: 0,
            halted: None,
            alarm: None,
            approved_pending: BTreeSet::new(),
            stuck_limit: run.settings.max_stuck,
            complete: false,
            completed_last: None,
            route_direction_now: Direction::Forward,
            by_id: Arc::default(),
        }
    }

    /// Takes one event in.
    ///
    /// # Errors
    /// [`Illegal`] when the event cannot follow what happened before. The run is not to be trusted any further then.
    pub fn apply(&mut self, at: Timestamp, event: &Event) -> Result<(), Illegal> {
        match event {
            Event::RunStarted { .. } => return Err(illegal(event, "twice in a run")),
            Event::ReadFailed { .. } | Event::Delayed { .. } => {}
            Event::GroupsChanged { problems } => self.groups_changed(problems),
            // No approval survives a resume or a halt: whoever was not written is asked about again.
            Event::Resumed { .. } => self.approved_pending.clear(),
            Event::Checked { preflight } => self.checked(event, preflight)?,
            Event::BatchChecked { batch, problems, seats, reasons } => {
                self.at_phase(*batch, event, Phase::Preflight)?;
                self.problems.clone_from(problems);
                self.seats = *seats;
                self.batches[*batch].checked = true;
                for (user, reasons) in reasons {
                    self.change(*user, event, |user| user.reasons.clone_from(reasons))?;
                }
            }
            Event::AddApproved { batch, users, .. } | Event::RemoveApproved { batch, users, .. } => {
                self.step(*batch, event)?;
                self.completed_last = None; // it is no news any more
                self.approved_pending = users.iter().copied().collect();
            }
            Event::AddsAcknowledged { batch }
            | Event::RemovesAcknowledged { batch }
            | Event::BatchComplete { batch } => self.step(*batch, event)?,
            Event::AddIntended { batch, users } => {
                self.at_phase(*batch, event, Phase::AddToTarget)?;
                self.change_all(users, event, |user| user.add = Write::Intended(at))?;
            }
            Event::AddSettled { users, outcome, .. } => {
                self.settled(users, event, |user| {
                    settle(at, outcome, added(user.direction), &mut user.add, &mut user.history);
                })?;
            }
            Event::AddReadBack { user, found } => self.change(*user, event, |user| {
                read_back(at, *found, added(user.direction), &mut user.add, &mut user.history);
            })?,
            Event::RemoveIntended { batch, users } => {
                self.at_phase(*batch, event, Phase::RemoveFromSource)?;
                self.change_all(users, event, |user| user.remove = Write::Intended(at))?;
            }
            Event::RemoveSettled { users, outcome, .. } => self.settled(users, event, |user| {
                settle(at, outcome, removed(user.direction), &mut user.remove, &mut user.history);
                left(user);
            })?,
            Event::RemoveReadBack { user, found } => {
                self.change(*user, event, |user| {
                    read_back(at, *found, removed(user.direction), &mut user.remove, &mut user.history);
                    user.removal_unconfirmed_at = Some(at);
                    left(user);
                })?;
                canary::read_back(self, *found);
            }
            Event::ReprocessApproved { .. }
            | Event::ReprocessIntended { .. }
            | Event::ReprocessSettled { .. }
            | Event::DirectApproved { .. }
            | Event::DirectIntended { .. }
            | Event::DirectSettled { .. }
            | Event::Explained { .. }
            | Event::ExternalChange { .. }
            | Event::RollbackStarted { .. } => self.remedy(at, event)?,
            Event::Proven { users, keeps, .. } => self.proven(event, users, keeps)?,
            Event::NotProven { user, why, .. } => {
                self.change(*user, event, |user| {
                    user.not_proven = Some(why.clone());
                    note(at, format!("not removed: {why}"), &mut user.history);
                })?;
                self.approved_pending.remove(user);
            }
            Event::Observed { began, users } => {
                for (user, standing) in users {
                    self.change(*user, event, |user| observe(user, at, *began, standing))?;
                }
            }
            Event::Excluded { user, by } => {
                self.change(*user, event, |user| {
                    user.excluded = true;
                    note(at, format!("excluded by {by}"), &mut user.history);
                })?;
                self.approved_pending.remove(user);
            }
            Event::Halted { why } => {
                self.halted = Some(Halt { why: why.clone(), at });
                self.approved_pending.clear();
            }
            Event::HaltLifted { .. } => {
                self.halted = None;
                self.stuck_limit = self.stuck_limit.max(self.stuck());
            }
            Event::AlarmRaised { users } => self.raise(at, users),
            Event::AlarmAcknowledged { .. } => match &mut self.alarm {
                Some(alarm) => alarm.acknowledged = true,
                None => return Err(illegal(event, "without an alarm")),
            },
            Event::MigrationComplete => self.complete = true,
        }
        Ok(())
    }

    fn proven(
        &mut self,
        event: &Event,
        users: &[(UserId, Standing, Timestamp)],
        keeps: &[(UserId, Keeps)],
    ) -> Result<(), Illegal> {
        for (user, _, _) in users {
            self.change(*user, event, |user| user.not_proven = None)?;
        }
        keeps.iter().try_for_each(|(user, keeps)| self.change(*user, event, |user| user.keeps.clone_from(keeps)))
    }

    fn checked(&mut self, event: &Event, preflight: &Preflight) -> Result<(), Illegal> {
        if self.batches.iter().any(|batch| batch.phase != Phase::Preflight) {
            return Err(illegal(event, "once a batch is under way"));
        }
        self.route_direction_now = Direction::Forward;
        self.route = preflight.route.clone();
        self.scenario = preflight.scenario;
        self.problems.clone_from(&preflight.problems);
        self.seats = preflight.seats;
        let mut users: Vec<User> = preflight.users.iter().cloned().map(User::new).collect();
        for user in &mut users {
            // Whom the operator took out stays out, however often everything is checked again.
            if let Some(before) = user.id.and_then(|id| self.user(id)).filter(|before| before.excluded) {
                (user.excluded, user.history) = (true, before.history.clone());
            }
        }
        let ready: Vec<usize> = (0..users.len()).filter(|place| !users[*place].is_blocked()).collect();
        let chunks = ready.chunks(self.run.settings.batch_size.max(1));
        self.batches = chunks.map(|chunk| Batch::new(chunk.into(), Direction::Forward)).collect();
        for (number, batch) in self.batches.iter_mut().enumerate() {
            batch.checked = number == 0;
            batch.users.iter().for_each(|place| users[*place].batch = Some(number));
        }
        let mut by_id = HashMap::new();
        for (place, id) in users.iter().enumerate().filter_map(|(place, user)| Some((place, user.id?))) {
            by_id.entry(id).or_insert(place); // of a user listed twice, the first line stands
        }
        self.by_id = Arc::new(by_id);
        self.users = users.into_iter().map(Arc::new).collect();
        self.preflight = Some(Arc::new(preflight.clone()));
        self.current = 0;
        Ok(())
    }

    fn groups_changed(&mut self, problems: &[Problem]) {
        self.problems.retain(|problem| !problem.code.is_of_groups());
        self.problems.extend(problems.iter().cloned());
        if self.group_problem().is_some() {
            self.approved_pending.clear();
        }
    }

    fn step(&mut self, number: usize, event: &Event) -> Result<(), Illegal> {
        if number != self.current {
            return Err(illegal(event, "in a batch that is not under way"));
        }
        let batch = self.batches.get_mut(number).ok_or_else(|| illegal(event, "in a batch that does not exist"))?;
        batch.phase = batch.phase.after(event)?;
        if batch.phase == Phase::Complete {
            self.completed_last = Some(number);
            self.advance_batch();
        }
        Ok(())
    }

    /// Goes to the batch that is due now; the ends are turned when it goes the other way.
    pub(super) fn advance_batch(&mut self) {
        self.current = self.next_batch().unwrap_or(self.current);
        if self.direction() != self.route_direction_now {
            self.route_direction_now = self.direction();
            self.route = self.route.reversed();
            // What was found about the other way says nothing about this one, but for the groups, which are the same.
            self.problems.retain(|problem| problem.code.is_of_groups());
            if let Some(batch) = self.batches.get_mut(self.current).filter(|batch| batch.phase == Phase::Preflight) {
                batch.checked = false;
            }
        }
    }

    fn raise(&mut self, at: Timestamp, users: &[UserId]) {
        let mut all: BTreeSet<UserId> = users.iter().copied().collect();
        all.extend(self.alarm.iter().flat_map(|alarm| alarm.users.iter().copied()));
        self.alarm = Some(Alarm { users: all, at, acknowledged: false });
        self.approved_pending.clear();
        self.halted = Some(Halt { why: HaltReason::Unlicensed, at });
    }

    fn at_phase(&self, number: usize, event: &Event, phase: Phase) -> Result<(), Illegal> {
        match self.batches.get(number) {
            Some(batch) if batch.phase == phase => Ok(()),
            Some(batch) => Err(illegal(event, &format!("in the phase {}", batch.phase.name()))),
            None => Err(illegal(event, "in a batch that does not exist")),
        }
    }

    pub(super) fn settled(
        &mut self,
        users: &[UserId],
        event: &Event,
        with: impl FnMut(&mut User),
    ) -> Result<(), Illegal> {
        self.change_all(users, event, with)?;
        // One by one: a batch has thousands, and a write twenty.
        for user in users {
            self.approved_pending.remove(user);
        }
        Ok(())
    }

    pub(super) fn change_all(
        &mut self,
        users: &[UserId],
        event: &Event,
        mut with: impl FnMut(&mut User),
    ) -> Result<(), Illegal> {
        users.iter().try_for_each(|user| self.change(*user, event, &mut with))
    }

    pub(super) fn change(&mut self, user: UserId, event: &Event, with: impl FnOnce(&mut User)) -> Result<(), Illegal> {
        let place = self.place(user).ok_or_else(|| illegal(event, "to a user who is not in the run"))?;
        with(Arc::make_mut(&mut self.users[place]));
        Ok(())
    }
}

pub(super) fn illegal(event: &Event, place: &str) -> Illegal {
    Illegal { event: event.name().into(), place: place.into() }
}
