//! A group as the migration needs to know it: can its members be written, and what does it assign?

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;

/// A product that a group assigns to its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLicense {
    /// The product.
    pub sku: SkuId,
    /// Plans that the group switches off.
    pub disabled_plans: Vec<PlanId>,
}

/// What Graph says of a group (Microsoft Graph reference, "group resource type").
#[expect(clippy::struct_excessive_bools, reason = "they are Graph's own properties of a group")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The group's object id.
    pub id: GroupId,
    /// The name shown to people.
    pub name: String,
    /// `groupTypes`, such as `Unified` or `DynamicMembership`.
    pub types: Vec<String>,
    /// Whether the group gets mail.
    pub mail_enabled: bool,
    /// Whether the group is a security group.
    pub security_enabled: bool,
    /// Whether the members come from an on-premises directory.
    pub synced: bool,
    /// Whether the group can hold directory roles, which asks for far higher rights to change its members.
    pub role_assignable: bool,
    /// Whether a restricted administrative unit shields the group.
    pub restricted: bool,
    /// The products that the group assigns.
    pub licenses: Vec<GroupLicense>,
}

impl Group {
    /// Whether a rule and not a hand decides who is a member.
    pub fn is_dynamic(&self) -> bool {
        self.types.iter().any(|kind| kind == "DynamicMembership")
    }

    /// Whether it is a mail-enabled security group or a distribution list, whose members Graph does not write.
    pub fn is_mail_governed(&self) -> bool {
        self.mail_enabled && !self.types.iter().any(|kind| kind == "Unified")
    }

    /// What the group assigns of a product, if it does.
    pub fn assigns(&self, sku: SkuId) -> Option<&GroupLicense> {
        self.licenses.iter().find(|license| license.sku == sku)
    }
}
