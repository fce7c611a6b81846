//! Point reads of users, the only reads that prove anything, and the groups that a user is in.

use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::value::RawValue;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::read::PointRead;
use crate::domain::seat_count::SeatCount;
use crate::graph::Graph;
use crate::graph::UserKey;
use crate::graph::batch;
use crate::graph::batch::Get;
use crate::graph::batch::Got;
use crate::graph::error::GraphError;
use crate::graph::groups;
use crate::graph::groups::Groups;
use crate::graph::http::Http;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::url;
use crate::graph::wire;

/// One point read a user, or why there is none.
pub type PointReads = Vec<(UserId, Result<PointRead, GraphError>)>;

/// Whether each user is in a group, or why that is not known.
pub type Members = Vec<(UserId, Result<bool, GraphError>)>;

/// Reads users one by one, 20 to a batch, in the order asked.
pub(in crate::graph) async fn point_reads(
    http: &Http,
    users: &[UserId],
    priority: Priority,
    counter: &RequestCounter,
) -> PointReads {
    let get = |user: &UserId| Get { path: url::user(&UserKey::Id(*user)), units: units::ENTITY };
    let gets: Vec<_> = users.iter().map(get).collect();
    let got = batch::each(http, &gets, (Needs::ReadUsers, priority), counter);
    stream::iter(users).zip(got).map(|(user, got)| (*user, point_read(*user, got))).collect().await
}

