//! Members of groups: list, add, remove, and the slip that deletes a user.
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::{Ask, decode};
use crate::sim::graph::list::Listing;
use crate::sim::graph::{belonging, groups};
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::route::{Kind, Members};
use crate::sim::shape::Shape;
use crate::sim::tenant::{GroupIx, Member, Tenant, UserIx};
use crate::sim::world::World;

/// The most members that one request may bind (Microsoft Learn, "Add members").
const MOST_BINDS: usize = 20;

/// `GET /groups/{id}/members` and `/transitiveMembers`, with or without a cast, or just their number.
pub(crate) fn list(world: &World, key: &str, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    // The list of casts that are advanced queries names those of transitive members only (Microsoft Learn, "Advanced query
    // capabilities"), and clients in the field send that of direct ones without the header.
    if members.transitive {
        cast_is_advanced(members, ask)?;
    }
    let mut listing = Listing::read(world, ask, members.cast, false)?;
    if members.cast.is_none() && !world.lists_show_licenses {
        listing.shape.hide_licenses();
    }
    listing.answer(|mark| {
        let all = at(&world.tenant, group, members.transitive, &listing.shape, mark);
        Box::new(all.filter(move |object| kind_fits(members.cast, *object)))
    })
}

/// A cast is an advanced query (Microsoft Learn, "Advanced query capabilities"): it needs both the header and `$count=true`.
pub(crate) fn cast_is_advanced(members: Members, ask: &Ask) -> Result<(), Refusal> {
    let options = Options::of(ask)?;
    let counted = options.count || members.count || options.skip_token.is_some();
    if members.cast.is_some() && !(ask.eventual() && counted) {
        return Err(Refusal::query("Unsupported Query."));
    }
    Ok(())
}

fn at<'a>(
    tenant: &'a Tenant,
    group: GroupIx,
    transitive: bool,
    shape: &Shape,
    from: Option<Member>,
) -> Box<dyn Iterator<Item = Member> + 'a> {
    if !transitive {
        let direct = tenant.group(group).members_at(shape.at, from);
        return Box::new(direct.filter(move |member| tenant.exists(*member)));
    }
    let all = tenant.all_members(group, shape.at);
    Box::new(all.into_iter().filter(move |member| from.is_none_or(|from| *member > from)))
}

/// Whether an object is of the kind that a cast asks for.
pub(super) fn kind_fits(cast: Option<Kind>, object: Member) -> bool {
    match cast {
        None => true,
        Some(Kind::User) => matches!(object, Member::User(_)),
        Some(Kind::Group) => matches!(object, Member::Group(_)),
    }
}

/// `GET /groups/{id}/members/$ref`: where to find the members.
pub(crate) fn references(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let options = Options::of(ask)?;
    let mark = page::mark(ask, &options)?;
    let members = at(&world.tenant, group, false, &Shape::new(&options, None, world.listed_at(ask))?, mark);
    let (shown, more) = page::cut(members.map(|member| (member, member)), options.page_size());
    let value = shown.into_iter().map(|member| belonging::reference(&world.tenant, member)).collect();
    let next = more.map(|mark| page::next_link(ask, mark));
    Ok(Answer::ok(page::envelope("Collection($ref)", None, value, next)))
}

/// `GET /groups/{id}/members/{id}`, or with `/$ref` only where to find it: 404 for who is no member.
pub(crate) fn get(world: &World, key: &str, member: &str, reference: bool, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, None, world.point_at(ask))?;
    let found = Uuid::try_parse(member).ok().and_then(|id| world.tenant.object(id));
    let found = found
        .filter(|found| world.tenant.group(group).had(*found, world.memberships_at(ask)))
        .ok_or_else(|| Refusal::missing(member))?;
    let mut shown = shape.entity(&world.tenant, found, "directoryObjects/$entity");
    if reference {
        shown = belonging::reference(&world.tenant, found);
        shown["@odata.context"] = page::context_url("$ref").into();
    }
    Ok(Answer::ok(shown))
}

/// `GET /groups/{id}/membersWithLicenseErrors`: users in error because of this group.
pub(crate) fn with_errors(world: &World, key: &str, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    cast_is_advanced(members, ask)?;
    let mut listing = Listing::read(world, ask, Some(Kind::User), false)?;
    listing.shape.typed = true;
    listing.answer(|mark| {
        let shape = &listing.shape;
        let failed = move |member: &Member| match member {
            Member::User(ix) => members.cast != Some(Kind::Group) && failed_by(&world.tenant, *ix, group, shape),
            Member::Group(_) => false,
        };
        Box::new(world.tenant.group(group).members_at(shape.at, mark).filter(failed))
    })
}

fn failed_by(tenant: &Tenant, user: UserIx, group: GroupIx, shape: &Shape) -> bool {
    tenant.user(user).assignments_at(shape.at).iter().any(|one| one.by == Some(group) && one.error.is_some())
}

/// `POST /groups/{id}/members/$ref`.
pub(crate) fn add(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    writable(&world.tenant, group)?;
    let member = bound(&world.tenant, &ask.json()?)?;
    addable(&world.tenant, &[member])?;
    add_all(world, group, &[member])
}

/// The object that a body such as `{"@odata.id": "…"}` leads to.
pub(crate) fn bound(tenant: &Tenant, body: &Value) -> Result<Member, Refusal> {
    let Some(reference) = body.get("@odata.id").and_then(Value::as_str) else {
        return Err(Refusal::bad("Invalid value specified for property '@odata.id' of resource 'DirectoryObject'."));
    };
    referenced(tenant, reference, "Invalid URL format specified in payload.")
}

