//! One write a user: a lone request, or a `$batch` that answers for each of them.

use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::order::Order;
use crate::domain::outcome::Outcome;
use crate::graph::batch::Items;
use crate::graph::error::GraphError;
use crate::graph::exchange;
use crate::graph::granted::Written;
use crate::graph::http;
use crate::graph::http::Http;
use crate::graph::http::Reply;
use crate::graph::http::Sent;
use crate::graph::http::Write;
use crate::graph::rate_limiter::Side;
use crate::graph::refusal::Needs;

/// What is alike in all requests of one kind.
pub(in crate::graph) struct Kind {
    /// The one status that means that it was done.
    pub(in crate::graph) done: u16,
    /// What a refusal for want of permission names.
    pub(in crate::graph) needs: Needs,
    /// What is written to.
    pub(in crate::graph) what: Written,
}

/// The request for one user.
pub(in crate::graph) struct One {
    pub(in crate::graph) method: Method,
    pub(in crate::graph) path: String,
    pub(in crate::graph) body: Option<Value>,
}

/// Sends the order once. Done is acknowledged by Graph, failed was surely not done, and of what is lost nobody knows.
pub(in crate::graph) async fn write<W: Sync>(
    http: &Http,
    order: Order<W>,
    kind: &Kind,
    one: impl Fn(UserId) -> One,
) -> Answer<W> {
    let users = order.users();
    if !http.batches() {
        let outcomes = one_by_one(http, &order, kind, one).await;
        let outcomes = http.granted.judge(kind.what, kind.needs, outcomes);
        return order.answered(outcomes);
    }
    let mut outcomes: Vec<(UserId, Outcome)> = Vec::with_capacity(users.len());
    let mut left = users;
    while !left.is_empty() {
        let (some, rest) = left.split_at(left.len().min(http.rate_limiter.batch()).max(1));
        let done = batch(http, &order, some, kind, &one).await;
        let unsent = done.iter().find_map(|(_, outcome)| stops(outcome));
        outcomes.extend(done);
        left = rest;
        // Who waits, or has to, is not followed by others.
        if let Some(fault) = unsent {
            outcomes.extend(rest.iter().map(|user| (*user, Outcome::Failed(fault.clone()))));
            break;
        }
    }
    let outcomes = http.granted.judge(kind.what, kind.needs, outcomes);
    order.answered(outcomes)
}

/// Why those who come after are not to be sent now either: the service asked for a wait, or what became of a request
/// has to be asked first (rule 8).
pub(in crate::graph) fn stops(outcome: &Outcome) -> Option<Fault> {
    match outcome {
        Outcome::Failed(fault) => waits(outcome).then(|| fault.clone()),
        Outcome::Done => None,
        Outcome::Lost(_) => Some(Fault::new(FaultKind::Service, FaultMessage::UnknownBefore)),
    }
}

/// Whether it was not done only because this was not the time for it.
pub(in crate::graph) fn waits(outcome: &Outcome) -> bool {
    let Outcome::Failed(fault) = outcome else { return false };
    matches!(
        fault.kind,
        FaultKind::Throttled
            | FaultKind::NotSent
            | FaultKind::Unreachable
            | FaultKind::SignIn
            | FaultKind::Service
            | FaultKind::Concurrent
    )
}

/// Sends some of the order's users in one request.
async fn batch<W: Sync>(
    http: &Http,
    order: &Order<W>,
    users: &[UserId],
    kind: &Kind,
    one: &impl Fn(UserId) -> One,
) -> Vec<(UserId, Outcome)> {
    let sent = match request(http, users, one) {
        Ok(write) => http.write(&write, |now| order.may_leave(now)).await,
        Err(error) => Sent::Not(error.into_fault()),
    };
    match (sent, users) {
        (sent, [user]) => vec![(*user, whole(sent, kind))],
        (Sent::Answered(reply), _) if reply.status == 200 => items(http, users, &reply, kind, one),
        // A batch is answered item by item; any other success says nothing about any of them.
        (Sent::Answered(reply), _) if (200..300).contains(&reply.status) => {
            let why = Fault::new(FaultKind::Malformed, FaultMessage::BatchWithoutItems);
            users.iter().map(|user| (*user, Outcome::Lost(why.clone()))).collect()
        }
        (sent, _) => {
            let outcome = whole(sent, kind);
            users.iter().map(|user| (*user, outcome.clone())).collect()
        }
    }
}

