//! Work that takes time: each job owns what it needs and comes back as a `Done`.

use std::collections::HashMap;

use crate::domain::approval::Add;
use crate::domain::approval::Remove;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::preflight::Facts;
use crate::domain::read::PointRead;
use crate::domain::read::Survey;
use crate::domain::sku::Skus;
use crate::domain::time::Timestamp;
use crate::engine::hindrance::Groups;
use crate::graph::Graph;
use crate::graph::error::GraphError;

/// One point read a user, or why there is none.
pub(super) type PointReads = Vec<(UserId, Result<PointRead, GraphError>)>;

/// Which write is read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrote {
    /// An addition to the target group.
    Add,
    /// A removal from the source group.
    Remove,
}

/// Two point reads of each user of a chunk, and the seats read beside them.
pub(super) struct Look {
    pub(super) chunk: Vec<UserId>,
    pub(super) first: PointReads,
    pub(super) last: PointReads,
    pub(super) skus: Result<Skus, GraphError>,
}

/// What a job brings back.
pub(super) enum Done {
    Checked(Timestamp, Box<Result<Facts, GraphError>>),
    BatchChecked(usize, Timestamp, Box<Result<Facts, GraphError>>),
    Refreshed(Box<Result<Facts, GraphError>>),
    Grouped(Box<Result<Groups, GraphError>>),
    Surveyed(Result<Survey, GraphError>, Option<Skus>),
    Confirmed(PointReads),
    Added(Answer<Add>),
    Looked(Look),
    Removed(Answer<Remove>),
    ReadBack(Wrote, Vec<(UserId, Result<bool, GraphError>)>, Result<bool, GraphError>),
    Inspected(UserId, PointReads, HashMap<GroupId, String>),
}

/// Reads a chunk twice, the second time after the first has ended, and the seats after both (rules 3 and 4).
pub(super) async fn look(graph: Graph, chunk: Vec<UserId>) -> Done {
    let first = graph.point_reads(&chunk).await;
    let last = graph.point_reads(&chunk).await;
    let skus = graph.skus().await;
    Done::Looked(Look { chunk, first, last, skus })
}

/// Reads the source and the target group.
pub(super) async fn groups(graph: Graph, [source, target]: [GroupId; 2]) -> Done {
    let source = graph.group(source).await;
    let target = graph.group(target).await;
    Done::Grouped(Box::new(source.and_then(|source| Ok((source, target?)))))
}

/// Asks whether users are in a group and, where one is not, whether there still is such a group.
pub(super) async fn read_back(graph: Graph, wrote: Wrote, users: Vec<UserId>, group: GroupId) -> Done {
    let members = graph.memberships(&users, group).await;
    let all_in = members.iter().all(|(_, member)| *member == Ok(true));
    let exists = if all_in { Ok(true) } else { graph.group(group).await.map(|group| group.is_some()) };
    Done::ReadBack(wrote, members, exists)
}

/// A verify pass, with the seats read beside it.
pub(super) async fn survey(graph: Graph, group: GroupId, users: Vec<UserId>) -> Done {
    let survey = graph.survey(group, &users).await;
    let skus = if survey.is_ok() { graph.skus().await.ok() } else { None };
    Done::Surveyed(survey, skus)
}

/// Reads one user afresh and names the groups that license them.
pub(super) async fn inspect(graph: Graph, user: UserId, known: Vec<GroupId>) -> Done {
    let reads = graph.point_reads(&[user]).await;
    let mut names = HashMap::new();
    let facts = reads.iter().filter_map(|(_, read)| read.as_ref().ok()?.facts.as_ref());
    let groups: Vec<GroupId> = facts.flat_map(super::plan::groups).filter(|group| !known.contains(group)).collect();
    for group in groups {
        if let Ok(Some(found)) = graph.group(group).await {
            names.insert(group, found.name);
        }
    }
    Done::Inspected(user, reads, names)
}
