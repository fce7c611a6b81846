//! The two writes to a user's licenses: having GBL look again, and taking a direct license off.

use reqwest::Method;
use serde_json::json;

use crate::domain::approval::Direct;
use crate::domain::approval::Reprocess;
use crate::domain::order::Answer;
use crate::domain::order::Order;
use crate::graph::Graph;
use crate::graph::granted::Written;
use crate::graph::per_user;
use crate::graph::per_user::Kind;
use crate::graph::per_user::One;
use crate::graph::refusal::Needs;
use crate::graph::url;

/// What Graph answers to both ("user: reprocessLicenseAssignment" and "user: assignLicense", Microsoft Graph).
const DONE: u16 = 200;

impl Graph {
    /// Has GBL look again at all group-based licenses of the order's users, who keep what they have.
    ///
    /// A refusal carries Graph's own sentence on why a license cannot be had, naming plans or SKUs by their ids.
    pub async fn reprocess(&self, order: Order<Reprocess>) -> Answer<Reprocess> {
        let one = |user| One { method: Method::POST, path: url::reprocess(user), body: None };
        per_user::write(
            self.http(),
            order,
            &Kind { done: DONE, needs: Needs::Reprocess, what: Written::Reprocess },
            one,
        )
        .await
    }

    /// Takes the order's license off its users as far as it is assigned to them directly. What groups assign stays.
    ///
    /// Nothing leaves when the proof behind the order has grown too old.
    pub async fn remove_direct(&self, order: Order<Direct>) -> Answer<Direct> {
        let body = json!({ "addLicenses": [], "removeLicenses": [order.sku().to_string()] });
        let one = |user| One { method: Method::POST, path: url::assign_license(user), body: Some(body.clone()) };
        per_user::write(
            self.http(),
            order,
            &Kind { done: DONE, needs: Needs::AssignLicenses, what: Written::Licenses },
            one,
        )
        .await
    }
}
