//! Reading groups and who is in them.

use std::collections::HashSet;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::http::Priority;
use crate::graph::http::ReadRequest;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::url;
use crate::graph::wire;

impl Graph {
    /// A group; `None` when there is none with this id.
    ///
    /// # Errors
    /// When Graph does not answer, refuses, or answers with another group.
    pub async fn group(&self, id: GroupId) -> Result<Option<Group>, GraphError> {
        let url = self.http().url(&url::group(id))?;
        let (needs, priority) = (Needs::ReadGroups, Priority::High);
        let request = ReadRequest { url, batch: None, units: units::ENTITY, needs, priority };
        let reply = match self.http().read(&request, &RequestCounter::default()).await {
            Err(error) if error.kind() == FaultKind::NotFound => return Ok(None),
            reply => reply?,
        };
        let group = wire::group(&reply.body)?;
        if group.id != id {
            return Err(GraphError::new(FaultKind::Malformed, FaultMessage::OtherGroup));
        }
        Ok(Some(group))
    }

    /// The users among a group's direct members, each with their sign-in name.
    ///
    /// # Errors
    /// When Graph does not answer or refuses, or when a member cannot be read.
    pub async fn members(&self, group: GroupId) -> Result<Vec<(UserId, String)>, GraphError> {
        let counter = RequestCounter::default();
        let path = url::members(group, "id,userPrincipalName");
        let pages = Pages::of(self.http(), &path, (units::MEMBERS, Needs::ReadMembers), &counter)?;
        let mut seen = HashSet::new();
        let all = pages.all().await?;
        let members = all.iter().filter_map(|raw| wire::member(raw.get()).transpose());
        // A group that changes while it is paged may show a member twice.
        members.filter(|member| member.as_ref().map_or(true, |(id, _)| seen.insert(*id))).collect()
    }
}
