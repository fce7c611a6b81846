//! The tenant's name, its products and their seats.

use futures_util::future::join_all;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::seat_count::SeatCount;
use crate::domain::sku::PrepaidUnits;
use crate::domain::sku::ServicePlan;
use crate::domain::sku::Sku;
use crate::domain::sku::Skus;
use crate::graph::Graph;
use crate::graph::batch::Got;
use crate::graph::error::GraphError;
use crate::graph::http::RequestCounter;
use crate::graph::json_int::Whole;
use crate::graph::limits;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::text;
use crate::graph::url;
use crate::graph::wire;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSku {
    sku_id: Uuid,
    sku_part_number: Option<String>,
    applies_to: Option<String>,
    capability_status: Option<String>,
    prepaid_units: Option<WireUnits>,
    /// Without it all seats would look free, so it has to be there.
    consumed_units: Whole,
    service_plans: Option<Vec<WirePlan>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUnits {
    enabled: Option<Whole>,
    warning: Option<Whole>,
    suspended: Option<Whole>,
    locked_out: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePlan {
    service_plan_id: Uuid,
    service_plan_name: Option<String>,
    applies_to: Option<String>,
}

/// Whether something is given to users; what does not say so is, so that no conflict of plans is overlooked.
fn for_users(applies_to: Option<&str>) -> bool {
    applies_to.is_none_or(|word| word.eq_ignore_ascii_case("User"))
}

pub(in crate::graph) fn sku(json: &str) -> Result<Sku, GraphError> {
    let sku: WireSku = wire::parse(json)?;
    let seats = sku.prepaid_units.unwrap_or_default();
    let count = |count: i64, what: &str| {
        let sound = (0..=limits::SEATS).contains(&count);
        let why = || FaultMessage::BadSeats { product: sku.sku_id.to_string(), count, what: what.to_owned() };
        if sound { Ok(count) } else { Err(GraphError::new(FaultKind::Malformed, why())) }
    };
    let units = |number: Option<Whole>, what| count(number.map_or(0, |number| number.0), what);
    let name = |text: Option<String>| text::plain(text.as_deref().unwrap_or_default());
    let plan = |plan: WirePlan| ServicePlan {
        id: PlanId(plan.service_plan_id),
        for_users: for_users(plan.applies_to.as_deref()),
        name: name(plan.service_plan_name),
    };
    Ok(Sku {
        id: SkuId(sku.sku_id),
        part_number: name(sku.sku_part_number),
        for_users: for_users(sku.applies_to.as_deref()),
        capability: text::word(sku.capability_status.as_deref().unwrap_or_default()),
        prepaid: PrepaidUnits {
            enabled: units(seats.enabled, "enabled")?,
            warning: units(seats.warning, "warning")?,
            suspended: units(seats.suspended, "suspended")?,
            locked_out: units(seats.locked_out, "locked-out")?,
        },
        consumed: count(sku.consumed_units.0, "consumed")?,
        plans: sku.service_plans.unwrap_or_default().into_iter().map(plan).collect(),
    })
}

/// Reads a count of all seats out of one answer; `None` where it goes on on another page.
pub(in crate::graph) fn seats(got: &Got) -> Result<Option<SeatCount>, GraphError> {
    let page: wire::Page = wire::parse(got.body.as_ref().map_err(Clone::clone)?)?;
    if page.next.is_some() {
        return Ok(None);
    }
    let skus = page.value.iter().map(|raw| sku(raw.get())).collect::<Result<Skus, _>>()?;
    Ok(Some(SeatCount { skus, counted_from: got.worked_on_from, ended: got.ended }))
}

impl Graph {
    /// Every product of the tenant, with its plans and seats.
    ///
    /// # Errors
    /// When Graph does not answer or refuses, or when one product cannot be read: a product left out could hide a
    /// conflict.
    pub async fn skus(&self) -> Result<Skus, GraphError> {
        Ok(self.count_seats().await?.skus)
    }

    /// The same with the moment at which the seats were counted.
    ///
    /// # Errors
    /// As [`Graph::skus`].
    pub async fn count_seats(&self) -> Result<SeatCount, GraphError> {
        let counter = RequestCounter::default();
        let mut pages = Pages::of(self.http(), url::SKUS, (units::SKUS, Needs::ReadSkus), &counter)?;
        let skus = pages.rest().await?.iter().map(|raw| sku(raw.get())).collect::<Result<Skus, _>>()?;
        Ok(SeatCount { skus, counted_from: pages.worked_on_from(), ended: self.http().clock.now() })
    }

    /// The same, asked so that one of Graph's seconds has just turned: times of assignments have whole seconds, and whose
    /// lies within that of the count may or may not be in it. Waits less than three seconds. Where it is not known well when
    /// they turn, a few counts more find that out.
    ///
    /// # Errors
    /// As [`Graph::skus`].
    pub async fn count_seats_at_turn(&self) -> Result<SeatCount, GraphError> {
        let (probes, wait) = self.http().until_turn();
        let count = |wait| async move {
            tokio::time::sleep(wait).await;
            self.count_seats().await
        };
        // What the others count is not needed: they tell by their dates.
        let (_, counted) = tokio::join!(join_all(probes.into_iter().map(count)), count(wait));
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_read_with_what_it_has() {
        let json = r#"{"skuId":"C7DF2760-2C81-4EF7-B578-5B5392B571DF","skuPartNumber":"E5","appliesTo":"User",
            "capabilityStatus":"Enabled","consumedUnits":14,"prepaidUnits":{"enabled":25,"warning":null},
            "servicePlans":[{"servicePlanId":"8c098270-9dd4-4350-9b30-ba4703f3b36b","servicePlanName":"P","appliesTo":"Company"}]}"#;
        let sku = sku(json).expect("a product");
        assert_eq!((sku.free_seats(), sku.prepaid.warning, sku.for_users), (11, 0, true));
        assert!(!sku.plans[0].for_users);
    }

    #[test]
    fn seats_may_be_written_with_a_point() {
        let json = r#"{"skuId":"c7df2760-2c81-4ef7-b578-5b5392b571df","consumedUnits":14.0,
            "prepaidUnits":{"enabled":25.0,"warning":2.0,"suspended":0.0,"lockedOut":0.0}}"#;
        let sku = sku(json).expect("a product");
        assert_eq!((sku.free_seats(), sku.prepaid.warning), (11, 2));
        let half = json.replace("14.0", "14.5");
        assert_eq!(super::sku(&half).expect_err("no count").kind(), FaultKind::Malformed);
    }

    #[test]
    fn a_count_of_seats_that_cannot_be_is_refused_and_named() {
        let json =
            r#"{"skuId":"c7df2760-2c81-4ef7-b578-5b5392b571df","consumedUnits":14,"prepaidUnits":{"enabled":25}}"#;
        for (from, to) in [
            ("14", "-1"),
            ("14", "-9223372036854775808"),
            ("14", "2147483648"),
            ("25", "-25"),
            ("25", "9223372036854775807"),
            ("25", "1e15"),
        ] {
            let error = sku(&json.replace(from, to)).expect_err(to);
            assert_eq!(error.kind(), FaultKind::Malformed, "{to}");
            assert!(
                crate::words::error::causes(&error).contains("c7df2760-2c81-4ef7-b578-5b5392b571df that it has"),
                "{error}"
            );
        }
        assert_eq!(sku(&json.replace("25", "2147483647")).expect("the most").prepaid.enabled, 2_147_483_647);
    }

    #[test]
    fn a_product_without_ids_or_count_is_no_product() {
        let id = "c7df2760-2c81-4ef7-b578-5b5392b571df";
        for json in [
            r#"{"skuId":"x","consumedUnits":1}"#.to_owned(),
            format!(r#"{{"skuId":"{id}"}}"#),
            format!(r#"{{"skuId":"{id}","consumedUnits":1,"servicePlans":[{{"servicePlanId":null}}]}}"#),
        ] {
            assert_eq!(sku(&json).expect_err(&json).kind(), FaultKind::Malformed);
        }
    }
}
