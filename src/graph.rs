//! The client of Microsoft Graph: one method an operation, in the domain's types. It reads again by itself and writes
//! once; what follows from a write is the engine's to decide. Start at [`Graph`].

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::id::UserId;
use crate::domain::shared_text::SharedText;

pub mod auth;
pub mod cloud;
pub mod error;

mod advice_reads;
mod audits;
mod batch;
mod connection_status;
mod copied;
mod exchange;
mod find;
mod fuzzing;
mod granted;
mod groups;
mod http;
mod json_int;
mod json_list;
mod license_write;
mod licensed_groups;
mod limits;
mod member_write;
mod organization;
mod page;
mod per_user;
mod rate_limiter;
mod refusal;
mod retry;
mod secret_mask;
mod signed_in;
mod skus;
mod subscriptions;
mod survey;
mod template;
mod text;
mod unbatched;
mod url;
mod users;
mod wire;
mod worklist_names;

pub use crate::domain::sign_in_prompt::SignInState;
pub use auth::Identity;
pub use auth::TokenSource;
pub use cloud::Endpoints;
pub use connection_status::ConnectionStatus;
pub use copied::DatedGroup;
pub use error::GraphError;
#[doc(hidden)]
pub use fuzzing::fuzz_answer;
pub use groups::Groups;
pub use groups::READ_BESIDE;
pub use organization::Organization;
pub use users::Members;
pub use users::PointReads;

/// How a user is named by whoever asks for them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UserKey {
    /// By object id.
    Id(UserId),
    /// By sign-in name.
    Upn(SharedText),
}

/// A handle to Graph. Clones share the sign-in, the pace and the pulse.
#[derive(Clone)]
pub struct Graph {
    shared: Arc<Shared>,
}

struct Shared {
    http: http::Http,
    forms: survey::KnownForms,
}

impl Graph {
    /// A client for these endpoints. Nothing is sent yet.
    ///
    /// # Errors
    /// When no TLS client can be made, as on a machine without any certificates.
    #[expect(clippy::needless_pass_by_value, reason = "the client is made of its endpoints")]
    pub fn new(endpoints: Endpoints, tokens: Arc<dyn TokenSource>, clock: Arc<dyn Clock>) -> Result<Self, GraphError> {
        let http = http::Http::new(endpoints.versioned(), endpoints.authorities(), tokens, clock)?;
        Ok(Self { shared: Arc::new(Shared { http, forms: survey::KnownForms::default() }) })
    }

    /// Who is signed in; `None` when the token does not tell.
    ///
    /// # Errors
    /// When no token can be had.
    pub async fn identity(&self) -> Result<Option<Identity>, GraphError> {
        Ok(Identity::of(&self.http().token().await?))
    }

    /// How the connection fares, now and from now on.
    pub fn connection_status(&self) -> watch::Receiver<ConnectionStatus> {
        self.http().monitor.watch()
    }

    /// Halt: no write leaves any more, and one that waits for its turn comes back as not sent. What is under way is
    /// answered as usual.
    pub fn stop_writing(&self) {
        self.http().allow_writes(false);
    }

    /// Lifts what [`Graph::stop_writing`] did.
    pub fn allow_writing(&self) {
        self.http().allow_writes(true);
    }

    /// How long so many writes would wait for their turn if they were sent now. A removal waits with its proof
    /// growing old, so the last look is better taken when this is short.
    pub fn write_wait(&self, writes: u32) -> Duration {
        self.http().rate_limiter.write_wait(writes)
    }

    /// Asks at once a service that asked to be left alone for longer than ten minutes. A shorter wait is kept.
    pub fn ask_again(&self) {
        self.http().ask_again();
    }

    /// Shortens the windows of quotas and our own pauses by this factor, for a simulated tenant that runs faster than
    /// time. What the service asks for in `Retry-After` stays as it is.
    pub fn set_speed(&self, speed: f64) {
        self.http().rate_limiter.set_speed(speed);
    }

    fn http(&self) -> &http::Http {
        &self.shared.http
    }
}

#[cfg(test)]
mod tests;
