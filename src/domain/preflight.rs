//! Preflight: every assumption checked for every user, both groups and all SKUs; every reason is collected, not the first.

mod advise;
mod assigned;
mod back;
mod checks;
mod detail;
mod exclusion_rows;
mod losses;
pub(in crate::domain) mod passed_over;
mod users;

use std::collections::HashMap;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::advice::Advice;
use crate::domain::advice::AdviceFacts;
use crate::domain::exclusion::Disproved;
use crate::domain::exclusion::Pair;
use crate::domain::group::Group;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::plan_families::CoreService;
use crate::domain::plan_families::PlanChanges;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::route::ScenarioChoice;
use crate::domain::seat_ledger::ProductSeats;
use crate::domain::shared_text::SharedText;
use crate::domain::sku::Skus;
use crate::domain::subscription::Subscription;
use crate::domain::time::Timestamp;

pub use crate::domain::preflight::assigned::products_of;
pub use crate::domain::preflight::back::check_back;
pub use crate::domain::preflight::checks::check;
pub use crate::domain::preflight::checks::classifier;
pub use crate::domain::preflight::checks::of_groups;
pub use crate::domain::preflight::detail::ProblemDetail;
pub use crate::domain::preflight::detail::ReasonDetail;
pub use crate::domain::preflight::exclusion_rows::ExclusionRow;
pub use crate::domain::preflight::passed_over::PassedBecause;
pub use crate::domain::preflight::passed_over::PassedOver;
pub use crate::domain::preflight::passed_over::ROWS_NAMED;

/// A user as the operator listed them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The line of the list, counted from 1; 0 when the list is the source group itself.
    pub line: usize,
    /// A user principal name or an object id, as given.
    pub given: SharedText,
}

/// What Graph knew of a listed user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// It knows them.
    Found(UserFacts),
    /// It does not.
    NotFound,
    /// The line can be neither a user principal name nor an object id; nobody was asked.
    Malformed,
}

/// All that preflight looks at. Nothing here is missing because of a fault: a read that failed stops preflight instead.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The two ends, with names as far as they were found.
    pub route: Route,
    /// What the configuration says of the scenario.
    pub choice: ScenarioChoice,
    /// The tenant's SKUs.
    pub skus: Skus,
    /// The source group, when it exists.
    pub source_group: Option<Group>,
    /// The target group, when it exists.
    pub target_group: Option<Group>,
    /// Permissions that the token shows to be missing, by name.
    pub missing_permissions: Vec<String>,
    /// Display names of the groups that license the users, as far as they were read.
    pub group_names: HashMap<GroupId, String>,
    /// Core services that the configuration allows users to lose.
    pub accept_losses: Vec<CoreService>,
    /// The tenant's subscriptions; `None` when the sign-in may not read them.
    pub subscriptions: Option<Vec<Subscription>>,
    /// When this was read.
    pub read_at: Timestamp,
    /// Each listed user with what Graph knew.
    pub users: Vec<(Listed, Lookup)>,
    /// Rows of the list that name nobody.
    pub passed_over: Vec<PassedOver>,
    /// What was read for advice alone; `None` where no advice is asked for.
    pub advice: Option<AdviceFacts>,
    /// Who is to make batch 1, by sign-in name or id, as given.
    pub pilot: Vec<String>,
}

/// Why a user is blocked, or a warning about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// Graph knows no such user, or the line names nobody.
    UserNotFound,
    /// The account is disabled (a warning).
    UserDisabled,
    /// An earlier line names the same user.
    DuplicateUser,
    /// The source license does not come from the source group.
    SourceNotAssigned,
    /// The source license is also assigned directly.
    SourceAssignedDirectly,
    /// The source license also comes from another group.
    SourceFromOtherGroup,
    /// The target license is held already, or another product from the target group.
    TargetAlreadyAssigned,
    /// A product of the target group is in error already.
    TargetInError,
    /// Another product of the user's excludes a product of the target group.
    ExcludedByOtherLicense,
    /// A product that waits in error excludes a product of the target group, and may win when the source goes.
    ExcludedByWaitingLicense,
    /// Another product of the user's needs a plan that only the source brings.
    SourceNeededByOtherLicense,
    /// No usage location is set; a group license then takes the directory's.
    UsageLocationMissing,
}

