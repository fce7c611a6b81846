//! The permissions that requests need.

use serde::Deserialize;
use serde::Serialize;

/// What a request needs the permission for; a 403 says which one to ask for (Microsoft Graph permissions reference).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Needs {
    /// Reading users.
    ReadUsers,
    /// Reading groups.
    ReadGroups,
    /// Reading who is in a group.
    ReadMembers,
    /// Reading products.
    ReadSkus,
    /// Reading the tenant's name.
    ReadOrganization,
    /// Changing who is in a group.
    WriteMembers,
    /// Having GBL look at a user again.
    Reprocess,
    /// Changing direct licenses.
    AssignLicenses,
    /// Reading the audit log.
    ReadAudits,
}
