//! Who may ask: a page in a browser on this machine can reach every port of it, and must not get at the tenant.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, Uri, header};

/// Headers that browsers send with what a page asks for, and nobody else does (Fetch standard; Fetch metadata).
const OF_A_BROWSER: [&str; 4] = ["origin", "referer", "sec-fetch-site", "sec-fetch-mode"];

/// The refusal of a request that is not from this machine's own tools; `None` for one that is.
pub(super) fn refused(uri: &Uri, headers: &HeaderMap) -> Option<Response<Body>> {
    let hosts = headers.get_all(header::HOST).iter().map(|host| host.to_str().ok());
    let mut asked = hosts.chain(uri.authority().map(|authority| Some(authority.as_str())));
    // The name of another site that leads to this machine (DNS rebinding) would make its pages the same origin as we are.
    if !asked.all(|host| host.is_some_and(is_own)) {
        return Some(refusal(StatusCode::MISDIRECTED_REQUEST, "the simulated tenant answers for this machine only\n"));
    }
    let controls = uri.path().trim_start_matches('/').split('/').next() == Some("_sim");
    if controls && OF_A_BROWSER.iter().any(|name| headers.contains_key(*name)) {
        return Some(refusal(StatusCode::FORBIDDEN, "the controls of the simulated tenant answer no browser\n"));
    }
    None
}

fn refusal(status: StatusCode, why: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(why));
    *response.status_mut() = status;
    response
}

/// Whether this host, with or without a port, is this machine by a name that nobody else can give out.
fn is_own(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(name, _)| name),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(path: &str, headers: &[(&'static str, &str)]) -> Option<u16> {
        let all = headers.iter().map(|(name, value)| ((*name).try_into().unwrap(), value.parse().unwrap())).collect();
        refused(&path.parse().unwrap(), &all).map(|response| response.status().as_u16())
    }

    #[test]
    fn a_foreign_host_is_not_answered() {
        for host in ["127.0.0.1:8080", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8080", "127.9.9.9:5"] {
            assert_eq!(status("/v1.0/users", &[("host", host)]), None, "{host}");
        }
        for host in
            ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""]
        {
            assert_eq!(status("/v1.0/users", &[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(status("/v1.0/users", &[("host", "localhost"), ("host", "evil.example")]), Some(421));
        assert_eq!(status("http://evil.example/v1.0/users", &[("host", "localhost")]), Some(421));
        assert_eq!(status("/v1.0/users", &[]), None, "HTTP/1.0 names none");
    }

    #[test]
    fn the_controls_answer_no_browser() {
        let own = ("host", "127.0.0.1:8080");
        for path in ["/_sim/log", "/_sim/faults", "//_sim/clock", "/_sim"] {
            assert_eq!(status(path, &[own]), None, "{path}");
            for name in OF_A_BROWSER {
                assert_eq!(status(path, &[own, (name, "http://127.0.0.1:8080")]), Some(403), "{path} {name}");
            }
        }
        // The page to sign in with is for a browser.
        assert_eq!(status("/t/oauth2/v2.0/authorize", &[own, ("sec-fetch-site", "none")]), None);
    }
}
