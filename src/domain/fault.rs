//! What went wrong with a request, for the journal and the screen.

mod connection;
mod message;
mod needs;
mod sign_in;

use serde::Deserialize;
use serde::Serialize;

pub use connection::ConnectionRemedy;
pub use connection::Silence;
pub use message::FaultMessage;
pub use needs::Needs;
pub use sign_in::AzureCliFault;
pub use sign_in::CertificateFlaw;
pub use sign_in::EntraRefusal;
pub use sign_in::SignInFault;

/// Why a request did not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// No answer came: offline, refused, name not found, timed out or cut off.
    Unreachable,
    /// Nobody is signed in, or no longer.
    SignIn,
    /// The permission or role is missing.
    Forbidden,
    /// What the request names is not there.
    NotFound,
    /// The member is there already.
    AlreadyMember,
    /// Graph met another change to the same object.
    Concurrent,
    /// Graph asks for patience.
    Throttled,
    /// Graph is in trouble itself: 5xx.
    Service,
    /// The answer could not be read as Graph's.
    Malformed,
    /// Graph says no for another reason.
    Refused,
    /// We did not send it, because the proof for it had grown too old or writing was halted.
    NotSent,
}

/// One failed request as the journal keeps it and the screen shows it. It never holds a token or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The kind, which decides what follows.
    pub kind: FaultKind,
    /// The HTTP status, when an answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Graph's `error.code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Graph's message, or ours where Graph said nothing.
    pub message: Box<FaultMessage>,
    /// Graph's `request-id`, which Microsoft's support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Fault {
    /// A fault of our own making, without an answer behind it.
    pub fn new(kind: FaultKind, message: impl Into<FaultMessage>) -> Self {
        Self { kind, status: None, code: None, message: Box::new(message.into()), request_id: None }
    }
}
