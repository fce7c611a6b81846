//! How it stands with the sign-in, and what the operator has to do while one waits for them.

use std::fmt;

use crate::domain::fault::FaultMessage;
use crate::domain::time::Timestamp;

/// How it stands with the sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SignInState {
    /// Somebody is signed in, or nothing was asked yet.
    #[default]
    Good,
    /// Nobody is: nothing is read or written until somebody is, and why.
    Needed(FaultMessage),
    /// Somebody is being asked to; what for comes as soon as it is known.
    Asking(Option<Prompt>),
}

/// What the operator has to do to sign in. Its `Debug` shows neither the code nor the address: either signs somebody in.
#[derive(Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Sign in on a page of this machine's browser.
    Browser {
        /// The page.
        address: String,
        /// The port of this machine to which the page leads back.
        port: u16,
        /// Whether a browser was told to open it.
        opened: bool,
    },
    /// Enter a code on a page of any browser.
    DeviceCode {
        /// The code.
        code: String,
        /// The page.
        page: String,
        /// Until when the code is good.
        until: Timestamp,
    },
}

impl Prompt {
    /// The address of the page.
    pub fn address(&self) -> &str {
        match self {
            Self::Browser { address, .. } => address,
            Self::DeviceCode { page, .. } => page,
        }
    }
}

impl fmt::Debug for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Browser { opened, .. } => f.debug_struct("Browser").field("opened", opened).finish_non_exhaustive(),
            Self::DeviceCode { until, .. } => {
                f.debug_struct("DeviceCode").field("until", until).finish_non_exhaustive()
            }
        }
    }
}
