//! Users: read, find, list, change, delete, and what they are in.
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::filter::Filter;
use crate::sim::graph::list;
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::route::{Kind, Members};
use crate::sim::shape::{self, Shape, license_detail, user_property};
use crate::sim::tenant::{Member, Tenant, UserIx};
use crate::sim::world::World;

/// The user with a key, or 404.
pub(crate) fn find(tenant: &Tenant, key: &str) -> Result<UserIx, Refusal> {
    tenant.find_user(key).ok_or_else(|| Refusal::missing(key))
}

/// `GET /users/{key}`.
pub(crate) fn get(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, Some(Kind::User), world.point_at(ask))?;
    let user = find(&world.tenant, key)?;
    let context = format!("{}/$entity", shape::context("users", &options));
    Ok(Answer::ok(shape.entity(&world.tenant, Member::User(user), &context)))
}

/// `GET /users`, with filter.
pub(crate) fn list(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    list::plain_only(ask, &options)?;
    let filter = read_filter(ask, &options, Kind::User)?;
    let shape = Shape::new(&options, Some(Kind::User), world.listed_at(ask))?;
    let mark = page::mark(ask, &options)?;
    let count = (options.count && ask.eventual() && mark.is_none())
        .then(|| matching(world, filter.as_ref(), &shape, None).count());
    let objects = matching(world, filter.as_ref(), &shape, mark);
    Ok(list::page(&world.tenant, ask, &options, &shape, &shape::context("users", &options), count, objects))
}

/// `GET /users/$count`.
pub(crate) fn count(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let filter = read_filter(ask, &options, Kind::User)?;
    let shape = Shape::new(&Options::default(), Some(Kind::User), world.listed_at(ask))?;
    list::bare_count(ask, || matching(world, filter.as_ref(), &shape, None).count())
}

/// A filter that this kind of object and this form of query allow.
pub(crate) fn read_filter(ask: &Ask, options: &Options, kind: Kind) -> Result<Option<Filter>, Refusal> {
    let Some(text) = &options.filter else {
        return Ok(None);
    };
    let filter = Filter::read(text)?;
    for name in filter.properties() {
        shape::filterable(name, kind)?;
    }
    if filter.advanced() && !(ask.eventual() && (options.count || ask.path.ends_with("$count"))) {
        return Err(Refusal::query("Unsupported Query."));
    }
    Ok(Some(filter))
}

fn matching<'a>(
    world: &'a World,
    filter: Option<&'a Filter>,
    shape: &'a Shape,
    mark: Option<Member>,
) -> Box<dyn Iterator<Item = Member> + 'a> {
    let tenant = &world.tenant;
    let from = match mark {
        Some(Member::User(ix)) => Some(ix),
        _ => None,
    };
    let Some(filter) = filter else {
        return Box::new(tenant.users_from(from).map(|(ix, _)| Member::User(ix)));
    };
    let fits = move |ix: &UserIx| filter.matches(&|name: &str| user_property(tenant, *ix, name, shape.at));
    match filter.keys("id").or_else(|| filter.keys("userPrincipalName")) {
        Some(keys) => {
            let mut found: Vec<UserIx> = keys.into_iter().filter_map(|key| tenant.find_user(key)).collect();
            found.sort_unstable();
            found.dedup();
            Box::new(
                found.into_iter().filter(move |ix| from.is_none_or(|from| *ix > from)).filter(fits).map(Member::User),
            )
        }
        None => Box::new(tenant.users_from(from).map(|(ix, _)| ix).filter(fits).map(Member::User)),
    }
}