fn point_read(user: UserId, got: Got) -> Result<PointRead, GraphError> {
    let facts = match got.body {
        Ok(body) => Some(wire::user(&body)?),
        Err(error) if error.kind() == FaultKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if facts.as_ref().is_some_and(|facts| facts.id != user) {
        return Err(GraphError::new(FaultKind::Malformed, FaultMessage::OtherUser));
    }
    Ok(PointRead { user, began: got.began, ended: got.ended, facts })
}

/// Asks for users with their groups.
fn in_groups(users: &[UserId]) -> Vec<Get> {
    users.iter().map(|user| Get { path: url::user_in_groups(*user), units: units::ENTITY }).collect()
}

/// Whether a group is among those of an answer to `memberOf`, over all its pages.
async fn is_in(http: &Http, group: GroupId, got: Got, counter: &RequestCounter) -> Result<bool, GraphError> {
    let body = match got.body {
        Ok(body) => body,
        Err(error) => return Err(error),
    };
    let page: wire::Page = wire::parse(&body)?;
    let has = |page: &[_]| page_has(page, group);
    if has(&page.value)? {
        return Ok(true);
    }
    let Some(link) = page.next else { return Ok(false) };
    let mut pages = Pages::after(http, &link, (units::MEMBER_OF, Needs::ReadMembers), counter)?;
    while let Some(page) = pages.next().await? {
        if has(&page)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a group is shown with a user. That it is not says nothing.
fn shows_group(user: &str, group: GroupId) -> bool {
    wire::groups_of_user(user).is_ok_and(|groups| matches!(page_has(&groups, group), Ok(true)))
}

/// One id that cannot be read spoils a no: it might have been this group's.
fn page_has(page: &[Box<RawValue>], group: GroupId) -> Result<bool, GraphError> {
    let mut unreadable = None;
    for raw in page {
        match wire::id(raw.get()) {
            Ok(id) if GroupId(id) == group => return Ok(true),
            Ok(_) => {}
            Err(error) => unreadable = Some(error),
        }
    }
    unreadable.map_or(Ok(false), Err)
}

impl Graph {
    /// Reads each user by `GET /users/{id}`, 20 to a `$batch`, in the order asked. Each says when the batch that told
    /// about it left, so that a read is never taken for younger than it is.
    pub async fn point_reads(&self, users: &[UserId]) -> PointReads {
        point_reads(self.http(), users, Priority::High, &RequestCounter::default()).await
    }

    /// Reads each user as [`Graph::point_reads`] does, and in the same reads whether they are a direct member of the group.
    /// Who is not shown in it is asked about as [`Graph::memberships`] does: not all groups are shown with a user.
    pub async fn point_reads_in(&self, users: &[UserId], group: GroupId) -> (PointReads, Members) {
        if !self.http().expands() {
            return tokio::join!(self.point_reads(users), self.memberships(users, group));
        }
        let how = (Needs::ReadUsers, Priority::High);
        let got = batch::read(self.http(), &in_groups(users), how, &RequestCounter::default()).await;
        self.point_reads_in_of(users, group, got).await
    }

    /// The same for the second of these groups, and in the same request, as far as there is room in it, both groups and the
    /// seats as [`Graph::groups_and_seats`] reads them.
    pub async fn point_reads_with_groups_and_seats(
        &self,
        users: &[UserId],
        ends: [GroupId; 2],
    ) -> ((PointReads, Members), (Result<Groups, GraphError>, Result<SeatCount, GraphError>)) {
        if !self.http().expands() {
            return tokio::join!(self.point_reads_in(users, ends[1]), self.groups_and_seats(ends));
        }
        let mut gets = in_groups(users);
        gets.extend(groups::gets(ends));
        let how = (Needs::ReadUsers, Priority::High);
        let mut got = batch::read(self.http(), &gets, how, &RequestCounter::default()).await;
        let beside = got.split_off(users.len());
        let beside = async {
            let (groups, seats) = self.groups_and_seats_of(ends, beside).await;
            // Seats that were refused were asked for alone already.
            if groups.as_ref().is_err_and(|error| groups::says_more_alone(error.kind())) {
                self.groups_and_seats(ends).await
            } else {
                (groups, seats)
            }
        };
        tokio::join!(self.point_reads_in_of(users, ends[1], got), beside)
    }

    /// Takes users, and who of them is in a group, out of the answers to [`in_groups`].
    async fn point_reads_in_of(&self, users: &[UserId], group: GroupId, got: Vec<Got>) -> (PointReads, Members) {
        let http = self.http();
        let shown = |got: &Got| got.body.as_ref().is_ok_and(|body| shows_group(body, group));
        let within: HashSet<UserId> =
            users.iter().zip(&got).filter(|(_, got)| shown(got)).map(|(user, _)| *user).collect();
        let mut reads: Vec<_> = users.iter().zip(got).map(|(user, got)| (*user, point_read(*user, got))).collect();
        // Where groups may not be read, or not so, the users still may.
        let refused = |read: &Result<PointRead, GraphError>| {
            read.as_ref().is_err_and(|error| matches!(error.kind(), FaultKind::Refused | FaultKind::Forbidden))
        };
        let again: Vec<UserId> = reads.iter().filter(|(_, read)| refused(read)).map(|(user, _)| *user).collect();
        for (user, plain) in self.point_reads(&again).await {
            if plain.is_ok() {
                http.stop_expanding();
            }
            reads.iter_mut().filter(|(one, _)| *one == user).for_each(|(_, read)| read.clone_from(&plain));
        }
        let unseen: Vec<UserId> = users.iter().copied().filter(|user| !within.contains(user)).collect();
        let asked = self.memberships(&unseen, group).await;
        let members = users.iter().filter(|user| within.contains(user)).map(|user| (*user, Ok(true)));
        (reads, members.chain(asked).collect())
    }

    /// Whether each user is a direct member of the group, asked of the user's own `memberOf`. A user that Graph does
    /// not know is a member of nothing.
    pub async fn memberships(&self, users: &[UserId], group: GroupId) -> Members {
        let counter = RequestCounter::default();
        let get = |user: &UserId| Get { path: url::member_of(*user), units: units::MEMBER_OF };
        let gets: Vec<_> = users.iter().map(get).collect();
        let got = batch::read(self.http(), &gets, (Needs::ReadMembers, Priority::High), &counter).await;
        let mut answers = Vec::with_capacity(users.len());
        for (user, got) in users.iter().zip(got) {
            answers.push((*user, is_in(self.http(), group, got, &counter).await));
        }
        self.ask_the_group(group, &mut answers).await;
        answers
    }

    /// Where `memberOf` is not told, the group's own list is: a refusal to say is not taken for a no.
    async fn ask_the_group(&self, group: GroupId, answers: &mut [(UserId, Result<bool, GraphError>)]) {
        let untold = |answer: &Result<bool, GraphError>| {
            let kind = answer.as_ref().err().map(GraphError::kind);
            matches!(kind, Some(FaultKind::NotFound | FaultKind::Forbidden | FaultKind::Refused))
        };
        let users: Vec<UserId> = answers.iter().filter(|(_, answer)| untold(answer)).map(|(user, _)| *user).collect();
        if users.is_empty() {
            return;
        }
        let reads = self.point_reads(&users).await;
        let gone: HashSet<UserId> = reads
            .into_iter()
            .filter(|(_, read)| matches!(read, Ok(read) if read.facts.is_none()))
            .map(|(user, _)| user)
            .collect();
        let members: Result<HashSet<UserId>, GraphError> = if gone.len() == users.len() {
            Ok(HashSet::new())
        } else {
            match self.members(group).await {
                Ok(members) => Ok(members.into_iter().map(|(user, _)| user).collect()),
                Err(error) if error.kind() == FaultKind::NotFound => Ok(HashSet::new()),
                Err(error) => Err(error),
            }
        };
        for (user, answer) in answers.iter_mut().filter(|(_, answer)| untold(answer)) {
            *answer =
                members.as_ref().map(|members| members.contains(user) && !gone.contains(user)).map_err(Clone::clone);
        }
    }
}
