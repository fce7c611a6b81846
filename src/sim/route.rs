//! From a verb and a path to the operation that is meant.
mod op;
mod table;
#[cfg(test)]
mod tests;

use axum::http::Method;

pub(crate) use op::{Belonging, Key, Kind, Members, Op};

use crate::sim::answer::Refusal;
use crate::sim::ask::decode;
use table::{Route, TABLE, Tail};

/// A part of a path. What stood in quotes and parentheses is a key whatever it looks like.
#[derive(Debug)]
struct Part {
    text: String,
    quoted: bool,
}

impl Part {
    /// Whether this is a word of Graph's. Clients write them in letters of any size.
    fn is(&self, word: &str) -> bool {
        let text = self.text.strip_suffix("()").unwrap_or(&self.text);
        let bound = text.get(..16).filter(|prefix| prefix.eq_ignore_ascii_case("microsoft.graph."));
        let short = bound.map_or(text, |prefix| &text[prefix.len()..]);
        !self.quoted && (text.eq_ignore_ascii_case(word) || short.eq_ignore_ascii_case(word))
    }

    fn cast(&self) -> Option<Kind> {
        let casts = [
            ("microsoft.graph.user", Kind::User),
            ("graph.user", Kind::User),
            ("microsoft.graph.group", Kind::Group),
            ("graph.group", Kind::Group),
        ];
        let found = casts.into_iter().find(|(name, _)| self.text.eq_ignore_ascii_case(name) && !self.quoted);
        found.map(|(_, kind)| kind)
    }

    /// Whether this can be a key: a bare part that begins with `$` means something else.
    fn is_key(&self) -> bool {
        self.quoted || !self.text.starts_with('$')
    }
}

/// Reads a path; `me` stands for the user key given, if the caller is a user.
pub(crate) fn route(method: &Method, path: &str, me: Option<&str>) -> Result<Op, Refusal> {
    let mut parts = split(path);
    if parts.first().is_some_and(|part| part.is("me")) {
        let Some(me) = me else {
            let message = "/me request is only valid with delegated authentication flow.";
            return Err(Refusal::new(400, "BadRequest", message));
        };
        let users = [("users", false), (me, true)].map(|(text, quoted)| Part { text: text.to_owned(), quoted });
        parts.splice(0..1, users);
    }
    let found = TABLE.iter().find_map(|route| {
        let (keys, members) = (route.verb == method.as_str()).then(|| fit(route, &parts))??;
        Some((route.op)(&keys, members))
    });
    found.ok_or_else(|| refusal(method, &parts))
}

/// Every operation, as verb and path, one for each of the forms that a path has.
pub(crate) fn operations() -> impl Iterator<Item = String> {
    TABLE.iter().flat_map(|route| {
        let tails: &[&str] = match route.tail {
            Tail::No => &[""],
            Tail::Count => &["", "/$count"],
            Tail::Cast => &["", "/microsoft.graph.user"],
            Tail::Users => &["", "/$count", "/microsoft.graph.user", "/microsoft.graph.user/$count"],
            Tail::Groups => &["", "/$count", "/microsoft.graph.group", "/microsoft.graph.group/$count"],
        };
        tails.iter().map(|tail| format!("{} {}{tail}", route.verb, route.path))
    })
}

/// The keys of a path, and what stands behind it, if it is a route's.
fn fit(route: &Route, parts: &[Part]) -> Option<(Vec<String>, Members)> {
    let mut parts = parts;
    let mut members = Members::default();
    if matches!(route.tail, Tail::Count | Tail::Users | Tail::Groups)
        && let [rest @ .., last] = parts
        && last.is("$count")
    {
        (parts, members.count) = (rest, true);
    }
    if matches!(route.tail, Tail::Cast | Tail::Users | Tail::Groups)
        && let [rest @ .., last] = parts
        && let Some(kind) = last.cast()
    {
        (parts, members.cast) = (rest, Some(kind));
    }
    let words = route.path.split('/').skip(1);
    if words.clone().count() != parts.len() || fitting(route, parts) < parts.len() {
        return None;
    }
    let keys = parts.iter().zip(words).filter(|(_, word)| *word == "{}").map(|(part, _)| part.text.clone());
    Some((keys.collect(), members))
}

/// How many parts of a path fit a route from the beginning.
fn fitting(route: &Route, parts: &[Part]) -> usize {
    let words = route.path.split('/').skip(1);
    let fits = |word: &str, part: &Part| match word {
        "{}" => part.is_key(),
        "microsoft.graph.user" => part.cast() == Some(Kind::User),
        "microsoft.graph.group" => part.cast() == Some(Kind::Group),
        word => part.is(word),
    };
    parts.iter().zip(words).take_while(|(part, word)| fits(word, part)).count()
}

/// Why a path with this verb means nothing.
fn refusal(method: &Method, parts: &[Part]) -> Refusal {
    let is = |words: &[&str]| {
        words.len() == parts.len() && words.iter().zip(parts).all(|(word, part)| *word == "{}" || part.is(word))
    };
    match method.as_str() {
        "POST" if is(&["groups", "{}", "members"]) || is(&["groups", "{}", "owners"]) => {
            Refusal::new(400, "BadRequest", "Write requests are only supported on contained entities")
        }
        _ if is(&["groups", "{}", "members", "$ref"]) || is(&["groups", "{}", "owners", "$ref"]) => {
            Refusal::new(400, "BadRequest", "The request is currently not supported on the targeted entity set")
        }
        // Without a cast it would be anything, which Graph does not list.
        "GET" if is(&["directory", "deletedItems"]) => Refusal::query("Unsupported Query."),
        _ if TABLE.iter().any(|route| fit(route, parts).is_some()) => {
            Refusal::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        }
        _ => {
            let known = TABLE.iter().map(|route| fitting(route, parts)).max().unwrap_or_default();
            let segment = parts.get(known).or(parts.last()).map_or("", |part| part.text.as_str());
            Refusal::new(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
        }
    }
}

/// Splits a path into decoded parts; `users('x')` becomes `users`, `x`.
fn split(path: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = decode(part);
        match part.strip_suffix("')").and_then(|part| part.split_once("('")) {
            Some((name, key)) => {
                parts.push(Part { text: name.to_owned(), quoted: false });
                parts.push(Part { text: key.replace("''", "'"), quoted: true });
            }
            None => parts.push(Part { text: part, quoted: false }),
        }
    }
    parts
}
