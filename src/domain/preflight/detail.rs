//! What preflight saw, as values: what is wrong with the plan as a whole, and what about one user.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::plan_families::CoreService;
use crate::domain::preflight::PassedOver;
use crate::domain::preflight::ROWS_NAMED;
use crate::domain::route::EndName;
use crate::domain::seat_ledger::Shortage;
use crate::domain::subscription::Caution;

/// What was seen of one user. Names are those that people know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonDetail {
    /// The account is disabled.
    Disabled {
        /// The user.
        user: String,
    },
    /// No usage location is set.
    NoUsageLocation,
    /// One product excludes another.
    Excludes {
        /// The one that is held.
        by: String,
        /// The one that the target group assigns.
        product: String,
    },
    /// The plans of a product that is held are not known, so that it may exclude another.
    MayExclude {
        /// The one that is held.
        by: String,
        /// The one that the target group assigns.
        product: String,
    },
    /// Two products of one group exclude each other.
    GroupExcludesItself {
        /// The group.
        group: String,
        /// One product.
        product: String,
        /// The other.
        by: String,
    },
    /// A product that waits in error excludes one of the target group.
    Waits {
        /// The one that waits.
        by: String,
        /// The group that assigns it; `None` when it is assigned directly.
        from: Option<String>,
        /// The one that the target group assigns.
        product: String,
        /// Whether its plans are known, so that it surely excludes the other.
        surely: bool,
    },
    /// The plans of a product that the target group assigns are not known.
    PlansUnknown {
        /// The product.
        product: String,
    },
    /// A product of the target group fails elsewhere.
    FailsElsewhere {
        /// The product.
        product: String,
        /// Graph's word.
        error: String,
    },
    /// A plan of a target product needs a service that nothing brings once the source is gone.
    NothingBrings {
        /// The plan.
        plan: String,
        /// Its product.
        product: String,
    },
    /// What only an older edition of Microsoft's list says.
    OlderEdition(Box<ReasonDetail>),
    /// The source group's entry is not an assignment.
    SourceInState {
        /// The source license.
        product: String,
        /// The source group.
        group: String,
        /// Graph's word.
        state: String,
    },
    /// The source license is held, and no source is told.
    SourceUnnamed {
        /// The source license.
        product: String,
    },
    /// The source license does not come from the source group.
    SourceNotFromGroup {
        /// The source license.
        product: String,
        /// The source group.
        group: String,
    },
    /// The source license is also assigned directly.
    AlsoDirect {
        /// The source license.
        product: String,
    },
    /// The source license also comes from another group.
    AlsoFromGroup {
        /// The source license.
        product: String,
        /// The other group.
        group: String,
    },
    /// A product of the target group is held already.
    HeldAlready {
        /// The product.
        product: String,
    },
    /// A product of the target group is in error already.
    InErrorAlready {
        /// The product.
        product: String,
        /// Graph's word.
        word: String,
    },
    /// A plan of another product needs what only the source brings.
    NeedsSource {
        /// The plan.
        plan: String,
        /// Its product.
        product: String,
        /// What would do, any one of them.
        needs: Vec<String>,
    },
    /// The tenant has no such user.
    NotFound {
        /// The line of the list.
        line: usize,
        /// What stands there.
        given: String,
    },
    /// The line can name nobody.
    Malformed {
        /// The line of the list.
        line: usize,
        /// What stands there.
        given: String,
    },
    /// An earlier line names the same user.
    Duplicate {
        /// The line of the list.
        line: usize,
        /// The user.
        user: String,
        /// The earlier line.
        first: usize,
    },
    /// A sentence of an older journal.
    #[serde(untagged)]
    Told(String),
}

