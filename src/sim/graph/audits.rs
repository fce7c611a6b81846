//! `auditLogs/directoryAudits`: what was done to licenses and memberships, and by whom.
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::audit::{Actor, LICENSING, Record, Target};
use crate::sim::filter::Filter;
use crate::sim::gbl::Outcome;
use crate::sim::graph::{directory, members};
use crate::sim::page;
use crate::sim::query::{MOST_PER_PAGE, Options};
use crate::sim::route::Op;
use crate::sim::search::Order;
use crate::sim::tenant::{Assignment, GroupIx, Member, Tenant, UserIx};
use crate::sim::token::Caller;
use crate::sim::world::World;

/// What can be filtered by (Microsoft Learn, "List directoryAudits").
const FILTERABLE: &[&str] = &[
    "activityDateTime",
    "activityDisplayName",
    "category",
    "correlationId",
    "id",
    "initiatedBy/app/appId",
    "initiatedBy/app/displayName",
    "initiatedBy/app/servicePrincipalId",
    "initiatedBy/app/servicePrincipalName",
    "initiatedBy/user/displayName",
    "initiatedBy/user/id",
    "initiatedBy/user/userPrincipalName",
    "loggedByService",
    "operationType",
    "result",
    "resultReason",
    "targetResources",
];

/// `GET /auditLogs/directoryAudits`, the newest first unless asked otherwise.
pub(crate) fn list(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    if options.expand.is_some() || options.search.is_some() || options.select.is_some() {
        return Err(Refusal::new(400, "BadRequest", "The query option is not supported for 'directoryAudits'."));
    }
    let filter = options.filter.as_deref().map(Filter::read).transpose()?;
    let unknown = filter.iter().flat_map(Filter::uses).find(|(name, _)| !FILTERABLE.contains(name));
    if let Some((name, _)) = unknown {
        return Err(Refusal::new(400, "BadRequest", format!("Invalid filter clause: '{name}' cannot be filtered by.")));
    }
    let order = options.order.as_deref().map(Order::read).transpose()?;
    if order.as_ref().is_some_and(|order| order.property != "activityDateTime") {
        return Err(Refusal::new(400, "BadRequest", "Records are sorted by 'activityDateTime' alone."));
    }
    let mark = page::mark(ask, &options)?.map(|mark| match mark {
        Member::User(UserIx(number)) | Member::Group(GroupIx(number)) => u64::from(number),
    });
    let oldest_first = order.is_some_and(|order| !order.descending);
    let shown = world.audit.beyond(mark, oldest_first).map(|(number, record)| (number, record.show(number)));
    let fits = |record: &Value| {
        let get = |name: &str| {
            name.split('/').fold(record.clone(), |value, part| value.get(part).cloned().unwrap_or_default())
        };
        filter.as_ref().is_none_or(|filter| filter.matches(&get))
    };
    let marked = shown
        .filter(|(_, record)| fits(record))
        .map(|(number, record)| (Member::User(UserIx(u32::try_from(number).unwrap_or(u32::MAX))), record));
    let (value, more) = page::cut(marked, options.top.unwrap_or(MOST_PER_PAGE));
    let next = more.map(|mark| page::next_link(ask, mark));
    Ok(Answer::ok(page::envelope("auditLogs/directoryAudits", None, value, next)))
}

/// `GET /auditLogs/directoryAudits/{id}`.
pub(crate) fn get(world: &World, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let mut shown = world.audit.beyond(None, false).map(|(number, record)| record.show(number));
    let found = shown.find(|record| record["id"] == id).ok_or_else(|| Refusal::missing(id))?;
    directory::single(ask, "auditLogs/directoryAudits", "directoryAudit", found)
}

impl World {
    /// Writes down what licensing made of a user.
    pub(crate) fn audit_licensing(
        &mut self,
        user: UserIx,
        before: &[Assignment],
        outcome: &Outcome,
        now: jiff::Timestamp,
    ) {
        if before == outcome.assignments && outcome.refused.is_empty() {
            return;
        }
        let mut target = user_target(&self.tenant, user);
        target.changes =
            vec![("AssignedLicense", held(&self.tenant, before), held(&self.tenant, &outcome.assignments))];
        let failure = outcome.refused.first().map(|(_, violation)| violation.audited(&self.tenant));
        self.audit.note(Record {
            at: now,
            activity: "Change user license",
            category: "UserManagement",
            failure,
            actor: Actor::Service(LICENSING),
            targets: vec![target],
        });
    }

    /// Writes down that licensing begins or ends with a group.
    pub(crate) fn audit_group_run(
        &mut self,
        group: GroupIx,
        activity: &'static str,
        result: Option<String>,
        now: jiff::Timestamp,
    ) {
        let mut target = group_target(&self.tenant, group);
        target.changes = result.map(|result| ("Result", String::new(), result)).into_iter().collect();
        self.audit.note(Record {
            at: now,
            activity,
            category: "GroupManagement",
            failure: None,
            actor: Actor::Service(LICENSING),
            targets: vec![target],
        });
    }

