//! The two writes: adding members to a group and taking members out of it.

mod additions;

use reqwest::Method;
use serde_json::json;

use crate::domain::approval::Add;
use crate::domain::approval::Remove;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::order::Answer;
use crate::domain::order::Order;
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::granted::Written;
use crate::graph::http::Http;
use crate::graph::http::Write;
use crate::graph::member_write::additions::Additions;
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

fn kind(group: GroupId) -> Kind {
    Kind { done: DONE, needs: Needs::WriteMembers, what: Written::Members(group) }
}

impl Graph {
    /// Adds the order's users to its group in one request, all or none: `PATCH` for several, `POST` for one. A 403 for
    /// several is halved until it is known whom it is about, and nobody is said to lack a permission before each was tried
    /// alone, or another was let through.
    ///
    /// Done is acknowledged by Graph, failed was surely not done, and lost has to be read back. It is sent once.
    pub async fn add(&self, order: Order<Add>) -> Answer<Add> {
        let outcomes = Additions::new(self.http(), &order).make().await;
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
