//! A group that assigns licenses, as an administrator picks one: what it is, who manages it, and whether its members are well.

use crate::domain::group::Group;

/// What a tenant tells of a group that assigns at least one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicensedGroup {
    /// The group with its products.
    pub group: Group,
    /// The rule of a dynamic group.
    pub rule: Option<String>,
    /// How many users are direct members; `None` where nobody was counted.
    pub members: Option<u64>,
    /// Whether licensing failed for at least one member; `None` when the tenant does not tell.
    pub has_errors: Option<bool>,
}

/// What kind of group it is (Microsoft Graph reference, "group resource type").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// A security group.
    Security,
    /// A Microsoft 365 group.
    Microsoft365,
    /// A security group that gets mail.
    MailSecurity,
    /// A distribution list.
    Distribution,
}

/// Who changes the members of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagedBy {
    /// Whoever may write members through Microsoft Graph, as skuferry does.
    Members,
    /// A rule.
    Rule,
    /// A directory on premises.
    OnPremises,
    /// Exchange.
    Exchange,
    /// Whoever may change groups that roles can be given to.
    RoleAdministrators,
    /// Whoever administers the restricted administrative unit that the group is in.
    RestrictedUnit,
}

impl LicensedGroup {
    /// The kind.
    pub fn kind(&self) -> GroupKind {
        let group = &self.group;
        match (group.types.iter().any(|kind| kind == "Unified"), group.mail_enabled, group.security_enabled) {
            (true, ..) => GroupKind::Microsoft365,
            (false, true, true) => GroupKind::MailSecurity,
            (false, true, false) => GroupKind::Distribution,
            (false, false, _) => GroupKind::Security,
        }
    }

    /// Who changes its members: what hinders skuferry the most is named first.
    pub fn managed_by(&self) -> ManagedBy {
        let group = &self.group;
        match () {
            () if group.synced => ManagedBy::OnPremises,
            () if group.is_dynamic() => ManagedBy::Rule,
            () if group.is_mail_governed() => ManagedBy::Exchange,
            () if group.role_assignable => ManagedBy::RoleAdministrators,
            () if group.restricted => ManagedBy::RestrictedUnit,
            () => ManagedBy::Members,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::GroupId;
    use uuid::Uuid;

    fn group(types: &[&str], mail: bool, security: bool) -> LicensedGroup {
        let group = Group {
            id: GroupId(Uuid::from_u128(1)),
            name: "A".into(),
            types: types.iter().map(|kind| (*kind).to_owned()).collect(),
            mail_enabled: mail,
            security_enabled: security,
            synced: false,
            role_assignable: false,
            restricted: false,
            licenses: Vec::new(),
        };
        LicensedGroup { group, rule: None, members: None, has_errors: None }
    }

    #[test]
    fn a_kind_is_read_from_three_properties() {
        assert_eq!(group(&["Unified"], true, false).kind(), GroupKind::Microsoft365);
        assert_eq!(group(&["DynamicMembership"], false, true).kind(), GroupKind::Security);
        assert_eq!(group(&[], true, true).kind(), GroupKind::MailSecurity);
        assert_eq!(group(&[], true, false).kind(), GroupKind::Distribution);
    }

    #[test]
    fn what_keeps_skuferry_from_writing_is_told() {
        assert_eq!(group(&[], false, true).managed_by(), ManagedBy::Members);
        assert_eq!(group(&["DynamicMembership"], false, true).managed_by(), ManagedBy::Rule);
        assert_eq!(group(&[], true, true).managed_by(), ManagedBy::Exchange);
        assert_eq!(group(&["Unified"], true, false).managed_by(), ManagedBy::Members);
        let mut synced = group(&["DynamicMembership"], false, true);
        synced.group.synced = true;
        assert_eq!(synced.managed_by(), ManagedBy::OnPremises);
    }
}
