//! Reading groups and who is in them.

use std::collections::HashSet;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::seat_count::SeatCount;
use crate::graph::Graph;
use crate::graph::batch;
use crate::graph::batch::Get;
use crate::graph::batch::Got;
use crate::graph::error::GraphError;
use crate::graph::http::Priority;
use crate::graph::http::ReadRequest;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::skus;
use crate::graph::url;
use crate::graph::wire;

/// How many reads both groups and the seats take.
pub const READ_BESIDE: usize = 3;

/// The two groups as they were read, the one that users leave first; `None` is one that does not exist.
pub type Groups = (Option<Group>, Option<Group>);

fn one_group(id: GroupId, body: &str) -> Result<Group, GraphError> {
    let group = wire::group(body)?;
    if group.id == id { Ok(group) } else { Err(GraphError::new(FaultKind::Malformed, FaultMessage::OtherGroup)) }
}

/// Asks for both groups and for the seats.
pub(in crate::graph) fn gets([from, to]: [GroupId; 2]) -> [Get; READ_BESIDE] {
    let entity = |id| Get { path: url::group(id), units: units::ENTITY };
    [entity(from), entity(to), Get { path: url::SKUS.to_owned(), units: units::SKUS }]
}

/// Whether a request of its own would say best what is wrong, and which permission is missing. What passes by itself is waited
/// for by whoever asked: to ask again at once would hold up all that comes after it.
pub(in crate::graph) fn says_more_alone(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Forbidden | FaultKind::Refused | FaultKind::Malformed)
}

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
        one_group(id, &reply.body).map(Some)
    }

    /// Both groups as [`Graph::group`] reads them and the seats as [`Graph::count_seats`] does, in one request.
    ///
    /// # Errors
    /// As each of these.
    pub async fn groups_and_seats(
        &self,
        [from, to]: [GroupId; 2],
    ) -> (Result<Groups, GraphError>, Result<SeatCount, GraphError>) {
        let how = (Needs::ReadGroups, Priority::High);
        let got = batch::read(self.http(), &gets([from, to]), how, &RequestCounter::default()).await;
        self.groups_and_seats_of([from, to], got).await
    }

    /// Takes both groups and the seats out of the answers to [`gets`].
    pub(in crate::graph) async fn groups_and_seats_of(
        &self,
        [from, to]: [GroupId; 2],
        got: Vec<Got>,
    ) -> (Result<Groups, GraphError>, Result<SeatCount, GraphError>) {
        let mut got = got.into_iter();
        let mut next = || got.next().ok_or_else(|| GraphError::new(FaultKind::Malformed, FaultMessage::BatchSilent));
        let (first, second, seats) = (next(), next(), next());
        let group = |id, got: Result<Got, GraphError>| match got?.body {
            Ok(body) => one_group(id, &body).map(Some),
            Err(error) if error.kind() == FaultKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let groups = group(from, first).and_then(|from| Ok((from, group(to, second)?)));
        let seats = match seats.and_then(|got| skus::seats(&got)) {
            Ok(Some(seats)) => Ok(seats),
            // It has more pages.
            Ok(None) => self.count_seats().await,
            Err(error) if says_more_alone(error.kind()) => self.count_seats().await,
            Err(error) => Err(error),
        };
        (groups, seats)
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
