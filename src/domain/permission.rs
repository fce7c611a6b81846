//! What each step of the work needs to be allowed: permissions of Microsoft Graph, and for a person a role in Entra.

/// One step of the work, as far as permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkStep {
    /// Preflight and the verify passes.
    Read,
    /// Adding users to the target group.
    Add,
    /// Removing users from the source group.
    Remove,
    /// Having GBL look again at a user.
    Reprocess,
    /// Taking off a license that was assigned directly.
    Direct,
    /// Reading the audit log, which explains why a user is stuck.
    Audit,
}

/// Permissions any one of which is enough, the least one first.
type AnyOf = &'static [&'static str];

/// A directory role by its template id (Microsoft Entra, "built-in roles").
type Role = (&'static str, &'static str);

const READ_USERS: AnyOf = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];
const READ_GROUPS: AnyOf = &[
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];
const READ_SKUS: AnyOf = &[
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Directory.AccessAsUser.All",
];
const WRITE_MEMBERS: AnyOf =
    &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"];
// LicenseAssignment.ReadWrite.All is not enough for it.
const REPROCESS: AnyOf = &["User.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"];
const ASSIGN: AnyOf =
    &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"];
const READ_AUDITS: AnyOf = &["AuditLog.Read.All"];

const GLOBAL_ADMINISTRATOR: Role = ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator");
const USER_ADMINISTRATOR: Role = ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator");
const GROUPS_ADMINISTRATOR: Role = ("fdd7a751-b60b-444a-984c-02652fe8fa1c", "Groups Administrator");
const LICENSE_ADMINISTRATOR: Role = ("4d6ac14f-3453-41d0-bef9-a3e0c569773a", "License Administrator");
const DIRECTORY_WRITERS: Role = ("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers");
const IDENTITY_GOVERNANCE: Role = ("45d8d3c5-c802-45c6-b32a-1d70b5e1e86e", "Identity Governance Administrator");
const INTUNE_ADMINISTRATOR: Role = ("3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator");
const REPORTS_READER: Role = ("4a5d8f65-41da-4de4-8968-e035b65339cf", "Reports Reader");
const SECURITY_READER: Role = ("5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader");
const SECURITY_ADMINISTRATOR: Role = ("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator");
const GLOBAL_READER: Role = ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader");

// License Administrator is not among them: it may not change members (Microsoft Graph, "Add members").
const MEMBER_ROLES: &[Role] = &[
    GROUPS_ADMINISTRATOR,
    USER_ADMINISTRATOR,
    DIRECTORY_WRITERS,
    IDENTITY_GOVERNANCE,
    INTUNE_ADMINISTRATOR,
    GLOBAL_ADMINISTRATOR,
];
const LICENSE_ROLES: &[Role] = &[LICENSE_ADMINISTRATOR, USER_ADMINISTRATOR, DIRECTORY_WRITERS, GLOBAL_ADMINISTRATOR];
const AUDIT_ROLES: &[Role] =
    &[REPORTS_READER, SECURITY_READER, SECURITY_ADMINISTRATOR, GLOBAL_READER, GLOBAL_ADMINISTRATOR];

impl WorkStep {
    /// All of them, in the order of the work.
    pub const ALL: [Self; 6] = [Self::Read, Self::Add, Self::Remove, Self::Reprocess, Self::Direct, Self::Audit];

