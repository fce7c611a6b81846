//! Who is signed in, read from a token for display and for the check of permissions; never to trust anything.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::domain::time::Timestamp;
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
    /// The object id of whoever is signed in.
    pub object_id: Option<String>,
    /// The id of the application that the token was made for.
    pub client_id: Option<String>,
    /// The template ids of the directory roles that hold for the whole tenant; `None` when the token does not tell.
    pub directory_roles: Option<Vec<String>>,
    /// When the token ends.
    pub expires: Option<Timestamp>,
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
        let directory_roles = claims.get("wids").and_then(Value::as_array);
        let directory_roles =
            directory_roles.map(|ids| ids.iter().filter_map(Value::as_str).map(text::plain).collect::<Vec<_>>());
        let end = claims.get("exp").and_then(Value::as_f64).filter(|second| second.is_finite());
        #[expect(clippy::cast_possible_truncation, reason = "a time that is no time is none")]
        let expires = end.and_then(|second| Timestamp::from_second(second as i64).ok());
        let app_only = claim("idtyp").map_or(scopes.is_empty(), |kind| kind == "app");
        let person = ["upn", "preferred_username", "unique_name"];
        let app = ["app_displayname", "appid", "azp"];
        let name = if app_only { first(&app) } else { first(&person).or_else(|| first(&app)) };
        Some(Self {
            name: name.or_else(|| first(&["oid", "sub"]))?,
            tenant_id: first(&["tid"]),
            permissions: if app_only { roles } else { scopes },
            app_only,
            object_id: first(&["oid"]),
            client_id: first(&["appid", "azp"]),
            directory_roles,
            expires,
        })
    }

    /// Whether the other is the same account or application in the same tenant.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let key = |one: &Self| {
            let id = one.object_id.as_ref().unwrap_or(&one.name);
            (one.tenant_id.as_deref().map(str::to_ascii_lowercase), id.to_ascii_lowercase(), one.app_only)
        };
        key(self) == key(other)
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
        assert_eq!((who.directory_roles, who.expires), (None, None));
    }

    #[test]
    fn another_account_is_told_from_a_new_token_of_the_same() {
        let who = |oid: &str, tid: &str, exp: i64| {
            of(&format!(r#"{{"upn":"a@c.com","oid":"{oid}","tid":"{tid}","exp":{exp},"scp":"x","wids":["w"]}}"#))
                .expect("claims")
        };
        let first = who("o-1", "t-1", 10);
        assert!(first.is_same_as(&who("O-1", "t-1", 20)));
        assert!(!first.is_same_as(&who("o-2", "t-1", 10)) && !first.is_same_as(&who("o-1", "t-2", 10)));
        assert_eq!(first.expires.map(Timestamp::as_second), Some(10));
        assert_eq!(first.directory_roles.as_deref(), Some(["w".to_owned()].as_slice()));
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
