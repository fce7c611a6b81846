//! The tenant together with its clock, its pending work and what was asked of it: all that one lock guards.
use std::time::Duration;

use jiff::Timestamp;

use crate::sim::clock::{SimClock, earlier};
use crate::sim::gbl;
use crate::sim::log::Log;
use crate::sim::options::Options;
use crate::sim::seed::{Seeded, seed};
use crate::sim::tenant::{GroupIx, Member, Processing, Tenant, UserIx};
use crate::sim::work::{Delays, Job, Queue};

/// How far reads lag behind writes, in tenant time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lag {
    /// Lists, pages and filters.
    pub(crate) lists: Duration,
    /// Advanced queries (casts, `ConsistencyLevel: eventual`), which are served from a separate index.
    pub(crate) index: Duration,
}

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    /// Time.
    pub(crate) clock: SimClock,
    /// The directory.
    pub(crate) tenant: Tenant,
    /// What will happen by itself.
    pub(crate) queue: Queue,
    /// How long licensing takes.
    pub(crate) delays: Delays,
    /// How far reads lag.
    pub(crate) lag: Lag,
    /// Whether a reprocess that would fail again says so with 400.
    pub(crate) reprocess_refuses: bool,
    /// What was asked.
    pub(crate) log: Log,
}

impl World {
    /// The world that some options ask for, and the users on its list.
    pub(crate) fn new(options: &Options) -> (Self, Vec<UserIx>) {
        let clock = SimClock::new(options.speed);
        let Seeded { mut tenant, listed } = seed(options.scenario, options.users, options.seed, clock.now());
        let lag = Lag { lists: Duration::from_secs(2), index: Duration::from_secs(15) };
        tenant.memory = lag.lists.max(lag.index);
        let delays = Delays {
            least: Duration::from_secs(30),
            typical: Duration::from_mins(2),
            most: Duration::from_mins(8),
            seed: options.seed,
        };
        let (queue, log) = (Queue::default(), Log::default());
        (Self { clock, tenant, queue, delays, lag, reprocess_refuses: true, log }, listed)
    }

    /// Lives through everything that has become due. Called before anything looks at the tenant.
    pub(crate) fn catch_up(&mut self) -> Timestamp {
        let now = self.clock.now();
        while let Some((due, job)) = self.queue.pop(now) {
            self.run(&job, due);
        }
        now
    }

    /// The time whose truth a list shows.
    pub(crate) fn listed_at(&self, advanced: bool) -> Timestamp {
        let lag = if advanced { self.lag.index } else { self.lag.lists };
        if lag.is_zero() { Timestamp::MAX } else { earlier(self.clock.now(), lag) }
    }

    /// Group-based licensing hears that a user joined or left a group.
    pub(crate) fn membership_changed(&mut self, user: UserIx, group: GroupIx, joined: bool, now: Timestamp) {
        let (user_id, group_id) = (self.tenant.user(user).id, self.tenant.group(group).id);
        self.queue.push(self.delays.due(now, user_id, group_id, joined), Job::Settle(user, group));
    }

    /// Group-based licensing hears that a group's licenses changed.
    pub(crate) fn licenses_changed(&mut self, group: GroupIx, now: Timestamp) {
        self.tenant.group_mut(group).processing = Some(Processing::Queued);
        self.queue.push(crate::sim::clock::later(now, self.delays.least), Job::BeginGroup(group));
    }

    fn run(&mut self, job: &Job, due: Timestamp) {
        match *job {
            Job::Settle(user, group) => {
                gbl::settle(&mut self.tenant, user, &[group], due);
            }
            Job::SettleForGroup(user, group) => {
                gbl::settle(&mut self.tenant, user, &[group], due);
                let progress = &mut self.tenant.group_mut(group).processing;
                *progress = Some(match *progress {
                    Some(Processing::InProgress(left @ 2..)) => Processing::InProgress(left - 1),
                    _ => Processing::Complete,
                });
            }
            Job::Reprocess(user) => {
                let groups = gbl::concerned(&self.tenant, user);
                gbl::settle(&mut self.tenant, user, &groups, due);
            }
            Job::BeginGroup(group) => self.begin(group, due),
        }
    }

    fn begin(&mut self, group: GroupIx, now: Timestamp) {
        let users: Vec<UserIx> = self.tenant.group(group).members().filter_map(user).collect();
        let group_id = self.tenant.group(group).id;
        for user in &users {
            let due = self.delays.due(now, self.tenant.user(*user).id, group_id, true);
            self.queue.push(due, Job::SettleForGroup(*user, group));
        }
        let state = if users.is_empty() { Processing::Complete } else { Processing::InProgress(users.len()) };
        self.tenant.group_mut(group).processing = Some(state);
    }
}

fn user(member: Member) -> Option<UserIx> {
    match member {
        Member::User(ix) => Some(ix),
        Member::Group(_) => None,
    }
}
