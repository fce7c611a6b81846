//! The words and values that a configuration may hold, beyond plain text and numbers.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::id::SkuId;
use crate::domain::sku::Sku;

/// How to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// The operator signs in in a browser of this machine.
    Browser,
    /// The operator signs in with a code in any browser.
    DeviceCode,
    /// An app with a secret from the environment.
    ClientSecret,
    /// An app with a certificate.
    ClientCertificate,
    /// The token that the Azure CLI has.
    AzureCli,
    /// A token from the environment.
    AccessToken,
}

impl AuthMethod {
    /// As the file has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::DeviceCode => "device-code",
            Self::ClientSecret => "client-secret",
            Self::ClientCertificate => "client-certificate",
            Self::AzureCli => "azure-cli",
            Self::AccessToken => "access-token",
        }
    }

    /// Whether an app registration must be named. The other two methods bring tokens that were made for one already.
    pub fn needs_client_id(self) -> bool {
        match self {
            Self::Browser | Self::DeviceCode | Self::ClientSecret | Self::ClientCertificate => true,
            Self::AzureCli | Self::AccessToken => false,
        }
    }
}

/// The colours of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// Only the 16 colours that the terminal itself defines.
    Ansi,
    /// No colour at all.
    None,
}

/// A product as the file names it: part number, `TENANT:PART_NUMBER` or `skuId`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkuName(String);

impl SkuName {
    /// The name, unless it is empty or could not be one.
    pub(super) fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let named = !text.rsplit(':').next().unwrap_or_default().trim().is_empty();
        (named && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }

    /// As the file has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `skuId`, when the file gives one.
    pub fn id(&self) -> Option<SkuId> {
        self.0.parse::<Uuid>().ok().map(SkuId)
    }

    /// The part number, without the tenant that may stand before it.
    pub fn part_number(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or(&self.0).trim()
    }

    /// Whether this is the product that the file means.
    pub fn matches(&self, sku: &Sku) -> bool {
        self.id() == Some(sku.id) || self.part_number().eq_ignore_ascii_case(&sku.part_number)
    }

    /// Whether two names surely mean one product. A part number and an id cannot be compared without the tenant.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self.id(), other.id()) {
            (Some(one), Some(other)) => one == other,
            _ => self.part_number().eq_ignore_ascii_case(other.part_number()),
        }
    }
}

impl fmt::Display for SkuName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an address is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFlaw {
    /// It begins with neither `https://` nor `http://`.
    Scheme,
    /// It has characters that no root of a service has.
    Characters,
    /// Its host or port cannot be read.
    Host,
    /// It has the version in it.
    Version,
    /// It is plain http to another machine.
    PlainHttp,
}

impl AddressFlaw {
    const NAMES: [(&'static str, Self); 5] = [
        ("scheme", Self::Scheme),
        ("characters", Self::Characters),
        ("host", Self::Host),
        ("version", Self::Version),
        ("plain-http", Self::PlainHttp),
    ];

    /// What it is called on its way through the deserialiser, which passes on texts alone.
    pub(super) fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, flaw)| *flaw == self).map_or("", |(name, _)| name)
    }

    /// The flaw with this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, flaw)| *flaw)
    }
}

/// The root of a service, without the slash at its end.
///
/// # Errors
/// Says what is wrong with it. Plain http is for this machine alone: a token would otherwise cross the network readable.
pub(super) fn service_root(text: &str) -> Result<String, AddressFlaw> {
    let root = text.trim().trim_end_matches('/');
    let (scheme, rest) = root.split_once("://").ok_or(AddressFlaw::Scheme)?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if root.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '?' | '#' | '@')) {
        return Err(AddressFlaw::Characters);
    }
    let host = host_of(authority).ok_or(AddressFlaw::Host)?;
    if path.split('/').any(|part| matches!(part, "v1.0" | "beta")) {
        return Err(AddressFlaw::Version);
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok(root.to_owned()),
        "http" if is_loopback(host) => Ok(root.to_owned()),
        "http" => Err(AddressFlaw::PlainHttp),
        _ => Err(AddressFlaw::Scheme),
    }
}

fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let good_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let good_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
    (good_port && good_host).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sku::PrepaidUnits;

    fn sku() -> Sku {
        Sku {
            id: SkuId("18181a46-0d4e-45cd-891e-60aabd171b4e".parse().unwrap()),
            part_number: "STANDARDPACK".into(),
            for_users: true,
            capability: "Enabled".into(),
            prepaid: PrepaidUnits::default(),
            consumed: 0,
            plans: vec![],
        }
    }

    #[test]
    fn a_product_is_known_by_each_of_its_names() {
        for name in [
            "STANDARDPACK",
            "standardpack",
            " contoso:STANDARDPACK ",
            "18181A46-0D4E-45CD-891E-60AABD171B4E",
            "18181a460d4e45cd891e60aabd171b4e",
        ] {
            assert!(SkuName::new(name).unwrap().matches(&sku()), "{name}");
        }
        for name in ["STANDARDPACK_STUDENT", "PACK", "contoso:ENTERPRISEPACK", "STANDARDPACK:contoso"] {
            assert!(!SkuName::new(name).unwrap().matches(&sku()), "{name}");
        }
        assert!(SkuName::new("contoso:").is_none() && SkuName::new(" ").is_none());
    }

    #[test]
    fn plain_http_reaches_no_further_than_this_machine() {
        for good in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/",
            "HTTPS://graph.example:8443/graph",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://localhost:1",
            "http://[::1]:8080/",
        ] {
            assert!(service_root(good).is_ok_and(|root| !root.ends_with('/')), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@example.com",
            "http://127.0.0.1\\@example.com",
            "http://2130706433",
            "http://0.0.0.0",
            "http://[::2]",
            "http://127.0.0.1:99999",
            "http://",
            "https://",
            "https:///v1",
            "ftp://127.0.0.1",
            "graph.microsoft.com",
            "https://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com?x=1",
            "https://graph.microsoft.com/a b",
        ] {
            assert!(service_root(bad).is_err(), "{bad}");
        }
    }
}
