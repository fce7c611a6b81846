//! Looks at the tenant itself: who was written and when, and whether anybody was ever without a license.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::id::GroupId;
use skuferry::domain::id::UserId;
use skuferry::domain::route::Route;
use skuferry::domain::time::SignedDuration;
use skuferry::sim::LogEntry;
use skuferry::sim::Sim;
use uuid::Uuid;

use crate::driver::Rig;
use crate::driver::SPEED;

/// How far the two clocks may be apart after they were set against each other.
const BLUR: SignedDuration = SignedDuration::from_millis(5);
/// Rule 3: how old a proof may be.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// The tenant from some time on, and how its clock goes with ours.
pub(crate) struct Witness {
    sim: Arc<Sim>,
    tenant_then: Timestamp,
    then: Timestamp,
    /// How far the engine's clock was set ahead of ours.
    pub(crate) ahead: SignedDuration,
}

/// One write of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) number: u64,
    /// By our clock.
    pub(crate) at: Timestamp,
    pub(crate) added: bool,
    pub(crate) group: Uuid,
    pub(crate) user: UserId,
    pub(crate) status: u16,
}

impl Witness {
    pub(crate) fn start(sim: &Arc<Sim>) -> Self {
        // Of a few glances at both clocks the quickest tells best how they go together; a busy machine spoils the others.
        let glance = || {
            let before = SystemClock.now();
            let tenant_then = sim.state()["now"].as_str().unwrap().parse().unwrap();
            let then = SystemClock.now();
            (then.duration_since(before), tenant_then, then)
        };
        let (_, tenant_then, then) = (0..20).map(|_| glance()).min().unwrap();
        Self { sim: sim.clone(), tenant_then, then, ahead: SignedDuration::ZERO }
    }

    /// The engine's time at a time of the tenant.
    fn real(&self, at: Timestamp) -> Timestamp {
        let passed = at.duration_since(self.tenant_then).as_secs_f64() / SPEED;
        self.then + SignedDuration::from_secs_f64(passed) + self.ahead
    }

    /// Everybody who was without a license for any time since. The administrator never had one.
    pub(crate) fn bare(&self) -> BTreeSet<UserId> {
        self.sim.without_license(self.tenant_then).into_iter().map(UserId).collect()
    }
}

pub(crate) fn id(text: &str) -> UserId {
    UserId(text.parse().unwrap())
}

/// A request's path below the version.
pub(crate) fn path(entry: &LogEntry) -> &str {
    entry.path.strip_prefix("/v1.0").unwrap_or(&entry.path)
}

/// Whether the request could change nothing: a read, a sign-in, or the envelope of requests that stand for themselves.
pub(crate) fn is_read(entry: &LogEntry) -> bool {
    entry.method == "GET" || entry.method == "POST" && (path(entry) == "/$batch" || path(entry).contains("/oauth2/"))
}

/// What another administrator calls their requests.
pub(crate) const ANOTHER: &str = "another-administrator";

/// Whether somebody else asked for it.
pub(crate) fn by_another(entry: &LogEntry) -> bool {
    entry.client_request_id.as_deref() == Some(ANOTHER)
}

/// Every write of every user in the tenant's log; a request of any other form is a failure.
pub(crate) fn writes(rig: &Rig) -> Vec<Written> {
    let mut written = Vec::new();
    for entry in rig.sim.log().iter().filter(|entry| !is_read(entry) && !by_another(entry)) {
        let parts: Vec<&str> = path(entry).trim_matches('/').split('/').collect();
        let last = |text: &str| id(text.rsplit('/').next().unwrap());
        let body = entry.body.clone().unwrap_or_default();
        let (group, users, added) = match (entry.method.as_str(), parts.as_slice()) {
            ("PATCH", ["groups", group]) => {
                let objects = body["members@odata.bind"].as_array().unwrap();
                (group, objects.iter().map(|one| last(one.as_str().unwrap())).collect(), true)
            }
            ("POST", ["groups", group, "members", "$ref"]) => {
                (group, vec![last(body["@odata.id"].as_str().unwrap())], true)
            }
            ("DELETE", ["groups", group, "members", user, "$ref"]) => (group, vec![id(user)], false),
            ("POST", ["users", _, "reprocessLicenseAssignment" | "assignLicense"]) => continue,
            _ => panic!("nobody asked for {} {}", entry.method, entry.path),
        };
        let (number, at, status) = (entry.number, rig.witness.real(entry.at), entry.status);
        let group: Uuid = group.parse().unwrap();
        written.extend(users.into_iter().map(|user| Written { number, at, added, group, user, status }));
    }
    written
}