/// Sends what would be a batch one by one. What may no longer leave when its turn comes is not sent.
async fn one_by_one<W: Sync>(
    http: &Http,
    order: &Order<W>,
    kind: &Kind,
    one: impl Fn(UserId) -> One,
) -> Vec<(UserId, Outcome)> {
    let mut outcomes = Vec::with_capacity(order.users().len());
    for user in order.users() {
        let sent = match request(http, &[*user], &one) {
            Ok(write) => http.write(&write, |now| order.may_leave(now)).await,
            Err(error) => Sent::Not(error.into_fault()),
        };
        outcomes.push((*user, whole(sent, kind)));
    }
    outcomes
}

/// What became of a request that stands or falls as a whole.
pub(in crate::graph) fn whole(sent: Sent, kind: &Kind) -> Outcome {
    match sent {
        Sent::Answered(reply) => outcome(reply.status, kind, || reply.fault(kind.needs)),
        Sent::Not(fault) => Outcome::Failed(fault),
        Sent::Unanswered(fault) => Outcome::Lost(fault),
    }
}

fn request(http: &Http, users: &[UserId], one: &impl Fn(UserId) -> One) -> Result<Write, GraphError> {
    if let [user] = users {
        let One { method, path, body } = one(*user);
        return Ok(Write { method, url: http.url(&path)?, body: body.map(|body| body.to_string()), writes: 1 });
    }
    let item = |(at, user): (usize, &UserId)| {
        let One { method, path, body } = one(*user);
        let mut item = json!({ "id": at.to_string(), "method": method.as_str(), "url": path });
        if let Some(body) = body {
            item["headers"] = json!({ "Content-Type": "application/json" });
            item["body"] = body;
        }
        item
    };
    let requests: Vec<Value> = users.iter().enumerate().map(item).collect();
    let writes = u32::try_from(users.len()).unwrap_or(u32::MAX);
    let body = Some(json!({ "requests": requests }).to_string());
    Ok(Write { method: Method::POST, url: http.url("/$batch")?, body, writes })
}

/// What a status says of a write. Only a plain refusal is sure; whatever is unclear is lost.
fn outcome(status: u16, kind: &Kind, fault: impl FnOnce() -> Fault) -> Outcome {
    match status {
        _ if status == kind.done => Outcome::Done,
        _ if http::surely_refused(status) => Outcome::Failed(fault()),
        200..=299 => {
            let why = FaultMessage::OtherStatus { status, expected: kind.done };
            Outcome::Lost(Fault { status: Some(status), ..Fault::new(FaultKind::Malformed, why) })
        }
        _ => Outcome::Lost(fault()),
    }
}

/// What became of each user of a batch.
fn items(
    http: &Http,
    users: &[UserId],
    reply: &Reply,
    kind: &Kind,
    one: &impl Fn(UserId) -> One,
) -> Vec<(UserId, Outcome)> {
    let mut items = match Items::parse(&reply.body) {
        Ok(items) => items,
        Err(error) => {
            let lost = Outcome::Lost(error.into_fault());
            return users.iter().map(|user| (*user, lost.clone())).collect();
        }
    };
    let mut settle = |at: usize| match items.take(&at.to_string()) {
        Ok(item) => {
            if item.status == kind.done {
                http.rate_limiter.let_through(Side::Writes);
            }
            let (One { method, path, .. }, headers) = (one(users[at]), item.headers());
            exchange::item(&method, &path, item.status, &headers);
            http.heed(item.status, &headers, Side::Writes, 1);
            outcome(item.status, kind, || item.fault(kind.needs, reply.ended))
        }
        Err(fault) => Outcome::Lost(fault),
    };
    users.iter().enumerate().map(|(at, user)| (*user, settle(at))).collect()
}
