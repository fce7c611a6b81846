//! What the token endpoint gives, taken out of its answer before anything else sees it.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::auth::Token;

/// What MSAL takes for the life of a token when the server does not say (Microsoft Authentication Library for Python).
const LIFE: i64 = 1_800;

/// What the token endpoint gives.
pub(super) struct Grant {
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    expires_in: SignedDuration,
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    expires_in: Value,
}

impl Grant {
    /// Reads an answer; `None` when it holds no token.
    pub(super) fn read(body: &str) -> Option<Self> {
        let Granted { access_token, refresh_token, expires_in } = serde_json::from_str(body).ok()?;
        let life = match expires_in {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let expires_in = SignedDuration::from_secs(life.filter(|life| *life > 0).unwrap_or(LIFE).min(86_400 * 7));
        Some(Self { access_token, refresh_token, expires_in })
    }

    /// The token, whose life began when it was `asked` for.
    pub(super) fn token(&self, asked: Timestamp) -> Token {
        Token::new(self.access_token.clone(), asked.checked_add(self.expires_in).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_life_may_be_a_number_a_text_or_missing() {
        for (life, expected) in [("3599", 3_599), ("\"3599\"", 3_599), ("null", LIFE), ("-1", LIFE)] {
            let body = format!(r#"{{"access_token":"t","expires_in":{life},"token_type":"Bearer"}}"#);
            let grant = Grant::read(&body).expect("a grant");
            assert_eq!(grant.expires_in.as_secs(), expected);
            assert_eq!(grant.access_token.expose_secret(), "t");
        }
        assert!(Grant::read("{}").is_none() && Grant::read("").is_none());
    }
}