impl ReasonCode {
    /// The word in `check --json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::UserNotFound => "user-not-found",
            Self::UserDisabled => "user-disabled",
            Self::DuplicateUser => "duplicate-user",
            Self::SourceNotAssigned => "source-not-assigned",
            Self::SourceAssignedDirectly => "source-assigned-directly",
            Self::SourceFromOtherGroup => "source-from-other-group",
            Self::TargetAlreadyAssigned => "target-already-assigned",
            Self::TargetInError => "target-in-error",
            Self::ExcludedByOtherLicense => "excluded-by-other-license",
            Self::ExcludedByWaitingLicense => "excluded-by-waiting-license",
            Self::SourceNeededByOtherLicense => "source-needed-by-other-license",
            Self::UsageLocationMissing => "usage-location-missing",
        }
    }
}

/// What is wrong with the plan as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    /// The list, or the source group that stands for one, names nobody.
    NobodyListed,
    /// Rows of the list name nobody (a warning).
    RowsPassedOver,
    /// Fewer free seats of a target product than users who need one.
    NotEnoughSeats,
    /// The tenant has no such SKU, or it is not assigned to users.
    SkuNotFound,
    /// Two SKUs of the tenant have this part number, and the group does not tell which is meant.
    SkuAmbiguous,
    /// There is no such group.
    GroupNotFound,
    /// The group does not assign its SKU.
    GroupLacksSku,
    /// A rule decides the group's members.
    GroupIsDynamic,
    /// The group's members come from on premises.
    GroupIsSynced,
    /// Graph does not write the group's members, or only with rights that skuferry does not ask for.
    GroupNotWritable,
    /// The sign-in lacks a permission.
    MissingPermission,
    /// Other SKUs of the source group, which the users would lose (a warning).
    LosesOtherSku,
    /// Other SKUs of the target group, one of which can drag the target along (a warning).
    BringsOtherSku,
    /// A service that users work with every day is gone, unless the configuration accepts it (then a warning).
    CoreServiceLost,
    /// Service plans that the users lose, or get in a lower rank (a warning).
    #[serde(alias = "loses-plans", alias = "service-plans-lost")]
    PlansLost,
    /// A subscription of the target ends soon, is a trial, or is in its grace period (a warning).
    SubscriptionEnds,
    /// Users hold plans side by side that Microsoft's list says exclude each other (a warning).
    ExclusionDisproved,
    /// Nobody of the pilot is ready, or (then a warning) some are not or are not in the run.
    PilotNotReady,
}

impl ProblemCode {
    /// Whether it is about one of the two groups.
    pub fn is_of_groups(self) -> bool {
        matches!(
            self,
            Self::GroupNotFound
                | Self::GroupLacksSku
                | Self::GroupIsDynamic
                | Self::GroupIsSynced
                | Self::GroupNotWritable
        )
    }

    /// The word in `check --json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::NobodyListed => "nobody-listed",
            Self::RowsPassedOver => "rows-passed-over",
            Self::NotEnoughSeats => "not-enough-seats",
            Self::SkuNotFound => "sku-not-found",
            Self::SkuAmbiguous => "sku-ambiguous",
            Self::GroupNotFound => "group-not-found",
            Self::GroupLacksSku => "group-lacks-sku",
            Self::GroupIsDynamic => "group-is-dynamic",
            Self::GroupIsSynced => "group-is-synced",
            Self::GroupNotWritable => "group-not-writable",
            Self::MissingPermission => "missing-permission",
            Self::LosesOtherSku => "source-group-other-sku",
            Self::BringsOtherSku => "target-group-other-sku",
            Self::CoreServiceLost => "core-service-lost",
            Self::PlansLost => "plans-lost",
            Self::SubscriptionEnds => "subscription-ends",
            Self::ExclusionDisproved => "exclusion-disproved",
            Self::PilotNotReady => "pilot-not-ready",
        }
    }
}

/// One reason about one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which check.
    pub code: ReasonCode,
    /// What was seen.
    #[serde(rename = "message")]
    pub detail: ReasonDetail,
    /// A warning blocks nobody.
    pub warning: bool,
}

/// One problem with the plan as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which check.
    pub code: ProblemCode,
    /// What was seen.
    #[serde(rename = "message")]
    pub detail: ProblemDetail,
    /// A warning blocks nothing.
    pub warning: bool,
}

