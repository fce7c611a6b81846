//! Owners of groups: list, add, remove (Microsoft Learn, "List group owners" and its neighbours).
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::graph::list::Listing;
use crate::sim::graph::{belonging, groups, members};
use crate::sim::route::Members;
use crate::sim::tenant::{GroupIx, Member, Tenant, UserIx};
use crate::sim::world::World;

/// `GET /groups/{id}/owners`.
pub(crate) fn list(world: &World, key: &str, members: Members, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    members::cast_is_advanced(members, ask)?;
    let listing = Listing::read(world, ask, members.cast, false)?;
    let owners = &world.tenant.group(group).owners;
    belonging::listed(&listing, members, owners.iter().copied().map(Member::User).collect())
}

/// `POST /groups/{id}/owners/$ref`.
pub(crate) fn add(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let owner = members::bound(&world.tenant, &ask.json()?)?;
    let owners = checked(&world.tenant, Some(group), &[owner])?;
    world.tenant.group_mut(group).owners.extend(owners);
    world.tenant.touch(Member::Group(group));
    Ok(Answer::no_content())
}

/// `DELETE /groups/{id}/owners/{id}/$ref`. A Microsoft 365 group keeps its last owner. That the 404 names the group, as it does
/// for members, is assumed.
pub(crate) fn remove(world: &mut World, key: &str, owner: &str) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let found = Uuid::try_parse(owner).ok().and_then(|id| world.tenant.object(id));
    let owners = &world.tenant.group(group).owners;
    let place = owners.iter().position(|ix| found == Some(Member::User(*ix))).ok_or_else(|| Refusal::missing(key))?;
    if owners.len() == 1 && world.tenant.group(group).is_unified() {
        return Err(Refusal::bad("The group must have at least one owner, hence this owner cannot be removed."));
    }
    world.tenant.group_mut(group).owners.remove(place);
    world.tenant.touch(Member::Group(group));
    Ok(Answer::no_content())
}

/// The users behind an `owners@odata.bind`.
pub(crate) fn binds(tenant: &Tenant, group: Option<GroupIx>, value: &Value) -> Result<Vec<UserIx>, Refusal> {
    checked(tenant, group, &members::binds(tenant, value, "owners")?)
}

fn checked(tenant: &Tenant, group: Option<GroupIx>, objects: &[Member]) -> Result<Vec<UserIx>, Refusal> {
    let mut owners = Vec::with_capacity(objects.len());
    for object in objects {
        let Member::User(user) = *object else {
            return Err(Refusal::bad("Only users and service principals can be owners of a group."));
        };
        if owners.contains(&user) || group.is_some_and(|group| tenant.group(group).owners.contains(&user)) {
            return Err(Refusal::bad(
                "One or more added object references already exist for the following modified properties: 'owners'.",
            ));
        }
        owners.push(user);
    }
    Ok(owners)
}
