//! Microsoft's clouds: each has a Graph and a sign-in of its own.

use serde::Deserialize;

/// Which of Microsoft's clouds the tenant lives in (Microsoft Graph, "National cloud deployments").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The worldwide cloud, and GCC.
    #[default]
    Global,
    /// US Government L4, also called GCC High.
    UsGov,
    /// US Government L5, of the Department of Defense.
    UsDod,
    /// China, run by 21Vianet.
    China,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGov, Self::UsDod, Self::China];
}
