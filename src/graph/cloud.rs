//! Where Graph and the sign-in live; plain http is for this machine only.

use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Certificate;
use reqwest::Url;

use crate::domain::cloud::Cloud;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::graph::error::GraphError;

/// Where Graph and the sign-in are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    graph: Url,
    login: Url,
    /// Certificate authorities that are trusted beside the system's, as PEM.
    authorities: Arc<[u8]>,
}

impl Endpoints {
    /// The endpoints of a cloud.
    ///
    /// # Errors
    /// None that anybody could cause; they pass the same checks as custom ones.
    pub fn of(cloud: Cloud) -> Result<Self, GraphError> {
        let (graph, login) = match cloud {
            Cloud::Global => ("https://graph.microsoft.com", "https://login.microsoftonline.com"),
            Cloud::UsGov => ("https://graph.microsoft.us", "https://login.microsoftonline.us"),
            Cloud::UsDod => ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
            Cloud::China => ("https://microsoftgraph.chinacloudapi.cn", "https://login.partner.microsoftonline.cn"),
        };
        Self::custom(graph, login)
    }

    /// Endpoints of one's own, such as a simulated tenant's. `graph` comes without `/v1.0`.
    ///
    /// # Errors
    /// When one is not a URL, is plain http to another machine, or carries a user name, a query or a fragment.
    pub fn custom(graph: &str, login: &str) -> Result<Self, GraphError> {
        let graph = graph.trim().trim_end_matches('/');
        let graph = graph.strip_suffix("/v1.0").unwrap_or(graph);
        Ok(Self { graph: checked(graph)?, login: checked(login)?, authorities: Arc::default() })
    }

    /// Also trusts these certificate authorities, such as that of a proxy that opens TLS. `pem` may hold several.
    ///
    /// # Errors
    /// When it holds none that can be read.
    pub fn trusting(self, pem: &[u8]) -> Result<Self, GraphError> {
        let read = certificates(pem)?;
        if read.is_empty() {
            return Err(GraphError::new(FaultKind::Refused, FaultMessage::NoAuthority));
        }
        Ok(Self { authorities: pem.into(), ..self })
    }

    /// The certificate authorities that are trusted beside the system's, as PEM.
    pub(in crate::graph) fn authorities(&self) -> &[u8] {
        &self.authorities
    }

    /// Graph's root without a slash at its end and without the version: the prefix of scopes.
    pub fn graph_root(&self) -> &str {
        self.graph.as_str().trim_end_matches('/')
    }

    /// The root of the sign-in, without a slash at its end.
    pub fn login_root(&self) -> &str {
        self.login.as_str().trim_end_matches('/')
    }

    /// The hosts that are neither those of a cloud of Microsoft's nor this machine. Whoever is there gets what is sent.
    pub fn unknown_hosts(&self) -> Vec<UnknownHost> {
        let known = |service: Service| {
            let clouds = Cloud::ALL.into_iter().filter_map(|cloud| Self::of(cloud).ok());
            clouds.map(move |cloud| host(cloud.of_service(service)))
        };
        let services = [Service::Graph, Service::SignIn].into_iter();
        let strange = services.filter(|service| {
            let url = self.of_service(*service);
            !is_loopback(url) && !known(*service).any(|known| known == host(url))
        });
        strange.map(|service| UnknownHost { service, host: host(self.of_service(service)) }).collect()
    }

    fn of_service(&self, service: Service) -> &Url {
        match service {
            Service::Graph => &self.graph,
            Service::SignIn => &self.login,
        }
    }

    /// Graph's root with the version, without a slash at its end.
    pub(in crate::graph) fn versioned(&self) -> String {
        format!("{}/v1.0", self.graph_root())
    }
}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Microsoft Graph, which gets access tokens.
    Graph,
    /// The sign-in, which gets the client secret.
    SignIn,
}

/// A host that nobody vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHost {
    /// What it is to be used as.
    pub service: Service,
    /// Its name, with the port where it is not 443; names in other scripts are in their ASCII form (`xn--`).
    pub host: String,
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// Whether the URL leads to this very machine.
pub(in crate::graph) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Reads certificates from PEM; there may be none.
pub(in crate::graph) fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, GraphError> {
    Certificate::from_pem_bundle(pem).map_err(|_| GraphError::new(FaultKind::Refused, FaultMessage::AuthoritiesNotPem))
}

