//! What only a copy of a tenant asks for: the order of its products, and groups with the time at which they were made.

use serde::Deserialize;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::sku::Sku;
use crate::domain::time::Timestamp;
use crate::graph::Graph;
use crate::graph::batch;
use crate::graph::batch::Get;
use crate::graph::batch::Got;
use crate::graph::error::GraphError;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::skus;
use crate::graph::text;
use crate::graph::url;
use crate::graph::wire;

/// A group and when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedGroup {
    /// The group.
    pub group: Group,
    /// When it was made; `None` when Graph does not tell.
    pub created: Option<Timestamp>,
    /// Who is in it, where a rule decides that.
    pub rule: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDates {
    created_date_time: Option<String>,
}

fn dated(id: GroupId, body: &str) -> Result<DatedGroup, GraphError> {
    let group = wire::group(body)?;
    if group.id != id {
        return Err(GraphError::new(FaultKind::Malformed, FaultMessage::OtherGroup));
    }
    let dates: WireDates = wire::parse(body)?;
    Ok(DatedGroup {
        group,
        created: dates.created_date_time.and_then(|at| at.parse().ok()),
        rule: wire::membership_rule(body)?.as_deref().map(text::plain).filter(|rule| !rule.is_empty()),
    })
}

impl Graph {
    /// Every product of the tenant in the order in which Graph lists them.
    ///
    /// # Errors
    /// As [`Graph::skus`].
    pub async fn skus_in_order(&self) -> Result<Vec<Sku>, GraphError> {
        let counter = RequestCounter::default();
        let pages = Pages::of(self.http(), "/subscribedSkus", (units::SKUS, Needs::ReadSkus), &counter)?;
        pages.all().await?.iter().map(|raw| skus::sku(raw.get())).collect()
    }

    /// Reads groups, 20 to a `$batch`, in the order asked; `None` for one that is not there.
    pub async fn dated_groups(&self, ids: &[GroupId]) -> Vec<(GroupId, Result<Option<DatedGroup>, GraphError>)> {
        let get = |id: &GroupId| Get { path: url::dated_group(*id), units: units::ENTITY };
        let gets: Vec<Get> = ids.iter().map(get).collect();
        let how = (Needs::ReadGroups, Priority::Normal);
        let all = batch::read(self.http(), &gets, how, &RequestCounter::default()).await;
        let read = |(id, got): (&GroupId, Got)| match got.body {
            Ok(body) => (*id, dated(*id, &body).map(Some)),
            Err(error) if error.kind() == FaultKind::NotFound => (*id, Ok(None)),
            Err(error) => (*id, Err(error)),
        };
        ids.iter().zip(all).map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_group_is_read_with_its_age_and_another_one_is_not_taken_for_it() {
        let id = GroupId(Uuid::from_u128(7));
        let json = format!(r#"{{"id":"{id}","displayName":"G","createdDateTime":"2024-01-02T03:04:05Z"}}"#);
        let one = dated(id, &json).unwrap();
        assert_eq!((one.created, one.rule), (Some("2024-01-02T03:04:05Z".parse().unwrap()), None));
        assert!(dated(GroupId(Uuid::from_u128(8)), &json).is_err());
    }
}
