//! What an object belongs to: the groups that it is in, whom it reports to, what it owns.
use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::graph::list::Listing;
use crate::sim::graph::{groups, members, users};
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::route::{Belonging, Key, Members};
use crate::sim::shape::Shape;
use crate::sim::tenant::{Member, Tenant};
use crate::sim::world::World;

/// The most ids that one request may ask about (Microsoft Learn, "directoryObject: checkMemberGroups").
const MOST_IDS: usize = 20;

/// The object with a key, or 404.
fn find(world: &World, key: &Key) -> Result<Member, Refusal> {
    match key {
        Key::User(key) => users::find(world, key).map(Member::User),
        Key::Group(key) => groups::find(world, key).map(Member::Group),
        Key::Object(key) => {
            let found = Uuid::try_parse(key).ok().and_then(|id| world.tenant.object(id));
            found.ok_or_else(|| Refusal::missing(key))
        }
    }
}

/// `GET …/memberOf` and `…/transitiveMemberOf`.
pub(crate) fn member_of(world: &World, of: &Key, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let object = find(world, of)?;
    members::cast_is_advanced(members, ask)?;
    let listing = Listing::read(world, ask, members.cast, false)?;
    let at = world.memberships_at(ask);
    let groups = if members.transitive {
        world.tenant.groups_of_at(object, at)
    } else {
        world.tenant.direct_groups_at(object, at)
    };
    listed(&listing, members, groups.into_iter().map(Member::Group).collect())
}

/// A collection of a few objects, in order.
pub(super) fn listed(listing: &Listing<'_>, members: Members, objects: BTreeSet<Member>) -> Result<Answer, Refusal> {
    let fits = |object: &Member| members::kind_fits(members.cast, *object) && listing.world.tenant.exists(*object);
    let objects: Vec<Member> = objects.into_iter().filter(fits).collect();
    listing.answer(|mark| {
        let objects = objects.iter().copied();
        Box::new(objects.filter(move |object| mark.is_none_or(|mark| *object > mark)))
    })
}

/// `POST …/checkMemberGroups`, `…/getMemberGroups` and the same of objects: nested groups are counted. Groups are all that there
/// is to be a member of here, so asking about objects is no different.
pub(crate) fn member_groups(world: &World, of: &Key, way: Belonging, ask: &Ask) -> Result<Answer, Refusal> {
    let object = find(world, of)?;
    let body = ask.json()?;
    let tenant = &world.tenant;
    let mine = tenant.groups_of_at(object, world.memberships_at(ask));
    let found: Vec<Value> = match way {
        Belonging::Check => {
            let mine: Vec<Uuid> = mine.into_iter().map(|group| tenant.group(group).id).collect();
            let is_mine =
                |id: &&Value| id.as_str().is_some_and(|id| Uuid::try_parse(id).is_ok_and(|id| mine.contains(&id)));
            asked(&body)?.iter().filter(is_mine).cloned().collect()
        }
        Belonging::All => {
            let secure = body.get("securityEnabledOnly").and_then(Value::as_bool);
            let secure =
                secure.ok_or_else(|| Refusal::bad("The required parameter 'securityEnabledOnly' is missing."))?;
            let fits = mine.into_iter().map(|group| tenant.group(group)).filter(|group| group.security || !secure);
            fits.map(|group| json!(group.id)).collect()
        }
    };
    Ok(Answer::ok(json!({ "@odata.context": page::context_url("Collection(Edm.String)"), "value": found })))
}

/// The ids that a body asks about.
fn asked(body: &Value) -> Result<&[Value], Refusal> {
    let ids = body.get("groupIds").or(body.get("ids")).and_then(Value::as_array);
    let ids = ids.ok_or_else(|| Refusal::bad("The required parameter 'groupIds' is missing."))?;
    if ids.len() > MOST_IDS {
        let message = format!("Too many values in 'groupIds': {}. Max allowed: {MOST_IDS}.", ids.len());
        return Err(Refusal::bad(message));
    }
    Ok(ids)
}

/// `GET /users/{key}/manager`, or only where to find it.
pub(crate) fn manager(world: &World, key: &str, reference: bool, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, None, world.point_at(ask))?;
    let user = users::find(world, key)?;
    let manager = world.tenant.user(user).manager.filter(|ix| world.tenant.user(*ix).exists());
    let manager = Member::User(manager.ok_or_else(|| Refusal::missing("manager"))?);
    Ok(Answer::ok(if reference {
        let mut shown = self::reference(&world.tenant, manager);
        shown["@odata.context"] = page::context_url("$ref").into();
        shown
    } else {
        shape.entity(&world.tenant, manager, "directoryObjects/$entity")
    }))
}

/// `PUT /users/{key}/manager/$ref` (Microsoft Learn, "Assign manager").
pub(crate) fn set_manager(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    let Member::User(manager) = members::bound(&world.tenant, &ask.json()?)? else {
        return Err(Refusal::bad("Invalid value specified for property 'manager' of resource 'User'."));
    };
    world.tenant.user_mut(user).manager = Some(manager);
    Ok(Answer::no_content())
}

/// `DELETE /users/{key}/manager/$ref` (Microsoft Learn, "Remove manager").
pub(crate) fn remove_manager(world: &mut World, key: &str) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    world.tenant.user_mut(user).manager.take().ok_or_else(|| Refusal::missing("manager"))?;
    Ok(Answer::no_content())
}

/// `GET /users/{key}/directReports`.
pub(crate) fn direct_reports(world: &World, key: &str, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    members::cast_is_advanced(members, ask)?;
    let listing = Listing::read(world, ask, members.cast, false)?;
    listed(&listing, members, world.tenant.reports_to(user).collect())
}

/// `GET /users/{key}/ownedObjects`.
pub(crate) fn owned_objects(world: &World, key: &str, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    members::cast_is_advanced(members, ask)?;
    let listing = Listing::read(world, ask, members.cast, false)?;
    listed(&listing, members, world.tenant.owned_by(user).collect())
}

/// Where to find an object, as `$ref` tells it.
pub(crate) fn reference(tenant: &Tenant, object: Member) -> Value {
    let (id, class) = match object {
        Member::User(ix) => (tenant.user(ix).id, "User"),
        Member::Group(ix) => (tenant.group(ix).id, "Group"),
    };
    let base = format!("https://graph.microsoft.com/v2/{}/directoryObjects", tenant.id);
    json!({ "@odata.id": format!("{base}/{id}/Microsoft.DirectoryServices.{class}") })
}
