//! What is said once of a run, and of each session on it.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::RunId;
use crate::domain::route::Route;
use crate::domain::route::ScenarioChoice;
use crate::domain::settings::Settings;

/// What a run is, said once in its first record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The run.
    pub id: RunId,
    /// What the operator calls the migration.
    pub name: String,
    /// The tenant, as the configuration names it.
    pub tenant: String,
    /// The tenant's id, where the sign-in told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Graph's address, without the version; runs of earlier versions do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph_url: Option<String>,
    /// The two ends.
    pub route: Route,
    /// What the configuration says of the scenario.
    pub choice: ScenarioChoice,
    /// The numbers in force.
    pub settings: Settings,
    /// The version of skuferry that wrote the run.
    pub version: String,
    /// The configuration that the run was started with, from the root of the file system on; `None` for a demo, and in
    /// journals of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Whether it is a rehearsal, on a copy of the tenant; nothing of it happened to anybody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rehearsal: bool,
}

/// From where and how a session on a run is held. It never has a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// The machine, when it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The version of skuferry at work.
    pub version: String,
    /// How it signs in, by the configuration's word.
    pub sign_in: String,
    /// The account or the application that it is signed in as, when the token tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}
