//! Work that takes time: each job owns what it needs and comes back as a `Done`.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::last_reads::LastReads;
use crate::domain::order::Answer;
use crate::domain::preflight::Facts;
use crate::domain::read::Survey;
use crate::domain::seat_count::SeatCount;
use crate::domain::time::Timestamp;
use crate::domain::worklist::WorklistKind;
use crate::domain::worklist::file::Sheet;
pub(super) use crate::domain::write::WriteKind;
use crate::graph::Graph;
pub(super) use crate::graph::Groups;
pub(super) use crate::graph::Members;
pub(super) use crate::graph::PointReads;
use crate::graph::error::GraphError;

/// Users by the group that they go to, which is where a verify pass finds them.
pub(super) type WentTo = (GroupId, Vec<UserId>);

/// Two point reads of each user of a chunk, the second begun after the first had ended.
pub(super) struct Look {
    /// The answer that it was made for; it proves nothing for a later one.
    pub(super) number: u64,
    pub(super) chunk: Vec<UserId>,
    pub(super) first: PointReads,
    pub(super) last: PointReads,
}

/// What a job brings back.
pub(super) enum TaskResult {
    Checked(Timestamp, Box<Result<Facts, GraphError>>),
    BatchChecked(usize, Timestamp, Box<Result<Facts, GraphError>>),
    Refreshed(Box<Result<Facts, GraphError>>),
    Grouped(Box<Result<Groups, GraphError>>),
    Surveyed(Result<Survey, GraphError>, Option<SeatCount>),
    SeatsCounted(Option<SeatCount>),
    Confirmed(PointReads),
    Added(Answer<Add>),
    Looked(Look, Box<RemovalContext>),
    Removed(Answer<Remove>),
    Reprocessed(Answer<Reprocess>),
    LookedAtDirect(Look, Members),
    DirectRemoved(Answer<Direct>),
    ReadBack(WriteKind, Members, Result<bool, GraphError>),
    /// Whether users are still where we wrote them to, asked of those who went back or are late.
    RereadNegatives(WriteKind, Members),
    /// What others know the users of a worklist to add by.
    Named(u64, Vec<UserId>, Result<Sheet, GraphError>),
    /// What was seen of users whom others move.
    OthersSeen(Vec<OthersSeen>, Option<GraphError>),
    Inspected(UserId, PointReads, HashMap<GroupId, String>, Result<Option<String>, GraphError>),
}

/// What is read beside the last look at a chunk.
pub(super) struct RemovalContext {
    /// Both groups, and the seats (rule 4); `None` where those of a chunk before still serve.
    pub(super) groups_and_seats: Option<(Result<Groups, GraphError>, Result<SeatCount, GraphError>)>,
    /// Whether each user still is in the group that they went to: licenses follow a membership minutes later only.
    pub(super) members: Members,
    /// What others know the users by, where the removal is theirs.
    pub(super) sheet: Option<Result<Sheet, GraphError>>,
}

/// What was seen of the users of one group whom others move.
pub(super) struct OthersSeen {
    /// Whether they are awaited there, or to leave.
    pub(super) kind: WorklistKind,
    /// Whether each is in the group, as point reads agree, of those whom the group's list gives reason to ask about.
    pub(super) members: Members,
    /// Where they stand, of those who seem to have left.
    pub(super) reads: PointReads,
}

/// Whom others move, and which group that is.
pub(super) struct OthersToWatch {
    pub(super) kind: WorklistKind,
    pub(super) group: GroupId,
    pub(super) users: Vec<UserId>,
    /// Who is asked about whatever the list says.
    pub(super) odd: Vec<UserId>,
}

/// Reads a chunk twice, the second time after the first has ended and with all else that a removal depends on (rules 3
/// and 4). `counted` says that groups and seats were read with a chunk before, and that this still serves.
pub(super) async fn look(
    graph: Graph,
    number: u64,
    chunk: Vec<UserId>,
    ends: [GroupId; 2],
    counted: bool,
    by_others: bool,
) -> TaskResult {
    // The names come first, so that the proof is young when the worklist is written.
    let sheet = if by_others { Some(graph.worklist_names(ends[0], &chunk).await) } else { None };
    let first = graph.point_reads(&chunk).await;
    let ((last, members), groups_and_seats) = if counted {
        (graph.point_reads_in(&chunk, ends[1]).await, None)
    } else {
        let (read, beside) = graph.point_reads_with_groups_and_seats(&chunk, ends).await;
        (read, Some(beside))
    };
    let members = reread_negatives(&graph, members, ends[1]).await;
    TaskResult::Looked(
        Look { number, chunk, first, last },
        Box::new(RemovalContext { groups_and_seats, members, sheet }),
    )
}

/// Reads a chunk twice, the second time after the first has ended and with who still is in the group that they went to.
/// A direct license gives a seat back and takes none.
pub(super) async fn look_at_direct(graph: Graph, number: u64, chunk: Vec<UserId>, group: GroupId) -> TaskResult {
    let (first, members) = tokio::join!(graph.point_reads(&chunk), graph.memberships(&chunk, group));
    let (last, members) = tokio::join!(graph.point_reads(&chunk), reread_negatives(&graph, members, group));
    TaskResult::LookedAtDirect(Look { number, chunk, first, last }, members)
}

