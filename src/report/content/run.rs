//! What a run is, the numbers that it went by, and its sessions.

use serde::Serialize;

use crate::domain::time::Timestamp;

/// What the run is, and who ran it where.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunSection {
    /// The run's id.
    pub id: String,
    /// What the operator calls it.
    pub name: String,
    /// The tenant, as the configuration names it.
    pub tenant: String,
    /// Whether it is a rehearsal, on a copy of the tenant: nothing of it happened to anybody.
    pub rehearsal: bool,
    /// When it began.
    pub started: Timestamp,
    /// The numbers in force when it began.
    pub settings: SettingsSection,
    /// Every session, the first one first.
    pub sittings: Vec<SessionRow>,
}

/// The numbers that the run went by.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsSection {
    /// What the configuration says of the scenario.
    pub scenario: String,
    /// Users a batch.
    pub batch_size: usize,
    /// Users that are removed first.
    pub canary: usize,
    /// How many stuck users the run bears.
    pub max_stuck: usize,
    /// Between two verify passes.
    pub interval_seconds: u64,
    /// From when on a waiting user is late.
    pub stuck_after_seconds: u64,
    /// How long a switch-over may show a user without a license.
    pub unlicensed_grace_seconds: u64,
}

/// Somebody sat down at the run. What older journals do not have is `None`: not recorded.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub operator: String,
    /// On which machine.
    pub host: Option<String>,
    /// With which version of skuferry.
    pub version: Option<String>,
    /// How it signed in.
    pub sign_in: Option<String>,
    /// As which account or application.
    pub account: Option<String>,
}
