//! The tenant together with its clock, its pending work and what was asked of it: all that one lock guards.
use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use uuid::Uuid;

use crate::sim::ask::Ask;
use crate::sim::audit::Audit;
use crate::sim::clock::{SimClock, earlier, later};
use crate::sim::dice::guid;
use crate::sim::event::Planned;
use crate::sim::fault::Faults;
use crate::sim::gbl::{self, Outcome};
use crate::sim::log::Log;
use crate::sim::oauth::SignIn;
use crate::sim::seed::Migration;
use crate::sim::tenant::{Assignment, GroupIx, Member, Processing, Tenant, UserIx, held};
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
    /// What one object is a member of, and whether it is. Zero unless asked for: no document says by how much.
    pub(crate) memberships: Duration,
    /// Objects just created are not found for so long, by readers and writers alike. Zero unless asked for.
    pub(crate) creation: Duration,
    /// Reads come from replicas that are differently far behind, so a change may show, vanish and show again.
    pub(crate) flap: bool,
    /// How far back the tenant remembers beyond what its reads need; for whoever wants to know what truly was.
    pub(crate) memory: Duration,
}

/// What is to be done in a tenant.
#[derive(Debug)]
pub(crate) struct MigrationTask {
    /// The users to be migrated.
    pub(crate) listed: Vec<UserIx>,
    /// From where to where.
    pub(crate) migration: Migration,
}

/// How far back a fault may make a read look.
const LONGEST_STALE: Duration = Duration::from_mins(10);

/// Everything.
#[derive(Debug)]
pub(crate) struct World {
    /// What is left to chance while it runs: ids of requests, codes of devices.
    pub(crate) dice: Rng,
    /// Time.
    pub(crate) clock: SimClock,
    /// The directory.
    pub(crate) tenant: Tenant,
    /// What will happen by itself.
    pub(crate) queue: Queue,
    /// What others do once a client has added somebody to a group.
    pub(crate) after_add: Vec<Planned>,
    /// How long licensing takes.
    pub(crate) delays: Delays,
    /// How far reads lag.
    pub(crate) lag: Lag,
    /// How long a user is without either license when one replaces the other. Zero, as documented, unless asked for.
    pub(crate) gap: Duration,
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
    /// What was done.
    pub(crate) audit: Audit,
}

impl World {
    /// Lets the tenant remember as far back as any read may look.
    pub(crate) fn remember_enough(&mut self) {
        let Lag { lists, index, points, memberships, memory, .. } = self.lag;
        self.tenant.memory = lists.max(index).max(points).max(memberships).max(LONGEST_STALE).max(memory);
    }

    /// The id of the next object that is created: by chance, but the same in every run of the same seed.
    pub(crate) fn next_id(&self) -> Uuid {
        let place = self.tenant.revision().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        guid(&mut Rng::with_seed(self.delays.seed ^ place))
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

    /// The time whose truth is told of what one object is a member of.
    pub(crate) fn memberships_at(&self, ask: &Ask) -> Timestamp {
        self.seen_at(self.lag.memberships, ask)
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
        self.queue.push(later(now, self.delays.least), Job::BeginGroup(group));
    }

    fn run(&mut self, job: Job, due: Timestamp) {
        match job {
            Job::Settle(user, group) => self.settle(user, &[group], due),
            Job::SettleForGroup(user, group) => {
                self.settle(user, &[group], due);
                let progress = &mut self.tenant.group_mut(group).processing;
                *progress = Some(match *progress {
                    Some(Processing::InProgress(left @ 2..)) => Processing::InProgress(left - 1),
                    _ => Processing::Complete,
                });
                if self.tenant.group(group).processing == Some(Processing::Complete) {
                    self.finish(group, due);
                }
            }
            Job::Reprocess(user) => {
                let groups = gbl::concerned(&self.tenant, user);
                self.settle(user, &groups, due);
            }
            Job::BeginGroup(group) => self.begin(group, due),
            Job::Event(event) => self.happen(*event, due),
        }
    }

    fn settle(&mut self, user: UserIx, groups: &[GroupIx], now: Timestamp) {
        let before = self.tenant.user(user).assignments.clone();
        let mut outcome = gbl::outcome(&self.tenant, user, groups, now);
        if !self.gap.is_zero() {
            self.open_gap(user, &before, &mut outcome, now);
        }
        if outcome.assignments != before {
            self.tenant.set_assignments(user, outcome.assignments.clone(), now);
        }
        self.audit_licensing(user, &before, &outcome, now);
    }

    /// If a product replaces another, gives the new one only after a while.
    fn open_gap(&mut self, user: UserIx, before: &[Assignment], outcome: &mut Outcome, now: Timestamp) {
        let (old, new) = (held(before), held(&outcome.assignments));
        if old.iter().all(|sku| new.contains(sku)) {
            return;
        }
        let gained = |one: &Assignment| one.holds() && !old.contains(&one.sku);
        for one in outcome.assignments.extract_if(.., |one| gained(one)) {
            if let Some(group) = one.by {
                self.queue.push(later(now, self.gap), Job::Settle(user, group));
            }
        }
        let missing = before.iter().filter(|one| !one.holds() && new.contains(&one.sku));
        outcome.assignments.extend(missing.cloned());
        outcome.assignments.sort_by_key(|one| (one.sku, one.by));
    }

    fn finish(&mut self, group: GroupIx, now: Timestamp) {
        let users = self.tenant.group(group).members().filter_map(user);
        let of = |user: UserIx| self.tenant.user(user).assignments.iter().filter(|one| one.by == Some(group));
        let states: Vec<bool> = users.map(|user| of(user).all(|one| one.error.is_none())).collect();
        let failed = states.iter().filter(|fine| !**fine).count();
        let result = format!(
            "[Users successfully assigned licenses: {}, Users for whom license assignment failed: {failed}.]",
            states.len() - failed
        );
        self.audit_group_run(group, "Finish applying group based license to users", Some(result), now);
    }

    fn begin(&mut self, group: GroupIx, now: Timestamp) {
        self.audit_group_run(group, "Start applying group based license to users", None, now);
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