/// Asks once more about everybody who was not seen in the group: a list may lag or flap, and a no is believed when it is
/// said twice.
async fn reread_negatives(graph: &Graph, mut members: Members, group: GroupId) -> Members {
    let reread_negatives: Vec<UserId> =
        members.iter().filter(|(_, member)| *member != Ok(true)).map(|(user, _)| *user).collect();
    members.retain(|(user, _)| !reread_negatives.contains(user));
    members.extend(graph.memberships(&reread_negatives, group).await);
    members
}

/// Reads what others know users by.
pub(super) async fn name(graph: Graph, number: u64, group: GroupId, users: Vec<UserId>) -> TaskResult {
    let sheet = graph.worklist_names(group, &users).await;
    TaskResult::Named(number, users, sheet)
}

/// Looks whom others have moved. The list of a group gives only the reason to ask: what counts is what point reads say, and
/// that somebody has left is believed when it is said twice (rule 15).
pub(super) async fn watch_others(graph: Graph, all: Vec<OthersToWatch>) -> TaskResult {
    let (mut seen, mut failed) = (Vec::new(), None);
    for OthersToWatch { kind, group, users, odd } in all {
        let listed: HashSet<UserId> = match graph.members(group).await {
            Ok(members) => members.into_iter().map(|(user, _)| user).collect(),
            Err(error) => {
                failed = Some(error);
                continue;
            }
        };
        let moved = |user: &UserId| listed.contains(user) == (kind == WorklistKind::Add) || odd.contains(user);
        let asked: Vec<UserId> = users.into_iter().filter(moved).collect();
        let mut members = graph.memberships(&asked, group).await;
        let mut reads = Vec::new();
        if kind == WorklistKind::Remove {
            members = reread_negatives(&graph, members, group).await;
            let left = members.iter().filter(|(_, member)| *member == Ok(false));
            let left: Vec<UserId> = left.map(|(user, _)| *user).collect();
            reads = graph.point_reads(&left).await;
        }
        seen.push(OthersSeen { kind, members, reads });
    }
    TaskResult::OthersSeen(seen, failed)
}

/// Reads the source and the target group.
pub(super) async fn groups(graph: Graph, ends: [GroupId; 2]) -> TaskResult {
    TaskResult::Grouped(Box::new(both(&graph, ends).await))
}

async fn both(graph: &Graph, [source, target]: [GroupId; 2]) -> Result<Groups, GraphError> {
    let (source, target) = tokio::join!(graph.group(source), graph.group(target));
    Ok((source?, target?))
}

/// Asks whether users are in a group and, where one is not, whether there still is such a group.
pub(super) async fn read_back(graph: Graph, wrote: WriteKind, users: Vec<UserId>, group: GroupId) -> TaskResult {
    let members = graph.memberships(&users, group).await;
    let all_in = members.iter().all(|(_, member)| *member == Ok(true));
    let exists = if all_in { Ok(true) } else { graph.group(group).await.map(|group| group.is_some()) };
    TaskResult::ReadBack(wrote, members, exists)
}

/// A verify pass over the users who went to each group, and the seats beside it unless they were counted just before.
pub(super) async fn survey(
    graph: Graph,
    first: WentTo,
    others: Vec<WentTo>,
    last_reads: LastReads,
    counted: bool,
) -> TaskResult {
    let seats = async { if counted { None } else { graph.count_seats().await.ok() } };
    let (survey, seats) = tokio::join!(survey_all(&graph, first, others, &last_reads), seats);
    TaskResult::Surveyed(survey, seats)
}

/// Counts the seats just after one of Graph's seconds has turned: the next pass tells whose seats are among them.
pub(super) async fn count_seats(graph: Graph) -> TaskResult {
    TaskResult::SeatsCounted(graph.count_seats_at_turn().await.ok())
}

/// One pass over the users of each group, as one.
async fn survey_all(
    graph: &Graph,
    (group, users): WentTo,
    others: Vec<WentTo>,
    last_reads: &LastReads,
) -> Result<Survey, GraphError> {
    let mut whole = graph.survey(group, &users, last_reads).await?;
    for (group, users) in others {
        let part = graph.survey(group, &users, last_reads).await?;
        whole.ended = part.ended;
        whole.asked.requests += part.asked.requests;
        whole.asked.units += part.asked.units;
        whole.facts.extend(part.facts);
    }
    Ok(whole)
}

/// Reads one user afresh, names the groups that license them, and asks the audit log why they are stuck.
pub(super) async fn inspect(graph: Graph, user: UserId, known: Vec<GroupId>, explain: bool) -> TaskResult {
    let reads = graph.point_reads(&[user]).await;
    let mut names = HashMap::new();
    let facts = reads.iter().filter_map(|(_, read)| read.as_ref().ok()?.facts.as_ref());
    let groups: Vec<GroupId> =
        facts.flat_map(crate::engine::plan::groups).filter(|group| !known.contains(group)).collect();
    for group in groups {
        if let Ok(Some(found)) = graph.group(group).await {
            names.insert(group, found.name);
        }
    }
    let why = if explain { graph.license_failure(user).await } else { Ok(None) };
    TaskResult::Inspected(user, reads, names, why)
}
