//! Who is signed in, read from a token for display and for the check of permissions; never to trust anything.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::graph::auth::Token;
use crate::graph::text;

/// Who is signed in and what they were granted (Microsoft identity platform, "Access token claims reference").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The sign-in name, or the application's name or id.
    pub name: String,
    /// The tenant's id.
    pub tenant_id: Option<String>,
    /// The delegated scopes, or the roles of an application.
    pub permissions: Vec<String>,
    /// Whether an application is signed in and no person.
    pub app_only: bool,
}

impl Identity {
    /// Reads the middle segment of a token. A token of another make says nothing.
    pub fn of(token: &Token) -> Option<Self> {
        let segment = token.secret().split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(segment.trim_end_matches('=')).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        let claim = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let first = |names: &[&str]| names.iter().find_map(|name| claim(name)).map(text::message);
        let scopes: Vec<_> = claim("scp").into_iter().flat_map(str::split_whitespace).map(text::plain).collect();
        let roles = claims.get("roles").and_then(Value::as_array).into_iter().flatten();
        let roles: Vec<_> = roles.filter_map(Value::as_str).map(text::plain).collect();
        let app_only = claim("idtyp").map_or(scopes.is_empty(), |kind| kind == "app");
        let person = ["upn", "preferred_username", "unique_name"];
        let app = ["app_displayname", "appid", "azp"];
        let name = if app_only { first(&app) } else { first(&person).or_else(|| first(&app)) };
        Some(Self {
            name: name.or_else(|| first(&["oid", "sub"]))?,
            tenant_id: first(&["tid"]),
            permissions: if app_only { roles } else { scopes },
            app_only,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(claims: &str) -> Option<Identity> {
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        Identity::of(&Token::new(token.into(), None))
    }

    #[test]
    fn a_person() {
        let who = of(r#"{"upn":"a@c.com","tid":"t-1","scp":"User.Read.All GroupMember.ReadWrite.All","roles":["x"]}"#);
        let who = who.expect("claims");
        assert_eq!((who.name.as_str(), who.tenant_id.as_deref(), who.app_only), ("a@c.com", Some("t-1"), false));
        assert_eq!(who.permissions, ["User.Read.All", "GroupMember.ReadWrite.All"]);
    }

    #[test]
    fn an_application() {
        let who = of(r#"{"appid":"app-1","idtyp":"app","roles":["User.Read.All"]}"#).expect("claims");
        assert_eq!((who.name.as_str(), who.app_only), ("app-1", true));
        assert_eq!(who.permissions, ["User.Read.All"]);
    }

    #[test]
    fn other_tokens_say_nothing() {
        for token in ["opaque", "a.b.c", "", "..", "e30.bnVsbA.x"] {
            assert_eq!(Identity::of(&Token::new(token.into(), None)), None, "{token}");
        }
        assert_eq!(of("{}"), None);
    }

    #[test]
    fn a_token_does_not_show_itself() {
        assert!(!format!("{:?}", Token::new("s3cret".into(), None)).contains("s3cret"));
    }
}
