//! What the operator has said so far, as a configuration needs it.

use std::path::PathBuf;

use crate::config::AuthMethod;
use crate::domain::cloud::Cloud;
use crate::domain::id::GroupId;
use crate::domain::route::MovedBy;

/// How to sign in, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInDraft {
    /// The method.
    pub method: AuthMethod,
    /// The tenant's id or one of its domain names.
    pub tenant: String,
    /// The cloud; `None` where the two addresses say it.
    pub cloud: Option<Cloud>,
    /// Where Graph is, without a cloud.
    pub graph_url: String,
    /// Where the sign-in is, without a cloud.
    pub login_url: String,
    /// The application, when the method needs one.
    pub client_id: Option<String>,
    /// The file with the certificate and its key, when the method needs one.
    pub certificate: Option<PathBuf>,
    /// Authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// One end of the migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndDraft {
    /// The group.
    pub group: GroupId,
    /// What the tenant calls it.
    pub group_name: String,
    /// The product, as the file names it: its part number, or its id where the part number is not enough.
    pub sku: String,
    /// What people call it.
    pub sku_name: String,
    /// Who changes the group's members.
    pub moved_by: MovedBy,
}

/// Who moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersDraft {
    /// All members of the source group.
    SourceGroup,
    /// Those that a file lists.
    File(PathBuf),
    /// Those that were named here; they are written into a file beside the configuration.
    Pilot(Vec<String>),
}

/// A whole configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigDraft {
    /// How to sign in, and where.
    pub sign_in: SignInDraft,
    /// What users leave.
    pub source: EndDraft,
    /// What users get.
    pub target: EndDraft,
    /// Who moves.
    pub users: UsersDraft,
}

/// Every method, in the order in which they are offered.
pub const METHODS: [AuthMethod; 6] = [
    AuthMethod::Browser,
    AuthMethod::DeviceCode,
    AuthMethod::ClientCertificate,
    AuthMethod::ClientSecret,
    AuthMethod::AzureCli,
    AuthMethod::AccessToken,
];

/// A cloud as the file has it.
pub fn cloud_word(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "global",
        Cloud::UsGov => "us-gov",
        Cloud::UsDod => "us-dod",
        Cloud::China => "china",
    }
}