/// What was seen of the plan as a whole. Names are those that people know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemDetail {
    /// Nobody is listed.
    NobodyListed,
    /// Rows of the list name nobody.
    RowsPassedOver {
        /// The first of them.
        rows: Vec<PassedOver>,
        /// How many there are.
        count: usize,
    },
    /// Of those who are to make batch 1 some are not ready, or not in the run.
    PilotNotReady {
        /// How many are named.
        named: usize,
        /// How many of them are ready.
        ready: usize,
        /// The first of those who are not.
        others: Vec<String>,
    },
    /// Users hold two plans side by side that Microsoft's list says exclude each other.
    Disproved {
        /// How many users.
        users: usize,
        /// One plan.
        one: String,
        /// The other.
        other: String,
    },
    /// The sign-in lacks a permission.
    LacksPermission {
        /// Its name.
        permission: String,
    },
    /// The tenant has a SKU more than once.
    SkuAmbiguous {
        /// At which end.
        end: EndName,
        /// The part number.
        sku: String,
        /// The ids.
        ids: Vec<String>,
        /// The group, which does not tell which is meant.
        group: String,
    },
    /// The tenant has no such SKU.
    NoSubscription {
        /// At which end.
        end: EndName,
        /// The part number.
        sku: String,
    },
    /// The SKU is licensed by company, not by user.
    NotForUsers {
        /// At which end.
        end: EndName,
        /// The part number.
        sku: String,
    },
    /// The tenant has no such group.
    NoGroup {
        /// At which end.
        end: EndName,
        /// Its id.
        group: String,
    },
    /// The group does not assign its product.
    NotAssigned {
        /// At which end.
        end: EndName,
        /// The group.
        group: String,
        /// The product.
        product: String,
    },
    /// A rule decides who is in the group.
    Dynamic {
        /// At which end.
        end: EndName,
        /// The group.
        group: String,
    },
    /// The group is synced from on premises.
    Synced {
        /// At which end.
        end: EndName,
        /// The group.
        group: String,
    },
    /// The group is mail-enabled.
    MailEnabled {
        /// At which end.
        end: EndName,
        /// The group.
        group: String,
    },
    /// The group can hold directory roles.
    HoldsRoles {
        /// At which end.
        end: EndName,
        /// The group.
        group: String,
    },
    /// The group lies in a restricted administrative unit.
    Restricted {
        /// At which end.
        end: EndName,
        /// The group.
        group: String,
    },
    /// Products are short of seats.
    SeatsShort {
        /// Each product that is short.
        short: Vec<Shortage>,
        /// How many users fit, from the first on.
        fits: usize,
    },
    /// The subscription of a product serves nobody.
    Unusable {
        /// The product.
        product: String,
        /// Graph's word for its state.
        status: String,
    },
    /// The source group assigns other products, which users lose with it.
    LosesProducts {
        /// The group.
        group: String,
        /// The products.
        products: Vec<String>,
    },
    /// The target group assigns other products, one of which can drag the target along.
    BringsProducts {
        /// The group.
        group: String,
        /// The products.
        products: Vec<String>,
    },
    /// Users lose a core service.
    LosesService {
        /// The service.
        service: CoreService,
        /// The target group.
        group: String,
        /// The plans in whose place it brings nothing.
        plans: Vec<String>,
        /// Whether the configuration allows it.
        accepted: bool,
    },
    /// Users lose service plans, or get lower ones.
    LosesPlans {
        /// The target group.
        group: String,
        /// The plans that it does not bring.
        gone: Vec<String>,
        /// Each plan that it brings, and the higher one that it stands for.
        lower: Vec<(String, String)>,
    },
    /// A subscription of a target product may not last.
    Subscription {
        /// The product.
        product: String,
        /// What is to be known of it.
        caution: Caution,
    },
    /// Seats of a target product are in their grace period.
    SeatsInGrace {
        /// The product.
        product: String,
        /// How many.
        seats: i64,
    },
    /// A sentence of an older journal.
    #[serde(untagged)]
    Told(String),
}

impl From<&str> for ReasonDetail {
    fn from(sentence: &str) -> Self {
        Self::Told(sentence.to_owned())
    }
}

impl From<&str> for ProblemDetail {
    fn from(sentence: &str) -> Self {
        Self::Told(sentence.to_owned())
    }
}

impl ProblemDetail {
    /// The rows that were passed over as one problem; `None` when there are none.
    pub(super) fn of_rows(rows: &[PassedOver]) -> Option<Self> {
        let named = rows.iter().take(ROWS_NAMED).cloned().collect();
        (!rows.is_empty()).then_some(Self::RowsPassedOver { rows: named, count: rows.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_older_journals_are_read_and_values_come_back_as_they_were() {
        let old: ProblemDetail = serde_json::from_str(r#""the tenant has no source group X""#).unwrap();
        assert_eq!(old, "the tenant has no source group X".into());
        for new in [ProblemDetail::NobodyListed, ProblemDetail::SeatsShort { short: Vec::new(), fits: 2 }] {
            assert_eq!(serde_json::from_str::<ProblemDetail>(&serde_json::to_string(&new).unwrap()).unwrap(), new);
        }
        let older = ReasonDetail::OlderEdition(Box::new(ReasonDetail::NoUsageLocation));
        for new in [ReasonDetail::NoUsageLocation, older, "told".into()] {
            assert_eq!(serde_json::from_str::<ReasonDetail>(&serde_json::to_string(&new).unwrap()).unwrap(), new);
        }
    }
}
