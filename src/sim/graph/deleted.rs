//! `directory/deletedItems`: users and Microsoft 365 groups that can be restored (Microsoft Learn, "deletedItems").
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::gbl::direct;
use crate::sim::graph::list::Listing;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::Shape;
use crate::sim::tenant::{Member, UserIx};
use crate::sim::world::World;

/// `GET /directory/deletedItems/microsoft.graph.user`, or `.group`.
pub(crate) fn list(world: &World, kind: Kind, ask: &Ask) -> Result<Answer, Refusal> {
    let listing = Listing::read(world, ask, Some(kind), true)?;
    let now = world.clock.now();
    listing.answer(|mark| {
        let objects = world.tenant.all_deleted(now).filter(move |object| {
            let fits = matches!((kind, object), (Kind::User, Member::User(_)) | (Kind::Group, Member::Group(_)));
            fits && mark.is_none_or(|mark| *object > mark)
        });
        Box::new(objects)
    })
}

/// `GET /directory/deletedItems/{id}`.
pub(crate) fn get(world: &World, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, None, jiff::Timestamp::MAX)?;
    let object = find(world, id)?;
    Ok(Answer::ok(shape.entity(&world.tenant, object, "directoryObjects/$entity")))
}

/// `POST /directory/deletedItems/{id}/restore`: a user returns with its groups and licenses, as far as there are seats.
pub(crate) fn restore(world: &mut World, id: &str) -> Result<Answer, Refusal> {
    let object = find(world, id)?;
    match object {
        Member::User(user) => restore_user(world, user)?,
        Member::Group(group) => world.tenant.restore_group(group),
    }
    let shape = Shape::new(&Options::default(), None, jiff::Timestamp::MAX)?;
    Ok(Answer::ok(shape.entity(&world.tenant, object, "directoryObjects/$entity")))
}

fn restore_user(world: &mut World, user: UserIx) -> Result<(), Refusal> {
    let now = world.clock.now();
    let taken = "Another object with the same value for property userPrincipalName already exists.";
    let bin = world.tenant.restore_user(user, now).ok_or_else(|| Refusal::bad(taken))?;
    for license in bin.direct {
        // A seat may be somebody else's by now; the others come back all the same.
        let _ = direct::assign(&mut world.tenant, user, &[license], &[], now);
    }
    for group in bin.groups {
        if world.tenant.group(group).exists() && world.tenant.join(group, Member::User(user), now) {
            world.membership_changed(user, group, true, now);
        }
    }
    Ok(())
}

/// `DELETE /directory/deletedItems/{id}`: for good.
pub(crate) fn purge(world: &mut World, id: &str) -> Result<Answer, Refusal> {
    let object = find(world, id)?;
    world.tenant.purge(object);
    Ok(Answer::no_content())
}

fn find(world: &World, id: &str) -> Result<Member, Refusal> {
    let found = Uuid::try_parse(id).ok().and_then(|id| world.tenant.deleted(id, world.clock.now()));
    found.ok_or_else(|| Refusal::missing(id))
}
