//! The tenant together with its clock, its pending work and what was asked of it: all that one lock guards.
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::sim::ask::Ask;
use crate::sim::clock::{SimClock, earlier};
use crate::sim::fault::Faults;
use crate::sim::gbl;
use crate::sim::log::Log;
use crate::sim::oauth::SignIn;
use crate::sim::options::Options;
use crate::sim::seed::{Seeded, seed};
use crate::sim::tenant::{GroupIx, Member, Processing, Tenant, UserIx};
use crate::sim::throttle::{Quotas, Throttle};
use crate::sim::work::{Delays, Job, Queue};

/// How far reads lag behind writes, in tenant time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lag {
    /// Lists, pages and filters.
    pub(crate) lists: Duration,
    /// Advanced queries (casts, `ConsistencyLevel: eventual`), which are served from a separate index.
    pub(crate) index: Duration,
    /// Reads of one object. Zero unless asked for: Graph's documents speak of lists and the index only.
    pub(crate) points: Duration,
    /// Reads come from replicas that are differently far behind, so a change may show, vanish and show again.
    pub(crate) flap: bool,
}

/// How far back a fault may make a read look.
const LONGEST_STALE: Duration = Duration::from_mins(10);

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
    /// Whether licensing properties can be selected on members without a cast. Nobody has published whether they can.
    pub(crate) lists_show_licenses: bool,
    /// The quotas.
    pub(crate) quotas: Quotas,
    /// How much of them is used.
    pub(crate) throttle: Throttle,
    /// How long a write keeps a group to itself; another one meanwhile is refused with 409. Zero: writes do not collide.
    pub(crate) write_takes: Duration,
    /// Until when which group is taken, and by which request.
    pub(crate) busy: HashMap<GroupIx, (Timestamp, u64)>,
    /// What goes wrong on purpose.
    pub(crate) faults: Faults,
    /// Who may sign in, and how.
    pub(crate) sign_in: SignIn,
    /// Tokens from before this are worthless.
    pub(crate) tokens_since: Timestamp,
    /// What was asked.
    pub(crate) log: Log,
}

impl World {
    /// The world that some options ask for, and the users on its list.
    pub(crate) fn new(options: &Options) -> (Self, Vec<UserIx>) {
        let clock = SimClock::new(options.speed);
        let Seeded { tenant, listed, admin } = seed(options.scenario, options.users, options.seed, clock.now());
        let lag = Lag { lists: Duration::from_secs(2), index: Duration::from_secs(15), ..Lag::default() };
        let delays = Delays {
            least: Duration::from_secs(30),
            typical: Duration::from_mins(2),
            most: Duration::from_mins(8),
            seed: options.seed,
        };
        let now = clock.now();
        let mut world = Self {
            clock,
            tenant,
            queue: Queue::default(),
            delays,
            lag,
            reprocess_refuses: true,
            lists_show_licenses: true,
            quotas: Quotas::default(),
            throttle: Throttle::default(),
            write_takes: Duration::ZERO,
            busy: HashMap::new(),
            faults: Faults::new(Vec::new(), now),
            sign_in: SignIn::new(Some(admin)),
            tokens_since: Timestamp::MIN,
            log: Log::default(),
        };
        world.remember_enough();
        (world, listed)
    }

    /// Lets the tenant remember as far back as any read may look.
    pub(crate) fn remember_enough(&mut self) {
        self.tenant.memory = self.lag.lists.max(self.lag.index).max(self.lag.points).max(LONGEST_STALE);
    }

    /// Lives through everything that has become due. Called before anything looks at the tenant.
    pub(crate) fn catch_up(&mut self) -> Timestamp {
        let now = self.clock.now();
        while let Some((due, job)) = self.queue.pop(now) {
            self.run(job, due);
        }
        now
    }

    /// The time whose truth a list shows.
    pub(crate) fn listed_at(&self, ask: &Ask) -> Timestamp {
        self.seen_at(if ask.eventual() { self.lag.index } else { self.lag.lists }, ask)
    }

    /// The time whose truth a read of one object shows.
    pub(crate) fn point_at(&self, ask: &Ask) -> Timestamp {
        self.seen_at(self.lag.points, ask)
    }

    fn seen_at(&self, lag: Duration, ask: &Ask) -> Timestamp {
        // Three replicas: one is up to date, one lags, one is in between.
        let lag = match self.log.last_number() % 3 {
            0 if self.lag.flap => Duration::ZERO,
            1 if self.lag.flap => lag / 2,
            _ => lag,
        };
        let lag = lag.max(ask.stale);
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

    fn run(&mut self, job: Job, due: Timestamp) {
        match job {
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
            Job::Event(event) => self.happen(*event, due),
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
