//! The tenant file: a whole tenant, and how it behaves, as TOML. `assets/sim/` holds two complete examples with every
//! key, and `tenant-as-read.toml`, which tells of users as a tenant showed them.
mod as_read;
mod build;
mod names;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;
use uuid::Uuid;

use crate::sim::behaviour::{Behaviour, LagText, Licensing, ThrottleText};
use crate::sim::event::EventText;
use crate::sim::fault::FaultText;
use crate::sim::length::Length;
use crate::sim::oauth::{AppText, SignInText};
use crate::sim::rules::Edition;
use crate::sim::tenant::{LicenseError, State, Status};

pub(crate) use build::build;

/// A name that must be found elsewhere; it keeps its place, so that a refusal can name the line.
type Name = Spanned<String>;

/// The file. Unknown keys are refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantFile {
    tenant: TenantText,
    migration: MigrationText,
    #[serde(default)]
    plan: Vec<PlanText>,
    sku: Vec<SkuText>,
    #[serde(default)]
    exclusive: Vec<ExclusiveText>,
    #[serde(default)]
    compatible: Vec<CompatibleText>,
    #[serde(default)]
    dependency: Vec<DependencyText>,
    #[serde(default)]
    prohibited: Vec<ProhibitedText>,
    #[serde(default)]
    group: Vec<GroupText>,
    #[serde(default)]
    user: Vec<UserText>,
    #[serde(default)]
    users: Vec<CrowdText>,
    #[serde(default)]
    licensing: Option<Licensing>,
    #[serde(default)]
    lag: Option<LagText>,
    #[serde(default)]
    throttle: Option<ThrottleText>,
    #[serde(default)]
    sign_in: Option<SignInText>,
    #[serde(default)]
    app: Vec<AppText>,
    #[serde(default)]
    fault: Vec<FaultText>,
    #[serde(default)]
    event: Vec<EventText>,
}

/// `[tenant]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantText {
    name: Name,
    domain: Name,
    #[serde(default)]
    id: Option<Uuid>,
    #[serde(default)]
    country: Option<Name>,
    #[serde(default)]
    exclusive_plans: Edition,
    #[serde(default)]
    sharepoint_plans_stack: bool,
    #[serde(default)]
    teams_beside_suites: Option<bool>,
}

/// `[migration]`: what a client's config is to say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MigrationText {
    #[serde(default)]
    name: Option<String>,
    source: EndText,
    target: EndText,
    #[serde(default)]
    users: Option<String>,
}

/// One end of a migration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndText {
    group: Name,
    sku: Name,
}

/// `[[plan]]`: a service plan that Microsoft's table does not hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    id: Uuid,
    name: String,
}

/// `[[sku]]`: a product that the tenant pays for, of Microsoft's table or its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SkuText {
    part: Name,
    seats: u32,
    #[serde(default)]
    warning: u32,
    #[serde(default)]
    suspended: u32,
    #[serde(default)]
    locked_out: u32,
    #[serde(default)]
    held_elsewhere: u32,
    #[serde(default)]
    company: bool,
    #[serde(default)]
    trial: bool,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    next_lifecycle: Option<Length>,
    #[serde(default)]
    subscriptions: Option<Vec<SubscriptionText>>,
    #[serde(default)]
    id: Option<Uuid>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    plans: Option<Vec<Name>>,
}

/// One of several subscriptions behind a product, instead of the one that its seats tell of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionText {
    #[serde(default)]
    total: Option<u32>,
    #[serde(default)]
    trial: bool,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    ends: Option<Timestamp>,
}

/// `[[exclusive]]`: plans that exclude each other, besides Microsoft's list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExclusiveText {
    plans: Vec<Name>,
}

/// `[[compatible]]`: plans that stand side by side although they are listed as exclusive.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompatibleText {
    plans: Vec<Name>,
}

/// `[[dependency]]`: a plan that needs one of others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DependencyText {
    plan: Name,
    needs_one_of: Vec<Name>,
}

/// `[[prohibited]]`: where a product is not offered.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProhibitedText {
    sku: Name,
    countries: Vec<Name>,
}

/// `[[group]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupText {
    name: Name,
    #[serde(default)]
    id: Option<Spanned<Uuid>>,
    #[serde(default)]
    kind: GroupKind,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    synced: Option<bool>,
    #[serde(default)]
    role_assignable: bool,
    #[serde(default)]
    restricted: bool,
    #[serde(default)]
    assigns: Vec<AssignsText>,
    #[serde(default)]
    licenses: Vec<Name>,
    #[serde(default)]
    plans_off: Vec<Name>,
    #[serde(default)]
    nested: Vec<Name>,
}

/// A product that a group assigns, with plans switched off in it alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignsText {
    sku: Name,
    #[serde(default)]
    plans_off: Vec<Name>,
}

/// The kinds of groups.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum GroupKind {
    #[default]
    Security,
    MailSecurity,
    Distribution,
    #[serde(rename = "microsoft-365")]
    Microsoft365,
}

/// `[[user]]`
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a user, as the file has them")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserText {
    upn: Name,
    #[serde(default)]
    id: Option<Spanned<Uuid>>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    location: Option<Name>,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    guest: bool,
    #[serde(default)]
    groups: Vec<Name>,
    #[serde(default)]
    direct: Vec<Name>,
    #[serde(default)]
    plans_off: Vec<Name>,
    #[serde(default)]
    states: Option<Vec<StateText>>,
    #[serde(default)]
    not_offered: Vec<Name>,
    #[serde(default)]
    address_taken: bool,
    #[serde(default)]
    cursed: bool,
    #[serde(default)]
    add_refused: bool,
    #[serde(default)]
    listed: bool,
}

/// One element of a user's `licenseAssignmentStates`, taken as it stands instead of worked out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateText {
    sku: Name,
    #[serde(default)]
    group: Option<Name>,
    #[serde(default)]
    state: State,
    #[serde(default)]
    error: Option<LicenseError>,
    #[serde(default)]
    plans_off: Vec<Name>,
    #[serde(default)]
    updated: Option<Timestamp>,
}

/// `[[users]]`: many made-up users who are alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CrowdText {
    count: usize,
    #[serde(default)]
    groups: Vec<Name>,
    #[serde(default)]
    direct: Vec<Name>,
    #[serde(default)]
    location: Option<Name>,
    #[serde(default)]
    listed: bool,
}

impl TenantFile {
    /// Reads a file.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// How the tenant behaves.
    pub(crate) fn behaviour(self) -> Behaviour {
        Behaviour {
            licensing: self.licensing,
            lag: self.lag,
            throttle: self.throttle,
            sign_in: self.sign_in,
            app: self.app,
            fault: self.fault,
            event: self.event,
        }
    }
}
