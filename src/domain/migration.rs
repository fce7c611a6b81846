//! A run as its events leave it: the fold that the journal, the engine and the screen share.

mod apply;
mod approvals;
mod batch_names;
mod legal;
mod rollback;
mod user_events;
mod user_writes;

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::event::HaltReason;
use crate::domain::event::RunInfo;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::phase::Phase;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::Seats;
use crate::domain::route::Direction;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::seat_ledger::ProductSeats;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

pub use approvals::Approvals;
pub use batch_names::BatchName;

/// How many batches may be under way at once.
pub const BATCHES_UNDER_WAY: usize = 1;

/// One batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Its users, as places in [`Migration::users`].
    pub users: Arc<[usize]>,
    /// Which way it goes.
    pub direction: Direction,
    /// The batches that a rollback takes its users from, counted from 0; empty for a batch that goes forward.
    pub of: Vec<usize>,
    /// Where it is.
    pub phase: Phase,
    /// Whether its own preflight was made; the first batch shares that of the run.
    pub checked: bool,
}

impl Batch {
    fn new(users: Arc<[usize]>, direction: Direction) -> Self {
        Self { users, direction, of: Vec::new(), phase: Phase::Preflight, checked: false }
    }
}

/// Why and since when nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Why.
    pub why: HaltReason,
    /// Since when.
    pub at: Timestamp,
}

/// Users without a license, and whether the operator has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Who they are, each named once however often.
    pub users: BTreeSet<UserId>,
    /// Since when.
    pub at: Timestamp,
    /// Whether the operator has acknowledged it.
    pub acknowledged: bool,
}

/// A run. Cloning it is cheap: users are shared until they change.
#[derive(Clone, Debug)]
pub struct Migration {
    /// What the run is.
    pub run: RunInfo,
    /// When it began.
    pub started: Timestamp,
    /// The two ends as the batch under way goes, by the names that the tenant gives them: a rollback has them turned.
    pub route: Route,
    /// The scenario in force.
    pub scenario: Scenario,
    /// The first preflight.
    pub preflight: Option<Arc<Preflight>>,
    /// What is wrong with the plan as a whole, by the last check.
    pub problems: Vec<Problem>,
    /// Seats by the last check, of the target product that was the tightest.
    pub seats: Seats,
    /// Seats of every target product by the last check; empty when a journal does not say.
    pub products: Vec<ProductSeats>,
    /// Every listed user, in the order of the list.
    pub users: Vec<Arc<User>>,
    /// The batches, cut from the users that were ready.
    pub batches: Vec<Batch>,
    /// The batch under way, counted from 0.
    pub current: usize,
    /// Set while nothing may be written.
    pub halted: Option<Halt>,
    /// Set when users were found without a license.
    pub alarm: Option<Alarm>,
    /// Users that were approved for a write under way and are not settled; empty when nothing is being written.
    pub approved_pending: Approvals,
    /// How many stuck users the run bears before it halts; lifting a halt raises it to what was seen.
    pub stuck_limit: usize,
    /// Whether every batch is complete.
    pub complete: bool,
    /// The batch that was completed last, counted from 0, until the next approval.
    completed_last: Option<usize>,
    /// Which way [`Migration::route`] is turned.
    route_direction_now: Direction,
    by_id: Arc<HashMap<UserId, usize>>,
}

