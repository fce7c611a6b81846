//! What a run does when something fails or has to wait.

use serde::Deserialize;
use serde::Serialize;

/// What a run reads or writes, where it failed or has to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// The first preflight.
    Preflight,
    /// That of a batch.
    BatchPreflight,
    /// Groups and SKUs, when a run is taken up again.
    GroupsAndSkus,
    /// A verify pass.
    VerifyPass,
    /// One user.
    User,
    /// One group.
    Group,
    /// Whether a user is in a group.
    Membership,
    /// The two groups.
    Groups,
    /// The last look before a removal.
    LastLook,
    /// An addition.
    Addition,
    /// A removal.
    Removal,
    /// A reprocess.
    Reprocess,
    /// A direct license that is taken off.
    DirectLicense,
    /// The words of an older journal.
    #[serde(untagged)]
    Told(String),
}
