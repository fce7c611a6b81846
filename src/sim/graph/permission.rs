//! Which permission lets a caller do what.
use crate::sim::answer::Refusal;
use crate::sim::route::{Kind, Op};
use crate::sim::token::Caller;

/// Refuses a caller without a permission for the operation.
pub(crate) fn check(op: &Op, caller: &Caller) -> Result<(), Refusal> {
    let enough = enough(op);
    if enough.is_empty() || caller.grants.iter().any(|grant| enough.contains(&grant.as_str())) {
        Ok(())
    } else {
        Err(Refusal::denied())
    }
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
const GROUP_LICENSE: &[&str] = &["LicenseAssignment.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const USER_LICENSE: &[&str] = &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const OBJECT_READ: &[&str] = &["Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All", "Group.Read.All"];

const OBJECT_WRITE: &[&str] = &["User.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];

/// Any of these is enough (Microsoft's permission data of 2026-08). Empty: no permission of its own.
fn enough(op: &Op) -> &'static [&'static str] {
    match op {
        Op::Batch => &[],
        Op::Organizations | Op::Organization(_) => ORGANIZATION_READ,
        Op::SubscribedSkus | Op::SubscribedSku(_) => SKU_READ,
        Op::LicenseDetails(_) => {
            &["LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All", "User.Read.All", "Directory.Read.All"]
        }
        Op::ListUsers | Op::CountUsers | Op::GetUser(_) | Op::Delta(Kind::User) | Op::ListDeleted(Kind::User) => {
            USER_READ
        }
        // Reprocessing is not covered by LicenseAssignment.ReadWrite.All.
        Op::CreateUser | Op::UpdateUser(_) | Op::DeleteUser(_) | Op::Reprocess(_) | Op::DeleteThroughMembers { .. } => {
            USER_WRITE
        }
        Op::ListGroups | Op::CountGroups | Op::GetGroup(_) | Op::Delta(Kind::Group) | Op::ListDeleted(Kind::Group) => {
            GROUP_READ
        }
        Op::MemberOf { .. } | Op::CheckMemberGroups(_) | Op::ListMembers { .. } | Op::MembersWithErrors(_) => {
            MEMBER_READ
        }
        Op::CreateGroup => GROUP_CREATE,
        Op::DeleteGroup(_) => GROUP_WRITE,
        Op::UpdateGroup(_) | Op::AddMember(_) | Op::RemoveMember { .. } => MEMBER_WRITE,
        Op::AssignGroupLicense(_) => GROUP_LICENSE,
        Op::AssignUserLicense(_) => USER_LICENSE,
        Op::GetByIds | Op::GetObject(_) | Op::GetDeleted(_) => OBJECT_READ,
        Op::Restore(_) | Op::Purge(_) => OBJECT_WRITE,
        Op::Audits => &["AuditLog.Read.All"],
    }
}
