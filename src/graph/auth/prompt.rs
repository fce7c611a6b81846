//! What stands before the operator while a sign-in waits for them.

use std::fmt;

use crate::domain::time::Timestamp;

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

/// Told what to put before the operator.
pub type Show<'a> = &'a (dyn Fn(Prompt) + Send + Sync);

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
