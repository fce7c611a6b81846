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
use crate::graph::error::GraphError;
use crate::graph::granted;
use crate::graph::granted::Written;
use crate::graph::http::Http;
use crate::graph::http::Sent;
use crate::graph::http::Write;
use crate::graph::per_user;
use crate::graph::per_user::Kind;
use crate::graph::per_user::One;
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

/// Adds these users in one request.
async fn together(http: &Http, order: &Order<Add>, users: &[UserId]) -> Outcome {
    let sent = match addition(http, order.group(), users) {
        Ok(write) => http.write(&write, |now| order.may_leave(now)).await,
        Err(error) => Sent::Not(error.into_fault()),
    };
    per_user::whole(sent, &kind(order.group()))
}

/// Adds them one by one. Those behind somebody who has to wait are not sent; they come first in the answer, because its
/// first failure is what follows for the order.
async fn one_by_one(http: &Http, order: &Order<Add>) -> Vec<(UserId, Outcome)> {
    let mut outcomes: Vec<(UserId, Outcome)> = Vec::with_capacity(order.users().len());
    let mut unsent: Option<Fault> = None;
    for user in order.users() {
        let outcome = match &unsent {
            Some(fault) => Outcome::Failed(fault.clone()),
            None => together(http, order, std::slice::from_ref(user)).await,
        };
        unsent = unsent.or_else(|| per_user::waits(&outcome).cloned());
        outcomes.push((*user, outcome));
    }
    outcomes.sort_by_key(|(_, outcome)| per_user::waits(outcome).is_none());
    outcomes
}

/// Adds several: together where that may be, else one by one. A 403 for several may be about one of them, or about this
/// form of request, which the permission for single members may not cover (Microsoft Graph permissions reference).
async fn several(http: &Http, order: &Order<Add>) -> Vec<(UserId, Outcome)> {
    let what = Written::Members(order.group());
    if http.granted.alone_only(what) {
        return one_by_one(http, order).await;
    }
    let outcome = together(http, order, order.users()).await;
    if granted::passed(&outcome) {
        http.granted.let_several_through(what);
    }
    let refused = matches!(&outcome, Outcome::Failed(fault) if fault.kind == FaultKind::Forbidden);
    if !refused || http.granted.several(what) {
        return order.users().iter().map(|user| (*user, outcome.clone())).collect();
    }
    let outcomes = one_by_one(http, order).await;
    if outcomes.iter().all(|(_, outcome)| granted::passed(outcome)) {
        http.granted.let_only_single_through(what);
    }
    outcomes
}

fn kind(group: GroupId) -> Kind {
    Kind { done: DONE, needs: Needs::WriteMembers, what: Written::Members(group) }
}

impl Graph {
    /// Adds the order's users to its group in one request, all or none: `PATCH` for several, `POST` for one. Where Graph
    /// answers 403 to several, and no such request was let through before, each is tried alone before a permission is
    /// said to be missing.
    ///
    /// Done is acknowledged by Graph, failed was surely not done, and lost has to be read back. It is sent once.
    pub async fn add(&self, order: Order<Add>) -> Answer<Add> {
        let outcomes = match order.users() {
            [one] => vec![(*one, together(self.http(), &order, &[*one]).await)],
            _ => several(self.http(), &order).await,
        };
        let Kind { needs, what, .. } = kind(order.group());
        let outcomes = self.http().granted.judge(what, needs, outcomes);
        order.answered(outcomes)
    }

    /// Takes the order's users out of its group: one `DELETE`, or a `$batch` of them that answers for each user.
    ///
    /// Nothing leaves when the proof behind the order has grown too old. Done is acknowledged by Graph, failed was
    /// surely not done, and lost has to be read back. It is sent once.
    pub async fn remove(&self, order: Order<Remove>) -> Answer<Remove> {
        let group = order.group();
        let one = |user| One { method: Method::DELETE, path: url::remove_member(group, user), body: None };
        per_user::write(self.http(), order, &kind(group), one).await
    }
}
