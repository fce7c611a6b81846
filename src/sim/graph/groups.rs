//! Groups: read, find, list.
use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::clock::earlier;
use crate::sim::graph::list::Listing;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::{self, Shape};
use crate::sim::tenant::{GroupIx, Member};
use crate::sim::world::World;

/// The group with an id, or 404; a new group may not be everywhere yet.
pub(crate) fn find(world: &World, key: &str) -> Result<GroupIx, Refusal> {
    let known = earlier(world.clock.now(), world.lag.creation);
    let found = world.tenant.find_group(key).filter(|ix| world.tenant.group(*ix).created <= known);
    found.ok_or_else(|| Refusal::missing(key))
}

/// `GET /groups/{id}`.
pub(crate) fn get(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, Some(Kind::Group), jiff::Timestamp::MAX)?;
    let group = find(world, key)?;
    let context = format!("{}/$entity", shape::context("groups", &options));
    Ok(Answer::ok(shape.entity(&world.tenant, Member::Group(group), &context)))
}

/// `GET /groups` and `/groups/$count`.
pub(crate) fn list(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let listing = Listing::read(world, ask, Some(Kind::Group), true)?;
    listing.answer(|mark| {
        let from = match mark {
            Some(Member::Group(ix)) => Some(ix),
            Some(Member::User(_)) | None => None,
        };
        let all = world.tenant.every_group_from(from).map(|(ix, _)| Member::Group(ix));
        Box::new(all.filter(|object| world.tenant.existed(*object, listing.shape.at)))
    })
}
