//! Who may sign in and how, and what the service remembers of it.
use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::sim::length::Length;
use crate::sim::oauth::refusals::Place;
use crate::sim::tenant::UserIx;
use crate::sim::token::{ALL_PERMISSIONS, Certificate};

/// `[sign_in]`, in real time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInText {
    #[serde(default)]
    pub(crate) user: Option<String>,
    #[serde(default)]
    directory_role: Option<bool>,
    #[serde(default)]
    binds_members: Option<bool>,
    #[serde(default)]
    token_lifetime: Option<Length>,
    #[serde(default)]
    device_outcome: Option<Outcome>,
    #[serde(default)]
    device_decided_after: Option<Length>,
    #[serde(default)]
    device_expires_after: Option<Length>,
    #[serde(default)]
    device_interval: Option<Length>,
    /// The number of a refusal; 0 for none.
    #[serde(default)]
    refuse: Option<u32>,
    #[serde(default)]
    refuse_at: Place,
}

/// One `[[app]]`: an application whose secret, certificate or permissions are not just any.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppText {
    client_id: String,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    certificate: Option<Certificate>,
    #[serde(default)]
    permissions: Option<Vec<String>>,
}

/// What the person at the browser does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Agrees.
    Approve,
    /// Refuses.
    Decline,
    /// Never comes.
    Never,
}

/// The sign-in service.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// Who signs in.
    pub(crate) user: Option<UserIx>,
    /// Whether that user has a directory role that lets it write.
    pub(crate) directory_role: bool,
    /// Whether `PATCH /groups/{id}` may bind members. Microsoft's permission data asks more for it than the documents do, so
    /// there are tenants where only `POST members/$ref` may.
    pub(crate) binds_members: bool,
    pub(super) token_lifetime: Duration,
    pub(super) outcome: Outcome,
    pub(super) decided_after: Duration,
    pub(super) expires_after: Duration,
    pub(super) interval: Duration,
    pub(super) apps: Vec<AppText>,
    pub(super) devices: HashMap<String, Device>,
    pub(super) refreshes: HashMap<String, Refresh>,
    pub(super) codes: HashMap<String, Code>,
    /// Every token and code that was given out or taken, for whoever looks where they have gone.
    pub(crate) issued: Vec<String>,
    refuse: Option<(Place, u32)>,
}

/// A code with which the browser went back.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) app: String,
    pub(super) scope: String,
    pub(super) back: String,
    pub(super) challenge: Option<String>,
    pub(super) user: UserIx,
    pub(super) until: Timestamp,
}

/// A device that waits for its person.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) app: String,
    pub(super) scope: String,
    pub(super) begun: Timestamp,
    pub(super) polled: Option<Timestamp>,
}

/// What a refresh token stands for.
#[derive(Debug, Clone)]
pub(super) struct Refresh {
    pub(super) app: String,
    pub(super) scope: String,
    pub(super) until: Timestamp,
    pub(super) user: UserIx,
}

impl SignIn {
    /// A service that lets everybody in. Fifteen minutes and five seconds are Entra's own (Microsoft Learn, "OAuth 2.0
    /// device authorization grant flow").
    pub(crate) fn new(user: Option<UserIx>) -> Self {
        Self {
            user,
            directory_role: true,
            binds_members: true,
            token_lifetime: Duration::from_secs(3599),
            outcome: Outcome::Approve,
            decided_after: Duration::from_secs(4),
            expires_after: Duration::from_mins(15),
            interval: Duration::from_secs(5),
            apps: Vec::new(),
            devices: HashMap::new(),
            refreshes: HashMap::new(),
            codes: HashMap::new(),
            issued: Vec::new(),
            refuse: None,
        }
    }

    /// Takes over what a text says.
    pub(crate) fn set(&mut self, text: &SignInText) {
        let length = |what: &mut Duration, wish: Option<Length>| {
            if let Some(Length(length)) = wish {
                *what = length;
            }
        };
        length(&mut self.token_lifetime, text.token_lifetime);
        length(&mut self.decided_after, text.device_decided_after);
        length(&mut self.expires_after, text.device_expires_after);
        length(&mut self.interval, text.device_interval);
        if let Some(number) = text.refuse {
            self.refuse = (number != 0).then_some((text.refuse_at, number));
        }
        self.outcome = text.device_outcome.unwrap_or(self.outcome);
        self.binds_members = text.binds_members.unwrap_or(self.binds_members);
        self.directory_role = text.directory_role.unwrap_or(self.directory_role);
    }

    /// The number by which it refuses at a place.
    pub(super) fn refuses(&self, place: Place) -> Option<u32> {
        self.refuse.filter(|(at, _)| *at == place).map(|(_, number)| number)
    }

    /// Knows these applications better than others.
    pub(crate) fn know(&mut self, apps: &[AppText]) {
        for app in apps {
            self.apps.retain(|known| !known.client_id.eq_ignore_ascii_case(&app.client_id));
            self.apps.push(app.clone());
        }
    }

    /// Whether a secret is an application's; any is, if it is not known.
    pub(super) fn secret_fits(&self, app: &str, secret: &str) -> bool {
        self.app(app).and_then(|app| app.secret.as_deref()).is_none_or(|known| known == secret)
    }

    /// The certificate that an application's assertions must be signed with; none if it is not known.
    pub(super) fn certificate(&self, app: &str) -> Option<&Certificate> {
        self.app(app)?.certificate.as_ref()
    }

    /// What an application was granted: everything, if it is not known.
    pub(super) fn granted(&self, app: &str) -> Vec<String> {
        let known = self.app(app).and_then(|app| app.permissions.clone());
        known.unwrap_or_else(|| ALL_PERMISSIONS.iter().map(|grant| (*grant).to_owned()).collect())
    }

    /// Whether a permission was granted to an application.
    pub(super) fn grants(&self, app: &str, permission: &str) -> bool {
        let known = self.app(app).and_then(|app| app.permissions.as_ref());
        known.is_none_or(|known| known.iter().any(|grant| grant.eq_ignore_ascii_case(permission)))
    }

    fn app(&self, id: &str) -> Option<&AppText> {
        self.apps.iter().find(|app| app.client_id.eq_ignore_ascii_case(id))
    }
}
