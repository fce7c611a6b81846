//! Why no answer came, and what can be done about the connection.

use serde::Deserialize;
use serde::Serialize;

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// It took too long.
    TookTooLong,
    /// What the machine's libraries say.
    #[serde(untagged)]
    Told(String),
}

/// What the operator can do about a connection that waiting does not mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRemedy {
    /// Name the certificate authority of a proxy that opens TLS.
    NameAuthority,
    /// Give the proxy its login.
    LogInToProxy,
}

impl Silence {
    /// What can be done, in so far as the words of the libraries tell.
    pub fn remedy(&self) -> Option<ConnectionRemedy> {
        let Self::Told(why) = self else { return None };
        let why = why.to_ascii_lowercase();
        if why.contains("invalid peer certificate") {
            Some(ConnectionRemedy::NameAuthority)
        } else if why.contains("proxy auth") {
            Some(ConnectionRemedy::LogInToProxy)
        } else {
            None
        }
    }
}