    /// What an operation will have been, to be written down once it is done: asked before, because it may delete what it names.
    pub(crate) fn audited(&self, op: &Op, ask: &Ask, caller: &Caller, now: jiff::Timestamp) -> Option<Record> {
        let tenant = &self.tenant;
        let user = |key: &str| tenant.find_user(key).map(|ix| user_target(tenant, ix));
        let group = |key: &str| tenant.find_group(key).map(|ix| group_target(tenant, ix));
        let (activity, category, targets) = match op {
            Op::AddMember(key) => {
                ("Add member to group", "GroupManagement", [bound(tenant, ask), vec![group(key)?]].concat())
            }
            Op::UpdateGroup(key) => {
                let added = bound(tenant, ask);
                let activity = if added.is_empty() { "Update group" } else { "Add member to group" };
                (activity, "GroupManagement", [added, vec![group(key)?]].concat())
            }
            Op::RemoveMember { group: key, member } => (
                "Remove member from group",
                "GroupManagement",
                vec![user(member).or_else(|| group(member))?, group(key)?],
            ),
            Op::DeleteThroughMembers { member: key, .. } | Op::DeleteUser(key) => {
                ("Delete user", "UserManagement", vec![user(key)?])
            }
            Op::CreateUser => ("Add user", "UserManagement", Vec::new()),
            Op::Restore(id) | Op::Purge(id) => {
                let deleted = Uuid::try_parse(id).ok().and_then(|id| tenant.deleted(id, now))?;
                let (target, kind) = match deleted {
                    Member::User(ix) => (user_target(tenant, ix), 0),
                    Member::Group(ix) => (group_target(tenant, ix), 1),
                };
                let activities = match op {
                    Op::Restore(_) => ["Restore user", "Restore Group"],
                    _ => ["Hard Delete user", "Hard Delete group"],
                };
                (activities[kind], ["UserManagement", "GroupManagement"][kind], vec![target])
            }
            Op::SetManager(key) => ("Set user manager", "UserManagement", vec![user(key)?]),
            Op::RemoveManager(key) => ("Remove user manager", "UserManagement", vec![user(key)?]),
            Op::AddOwner(key) => {
                ("Add owner to group", "GroupManagement", [bound(tenant, ask), vec![group(key)?]].concat())
            }
            Op::RemoveOwner { group: key, owner } => {
                ("Remove owner from group", "GroupManagement", vec![user(owner)?, group(key)?])
            }
            Op::UpdateUser(key) => ("Update user", "UserManagement", vec![user(key)?]),
            Op::AssignUserLicense(key) => ("Change user license", "UserManagement", vec![user(key)?]),
            Op::AssignGroupLicense(key) => ("Set group license", "GroupManagement", vec![group(key)?]),
            Op::CreateGroup => ("Add group", "GroupManagement", Vec::new()),
            Op::DeleteGroup(key) => ("Delete group", "GroupManagement", vec![group(key)?]),
            _ => return None,
        };
        let actor = match &caller.user {
            Some(id) => {
                Actor::User(id.clone(), tenant.find_user(id).map(|ix| tenant.user(ix).upn.clone()).unwrap_or_default())
            }
            None => Actor::App(caller.app.clone()),
        };
        Some(Record { at: now, activity, category, failure: None, actor, targets })
    }
}

/// The users that a request adds to a group.
fn bound(tenant: &Tenant, ask: &Ask) -> Vec<Target> {
    let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    let many = body["members@odata.bind"].as_array().into_iter().flatten();
    many.chain(body.get("@odata.id"))
        .filter_map(|reference| match members::referenced(tenant, reference.as_str()?, "").ok()? {
            Member::User(ix) => Some(user_target(tenant, ix)),
            Member::Group(ix) => Some(group_target(tenant, ix)),
        })
        .collect()
}

fn user_target(tenant: &Tenant, ix: UserIx) -> Target {
    let user = tenant.user(ix);
    Target {
        kind: "User",
        id: user.id,
        display: user.display.clone(),
        upn: Some(user.upn.clone()),
        changes: Vec::new(),
    }
}

fn group_target(tenant: &Tenant, ix: GroupIx) -> Target {
    let group = tenant.group(ix);
    Target { kind: "Group", id: group.id, display: group.display.clone(), upn: None, changes: Vec::new() }
}

fn held(tenant: &Tenant, assignments: &[Assignment]) -> String {
    let skus: Vec<Uuid> = crate::sim::tenant::held(assignments).into_iter().map(|sku| tenant.sku(sku).id).collect();
    serde_json::json!(skus).to_string()
}