/// What preflight says of one listed user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCheck {
    /// The line and text of the list.
    pub listed: Listed,
    /// The user's id, when found.
    pub id: Option<UserId>,
    /// The sign-in name, when found.
    pub upn: Option<SharedText>,
    /// The name shown to people, when found.
    pub display_name: Option<SharedText>,
    /// The usage location, when found; empty when none is set. Journals from before it was kept have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_location: Option<SharedText>,
    /// Every reason and warning.
    pub reasons: Vec<Reason>,
}

impl UserCheck {
    /// Whether nothing but warnings was found.
    pub fn is_ready(&self) -> bool {
        self.reasons.iter().all(|reason| reason.warning)
    }
}

/// Seats of the target product that is the tightest, available and needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    /// Enabled less consumed.
    pub available: i64,
    /// One for each ready user who does not hold the product yet.
    pub needed: i64,
}

/// Users who held the same products at preflight. They are kept together, as most hold the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The products, from wherever they came.
    pub products: Vec<SkuId>,
    /// The users, as places in [`Preflight::users`].
    pub users: Vec<usize>,
}

/// What preflight found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    /// The two ends, now with the names that the tenant gives them.
    pub route: Route,
    /// The scenario in force.
    pub scenario: Scenario,
    /// The scenario that the plans predict.
    pub predicted: Scenario,
    /// The pairs of plans behind the prediction.
    pub pairs: Vec<Pair>,
    /// Seats of the target product that is the tightest.
    pub seats: Seats,
    /// Seats of every target product. Journals from before they were counted one by one have none.
    #[serde(default)]
    pub products: Vec<ProductSeats>,
    /// What is wrong with the plan as a whole, warnings among them.
    pub problems: Vec<Problem>,
    /// Each listed user, in the order of the list.
    pub users: Vec<UserCheck>,
    /// What becomes of every service plan; empty in a journal that is older than this.
    #[serde(default)]
    pub plans: PlanChanges,
    /// The rows of Microsoft's list behind users who are blocked or warned of by it.
    #[serde(default)]
    pub exclusions: Vec<ExclusionRow>,
    /// Other SKUs that leave with the source group.
    pub also_lost: Vec<SkuId>,
    /// Pairs of exclusive plans that users hold all the same; a run that is taken up again needs to know them.
    #[serde(default, skip_serializing_if = "Disproved::is_empty")]
    pub disproved: Disproved,
    /// Who held which products then; empty in a journal that is older than this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// What the source group assigns; nothing in a journal that is older than this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_products: Vec<GroupLicense>,
    /// What the target group assigns; nothing in a journal that is older than this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target_products: Vec<GroupLicense>,
    /// What the operator should know beside the warnings; nothing in a journal that is older than this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<Advice>,
    /// Who makes batch 1, in the order of the list; nobody when no pilot is named, and in a journal that is older than this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pilot: Vec<UserId>,
    /// By which rules users are judged: [`RULES`] of the program that made it; 0 in journals of before they had a number.
    #[serde(default)]
    pub rules: u32,
}

/// The rules by which this program judges users: 1 looks at all products of both groups, 2 also holds usage locations, core
/// services and the target group's products against preflight.
pub const RULES: u32 = 2;

impl Preflight {
    /// Users that may be moved.
    pub fn ready(&self) -> usize {
        self.users.iter().filter(|user| user.is_ready()).count()
    }

    /// Users that may not.
    pub fn blocked(&self) -> usize {
        self.users.len() - self.ready()
    }

    /// The same without its users and what they held: a run keeps them once, and not with its preflight too.
    #[must_use]
    pub fn without_users(&self) -> Self {
        Self {
            route: self.route.clone(),
            pairs: self.pairs.clone(),
            advice: self.advice.clone(),
            products: self.products.clone(),
            pilot: self.pilot.clone(),
            problems: self.problems.clone(),
            users: Vec::new(),
            plans: self.plans.clone(),
            exclusions: self.exclusions.clone(),
            also_lost: self.also_lost.clone(),
            disproved: self.disproved.clone(),
            held: Vec::new(),
            source_products: self.source_products.clone(),
            target_products: self.target_products.clone(),
            ..*self
        }
    }

    /// Whether nothing stands in the way of the plan as a whole. Users may be blocked all the same.
    pub fn can_go(&self) -> bool {
        self.problems.iter().all(|problem| problem.warning)
    }
}

#[cfg(test)]
mod tests;
