//! `$search` and `$orderby`: the parts of advanced queries that are not filters.
use serde_json::Value;

use crate::sim::answer::Refusal;

/// `"property:text"` clauses, all or any of which must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    clauses: Vec<(String, String)>,
    all: bool,
}

/// The properties that can be searched (Microsoft Learn, "Use the $search query parameter").
const SEARCHABLE: &[&str] =
    &["displayName", "description", "givenName", "mail", "mailNickname", "surname", "userPrincipalName"];

impl Search {
    /// Reads `"displayName:ann"` and chains of such with AND or with OR.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::new(400, "BadRequest", format!("Syntax error in $search clause: {text}"));
        let quoted: Vec<&str> = text.split('"').collect();
        // Text in quotes stands at odd places, what joins it at even ones.
        let joins: Vec<&str> =
            quoted.iter().step_by(2).map(|join| join.trim()).filter(|join| !join.is_empty()).collect();
        let all = joins.iter().all(|join| *join == "AND");
        if quoted.len().is_multiple_of(2) || !(all || joins.iter().all(|join| *join == "OR")) {
            return Err(wrong());
        }
        let clauses: Vec<(String, String)> = quoted
            .iter()
            .skip(1)
            .step_by(2)
            .map(|clause| {
                let (property, wanted) = clause.split_once(':').ok_or_else(wrong)?;
                let known = SEARCHABLE.contains(&property);
                if known { Ok((property.to_owned(), wanted.to_lowercase())) } else { Err(wrong()) }
            })
            .collect::<Result<_, Refusal>>()?;
        if clauses.is_empty() { Err(wrong()) } else { Ok(Self { clauses, all }) }
    }

    /// Whether an object is found: the text begins a word of the property.
    pub(crate) fn finds(&self, get: &impl Fn(&str) -> Value) -> bool {
        let found = |(property, wanted): &(String, String)| {
            let value = get(property).as_str().unwrap_or_default().to_lowercase();
            let words = value.split(|c: char| !c.is_alphanumeric());
            value.starts_with(wanted) || words.into_iter().any(|word| word.starts_with(wanted))
        };
        if self.all { self.clauses.iter().all(found) } else { self.clauses.iter().any(found) }
    }
}

/// `property`, `property asc` or `property desc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// The property.
    pub(crate) property: String,
    /// From the end.
    pub(crate) descending: bool,
}

impl Order {
    /// Reads an order by one property; Graph's directory orders by no more.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        let mut words = text.split_whitespace();
        let property = words.next().unwrap_or_default().to_owned();
        let descending = match words.next().map(str::to_ascii_lowercase).as_deref() {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(Refusal::query("Unsupported sort property.")),
        };
        if words.next().is_some() || property.contains(',') {
            return Err(Refusal::query("Sorting by more than one property is not supported."));
        }
        Ok(Self { property, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginnings() {
        let get = |name: &str| if name == "displayName" { Value::from("Ann-Marie Wood") } else { Value::Null };
        for (text, found) in [
            ("\"displayName:mar\"", true),
            ("\"displayName:arie\"", false),
            ("\"displayName:ann\" AND \"mail:x\"", false),
            ("\"displayName:ann\" OR \"mail:x\"", true),
        ] {
            assert_eq!(Search::read(text).unwrap().finds(&get), found, "{text}");
        }
        for wrong in ["displayName:ann", "\"ann\"", "\"id:ann\"", "\"displayName:a\" XOR \"mail:x\"", "\"displayName:a"]
        {
            assert!(Search::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_property_orders() {
        assert_eq!(
            Order::read("displayName desc").unwrap(),
            Order { property: "displayName".into(), descending: true }
        );
        assert!(Order::read("displayName up").is_err() && Order::read("displayName,mail").is_err());
    }
}
