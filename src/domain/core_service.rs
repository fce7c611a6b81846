//! The services that nobody should lose unnoticed, and which plan brings which.

use serde::Deserialize;
use serde::Serialize;

/// A service without which a user cannot work as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoreService {
    /// A mailbox.
    Exchange,
    /// Sites and files.
    Sharepoint,
    /// Teams.
    Teams,
    /// The desktop apps.
    Apps,
}

impl CoreService {
    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exchange => "Exchange",
            Self::Sharepoint => "SharePoint and OneDrive",
            Self::Teams => "Teams",
            Self::Apps => "the desktop apps",
        }
    }

    /// The service that a plan brings, by its part number; `None` for a plan that is an add-on or something else.
    pub fn of(plan: &str) -> Option<Self> {
        match plan {
            "EXCHANGE_S_ESSENTIALS"
            | "EXCHANGE_S_DESKLESS"
            | "EXCHANGE_S_STANDARD"
            | "EXCHANGE_S_STANDARD_MIDMARKET"
            | "EXCHANGE_S_ENTERPRISE"
            | "EXCHANGE_B_STANDARD"
            | "EXCHANGE_L_STANDARD" => Some(Self::Exchange),
            "SHAREPOINTDESKLESS"
            | "SHAREPOINTSTANDARD"
            | "SHAREPOINTENTERPRISE"
            | "SHAREPOINTSTANDARD_EDU"
            | "SHAREPOINTENTERPRISE_EDU"
            | "SHAREPOINTENTERPRISE_MIDMARKET"
            | "SHAREPOINTLITE"
            | "ONEDRIVEENTERPRISE" => Some(Self::Sharepoint),
            "TEAMS1" => Some(Self::Teams),
            "OFFICESUBSCRIPTION" | "OFFICE_BUSINESS" => Some(Self::Apps),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::products;

    #[test]
    fn a_plan_is_of_a_core_service_by_its_part_number_and_an_add_on_is_not() {
        assert_eq!(CoreService::of("EXCHANGE_S_ENTERPRISE"), Some(CoreService::Exchange));
        assert_eq!(CoreService::of("SHAREPOINTDESKLESS"), Some(CoreService::Sharepoint));
        for no_service in ["EXCHANGE_S_FOUNDATION", "EXCHANGE_S_ARCHIVE_ADDON", "SHAREPOINTWAC"] {
            assert_eq!(CoreService::of(no_service), None);
            assert!(products::plan_called(no_service).is_some(), "{no_service}");
        }
    }
}
