//! Pages: a link to the next one that stays right while members come and go.
use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::sim::answer::Refusal;
use crate::sim::ask::{Ask, encode, pairs};
use crate::sim::query::Options;
use crate::sim::tenant::{GroupIx, Member, UserIx};

/// Where the next page begins: after this object. A place in creation order, not a count, so that nobody is seen twice or
/// missed when the collection changes between pages.
pub(crate) type Mark = Member;

/// Reads the mark of a request's `$skiptoken`, which must belong to the very same query.
pub(crate) fn mark(ask: &Ask, options: &Options) -> Result<Option<Mark>, Refusal> {
    let Some(token) = &options.skip_token else {
        return Ok(None);
    };
    read(token, &bound(ask)).map(Some).ok_or_else(|| {
        let message = "The specified page token value has expired and can no longer be included in your request.";
        Refusal::new(400, "Directory_ExpiredPageToken", message)
    })
}

/// One page of a collection: at most `size` objects after the mark, and whether there is more.
pub(crate) fn cut<T>(mut objects: impl Iterator<Item = (Mark, T)>, size: usize) -> (Vec<T>, Option<Mark>) {
    let mut page = Vec::with_capacity(size.min(999));
    let mut last = None;
    for (mark, object) in objects.by_ref().take(size) {
        page.push(object);
        last = Some(mark);
    }
    let more = objects.next().is_some();
    (page, last.filter(|_| more))
}

/// A collection in its envelope.
pub(crate) fn envelope(context: &str, count: Option<usize>, value: Vec<Value>, next: Option<String>) -> Value {
    let mut body = Map::new();
    body.insert("@odata.context".into(), context_url(context).into());
    if let Some(count) = count {
        body.insert("@odata.count".into(), count.into());
    }
    if let Some(next) = next {
        body.insert("@odata.nextLink".into(), next.into());
    }
    body.insert("value".into(), value.into());
    Value::Object(body)
}

/// The `@odata.context` of a fragment such as `users/$entity`.
pub(crate) fn context_url(fragment: &str) -> String {
    format!("https://graph.microsoft.com/v1.0/$metadata#{fragment}")
}

/// The absolute link to the page after a mark, with the query's other options.
pub(crate) fn next_link(ask: &Ask, mark: Mark) -> String {
    let others = pairs(&ask.query).filter(|(name, _)| !name.eq_ignore_ascii_case("$skiptoken"));
    let mut query: Vec<String> = others.map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect();
    query.push(format!("$skiptoken={}", write(mark, &bound(ask))));
    format!("{}/v1.0{}?{}", ask.base, ask.path, query.join("&"))
}

/// A fingerprint of everything that a token is bound to.
fn bound(ask: &Ask) -> String {
    let mut parts: Vec<(String, String)> = pairs(&ask.query)
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(name, _)| name != "$skiptoken" && name != "$count")
        .collect();
    parts.sort();
    let mut hasher = DefaultHasher::new();
    (&ask.path, parts).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn write(mark: Mark, bound: &str) -> String {
    let place = match mark {
        Member::User(UserIx(ix)) => format!("u{ix}"),
        Member::Group(GroupIx(ix)) => format!("g{ix}"),
    };
    URL_SAFE_NO_PAD.encode(format!("RFNwdAoAAQ:{bound}:{place}"))
}

fn read(token: &str, bound: &str) -> Option<Mark> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).ok()?).ok()?;
    let mut parts = text.split(':').skip(1);
    if parts.next()? != bound {
        return None;
    }
    let place = parts.next()?;
    let ix = place.get(1..)?.parse().ok()?;
    match place.get(..1)? {
        "u" => Some(Member::User(UserIx(ix))),
        "g" => Some(Member::Group(GroupIx(ix))),
        _ => None,
    }
}
