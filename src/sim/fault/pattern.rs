//! A verb and a path with gaps, such as `DELETE /groups/*/members/*/$ref`.
use crate::sim::ask::decode;

/// Which requests are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    verb: Option<String>,
    parts: Vec<String>,
}

impl Pattern {
    /// Reads `VERB /path`; `*` stands for any verb or one part of the path, a last `**` for the rest of it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a verb and a path, such as \"DELETE /groups/*/members/*/$ref\"");
        let (verb, path) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let path = path.trim().strip_prefix('/').ok_or_else(wrong)?;
        let known = ["*", "GET", "POST", "PATCH", "PUT", "DELETE"];
        if !known.contains(&verb) {
            return Err(format!("`{verb}` is no verb, expected one of {}", known.join(" ")));
        }
        let parts = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Ok(Self { verb: (verb != "*").then(|| verb.to_owned()), parts })
    }

    /// Whether a request is meant. Neither case nor percent-encoding matters; the query is not looked at.
    pub(crate) fn matches(&self, verb: &str, path: &str) -> bool {
        if self.verb.as_ref().is_some_and(|wanted| wanted != verb) {
            return false;
        }
        let mut given = path.split('/').filter(|part| !part.is_empty());
        for wanted in &self.parts {
            match (wanted.as_str(), given.next()) {
                ("**", _) => return true,
                ("*", Some(_)) => {}
                (text, Some(part)) if text.eq_ignore_ascii_case(&decode(part)) => {}
                _ => return false,
            }
        }
        given.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_match_parts_and_two_stars_the_rest() {
        let matches = |pattern: &str, verb: &str, path: &str| Pattern::read(pattern).unwrap().matches(verb, path);
        assert!(matches("DELETE /groups/*/members/*/$ref", "DELETE", "/groups/a/members/b/%24ref"));
        assert!(!matches("DELETE /groups/*/members/*/$ref", "DELETE", "/groups/a/members/b"));
        assert!(matches("* /groups/**", "PATCH", "/groups/a"));
        assert!(matches("GET /**", "GET", "/users"));
        assert!(!matches("GET /users/*", "GET", "/users"));
        assert!(!matches("GET /users", "POST", "/users"));
        assert!(Pattern::read("FETCH /users").is_err() && Pattern::read("/users").is_err());
    }
}
