//! What speaks against taking the source group from a user, as values: the words are made where they are shown.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::plan_families::CoreService;

/// What speaks against taking the source group from a user. Values: the words are made where they are shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// A product that stays with the user, or one whose plans are not known, excludes a target product.
    Excluded {
        /// The target product.
        product: SkuId,
        /// What excludes it.
        by: SkuId,
    },
    /// A product that waits elsewhere excludes a target product and may win when the source goes.
    ExcludedByWaiting {
        /// The target product.
        product: SkuId,
        /// What waits.
        by: SkuId,
        /// Which group assigns it; `None` is a direct assignment.
        group: Option<GroupId>,
    },
    /// Two products of the target group exclude each other.
    ExcludedByCompanion {
        /// The one.
        product: SkuId,
        /// The other.
        by: SkuId,
    },
    /// A target product waits in a conflict that nothing which the user leaves explains.
    Unexplained {
        /// The target product.
        product: SkuId,
    },
    /// A plan of a product that the user will hold needs another plan, which nothing will bring then.
    Needs {
        /// The product.
        product: SkuId,
        /// Its plan.
        plan: PlanId,
    },
    /// No seat of a target product is free, and the user holds none.
    NoSeat {
        /// The target product.
        product: SkuId,
    },
    /// The plans of a target product are not known.
    UnknownPlans {
        /// The target product.
        product: SkuId,
    },
    /// The same product, or the same mail address, fails elsewhere already for a reason that will meet the target group's
    /// products too; the conflict may hide it there.
    FailsElsewhere {
        /// The product that fails.
        product: SkuId,
        /// Graph's word.
        error: String,
    },
    /// The subscription of a target product is suspended, deleted or locked out: none of its seats is of any use.
    NotUsable {
        /// The target product.
        product: SkuId,
        /// Graph's word for the state of the subscription.
        status: String,
    },
    /// The target group assigned a product at preflight, and does not any more.
    NoLongerAssigned {
        /// The product.
        product: SkuId,
    },
    /// A core service that the user has now, that no product would bring any more, and that nobody has allowed to be lost.
    LosesService {
        /// The target product that the run is called after.
        product: SkuId,
        /// The service.
        service: CoreService,
    },
    /// A target product waits, and the user's usage location is another than at preflight: whether the product is offered
    /// there is not known.
    LocationChanged {
        /// The target product that waits.
        product: SkuId,
        /// The usage location at preflight; empty when none was set.
        from: String,
        /// The usage location now; empty when none is set.
        to: String,
    },
}

impl Flaw {
    /// The product of which it says something.
    pub fn product(&self) -> SkuId {
        match self {
            Self::Excluded { product, .. }
            | Self::ExcludedByWaiting { product, .. }
            | Self::ExcludedByCompanion { product, .. }
            | Self::Unexplained { product }
            | Self::Needs { product, .. }
            | Self::NoSeat { product }
            | Self::UnknownPlans { product }
            | Self::FailsElsewhere { product, .. }
            | Self::NotUsable { product, .. }
            | Self::NoLongerAssigned { product }
            | Self::LosesService { product, .. }
            | Self::LocationChanged { product, .. } => *product,
        }
    }
}
