//! The subscriptions behind the tenant's products: which end soon, are trials, or are past their end.

use serde::Deserialize;
use uuid::Uuid;

use crate::domain::fault::FaultKind;
use crate::domain::id::SkuId;
use crate::domain::subscription::Subscription;
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::http::RequestCounter;
use crate::graph::json_int::Whole;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::text;
use crate::graph::wire;

const PATH: &str = "/directory/subscriptions?$select=skuId,status,isTrial,totalLicenses,nextLifecycleDateTime";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSubscription {
    sku_id: Uuid,
    status: Option<String>,
    is_trial: Option<bool>,
    total_licenses: Option<Whole>,
    next_lifecycle_date_time: Option<String>,
}

fn subscription(json: &str) -> Option<Subscription> {
    let one: WireSubscription = wire::parse(json).ok()?;
    Some(Subscription {
        sku: SkuId(one.sku_id),
        status: text::word(one.status.as_deref().unwrap_or_default()),
        trial: one.is_trial == Some(true),
        seats: one.total_licenses.map(|count| count.0),
        next_state: one.next_lifecycle_date_time.and_then(|at| at.parse().ok()),
    })
}

impl Graph {
    /// The tenant's subscriptions (Microsoft Graph reference, "List companySubscription"); `None` when the sign-in may not
    /// read them or Graph does not tell. They warn and decide nothing, so one that cannot be read is left out.
    ///
    /// # Errors
    /// When Graph cannot be reached, or nobody is signed in.
    pub async fn subscriptions(&self) -> Result<Option<Vec<Subscription>>, GraphError> {
        let counter = RequestCounter::default();
        let asked = (units::ENTITY, Needs::ReadOrganization);
        let all = match Pages::of(self.http(), PATH, asked, &counter)?.all().await {
            Ok(all) => all,
            Err(error) if matches!(error.kind(), FaultKind::Unreachable | FaultKind::SignIn) => return Err(error),
            Err(_) => return Ok(None),
        };
        Ok(Some(all.iter().filter_map(|raw| subscription(raw.get())).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_read_with_what_it_has() {
        let json = r#"{"skuId":"C7DF2760-2C81-4EF7-B578-5B5392B571DF","skuPartNumber":"ENTERPRISEPREMIUM","status":"Warning",
            "isTrial":true,"totalLicenses":25.0,"nextLifecycleDateTime":"2026-12-20T00:00:00.0000000Z"}"#;
        let one = subscription(json).expect("a subscription");
        assert_eq!((one.status.as_str(), one.trial, one.seats), ("Warning", true, Some(25)));
        assert_eq!(one.next_state, Some("2026-12-20T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        let least = r#"{"skuId":"c7df2760-2c81-4ef7-b578-5b5392b571df","nextLifecycleDateTime":"soon"}"#;
        let one = subscription(least).expect("a subscription");
        assert_eq!((one.status.as_str(), one.trial, one.seats, one.next_state), ("", false, None, None));
        assert_eq!(subscription(r#"{"skuId":null}"#), None);
    }
}
