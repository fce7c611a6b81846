//! The tenant's audit log: Graph's own sentence on why a license could not be assigned.

use serde::Deserialize;

use crate::domain::id::UserId;
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::http::Priority;
use crate::graph::http::ReadRequest;
use crate::graph::http::RequestCounter;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::text;
use crate::graph::url;
use crate::graph::wire;

/// As much of a `directoryAudit` as says why.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    result_reason: Option<String>,
}

#[derive(Deserialize)]
struct Records {
    value: Vec<Record>,
}

impl Graph {
    /// Why the newest change of the user's licenses failed, in the audit log's words (Microsoft Graph, "List
    /// directoryAudits"; activity `Change user license`). `None` when it did not fail, or the log does not say why.
    ///
    /// # Errors
    /// When Graph does not answer or refuses, as without the permission `AuditLog.Read.All`.
    pub async fn license_failure(&self, user: UserId) -> Result<Option<String>, GraphError> {
        let url = self.http().url(&url::license_audits(user))?;
        let request = ReadRequest {
            url,
            batch: None,
            units: units::ENTITY,
            needs: Needs::ReadAudits,
            priority: Priority::Normal,
        };
        let reply = self.http().read(&request, &RequestCounter::default()).await?;
        let newest = wire::parse::<Records>(&reply.body)?.value.into_iter().next();
        let failed = newest.filter(|record| record.result.as_deref() == Some("failure"));
        let reason = failed.and_then(|record| record.result_reason).map(|reason| text::message(&reason));
        Ok(reason.filter(|reason| !reason.is_empty()))
    }
}