/// All that must hold at every moment of every run, whatever the operator and the tenant did.
pub(crate) fn check(rig: &Rig) {
    check_writes(rig);
    let planned = rig.planned();
    let bare: Vec<_> = rig.witness.bare().into_iter().filter(|user| planned.contains(user)).collect();
    assert!(bare.is_empty(), "rule 6: {bare:?} were without a license\n{}", rig.tale());
}

/// All that must hold of what was written, even where others take licenses away.
pub(crate) fn check_writes(rig: &Rig) {
    let (journal, written) = (rig.journal(), writes(rig));
    approved_and_intended(rig, &journal, &written);
    proven(rig, &written);
    only_once(&written);
    let planned = rig.planned();
    let strangers: Vec<_> = written.iter().filter(|write| !planned.contains(&write.user)).collect();
    assert!(strangers.is_empty(), "rule 7: {strangers:?}\n{}", rig.tale());
}

/// Rules 1, 2 and 8: every write has an intent before it, and every intent an approval of its own before it.
fn approved_and_intended(rig: &Rig, journal: &[(Timestamp, Event)], written: &[Written]) {
    let RunInfo { route, .. } = &rig.run;
    let mut turned: BTreeSet<UserId> = BTreeSet::new();
    let mut allowed: BTreeSet<(bool, UserId)> = BTreeSet::new();
    let mut intents: BTreeMap<(bool, UserId, GroupId), Vec<Timestamp>> = BTreeMap::new();
    for (at, event) in journal {
        match event {
            Event::AddApproved { users, .. } => allowed = users.iter().map(|user| (true, *user)).collect(),
            Event::RemoveApproved { users, .. } => allowed = users.iter().map(|user| (false, *user)).collect(),
            Event::RollbackStarted { users, .. } => turned.extend(users),
            Event::Resumed { .. } | Event::Halted { .. } | Event::AlarmRaised { .. } => allowed.clear(),
            Event::AddIntended { users, .. } | Event::RemoveIntended { users, .. } => {
                let added = matches!(event, Event::AddIntended { .. });
                for user in users {
                    assert!(allowed.remove(&(added, *user)), "rule 2: {user} was not approved\n{}", rig.tale());
                    let group = group_of(route, added, turned.contains(user));
                    intents.entry((added, *user, group)).or_default().push(*at);
                }
            }
            _ => {}
        }
    }
    for write in written {
        let intents = intents.get(&(write.added, write.user, GroupId(write.group)));
        let before = intents.is_some_and(|times| times.iter().any(|at| *at <= write.at + BLUR));
        assert!(before, "rule 8: {write:?} had no intent before it\n{}", rig.tale());
    }
}

/// Which group a write is about: on the way back they are turned round.
fn group_of(route: &Route, added: bool, turned: bool) -> GroupId {
    if added == turned { route.source.group } else { route.target.group }
}

/// Rule 3: before each removal two good point reads of that very user, after the addition, the last one fresh.
fn proven(rig: &Rig, written: &[Written]) {
    let log = rig.sim.log();
    let points = |user: UserId, entry: &LogEntry| {
        entry.method == "GET" && path(entry).split('?').next() == Some(&format!("/users/{user}"))
    };
    for removal in written.iter().filter(|write| !write.added) {
        let other = |write: &&Written| write.added && write.user == removal.user && write.group != removal.group;
        let added = written.iter().filter(other).map(|write| write.number).filter(|number| *number < removal.number);
        // Who is taken back before they left the source group was never added to it by us.
        let back = removal.group == rig.run.route.target.group.0;
        let added = added.max().or(back.then_some(0));
        let added = added.unwrap_or_else(|| panic!("{removal:?} was never added\n{}", rig.tale()));
        let reads: Vec<&LogEntry> = log
            .iter()
            .filter(|entry| entry.number > added && entry.number < removal.number && entry.status == 200)
            .filter(|entry| points(removal.user, entry))
            .collect();
        let outers: BTreeSet<u64> = reads.iter().map(|entry| entry.outer.unwrap_or(entry.number)).collect();
        assert!(outers.len() >= 2, "rule 3: {removal:?} had {} looks\n{}", outers.len(), rig.tale());
        let last = rig.witness.real(reads[reads.len() - 1].at);
        assert!(removal.at.duration_since(last) <= FRESH, "rule 3: the proof of {removal:?} was old");
    }
}

/// Nobody is added or removed twice with success.
fn only_once(written: &[Written]) {
    let mut done = BTreeSet::new();
    for write in written.iter().filter(|write| write.status == 204) {
        assert!(done.insert((write.added, write.user, write.group)), "{write:?} came a second time");
    }
}
