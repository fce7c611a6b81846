//! Which permission lets a caller do what.
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::Refusal;
use crate::sim::ask::Ask;
use crate::sim::query::Options;
use crate::sim::route::{Key, Kind, Op};
use crate::sim::tenant::Tenant;
use crate::sim::token::Caller;

/// Refuses a caller without a permission for the operation.
pub(crate) fn check(op: &Op, ask: &Ask, caller: &Caller, tenant: &Tenant) -> Result<(), Refusal> {
    let enough = enough(op);
    let has = |wanted: &[&str]| caller.grants.iter().any(|grant| wanted.contains(&grant.as_str()));
    let own = || caller.user.as_deref().is_some_and(|me| about(op, tenant).is_some_and(|id| id.to_string() == me));
    if !(enough.is_empty() || has(enough) || (has(&["User.Read"]) && own())) {
        return Err(Refusal::denied());
    }
    // Basic profiles hold nothing of licenses (Microsoft Learn, "Permissions reference"); that asking is refused is assumed.
    let basic = enough == USER_READ && !has(&USER_READ[1..]) && !own();
    if basic && licensing(ask) {
        return Err(Refusal::denied());
    }
    if touches_roles(op, ask, tenant) && !has(&["RoleManagement.ReadWrite.Directory"]) {
        return Err(Refusal::denied());
    }
    Ok(())
}

/// The user that reading what is one's own is about.
fn about(op: &Op, tenant: &Tenant) -> Option<Uuid> {
    let (Op::GetUser(key)
    | Op::LicenseDetails(key)
    | Op::LicenseDetail { user: key, .. }
    | Op::MemberOf { of: Key::User(key), .. }
    | Op::MemberGroups(Key::User(key), _)
    | Op::Manager { user: key, .. }
    | Op::DirectReports(key, _)
    | Op::OwnedObjects(key, _)) = op
    else {
        return None;
    };
    tenant.find_user(key).map(|ix| tenant.user(ix).id)
}

/// Whether a request selects what tells of licenses.
fn licensing(ask: &Ask) -> bool {
    let names = ["assignedLicenses", "assignedPlans", "licenseAssignmentStates"];
    let select = Options::of(ask).ok().and_then(|options| options.select).unwrap_or_default();
    select.iter().any(|given| names.iter().any(|name| name.eq_ignore_ascii_case(given)))
}

/// Whether a write is to a group that roles can be given to, or makes one (Microsoft Learn, "Use Microsoft Entra groups to
/// manage role assignments").
fn touches_roles(op: &Op, ask: &Ask, tenant: &Tenant) -> bool {
    let key = match op {
        Op::UpdateGroup(key)
        | Op::DeleteGroup(key)
        | Op::AddMember(key)
        | Op::AddOwner(key)
        | Op::RemoveMember { group: key, .. }
        | Op::RemoveOwner { group: key, .. } => key,
        Op::CreateGroup => {
            let body = serde_json::from_slice::<Value>(&ask.body).unwrap_or_default();
            return body["isAssignableToRole"] == true;
        }
        _ => return false,
    };
    tenant.find_group(key).is_some_and(|ix| tenant.group(ix).role_assignable)
}

const USER_READ: &[&str] =
    &["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const USER_WRITE: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_READ: &[&str] = &[
    "Group.ReadBasic.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const MEMBER_READ: &[&str] = &[
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const MEMBER_WRITE: &[&str] = &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_WRITE: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_CREATE: &[&str] = &["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const SKU_READ: &[&str] = &[
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const ORGANIZATION_READ: &[&str] =
    &["Organization.Read.All", "Organization.ReadWrite.All", "User.Read.All", "Directory.Read.All"];
const SUBSCRIPTION_READ: &[&str] =
    &["Organization.Read.All", "Organization.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const DOMAIN_READ: &[&str] =
    &["Domain.Read.All", "Domain.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const GROUP_LICENSE: &[&str] = &["LicenseAssignment.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const USER_LICENSE: &[&str] = &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const OBJECT_READ: &[&str] = &["Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "Group.Read.All"];

const OBJECT_WRITE: &[&str] = &["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];

/// Any of these is enough (Microsoft's permission data of 2026-08). Empty: no permission of its own.
fn enough(op: &Op) -> &'static [&'static str] {
    match op {
        Op::Batch | Op::Metadata => &[],
        Op::Organizations | Op::Organization(_) => ORGANIZATION_READ,
        Op::Subscriptions | Op::Subscription(_) => SUBSCRIPTION_READ,
        Op::Domains | Op::Domain(_) => DOMAIN_READ,
        Op::SubscribedSkus | Op::SubscribedSku(_) => SKU_READ,
        Op::LicenseDetails(_) | Op::LicenseDetail { .. } => {
            &["LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "User.Read.All", "Directory.Read.All"]
        }
        Op::ListUsers
        | Op::CountUsers
        | Op::GetUser(_)
        | Op::Delta(Kind::User)
        | Op::ListDeleted(Kind::User)
        | Op::Manager { .. }
        | Op::DirectReports(..)
        | Op::OwnedObjects(..) => USER_READ,
        // Reprocessing is not covered by LicenseAssignment.ReadWrite.All.
        Op::CreateUser
        | Op::UpdateUser(_)
        | Op::DeleteUser(_)
        | Op::SetManager(_)
        | Op::RemoveManager(_)
        | Op::Reprocess(_)
        | Op::DeleteThroughMembers { .. } => USER_WRITE,
        Op::ListGroups | Op::CountGroups | Op::GetGroup(_) | Op::Delta(Kind::Group) | Op::ListDeleted(Kind::Group) => {
            GROUP_READ
        }
        Op::MemberOf { .. }
        | Op::MemberGroups(..)
        | Op::ListMembers { .. }
        | Op::MemberRefs(_)
        | Op::GetMember { .. }
        | Op::Owners(..)
        | Op::MembersWithErrors(..) => MEMBER_READ,
        Op::CreateGroup => GROUP_CREATE,
        Op::DeleteGroup(_) | Op::AddOwner(_) | Op::RemoveOwner { .. } => GROUP_WRITE,
        Op::UpdateGroup(_) | Op::AddMember(_) | Op::RemoveMember { .. } => MEMBER_WRITE,
        Op::AssignGroupLicense(_) => GROUP_LICENSE,
        Op::AssignUserLicense(_) => USER_LICENSE,
        Op::GetByIds | Op::GetObject(_) | Op::GetDeleted(_) => OBJECT_READ,
        Op::Restore(_) | Op::Purge(_) => OBJECT_WRITE,
        Op::Audits | Op::Audit(_) => &["AuditLog.Read.All"],
    }
}
