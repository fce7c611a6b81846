//! What others know users and a group by, for the files of a worklist.

use serde::Deserialize;
use uuid::Uuid;

use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::worklist::file::GroupNames;
use crate::domain::worklist::file::Sheet;
use crate::domain::worklist::file::UserNames;
use crate::graph::Graph;
use crate::graph::batch;
use crate::graph::batch::Get;
use crate::graph::error::GraphError;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::url;
use crate::graph::wire;

/// The longest name that is taken over. A longer one is left out, as half a name would be another one.
const LONGEST: usize = 4_096;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireNames {
    id: Uuid,
    user_principal_name: Option<String>,
    on_premises_sam_account_name: Option<String>,
    on_premises_distinguished_name: Option<String>,
    on_premises_domain_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroupNames {
    id: Uuid,
    display_name: Option<String>,
    on_premises_sync_enabled: Option<bool>,
    on_premises_sam_account_name: Option<String>,
    on_premises_domain_name: Option<String>,
    membership_rule: Option<String>,
}

/// A name as it is, or none.
fn name(name: Option<String>) -> Option<String> {
    name.filter(|name| !name.is_empty() && name.len() <= LONGEST)
}

impl Graph {
    /// A group and users by the names that others know them by. A user that Graph does not know is left out.
    ///
    /// # Errors
    /// The first read that fails, or that answers with somebody else.
    pub async fn worklist_names(&self, group: GroupId, users: &[UserId]) -> Result<Sheet, GraphError> {
        let path = |user: &UserId| url::user_names(*user);
        let mut gets = vec![Get { path: url::group_names(group), units: units::ENTITY }];
        gets.extend(users.iter().map(|user| Get { path: path(user), units: units::ENTITY }));
        let how = (Needs::ReadUsers, Priority::High);
        let mut got = batch::read(self.http(), &gets, how, &RequestCounter::default()).await.into_iter();
        let silent = || GraphError::new(FaultKind::Malformed, FaultMessage::BatchSilent);
        let first: WireGroupNames = wire::parse(&got.next().ok_or_else(silent)?.body?)?;
        if first.id != group.0 {
            return Err(GraphError::new(FaultKind::Malformed, FaultMessage::OtherGroup));
        }
        let mut sheet = Sheet {
            group: GroupNames {
                name: first.display_name.unwrap_or_default(),
                synced: first.on_premises_sync_enabled == Some(true),
                sam: name(first.on_premises_sam_account_name),
                domain: name(first.on_premises_domain_name),
                rule: name(first.membership_rule),
            },
            users: Vec::with_capacity(users.len()),
        };
        for (user, got) in users.iter().zip(got) {
            let body = match got.body {
                Err(error) if error.kind() == FaultKind::NotFound => continue,
                body => body?,
            };
            let found: WireNames = wire::parse(&body)?;
            if found.id != user.0 {
                return Err(GraphError::new(FaultKind::Malformed, FaultMessage::OtherUser));
            }
            sheet.users.push(UserNames {
                id: *user,
                upn: found.user_principal_name.unwrap_or_default(),
                sam: name(found.on_premises_sam_account_name),
                distinguished: name(found.on_premises_distinguished_name),
                domain: name(found.on_premises_domain_name),
            });
        }
        Ok(sheet)
    }
}
