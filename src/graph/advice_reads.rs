//! What is read for advice alone. A read that fails is no failure: the advice says that it does not know.

use serde_json::value::RawValue;

use crate::domain::advice::DeletedUser;
use crate::domain::id::GroupId;
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::url;
use crate::graph::wire;

impl Graph {
    /// Names of the groups among a group's direct members (Microsoft Graph reference, "List group members"); `None` when
    /// they cannot be read.
    pub async fn nested_groups(&self, group: GroupId) -> Option<Vec<String>> {
        let asked = (units::MEMBERS, Needs::ReadMembers);
        let all = self.list(&url::nested_groups(group), asked).await.ok()?;
        all.iter().filter_map(|raw| wire::nested_group(raw.get()).transpose()).collect::<Result<_, _>>().ok()
    }

    /// The users who were deleted and can be restored (Microsoft Graph reference, "List deletedItems"); `None` when they
    /// cannot be read.
    pub async fn deleted_users(&self) -> Option<Vec<DeletedUser>> {
        let all = self.list(&url::deleted_users(), (units::ENTITY, Needs::ReadUsers)).await.ok()?;
        all.iter().map(|raw| wire::deleted_user(raw.get())).collect::<Result<_, _>>().ok()
    }

    async fn list(&self, path: &str, asked: (u32, Needs)) -> Result<Vec<Box<RawValue>>, GraphError> {
        Pages::of(self.http(), path, asked, &RequestCounter::default())?.all().await
    }
}