fn checked(text: &str) -> Result<Url, GraphError> {
    let refuse = |why| GraphError::new(FaultKind::Refused, why);
    let url = Url::parse(text.trim()).map_err(|why| refuse(FaultMessage::NotAUrl(why.to_string())))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        // The URL is not repeated: it may hold a password.
        return Err(refuse(FaultMessage::EndpointParts));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(refuse(FaultMessage::PlainHttp(url.to_string()))),
        other => Err(refuse(FaultMessage::NotHttps(other.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_as_a_clouds_own_or_as_this_machine() {
        let unknown = |graph: &str, login: &str| {
            let hosts = Endpoints::custom(graph, login).unwrap().unknown_hosts();
            hosts.into_iter().map(|unknown| (unknown.service, unknown.host)).collect::<Vec<_>>()
        };
        for cloud in Cloud::ALL {
            assert_eq!(Endpoints::of(cloud).unwrap().unknown_hosts(), []);
        }
        assert_eq!(unknown("http://127.0.0.1:8080", "https://[::1]:8443"), []);
        assert_eq!(unknown("https://graph.microsoft.com/beta-proxy", "https://LOGIN.microsoftonline.com"), []);
        let graph = |host: &str| vec![(Service::Graph, host.to_owned())];
        let login = "https://login.microsoftonline.com";
        for (url, host) in [
            ("https://graph.microsoft.com.evil.example", "graph.microsoft.com.evil.example"),
            ("https://graph.microsoft.com:8443", "graph.microsoft.com:8443"),
            ("https://gr\u{430}ph.microsoft.com", "xn--grph-63d.microsoft.com"),
            ("https://login.microsoftonline.com", "login.microsoftonline.com"), // tokens are not for the sign-in
            ("https://10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(unknown(url, login), graph(host), "{url}");
        }
        assert_eq!(
            unknown("https://graph.microsoft.com", "https://evil.example"),
            [(Service::SignIn, "evil.example".to_owned())]
        );
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in
            ["http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:1", "http://localhost:80", "https://a.b"]
        {
            assert!(Endpoints::custom(good, good).is_ok(), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://0.0.0.0",
            "http://10.0.0.1",
            "ftp://localhost",
            "https://user:pw@graph.microsoft.com",
            "https://graph.microsoft.com/?x=1",
            "graph.microsoft.com",
            "",
        ] {
            assert!(Endpoints::custom(bad, "https://login.example").is_err(), "{bad}");
            assert!(Endpoints::custom("https://graph.example", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_version_is_added_once() {
        for text in
            ["http://127.0.0.1:80", "http://127.0.0.1:80/", "http://127.0.0.1:80/v1.0", "http://127.0.0.1:80/v1.0/"]
        {
            let ends = Endpoints::custom(text, "http://127.0.0.1:80/").expect("good");
            assert_eq!(ends.versioned(), "http://127.0.0.1/v1.0");
            assert_eq!(ends.login_root(), "http://127.0.0.1");
        }
    }

    #[test]
    fn every_cloud_has_the_addresses_that_microsoft_publishes() {
        // Microsoft Graph, "National cloud deployments"; Microsoft Entra, "National clouds".
        let published = [
            (Cloud::Global, "https://graph.microsoft.com", "https://login.microsoftonline.com"),
            (Cloud::UsGov, "https://graph.microsoft.us", "https://login.microsoftonline.us"),
            (Cloud::UsDod, "https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
            (Cloud::China, "https://microsoftgraph.chinacloudapi.cn", "https://login.partner.microsoftonline.cn"),
        ];
        assert_eq!(published.map(|(cloud, ..)| cloud), Cloud::ALL);
        for (cloud, graph, login) in published {
            let ends = Endpoints::of(cloud).unwrap();
            assert_eq!((ends.graph_root(), ends.login_root()), (graph, login), "{cloud:?}");
            assert_eq!(ends.versioned(), format!("{graph}/v1.0"));
        }
    }
}