/// The objects behind a `members@odata.bind` or its like.
pub(crate) fn binds(tenant: &Tenant, value: &Value, what: &str) -> Result<Vec<Member>, Refusal> {
    let Some(references) = value.as_array() else {
        let message = format!("Invalid value specified for property '{what}@odata.bind' of resource 'Group'.");
        return Err(Refusal::bad(message));
    };
    if references.len() > MOST_BINDS {
        let count = references.len();
        return Err(Refusal::bad(format!(
            "The request has {count} '{what}' references. At most {MOST_BINDS} are allowed."
        )));
    }
    let malformed = format!("Invalid URL format specified in @odata.bind for {what}");
    references.iter().map(|one| referenced(tenant, one.as_str().unwrap_or_default(), &malformed)).collect()
}

/// Adds members, all or none (Microsoft Learn, "Add members").
pub(crate) fn add_all(world: &mut World, group: GroupIx, members: &[Member]) -> Result<Answer, Refusal> {
    for (place, member) in members.iter().enumerate() {
        if members[..place].contains(member) {
            let (one, other) = (id(&world.tenant, *member), world.tenant.group(group).id);
            return Err(Refusal::bad(format!(
                "Object '[{one}]' referenced from '[{other}]' can only be present once as an add/remove change."
            )));
        }
        if world.tenant.group(group).has(*member) || *member == Member::Group(group) {
            return Err(Refusal::bad(
                "One or more added object references already exist for the following modified properties: 'members'.",
            ));
        }
    }
    let now = world.clock.now();
    for member in members {
        world.tenant.join(group, *member, now);
        if let Member::User(user) = member {
            world.client_added(now);
            world.membership_changed(*user, group, true, now);
        }
    }
    Ok(Answer::no_content())
}

/// `DELETE /groups/{id}/members/{id}/$ref`. For a non-member the 404 names the group (microsoft-graph-docs issue 18714).
pub(crate) fn remove(world: &mut World, key: &str, member: &str) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    writable(&world.tenant, group)?;
    let now = world.clock.now();
    let found = Uuid::try_parse(member).ok().and_then(|id| world.tenant.object(id));
    let Some(found) = found.filter(|found| world.tenant.leave(group, *found, now)) else {
        return Err(Refusal::missing(key));
    };
    if let Member::User(user) = found {
        world.membership_changed(user, group, false, now);
    }
    Ok(Answer::no_content())
}

/// `DELETE /groups/{id}/members/{id}` without `/$ref`: the object itself goes, as in Graph.
pub(crate) fn delete_object(world: &mut World, key: &str, member: &str) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let found = Uuid::try_parse(member).ok().and_then(|id| world.tenant.object(id));
    let now = world.clock.now();
    match found.filter(|found| world.tenant.group(group).has(*found)) {
        Some(Member::User(user)) => world.tenant.delete_user(user, now),
        Some(Member::Group(nested)) => world.tenant.delete_group(nested, now),
        None => return Err(Refusal::missing(member)),
    }
    Ok(Answer::no_content())
}

/// The object that an `@odata.id` leads to: the last part of the URL, whatever its host. Under `users`, a principal name will
/// do. What is no URL of an object is refused with 400 (the words: msgraph-sdk-powershell issue 3156 and microsoft-graph-docs
/// issue 9319; that the code is the same for both is assumed).
pub(crate) fn referenced(tenant: &Tenant, reference: &str, malformed: &str) -> Result<Member, Refusal> {
    let path = reference.trim_end_matches('/').trim_end_matches("')");
    let mut parts = path.rsplit(['/', '\'']);
    let key = decode(parts.next().unwrap_or_default());
    let set = parts.next().map(|set| set.trim_end_matches('(').to_ascii_lowercase()).unwrap_or_default();
    let id = Uuid::try_parse(&key).ok();
    let is_url = ["http://", "https://"].iter().any(|scheme| reference.starts_with(scheme));
    let is_object = set == "users" || (id.is_some() && ["directoryobjects", "groups"].contains(&set.as_str()));
    if !(is_url && is_object && !key.is_empty()) {
        return Err(Refusal::new(400, "BadRequest", malformed));
    }
    let object = match id {
        Some(id) => tenant.object(id),
        None => tenant.find_user(&key).map(Member::User),
    };
    object.ok_or_else(|| Refusal::missing(&key))
}

/// Refuses members whom the caller may not add, and with one of them all: nobody is added.
pub(crate) fn addable(tenant: &Tenant, members: &[Member]) -> Result<(), Refusal> {
    let refused = |member: &Member| matches!(member, Member::User(user) if tenant.user(*user).add_refused);
    if members.iter().any(refused) { Err(Refusal::denied()) } else { Ok(()) }
}

/// Refuses groups whose members Graph may not change.
pub(crate) fn writable(tenant: &Tenant, group: GroupIx) -> Result<(), Refusal> {
    let group = tenant.group(group);
    if group.synced == Some(true) {
        return Err(Refusal::bad(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects \
             currently undergoing migration.",
        ));
    }
    if group.is_dynamic() || group.is_mail_list() {
        return Err(Refusal::denied());
    }
    Ok(())
}

fn id(tenant: &Tenant, member: Member) -> Uuid {
    match member {
        Member::User(ix) => tenant.user(ix).id,
        Member::Group(ix) => tenant.group(ix).id,
    }
}
