//! `users/delta` and `groups/delta`: everything once, then what has changed since (Microsoft Learn, "Use delta query").
//!
//! License changes are not tracked, as a public report says of Graph; memberships and properties are.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::{Ask, encode, pairs};
use crate::sim::filter::Filter;
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::{self, Shape};
use crate::sim::tenant::{GroupIx, Member, UserIx};
use crate::sim::world::World;

/// The most ids that a filter may name here.
const MOST_IDS: usize = 50;
/// Rows on a page; a member of a group is a row too.
const ROWS: usize = 200;
/// How long a token is good, in seconds.
const TOKEN_LIFE: i64 = 7 * 24 * 3600;

/// A place in a round of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Round {
    /// The revision that the client has seen; none in the first round.
    since: Option<u64>,
    /// The revision up to which this round goes.
    until: u64,
    /// After which user or group, and after which member of that group.
    after: Option<u32>,
    member: Option<Member>,
}

/// `GET /users/delta` or `/groups/delta`.
pub(crate) fn answer(world: &World, ask: &Ask, kind: Kind) -> Result<Answer, Refusal> {
    let mut options = Options::of(ask)?;
    if options.top.is_some() || options.expand.is_some() || options.order.is_some() || options.search.is_some() {
        return Err(Refusal::query("The query option is not supported for delta."));
    }
    let with_members =
        kind == Kind::Group && options.select.as_ref().is_none_or(|names| names.iter().any(|name| name == "members"));
    if let Some(names) = &mut options.select {
        names.retain(|name| kind == Kind::User || name != "members");
        // A change without the id of what changed would be of no use.
        if !names.iter().any(|name| name.eq_ignore_ascii_case("id")) {
            names.push("id".to_owned());
        }
    }
    let ids = ids(options.filter.as_deref())?;
    let shape = Shape::new(&options, Some(kind), Timestamp::MAX)?;
    let minimal = ask.header("prefer").is_some_and(|wish| wish.to_ascii_lowercase().contains("return=minimal"));
    let now = world.tenant.revision();
    let fresh = Round { since: None, until: now, after: None, member: None };
    let mut round = match (&options.skip_token, options.delta_token.as_deref()) {
        (Some(token), _) => read(token).ok_or_else(|| resync(ask))?,
        (None, Some("latest")) => Round { since: Some(now), ..fresh },
        (None, Some(token)) => begin(token, world, ask)?,
        (None, None) => fresh,
    };
    let mut value = Vec::new();
    let more = match kind {
        Kind::User => users(world, &shape, minimal, &ids, &mut round, &mut value),
        Kind::Group => groups(world, &shape, minimal, with_members, &ids, &mut round, &mut value),
    };
    let set = if kind == Kind::User { "users" } else { "groups" };
    let mut body = page::envelope(&shape::context(set, &options), None, value, None);
    if more {
        body["@odata.nextLink"] = link(ask, "$skiptoken", &write(&round)).into();
    } else {
        let token = format!("delta:{}:{}", round.until, world.clock.now().as_second());
        body["@odata.deltaLink"] = link(ask, "$deltatoken", &URL_SAFE_NO_PAD.encode(token)).into();
    }
    let answer = Answer::ok(body);
    Ok(if minimal { answer.with("Preference-Applied", "return=minimal") } else { answer })
}

fn users(
    world: &World,
    shape: &Shape,
    minimal: bool,
    ids: &[String],
    round: &mut Round,
    value: &mut Vec<Value>,
) -> bool {
    for (ix, user) in world.tenant.every_user_from(round.after.map(UserIx)) {
        let concerned = round.since.is_none_or(|since| user.revision > since) && user.revision <= round.until;
        if !concerned || !named(ids, &user.id.to_string()) || (round.since.is_none() && !user.exists()) {
            continue;
        }
        if value.len() == ROWS {
            return true;
        }
        value.push(if user.exists() {
            show(world, shape, minimal, round, Member::User(ix))
        } else {
            removed(world, Member::User(ix), user.id)
        });
        round.after = Some(ix.0);
    }
    false
}

fn groups(
    world: &World,
    shape: &Shape,
    minimal: bool,
    with_members: bool,
    ids: &[String],
    round: &mut Round,
    value: &mut Vec<Value>,
) -> bool {
    let mut rows = 0;
    // A group whose members did not fit on the page before begins again where they ended.
    let from = if round.member.is_some() { round.after.and_then(|ix| ix.checked_sub(1)) } else { round.after };
    for (ix, group) in world.tenant.every_group_from(from.map(GroupIx)) {
        let concerned = round.since.is_none_or(|since| group.revision > since);
        if !concerned || !named(ids, &group.id.to_string()) || (round.since.is_none() && !group.exists()) {
            continue;
        }
        if rows >= ROWS {
            return true;
        }
        rows += 1;
        let mut shown = if group.exists() {
            show(world, shape, minimal, round, Member::Group(ix))
        } else {
            removed(world, Member::Group(ix), group.id)
        };
        round.after = Some(ix.0);
        let resumed = round.member.take();
        if with_members && group.exists() {
            let changes: Vec<(Member, bool)> = match round.since {
                None => group.members_at(Timestamp::MAX, resumed).map(|member| (member, true)).collect(),
                Some(since) => group.changed_members(since, round.until),
            };
            // Changes since a token are few and come all at once; the first round is cut.
            let room = if round.since.is_none() { ROWS.saturating_sub(rows).max(1) } else { usize::MAX };
            rows += changes.len().min(room);
            shown["members@delta"] =
                changes.iter().take(room).map(|(member, there)| change(world, *member, *there)).collect();
            if changes.len() > room {
                round.member = Some(changes[room - 1].0);
                value.push(shown);
                return true;
            }
        }
        value.push(shown);
    }
    false
}

