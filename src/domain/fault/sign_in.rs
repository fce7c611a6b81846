//! Why a sign-in did not work, as a value: a refusal of Microsoft Entra's, or a case that we tell ourselves.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::sign_in::SignInCause;

/// Why a sign-in did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignInFault {
    /// Microsoft Entra refused.
    Refused(EntraRefusal),
    /// Nobody has signed in yet.
    Nobody,
    /// The token that the operator brought has expired.
    TokenEnded,
    /// Another account is signed in than the session was begun as.
    OtherAccount {
        /// Who is signed in now.
        now: String,
        /// Who was first.
        first: String,
    },
    /// No port of this machine can be listened to for the browser, and why.
    NoPort(String),
    /// Nobody signed in in a browser in time.
    NobodyInTime,
    /// The browser did not come back.
    NoBrowser,
    /// Nobody entered the code in time.
    CodeExpired,
    /// The Azure CLI gave no token.
    AzureCli(AzureCliFault),
    /// The certificate file cannot be used.
    Certificate(CertificateFlaw),
    /// The system has no randomness to sign with.
    NoRandomness,
}

/// A refusal (Microsoft identity platform, "OAuth 2.0 client credentials flow", error response).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EntraRefusal {
    /// What is behind it, where its numbers or words tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<SignInCause>,
    /// How many seconds this machine's clock is ahead of the service's, where that is the cause; negative when it is behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ahead: Option<i64>,
    /// The first line of what it says; `None` when it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// Its numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<u64>,
    /// Its id of the request, which Microsoft's support asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

/// Why the Azure CLI gave no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AzureCliFault {
    /// It is not installed, or not in the path.
    NotInstalled,
    /// It cannot be run, and why.
    NotRun(String),
    /// It gave no answer in time.
    NoAnswer,
    /// It printed something other than a token.
    NoToken,
    /// Microsoft Entra refused it a token.
    Refused {
        /// What is behind it.
        cause: SignInCause,
        /// The tenant to sign in at.
        tenant: String,
        /// What it printed.
        said: String,
    },
    /// Nobody is signed in there.
    Nobody {
        /// The tenant to sign in at.
        tenant: String,
        /// What it printed.
        said: String,
    },
    /// It failed for a reason that only its own words tell.
    Told(String),
}

/// What is wrong with a certificate file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateFlaw {
    /// It is not PEM.
    NotPem,
    /// Its key is encrypted.
    Encrypted,
    /// It holds no certificate.
    NoCertificate,
    /// It holds no private key.
    NoKey,
    /// Its key is not RSA.
    NotRsa,
    /// Its key is shorter or longer than what is used.
    KeyLength,
    /// Its key does not sign.
    DoesNotSign,
    /// Its certificate and its key do not belong together.
    NotTogether,
}

impl SignInFault {
    /// The cause that an admin can act on, where it is known.
    pub fn cause(&self) -> Option<SignInCause> {
        match self {
            Self::Refused(refusal) => refusal.cause,
            Self::AzureCli(AzureCliFault::Refused { cause, .. }) => Some(*cause),
            Self::CodeExpired => Some(SignInCause::CodeExpired),
            _ => None,
        }
    }
}

impl From<AzureCliFault> for SignInFault {
    fn from(fault: AzureCliFault) -> Self {
        Self::AzureCli(fault)
    }
}

impl From<CertificateFlaw> for SignInFault {
    fn from(flaw: CertificateFlaw) -> Self {
        Self::Certificate(flaw)
    }
}