    /// Its name on screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Reprocess => "reprocess",
            Self::Direct => "direct",
            Self::Audit => "audit",
        }
    }

    /// Whether a migration goes on without it.
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Reprocess | Self::Direct | Self::Audit)
    }

    fn permissions(self) -> &'static [AnyOf] {
        match self {
            Self::Read => &[READ_USERS, READ_GROUPS, READ_SKUS],
            Self::Add | Self::Remove => &[WRITE_MEMBERS],
            Self::Reprocess => &[REPROCESS],
            Self::Direct => &[ASSIGN],
            Self::Audit => &[READ_AUDITS],
        }
    }

    fn roles(self) -> &'static [Role] {
        match self {
            // Members of a tenant may read by default.
            Self::Read => &[],
            Self::Add | Self::Remove => MEMBER_ROLES,
            Self::Reprocess | Self::Direct => LICENSE_ROLES,
            Self::Audit => AUDIT_ROLES,
        }
    }

    /// The least permissions that allow it.
    pub fn least_permissions(self) -> Vec<&'static str> {
        self.permissions().iter().filter_map(|any_of| any_of.first().copied()).collect()
    }

    /// The least permission of each kind that none of these allows.
    pub fn missing(self, granted: &[String]) -> Vec<&'static str> {
        self.permissions()
            .iter()
            .filter(|any_of| !allowed(any_of, granted))
            .filter_map(|any_of| any_of.first().copied())
            .collect()
    }

    /// The directory roles any one of which lets a person do it; none where every member of the tenant may.
    pub fn role_names(self) -> Vec<&'static str> {
        self.roles().iter().map(|(_, name)| *name).collect()
    }

    /// Whether one of these directory roles, by template id, lets a person do it.
    pub fn is_allowed_by(self, held: &[String]) -> bool {
        let roles = self.roles();
        roles.is_empty() || roles.iter().any(|(id, _)| held.iter().any(|held| held.eq_ignore_ascii_case(id)))
    }
}

fn allowed(any_of: AnyOf, granted: &[String]) -> bool {
    any_of.iter().any(|one| granted.iter().any(|have| have.eq_ignore_ascii_case(one)))
}

/// The name of a directory role that matters here, by its template id.
pub fn role_name(template: &str) -> Option<&'static str> {
    let all = [MEMBER_ROLES, LICENSE_ROLES, AUDIT_ROLES];
    all.into_iter().flatten().find(|(id, _)| id.eq_ignore_ascii_case(template)).map(|(_, name)| *name)
}

/// The least permission of each kind of work that none of the token's permissions allows. `writes` says whether any group is
/// changed by this program.
pub fn missing_permissions(granted: &[String], writes: bool) -> Vec<String> {
    let mut missing = WorkStep::Read.missing(granted);
    if writes {
        missing.extend(WorkStep::Add.missing(granted));
    }
    missing.into_iter().map(ToOwned::to_owned).collect()
}

/// The permission for want of which a token that is known to allow no write to groups makes a session that only reads;
/// `None` when it allows one, or when it does not tell.
pub fn reads_only(granted: &[String]) -> Option<String> {
    let missing = WorkStep::Remove.missing(granted);
    missing.first().filter(|_| !granted.is_empty()).map(|least| (*least).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_least_missing_permission_is_named() {
        let missing = |names: &[&str]| missing_permissions(&granted(names), true);
        assert!(missing(&["User.Read.All", "GroupMember.ReadWrite.All", "LicenseAssignment.Read.All"]).is_empty());
        assert!(missing(&["Directory.ReadWrite.All"]).is_empty());
        assert_eq!(
            missing(&["User.Read.All", "Group.Read.All", "Organization.Read.All"]),
            ["GroupMember.ReadWrite.All"]
        );
        let az = ["AuditLog.Read.All", "Directory.AccessAsUser.All", "Group.ReadWrite.All", "User.ReadWrite.All"];
        assert!(missing(&az).is_empty(), "what the Azure CLI is granted is enough");
    }

    #[test]
    fn a_license_administrator_may_not_change_members_and_licenses_alone_do_not_reprocess() {
        let license = granted(&[LICENSE_ADMINISTRATOR.0]);
        let may = |step: WorkStep| step.is_allowed_by(&license);
        assert!(!may(WorkStep::Add) && !may(WorkStep::Remove) && may(WorkStep::Reprocess) && may(WorkStep::Direct));
        let groups = granted(&[GROUPS_ADMINISTRATOR.0]);
        assert!(WorkStep::Remove.is_allowed_by(&groups) && !WorkStep::Reprocess.is_allowed_by(&groups));
        assert_eq!(WorkStep::Reprocess.missing(&granted(&["LicenseAssignment.ReadWrite.All"])), ["User.ReadWrite.All"]);
    }

    #[test]
    fn a_token_that_tells_nothing_is_not_taken_for_one_that_only_reads() {
        assert_eq!(reads_only(&[]), None);
        assert!(reads_only(&granted(&["User.Read.All"])).is_some());
        assert_eq!(reads_only(&granted(&["groupmember.readwrite.all"])), None);
    }
}