/// An object; with `Prefer: return=minimal`, of one that was known before only the properties that changed.
fn show(world: &World, shape: &Shape, minimal: bool, round: &Round, object: Member) -> Value {
    let since = round.since.filter(|_| minimal);
    match since.and_then(|since| world.tenant.changed_since(object, since)) {
        Some(names) => shape.narrow(&names).show(&world.tenant, object),
        None => shape.show(&world.tenant, object),
    }
}

fn change(world: &World, member: Member, there: bool) -> Value {
    let (kind, id) = match member {
        Member::User(ix) => ("#microsoft.graph.user", world.tenant.user(ix).id),
        Member::Group(ix) => ("#microsoft.graph.group", world.tenant.group(ix).id),
    };
    let mut shown = json!({ "@odata.type": kind, "id": id });
    if !there {
        shown["@removed"] = json!({ "reason": "deleted" });
    }
    shown
}

/// Deleted: for good, or restorable for a while.
fn removed(world: &World, object: Member, id: uuid::Uuid) -> Value {
    let reason = if world.tenant.is_purged(object) { "deleted" } else { "changed" };
    json!({ "id": id, "@removed": { "reason": reason } })
}

/// The ids of `id eq '…' or id eq '…'`, the only filter there is; none names all.
fn ids(filter: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(text) = filter else { return Ok(Vec::new()) };
    let filter = Filter::read_up_to(text, MOST_IDS)?;
    let keys = filter.keys("id").filter(|_| filter.uses().iter().all(|(name, _)| *name == "id"));
    let keys = keys.ok_or_else(|| Refusal::query("Only filters by id are supported for delta."))?;
    Ok(keys.into_iter().map(str::to_ascii_lowercase).collect())
}

fn named(ids: &[String], id: &str) -> bool {
    ids.is_empty() || ids.iter().any(|one| one == id)
}

fn begin(token: &str, world: &World, ask: &Ask) -> Result<Round, Refusal> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let mut parts = text.strip_prefix("delta:").unwrap_or_default().split(':').map(str::parse::<i64>);
    let (Some(Ok(seen)), Some(Ok(given))) = (parts.next(), parts.next()) else { return Err(resync(ask)) };
    if world.clock.now().as_second() - given > TOKEN_LIFE {
        return Err(resync(ask));
    }
    let since = u64::try_from(seen).map_err(|_| resync(ask))?;
    Ok(Round { since: Some(since), until: world.tenant.revision(), after: None, member: None })
}

/// 410: the client must begin anew, at the place that `Location` names.
fn resync(ask: &Ask) -> Refusal {
    let message = "Resync required. Replace any local items with the server's version.";
    let mut location = link(ask, "$deltatoken", "");
    location.truncate(location.trim_end_matches("$deltatoken=").trim_end_matches(['&', '?']).len());
    Refusal::new(410, "resyncRequired", message).with("Location", location)
}

fn link(ask: &Ask, token: &str, value: &str) -> String {
    let kept = pairs(&ask.query)
        .filter(|(name, _)| !["$skiptoken", "$deltatoken"].contains(&name.to_ascii_lowercase().as_str()));
    let mut query: Vec<String> = kept.map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect();
    query.push(format!("{token}={value}"));
    format!("{}/v1.0{}?{}", ask.base, ask.path, query.join("&"))
}

fn write(round: &Round) -> String {
    let mut fields = Map::new();
    fields.insert("s".into(), json!(round.since));
    fields.insert("u".into(), json!(round.until));
    fields.insert("a".into(), json!(round.after));
    let member = round.member.map(|member| match member {
        Member::User(UserIx(ix)) => json!(["u", ix]),
        Member::Group(GroupIx(ix)) => json!(["g", ix]),
    });
    fields.insert("m".into(), json!(member));
    URL_SAFE_NO_PAD.encode(Value::Object(fields).to_string())
}

fn read(token: &str) -> Option<Round> {
    let fields: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let small = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    let member = match (fields["m"][0].as_str(), small(&fields["m"][1])) {
        (Some("u"), Some(ix)) => Some(Member::User(UserIx(ix))),
        (Some("g"), Some(ix)) => Some(Member::Group(GroupIx(ix))),
        _ => None,
    };
    Some(Round { since: fields["s"].as_u64(), until: fields["u"].as_u64()?, after: small(&fields["a"]), member })
}
