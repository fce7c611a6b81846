//! The two writes: adding members to a group and taking members out of it.

use reqwest::Method;
use serde_json::json;

use crate::domain::approval::Add;
use crate::domain::approval::Remove;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::order::Order;
use crate::domain::order::Outcome;
use crate::graph::Graph;
use crate::graph::batch::Items;
use crate::graph::error::GraphError;
use crate::graph::http;
use crate::graph::http::Http;
use crate::graph::http::Reply;
use crate::graph::http::Sent;
use crate::graph::http::Write;
use crate::graph::pace::Side;
use crate::graph::refusal::Needs;
use crate::graph::url;

/// What Graph answers to a write of members that it has made ("Add members", "Remove member", Microsoft Graph).
const DONE: u16 = 204;

/// One request that adds all of these users, or none.
fn addition(http: &Http, group: GroupId, users: &[UserId]) -> Result<Write, GraphError> {
    let object = |user: &UserId| format!("{}/directoryObjects/{user}", http.root());
    let (method, path, body) = match users {
        [one] => (Method::POST, url::add_member(group), json!({ "@odata.id": object(one) })),
        many => {
            let objects: Vec<_> = many.iter().map(object).collect();
            (Method::PATCH, url::add_members(group), json!({ "members@odata.bind": objects }))
        }
    };
    Ok(Write { method, url: http.url(&path)?, body: Some(body.to_string()), writes: 1 })
}

/// One request that removes these users: a batch answers for each, a lone removal for its one.
fn removal(http: &Http, group: GroupId, users: &[UserId]) -> Result<Write, GraphError> {
    if let [one] = users {
        let url = http.url(&url::remove_member(group, *one))?;
        return Ok(Write { method: Method::DELETE, url, body: None, writes: 1 });
    }
    let requests: Vec<_> = users
        .iter()
        .enumerate()
        .map(|(at, user)| json!({ "id": at.to_string(), "method": "DELETE", "url": url::remove_member(group, *user) }))
        .collect();
    let writes = u32::try_from(users.len()).unwrap_or(u32::MAX);
    let body = Some(json!({ "requests": requests }).to_string());
    Ok(Write { method: Method::POST, url: http.url("/$batch")?, body, writes })
}

/// What a status says of a write. Only a plain refusal is sure; whatever is unclear is lost, and then read back.
fn outcome(status: u16, fault: impl FnOnce() -> Fault) -> Outcome {
    match status {
        DONE => Outcome::Done,
        _ if http::surely_refused(status) => Outcome::Failed(fault()),
        200..=299 => {
            let why = format!("the service answered {status} where Graph answers 204");
            Outcome::Lost(Fault { status: Some(status), ..Fault::new(FaultKind::Malformed, why) })
        }
        _ => Outcome::Lost(fault()),
    }
}

/// What became of a request that stands or falls as a whole.
fn whole(sent: Sent) -> Outcome {
    match sent {
        Sent::Answered(reply) => outcome(reply.status, || reply.fault(Needs::WriteMembers)),
        Sent::Not(fault) => Outcome::Failed(fault),
        Sent::Unanswered(fault) => Outcome::Lost(fault),
    }
}

/// What became of each user of a batch of removals.
fn each(http: &Http, users: &[UserId], reply: &Reply) -> Vec<(UserId, Outcome)> {
    let mut items = match Items::parse(&reply.body) {
        Ok(items) => items,
        Err(error) => {
            let lost = Outcome::Lost(error.into_fault());
            return users.iter().map(|user| (*user, lost.clone())).collect();
        }
    };
    let mut settle = |at: usize| match items.take(&at.to_string()) {
        Ok(item) => {
            http.heed(item.status, &item.headers(), Side::Writes);
            outcome(item.status, || item.fault(Needs::WriteMembers))
        }
        Err(fault) => Outcome::Lost(fault),
    };
    users.iter().enumerate().map(|(at, user)| (*user, settle(at))).collect()
}

impl Graph {
    /// Adds the order's users to its group in one request, all or none: `PATCH` for several, `POST` for one.
    ///
    /// Done is acknowledged by Graph, failed was surely not done, and lost has to be read back. It is sent once.
    pub async fn add(&self, order: Order<Add>) -> Answer<Add> {
        let sent = match addition(self.http(), order.group(), order.users()) {
            Ok(write) => self.http().write(&write, |now| order.may_leave(now)).await,
            Err(error) => Sent::Not(error.into_fault()),
        };
        let outcome = whole(sent);
        let outcomes = order.users().iter().map(|user| (*user, outcome.clone())).collect();
        order.answered(outcomes)
    }

    /// Takes the order's users out of its group: one `DELETE`, or a `$batch` of them that answers for each user.
    ///
    /// Nothing leaves when the proof behind the order has grown too old. Done is acknowledged by Graph, failed was
    /// surely not done, and lost has to be read back. It is sent once.
    pub async fn remove(&self, order: Order<Remove>) -> Answer<Remove> {
        let users = order.users();
        let sent = match removal(self.http(), order.group(), users) {
            Ok(write) => self.http().write(&write, |now| order.may_leave(now)).await,
            Err(error) => Sent::Not(error.into_fault()),
        };
        let outcomes = match sent {
            Sent::Answered(reply) if users.len() > 1 && reply.status == 200 => each(self.http(), users, &reply),
            sent => {
                let batch_204 = users.len() > 1;
                let outcome = match whole(sent) {
                    // A batch is answered item by item; a bare 204 says nothing about any of them.
                    Outcome::Done if batch_204 => {
                        Outcome::Lost(Fault::new(FaultKind::Malformed, "the batch was answered without its items"))
                    }
                    outcome => outcome,
                };
                users.iter().map(|user| (*user, outcome.clone())).collect()
            }
        };
        order.answered(outcomes)
    }
}
