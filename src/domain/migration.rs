//! A run as its events leave it: the fold that the journal, the engine and the screen share.

mod apply;
mod approvals;
mod batch;
mod batch_names;
mod batch_settings;
pub mod canary;
mod checks;
mod fact;
mod halts;
mod legal;
mod places;
mod rollback;
mod tally;
mod under_way;
mod user_events;
mod user_writes;
mod waiters;
mod worklists;

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::OrdSet;
use imbl::Vector;

use crate::domain::end_state::UsageLocations;
use crate::domain::event::RunInfo;
use crate::domain::halt::Alarm;
use crate::domain::halt::Halt;
use crate::domain::id::UserId;
use crate::domain::latency::Latencies;
use crate::domain::migration::tally::Tally;
use crate::domain::migration::user_events::LatestMoments;
use crate::domain::phase::Phase;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::Seats;
use crate::domain::route::Direction;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::seat_ledger::ProductSeats;
use crate::domain::settings::BatchSettings;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::worklist::Worklist;

pub use approvals::Approvals;
pub use batch::Batch;
pub use fact::Fact;
pub use places::Places;
pub use waiters::Waiters;

/// A run. Cloning it is cheap: users are shared until they change.
#[derive(Clone, Debug)]
pub struct Migration {
    /// What the run is.
    pub run: RunInfo,
    /// When it began.
    pub started: Timestamp,
    /// The two ends as the batch on the screen goes, by the names that the tenant gives them: a rollback has them turned.
    pub route: Route,
    /// The scenario in force.
    pub scenario: Scenario,
    /// The first preflight, without its users: [`Migration::users`] has them.
    pub preflight: Option<Arc<Preflight>>,
    /// Each user's usage location as it was then.
    usage_locations: UsageLocations,
    /// What is wrong with the two groups, by the last reading of them.
    group_problems: Vec<Problem>,
    /// The batch whose preflight was made last.
    last_checked: usize,
    /// Every listed user, in the order of the list.
    pub users: Vector<Arc<User>>,
    /// The batches, cut from the users that were ready.
    pub batches: Vector<Batch>,
    /// The batch on the screen, counted from 0: the first one that is due, unless [`Migration::show`] has another. Nothing
    /// else goes by it.
    pub current: usize,
    /// How many batches may be under way at once.
    pub batches_under_way: usize,
    /// How batches are that have not begun.
    pub batch_settings: BatchSettings,
    /// Who has set that otherwise than the configuration, and when.
    pub batch_settings_by: Option<(Timestamp, Arc<str>)>,
    /// Whether a canary of a batch that goes forward has arrived, so that other batches may be removed too (rule 5).
    pub canary_arrived: bool,
    /// Whether anybody was seen with both licenses at once: an addition may then take a seat, whatever was predicted.
    pub(in crate::domain) both_seen: bool,
    /// Set while nothing may be written.
    pub halted: Option<Halt>,
    /// Set when users were found without a license.
    pub alarm: Option<Alarm>,
    /// Users that were approved for a write under way and are not settled; empty when nothing is being written.
    pub approved_pending: Approvals,
    /// What others were asked to do, in the order of the numbers.
    worklists: Vector<Worklist>,
    /// How many stuck users the run bears before it halts; lifting a halt raises it to what was seen.
    pub stuck_limit: usize,
    /// Whether every batch is complete.
    pub complete: bool,
    /// The batch that was completed last, counted from 0, until the next approval.
    completed_last: Option<usize>,
    /// Which way [`Migration::route`] is turned.
    route_direction_now: Direction,
    by_id: Places,
    latest_moments: LatestMoments,
    tally: Arc<Tally>,
    latencies: Arc<Latencies>,
    /// When its latest event came.
    latest: Timestamp,
}