/// `PATCH /users/{key}`: usage location, account, names.
pub(crate) fn update(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let user = find(&world.tenant, key)?;
    let body = ask.json()?;
    let changes = body.as_object().into_iter().flatten();
    for (name, value) in changes.clone() {
        let fits = match name.as_str() {
            "usageLocation" => match value.as_str() {
                Some(code) => code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()),
                None => value.is_null(),
            },
            "accountEnabled" => value.is_boolean(),
            "displayName" => value.as_str().is_some_and(|text| !text.is_empty()),
            "givenName" | "surname" => value.is_string(),
            "userPrincipalName" => value.as_str().is_some_and(|text| text.ends_with(&world.tenant.domain)),
            _ => return Err(Refusal::bad(format!("Invalid property '{name}'."))),
        };
        if !fits {
            return Err(Refusal::bad(format!("Invalid value specified for property '{name}' of resource 'User'.")));
        }
    }
    for (name, value) in changes {
        let text = || value.as_str().unwrap_or_default().to_owned();
        let found = world.tenant.user_mut(user);
        match name.as_str() {
            "usageLocation" => found.location = value.as_str().map(str::to_ascii_uppercase),
            "accountEnabled" => found.enabled = value.as_bool().unwrap_or(true),
            "displayName" => found.display = text(),
            "givenName" => found.given = text(),
            "surname" => found.surname = text(),
            _ => world.tenant.rename(user, &text()),
        }
    }
    Ok(Answer::no_content())
}

/// `DELETE /users/{key}`.
pub(crate) fn delete(world: &mut World, key: &str) -> Result<Answer, Refusal> {
    let user = find(&world.tenant, key)?;
    let now = world.clock.now();
    world.tenant.delete_user(user, now);
    Ok(Answer::no_content())
}

/// `GET /users/{key}/licenseDetails`.
pub(crate) fn license_details(world: &World, key: &str) -> Result<Answer, Refusal> {
    let tenant = &world.tenant;
    let user = tenant.user(find(tenant, key)?);
    let details: Vec<Value> = user.skus().into_iter().map(|sku| license_detail(tenant, user, sku)).collect();
    let context = format!("users('{}')/licenseDetails", user.id);
    Ok(Answer::ok(page::envelope(&context, None, details, None)))
}

/// `GET /users/{key}/memberOf` and `/transitiveMemberOf`.
pub(crate) fn member_of(world: &World, key: &str, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    list::plain_only(ask, &options)?;
    let user = find(&world.tenant, key)?;
    let kind = members.cast;
    let shape = Shape::new(&options, kind, world.listed_at(ask))?;
    let mut groups = if members.transitive {
        world.tenant.groups_of(Member::User(user))
    } else {
        world.tenant.user(user).groups.clone()
    };
    groups.retain(|_| kind != Some(Kind::User));
    groups.sort_unstable();
    if members.count {
        return list::bare_count(ask, || groups.len());
    }
    let mark = page::mark(ask, &options)?;
    let count = (options.count && ask.eventual() && mark.is_none()).then_some(groups.len());
    let objects = groups.into_iter().map(Member::Group).filter(|object| mark.is_none_or(|mark| *object > mark));
    let set = if kind == Some(Kind::Group) { "groups" } else { "directoryObjects" };
    Ok(list::page(&world.tenant, ask, &options, &shape, &shape::context(set, &options), count, objects))
}

/// `POST /users/{key}/checkMemberGroups`: which of at most 20 groups the user is in, nested ones counted.
pub(crate) fn check_member_groups(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let user = find(&world.tenant, key)?;
    let body = ask.json()?;
    let Some(asked) = body.get("groupIds").and_then(Value::as_array) else {
        return Err(Refusal::bad("The required parameter 'groupIds' is missing."));
    };
    if asked.len() > 20 {
        let message = format!("Too many values in 'groupIds': {}. Max allowed: 20.", asked.len());
        return Err(Refusal::bad(message));
    }
    let mine = world.tenant.groups_of(Member::User(user));
    let mine: Vec<Uuid> = mine.into_iter().map(|group| world.tenant.group(group).id).collect();
    let found: Vec<Value> = asked
        .iter()
        .filter(|id| id.as_str().and_then(|id| Uuid::try_parse(id).ok()).is_some_and(|id| mine.contains(&id)))
        .cloned()
        .collect();
    Ok(Answer::ok(json!({ "@odata.context": page::context_url("Collection(Edm.String)"), "value": found })))
}
