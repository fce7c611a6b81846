//! Users: read, find, list, delete, and what they are licensed for.
use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::clock::earlier;
use crate::sim::graph::directory;
use crate::sim::graph::list::Listing;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::{self, Shape, license_detail};
use crate::sim::tenant::{Member, UserIx};
use crate::sim::world::World;

/// The user with a key, or 404; a new user may not be everywhere yet.
pub(crate) fn find(world: &World, key: &str) -> Result<UserIx, Refusal> {
    let known = earlier(world.clock.now(), world.lag.creation);
    let found = world.tenant.find_user(key).filter(|ix| world.tenant.user(*ix).created <= known);
    found.ok_or_else(|| Refusal::missing(key))
}

/// `GET /users/{key}`.
pub(crate) fn get(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, Some(Kind::User), world.point_at(ask))?;
    let user = find(world, key)?;
    let context = format!("{}/$entity", shape::context("users", &options));
    Ok(Answer::ok(shape.entity(&world.tenant, Member::User(user), &context)).showing(shape.at))
}

/// `GET /users` and `/users/$count`.
pub(crate) fn list(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let listing = Listing::read(world, ask, Some(Kind::User), true)?;
    let tenant = &world.tenant;
    // A filter by id or principal name spares a walk over all users.
    let keys =
        listing.filter.as_ref().and_then(|filter| filter.keys("id").or_else(|| filter.keys("userPrincipalName")));
    let named = keys.map(|keys| {
        let mut named: Vec<UserIx> = keys.into_iter().filter_map(|key| tenant.find_user(key)).collect();
        named.sort_unstable();
        named.dedup();
        named
    });
    listing.answer(|mark| {
        if let Some(named) = &named {
            let named = named.iter().copied().map(Member::User);
            return Box::new(named.filter(move |object| mark.is_none_or(|mark| *object > mark)));
        }
        let all = tenant.every_user_from(user(mark)).map(|(ix, _)| Member::User(ix));
        Box::new(all.filter(|object| tenant.existed(*object, listing.shape.at)))
    })
}

fn user(mark: Option<Member>) -> Option<UserIx> {
    match mark {
        Some(Member::User(ix)) => Some(ix),
        Some(Member::Group(_)) | None => None,
    }
}

/// `DELETE /users/{key}`.
pub(crate) fn delete(world: &mut World, key: &str) -> Result<Answer, Refusal> {
    let user = find(world, key)?;
    let now = world.clock.now();
    world.tenant.delete_user(user, now);
    Ok(Answer::no_content())
}

/// `GET /users/{key}/licenseDetails`.
pub(crate) fn license_details(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let tenant = &world.tenant;
    let user = tenant.user(find(world, key)?);
    let details = user.skus().into_iter().map(|sku| license_detail(tenant, user, sku)).collect();
    directory::plain(ask, &format!("users('{}')/licenseDetails", user.id), "licenseDetails", details)
}

/// `GET /users/{key}/licenseDetails/{id}`.
pub(crate) fn license_detail_of(world: &World, key: &str, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let tenant = &world.tenant;
    let user = tenant.user(find(world, key)?);
    let mut details = user.skus().into_iter().map(|sku| license_detail(tenant, user, sku));
    let found = details.find(|detail| detail["id"] == id).ok_or_else(|| Refusal::missing(id))?;
    directory::single(ask, &format!("users('{}')/licenseDetails", user.id), "licenseDetails", found)
}