impl Migration {
    /// The user with this id.
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(self.place(id)?)
    }

    /// The place of a user in [`Migration::users`].
    pub fn place(&self, id: UserId) -> Option<usize> {
        self.by_id.get(id)
    }

    /// The places of all users.
    pub fn places(&self) -> &Places {
        &self.by_id
    }

    /// The batch on the screen.
    pub fn batch(&self) -> Option<&Batch> {
        self.batches.get(self.current)
    }

    /// The phase of the batch on the screen.
    pub fn phase(&self) -> Phase {
        self.phase_of(self.current)
    }

    /// The phase of a batch.
    pub fn phase_of(&self, batch: usize) -> Phase {
        self.batches.get(batch).map_or(Phase::Preflight, |batch| batch.phase)
    }

    /// Which way the batch on the screen goes.
    pub fn direction(&self) -> Direction {
        self.direction_of(self.current)
    }

    /// Which way a batch goes.
    pub fn direction_of(&self, batch: usize) -> Direction {
        self.batches.get(batch).map_or(Direction::Forward, |batch| batch.direction)
    }

    /// The two ends as a batch of this way goes, by the names that the tenant gives them.
    pub fn route_direction(&self, direction: Direction) -> Route {
        if direction == self.route_direction_now { self.route.clone() } else { self.route.reversed() }
    }

    /// How many of a batch are removed first; of one that there is not yet, how many by the settings.
    pub fn canary_of(&self, batch: usize) -> usize {
        self.batches.get(batch).map_or(self.batch_settings.canary, |batch| batch.canary)
    }

    /// The users of one batch.
    pub fn members(&self, batch: usize) -> impl Iterator<Item = &Arc<User>> {
        self.batches
            .get(batch)
            .into_iter()
            .flat_map(|batch| batch.users.iter())
            .filter_map(|place| self.users.get(*place))
    }

    /// Each user's usage location by the first preflight.
    pub fn usage_locations(&self) -> &UsageLocations {
        &self.usage_locations
    }

    /// The users that the batch on the screen waits for.
    pub fn active(&self) -> impl Iterator<Item = &Arc<User>> {
        self.active_in(self.current)
    }

    /// The users that a batch waits for.
    pub fn active_in(&self, batch: usize) -> impl Iterator<Item = &Arc<User>> {
        self.members(batch).filter(|user| user.is_active())
    }

    /// How many users of a batch are so.
    pub fn count(&self, batch: usize, fact: Fact) -> usize {
        self.tally.in_batch(batch, fact)
    }

    /// How many listed users are so, in whichever batch or in none.
    pub fn count_all(&self, fact: Fact) -> usize {
        self.tally.in_run(fact)
    }

    /// How many users have arrived where they are to go: migrated, or rolled back.
    pub fn arrived(&self) -> usize {
        self.count_all(Fact::Migrated) + self.count_all(Fact::RolledBack)
    }

    /// The same of one batch.
    pub fn arrived_in(&self, batch: usize) -> usize {
        self.count(batch, Fact::Migrated) + self.count(batch, Fact::RolledBack)
    }

    /// Places of the users whose writes nobody can answer for, in [`Migration::users`].
    pub fn open_places(&self) -> impl Iterator<Item = usize> {
        self.tally.open().iter().copied()
    }

    /// How long licensing takes in this run.
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// How many listed users each reason blocks; a user whom two block is in both counts.
    pub fn blocked_by(&self) -> &BTreeMap<ReasonCode, usize> {
        self.tally.blocked_by()
    }

    /// Users whose writes nobody can answer for.
    pub fn open(&self) -> impl Iterator<Item = &Arc<User>> {
        self.tally.open().iter().filter_map(|place| self.users.get(*place))
    }

    /// Whether a write of a user has outlived its approval without an answer, so that nobody knows what became of it.
    pub fn has_unknown_outcome(&self, user: &User) -> bool {
        user.is_open() && !user.id.is_some_and(|id| self.approved_pending.contains(&id))
    }

    /// Places of the users whom a batch waits for and that are stuck or missing, in [`Migration::users`].
    pub fn stuck_places(&self) -> &OrdSet<usize> {
        self.tally.stuck()
    }

    /// Users without a license for whom the run answers.
    pub fn unlicensed(&self) -> impl Iterator<Item = &Arc<User>> {
        self.tally.unlicensed().iter().filter_map(|place| self.users.get(*place))
    }

    /// Those whom a verify pass reads: users that were written, or that the tenant did not know when they should have been,
    /// in every batch that is not complete, and whoever was removed and excluded before they had arrived, as long as that
    /// takes.
    pub fn watched(&self) -> Vec<UserId> {
        let watched =
            self.batches.iter().enumerate().filter(|(number, _)| self.watches(*number)).flat_map(|(_, batch)| {
                let is_watched = if batch.phase == Phase::Complete { fact::is_watched_on } else { fact::is_watched };
                let users = batch.users.iter().filter_map(|place| self.users.get(*place));
                users.filter(move |user| is_watched(user)).filter_map(|user| user.id)
            });
        watched.collect()
    }

    /// Whether [`Migration::watched`] names anybody.
    pub fn watches_anybody(&self) -> bool {
        (0..self.batches.len()).any(|number| self.watches(number))
    }

    fn watches(&self, batch: usize) -> bool {
        let fact = if self.phase_of(batch) == Phase::Complete { Fact::WatchedOn } else { Fact::Watched };
        self.count(batch, fact) > 0
    }

    /// What is wrong with one of the two groups, so that nothing may be written to either.
    pub fn group_problem(&self) -> Option<&Problem> {
        self.group_problems.iter().find(|problem| !problem.warning)
    }

    /// What is wrong with the two groups, by the last reading of them.
    pub fn group_problems(&self) -> &[Problem] {
        &self.group_problems
    }

    /// What is wrong for a batch: what its preflight found, with what is wrong with the groups now. Of a batch that was not
    /// checked yet the last check tells what there is to tell.
    pub fn problems_of(&self, batch: usize) -> &[Problem] {
        match (self.checked_for(batch), &self.preflight) {
            (Some(checked), _) if checked.direction == self.direction_of(batch) => &checked.problems,
            (Some(_), _) => &self.group_problems,
            (None, Some(preflight)) => &preflight.problems,
            (None, None) => &[],
        }
    }

    /// What is wrong for the batch on the screen.
    pub fn problems(&self) -> &[Problem] {
        self.problems_of(self.current)
    }

    /// Seats by the preflight of the batch on the screen, or by the last one before it was made.
    pub fn seats(&self) -> Seats {
        let of_run = self.preflight.as_ref().map(|preflight| preflight.seats);
        self.checked_for(self.current).map(|checked| checked.seats).or(of_run).unwrap_or_default()
    }

    /// Seats of every target product by the preflight of a batch, or by the last one before it was made; empty when a
    /// journal does not say.
    pub fn products_of(&self, batch: usize) -> &[ProductSeats] {
        match (self.checked_for(batch), &self.preflight) {
            (Some(checked), _) => &checked.products,
            (None, Some(preflight)) => &preflight.products,
            (None, None) => &[],
        }
    }

    /// The batch whose check tells of this one: it itself, or the one that was checked last.
    fn checked_for(&self, batch: usize) -> Option<&Batch> {
        let own = self.batches.get(batch).filter(|batch| batch.checked);
        own.or_else(|| self.batches.get(self.last_checked))
    }

    /// How many users were ever stuck in this run. Who was blocked and never touched is no sign that it goes wrong.
    pub fn stuck(&self) -> usize {
        self.tally.in_run(Fact::WasStuck)
    }
}

#[cfg(test)]
pub(crate) mod tests;
