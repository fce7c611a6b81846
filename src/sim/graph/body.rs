//! The properties in a body. Graph knows them in letters of any size, and clients make use of that.
use serde_json::{Map, Value};

use crate::sim::answer::Refusal;
use crate::sim::ask::Ask;

/// The body of a request, with the properties under the names that Graph gives them where it knows any.
pub(super) fn read(ask: &Ask, known: &[&[&str]]) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(body) = ask.json()? else { return Ok(Map::new()) };
    let names = || known.iter().copied().flatten();
    let renamed = body.into_iter().map(|(given, value)| {
        let name = names().find(|name| name.eq_ignore_ascii_case(&given)).map(|name| (*name).to_owned());
        (name.unwrap_or(given), value)
    });
    Ok(renamed.collect())
}

/// Whether a property says what kind of object the body is, which SDKs write and Graph ignores.
pub(super) fn is_annotation(name: &str) -> bool {
    name.starts_with("@odata.")
}