impl Migration {
    /// The user with this id.
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(*self.by_id.get(&id)?)
    }

    /// The place of a user in [`Migration::users`].
    pub fn place(&self, id: UserId) -> Option<usize> {
        self.by_id.get(&id).copied()
    }

    /// The batch under way.
    pub fn batch(&self) -> Option<&Batch> {
        self.batches.get(self.current)
    }

    /// The phase of the batch under way.
    pub fn phase(&self) -> Phase {
        self.batch().map_or(Phase::Preflight, |batch| batch.phase)
    }

    /// Which way the batch under way goes.
    pub fn direction(&self) -> Direction {
        self.batch().map_or(Direction::Forward, |batch| batch.direction)
    }

    /// The two ends as a batch of this way goes, by the names that the tenant gives them.
    pub fn route_direction(&self, direction: Direction) -> Route {
        if direction == self.route_direction_now { self.route.clone() } else { self.route.reversed() }
    }

    /// The users of one batch.
    pub fn members(&self, batch: usize) -> impl Iterator<Item = &Arc<User>> {
        self.batches
            .get(batch)
            .into_iter()
            .flat_map(|batch| batch.users.iter())
            .filter_map(|place| self.users.get(*place))
    }

    /// The users that the batch under way waits for.
    pub fn active(&self) -> impl Iterator<Item = &Arc<User>> {
        self.active_in(self.current)
    }

    /// The users that a batch waits for.
    pub fn active_in(&self, batch: usize) -> impl Iterator<Item = &Arc<User>> {
        self.members(batch).filter(|user| user.is_active())
    }

    /// Users whose writes nobody can answer for.
    pub fn open(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.iter().filter(|user| user.is_open())
    }

    /// Those whom a verify pass reads: users that were written, or that the tenant did not know when they should have been,
    /// in the batch under way and in those that a rollback interrupted, and whoever was removed and excluded before they
    /// had arrived, as long as that takes.
    pub fn watched(&self) -> Vec<UserId> {
        let unknown = |user: &User| user.add.fault().is_some_and(|fault| fault.kind == FaultKind::NotFound);
        let written = |user: &User| {
            user.add.is_done() || user.remove.is_done() || user.direction == Direction::Rollback || unknown(user)
        };
        let watched = |batch: &Batch, user: &User| match batch.phase {
            Phase::Complete => user.remove.is_done() && !user.has_arrived() && user.standing != Some(Standing::Missing),
            _ => written(user),
        };
        let users = self.batches.iter().flat_map(|batch| batch.users.iter().map(move |place| (batch, *place)));
        let users = users.filter_map(|(batch, place)| Some((batch, self.users.get(place)?)));
        users.filter(|(batch, user)| watched(batch, user)).filter_map(|(_, user)| user.id).collect()
    }

    /// What is wrong with one of the two groups, so that nothing may be written to either.
    pub fn group_problem(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.code.is_of_groups() && !problem.warning)
    }

    /// Whether a user has nothing left to be removed from: our removal is done, or they are migrated and a group is no
    /// more what it was, so that no removal could leave.
    pub fn is_out(&self, user: &User) -> bool {
        user.remove.is_done() || (self.group_problem().is_some() && user.is_migrated())
    }

    /// How many users were ever stuck in this run. Who was blocked and never touched is no sign that it goes wrong.
    pub fn stuck(&self) -> usize {
        self.users.iter().filter(|user| user.was_stuck && user.is_ours()).count()
    }

    /// Who left the group that they were removed from, never counted as stuck, and has waited for it past `stuck_after`.
    pub fn overdue(&self, now: Timestamp) -> impl Iterator<Item = &User> {
        let late = move |user: &&User| user.is_late(now, self.run.settings.stuck_after);
        self.unprocessed_removals().filter(late)
    }

    /// When the next user becomes [overdue](Self::overdue), if any may.
    pub fn next_overdue(&self, now: Timestamp) -> Option<Timestamp> {
        let due = |user: &User| user.written_at()?.saturating_add(self.run.settings.stuck_after).ok();
        self.unprocessed_removals().filter_map(due).filter(|due| *due > now).min()
    }

    fn unprocessed_removals(&self) -> impl Iterator<Item = &User> {
        let users = self.users.iter().map(AsRef::as_ref);
        users.filter(|user: &&User| !user.was_stuck && user.is_ours() && user.remove.is_done() && user.is_waiting())
    }

    /// The batches that are not complete, in the order in which they are due: rollbacks first, as somebody waits for
    /// them; then the batches in their order.
    fn due(&self) -> impl Iterator<Item = usize> {
        let open = |direction| {
            let batches = self.batches.iter().enumerate();
            let open = batches.filter(move |(_, one)| one.direction == direction && one.phase != Phase::Complete);
            open.map(|(number, _)| number)
        };
        open(Direction::Rollback).chain(open(Direction::Forward))
    }

    /// The batches under way, each with a phase of its own: those that are due, as many as may be under way at once.
    pub fn under_way_batches(&self) -> impl Iterator<Item = usize> {
        self.due().take(BATCHES_UNDER_WAY)
    }

    /// Whether a batch is under way.
    pub fn is_under_way(&self, batch: usize) -> bool {
        self.under_way_batches().any(|number| number == batch)
    }
}

#[cfg(test)]
pub(crate) mod tests;
