//! The last look before a removal: users, both groups and the seats, in as few requests as serve.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::GROUP;
use super::Seen;
use super::Served;
use super::facts;
use super::named;
use super::user;
use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::words::error::causes;

const TARGET: GroupId = GroupId(Uuid::from_u128(0xbcf2));

/// A user who is shown in a group.
fn in_group(id: UserId, group: GroupId) -> Value {
    let mut user = facts(id);
    user["memberOf"] = json!([{ "@odata.type": "#microsoft.graph.group", "id": group }]);
    user
}

/// Answers the `$batch` of a last look: its groups and its seats by these statuses, every user in the target group.
fn looked(seen: &Seen, groups: u16, seats: u16) -> Response {
    let body = |status: u16, good: Value| match status {
        200 => good,
        403 => json!({ "error": { "code": "Authorization_RequestDenied" } }),
        _ => json!({ "error": { "code": "Request_ResourceNotFound" } }),
    };
    seen.batch(|url| match () {
        () if url.contains("subscribedSkus") => (seats, json!({}), body(seats, json!({ "value": [] }))),
        () if url.starts_with("/groups") => {
            (groups, json!({}), body(groups, json!({ "id": named(url)[0], "displayName": "A group" })))
        }
        () => (200, json!({}), in_group(named(url)[0], TARGET)),
    })
}

#[tokio::test]
async fn both_groups_and_the_seats_are_read_in_one_request_with_17_users() {
    let served = Served::by(|seen, _| looked(seen, 200, 200)).await;
    for (users, requests) in [(17, 1), (20, 2)] {
        let users: Vec<UserId> = (1..=users).map(user).collect();
        let ((reads, members), (groups, seats)) =
            served.graph.point_reads_with_groups_and_seats(&users, [GROUP, TARGET]).await;
        assert!(
            reads
                .iter()
                .zip(&users)
                .all(|((id, read), user)| id == user && read.as_ref().is_ok_and(|read| read.user == *user))
        );
        assert!(members.len() == users.len() && members.iter().all(|(_, member)| *member == Ok(true)));
        let (from, to) = groups.expect("groups");
        assert_eq!((from.expect("a group").id, to.expect("a group").id), (GROUP, TARGET));
        assert!(seats.is_ok());
        assert_eq!(std::mem::take(&mut *served.log.lock().expect("the log")).len(), requests);
    }
}

#[tokio::test]
async fn a_group_that_may_not_be_read_is_told_by_itself_and_spoils_no_read_of_a_user() {
    let served = Served::by(|seen, _| looked(seen, 403, 200)).await;
    let ((reads, members), (groups, seats)) =
        served.graph.point_reads_with_groups_and_seats(&[user(1)], [GROUP, TARGET]).await;
    assert!(reads[0].1.is_ok() && members[0].1 == Ok(true) && seats.is_ok());
    let error = groups.expect_err("refused");
    assert_eq!(error.kind(), FaultKind::Forbidden);
    assert!(causes(&error).contains("Group"), "the permission for groups is named: {}", causes(&error));
    assert_eq!(served.seen().len(), 2, "asked once more, by itself");
}

#[tokio::test]
async fn seats_that_may_not_be_counted_or_are_not_answered_cost_one_request_more_or_none() {
    for (status, asked_alone) in [(403, 1), (404, 0)] {
        let served = Served::by(move |seen, _| {
            if !seen.path.ends_with("/$batch") {
                return (StatusCode::FORBIDDEN, r#"{"error":{"code":"Authorization_RequestDenied"}}"#).into_response();
            }
            looked(seen, 200, status)
        })
        .await;
        let (_, (groups, seats)) = served.graph.point_reads_with_groups_and_seats(&[user(1)], [GROUP, TARGET]).await;
        assert!(groups.is_ok() && seats.is_err(), "{status}");
        assert_eq!(served.seen().len(), 1 + asked_alone, "{status}");
    }
}
