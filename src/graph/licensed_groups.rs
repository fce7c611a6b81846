//! The groups of the tenant that assign licenses, to pick one from: each with its members counted and its errors.

use std::collections::HashMap;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::licensed_group::LicensedGroup;
use crate::domain::sku::Skus;
use crate::graph::Graph;
use crate::graph::batch;
use crate::graph::batch::Get;
use crate::graph::error::GraphError;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::json_int::Whole;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::text;
use crate::graph::url;
use crate::graph::wire;

/// In how many groups the members are counted. A tenant rarely has as many that assign licenses.
const MOST_COUNTED: usize = 400;

/// A page of which only the count matters.
#[derive(Deserialize)]
struct WireCount {
    #[serde(rename = "@odata.count")]
    count: Option<Whole>,
}

impl Graph {
    /// The groups that assign a product, by name. All come from the index behind advanced queries, which may lag, so they are
    /// for picking alone: preflight reads the two that are picked anew (Microsoft Graph, "Advanced query capabilities").
    ///
    /// Counts and errors are a convenience: where they are refused, the list comes without them.
    ///
    /// # Errors
    /// When Graph cannot be reached, nobody is signed in, or groups may not be read.
    pub async fn licensed_groups(&self, skus: &Skus) -> Result<Vec<LicensedGroup>, GraphError> {
        let mut groups = self.groups_with_licenses(skus).await?;
        groups.sort_by_cached_key(|one| (one.group.name.to_lowercase(), one.group.id));
        groups.dedup_by_key(|one| one.group.id);
        let errors = self.groups_with_errors().await?;
        let ids: Vec<GroupId> = groups.iter().map(|one| one.group.id).take(MOST_COUNTED).collect();
        let counts = self.count_members(&ids).await?;
        for one in &mut groups {
            one.members = counts.get(&one.group.id).copied();
            one.has_errors = errors.as_ref().map(|ids| ids.contains(&one.group.id.0));
        }
        Ok(groups)
    }

    /// All of them in one query, or product by product where the tenant refuses that query.
    async fn groups_with_licenses(&self, skus: &Skus) -> Result<Vec<LicensedGroup>, GraphError> {
        match self.read_groups(&url::licensed_groups()).await {
            Err(error) if error.kind() == FaultKind::Refused => {}
            answered => return answered,
        }
        let mut groups = Vec::new();
        for sku in skus.iter() {
            groups.extend(self.read_groups(&url::groups_licensed_for(sku.id)).await?);
        }
        Ok(groups)
    }

    async fn read_groups(&self, path: &str) -> Result<Vec<LicensedGroup>, GraphError> {
        let counter = RequestCounter::default();
        let all = Pages::of(self.http(), path, (units::MEMBERS, Needs::ReadGroups), &counter)?.all().await?;
        all.iter().map(|raw| licensed_group(raw)).collect()
    }

    /// The ids of groups with a member for whom licensing failed; `None` where the tenant does not tell.
    async fn groups_with_errors(&self) -> Result<Option<HashSet<Uuid>>, GraphError> {
        let counter = RequestCounter::default();
        let asked = (units::MEMBERS, Needs::ReadGroups);
        match Pages::of(self.http(), url::GROUPS_WITH_ERRORS, asked, &counter)?.all().await {
            Ok(all) => Ok(Some(all.iter().filter_map(|raw| wire::id(raw.get()).ok()).collect())),
            Err(error) if is_fatal(&error) => Err(error),
            Err(_) => Ok(None),
        }
    }

    async fn count_members(&self, groups: &[GroupId]) -> Result<HashMap<GroupId, u64>, GraphError> {
        let get = |id: &GroupId| Get { path: url::count_members(*id), units: units::MEMBERS };
        let gets: Vec<Get> = groups.iter().map(get).collect();
        let counter = RequestCounter::default();
        let got = batch::read(self.http(), &gets, (Needs::ReadMembers, Priority::High), &counter).await;
        let mut counts = HashMap::new();
        for (id, got) in groups.iter().zip(got) {
            match got.body {
                Ok(body) => counts.extend(count(&body).map(|count| (*id, count))),
                Err(error) if is_fatal(&error) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(counts)
    }
}

/// Whether nothing else would be answered either.
fn is_fatal(error: &GraphError) -> bool {
    matches!(error.kind(), FaultKind::Unreachable | FaultKind::SignIn)
}

fn licensed_group(raw: &RawValue) -> Result<LicensedGroup, GraphError> {
    let group = wire::group(raw.get())?;
    let rule = wire::membership_rule(raw.get())?;
    let rule = rule.as_deref().map(text::message).filter(|rule| !rule.is_empty());
    Ok(LicensedGroup { group, rule, members: None, has_errors: None })
}

fn count(body: &str) -> Option<u64> {
    wire::parse::<WireCount>(body).ok()?.count.and_then(|count| u64::try_from(count.0).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_cannot_be_is_none() {
        assert_eq!(count(r#"{"@odata.count":14.0,"value":[]}"#), Some(14));
        assert_eq!(count(r#"{"@odata.count":-1,"value":[]}"#), None);
        assert_eq!(count(r#"{"value":[]}"#), None, "the header was lost on the way");
        assert_eq!(count("14"), None);
    }
}
