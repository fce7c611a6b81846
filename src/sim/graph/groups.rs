//! Groups: read, find, list.
use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::filter::Filter;
use crate::sim::graph::{list, users};
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::{self, Shape, group_property};
use crate::sim::tenant::{GroupIx, Member, Tenant};
use crate::sim::world::World;

/// The group with an id, or 404.
pub(crate) fn find(tenant: &Tenant, key: &str) -> Result<GroupIx, Refusal> {
    tenant.find_group(key).ok_or_else(|| Refusal::missing(key))
}

/// `GET /groups/{id}`.
pub(crate) fn get(world: &World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, Some(Kind::Group), jiff::Timestamp::MAX)?;
    if options.expand.is_some() {
        return Err(Refusal::query("Unsupported Query."));
    }
    let group = find(&world.tenant, key)?;
    let context = format!("{}/$entity", shape::context("groups", &options));
    Ok(Answer::ok(shape.entity(&world.tenant, Member::Group(group), &context)))
}

/// `GET /groups`, with filter.
pub(crate) fn list(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    list::plain_only(ask, &options)?;
    let filter = users::read_filter(ask, &options, Kind::Group)?;
    let shape = Shape::new(&options, Some(Kind::Group), world.listed_at(ask))?;
    let mark = page::mark(ask, &options)?;
    let count = (options.count && ask.eventual() && mark.is_none())
        .then(|| matching(&world.tenant, filter.as_ref(), None).count());
    let objects = matching(&world.tenant, filter.as_ref(), mark);
    Ok(list::page(&world.tenant, ask, &options, &shape, &shape::context("groups", &options), count, objects))
}

/// `GET /groups/$count`.
pub(crate) fn count(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let filter = users::read_filter(ask, &options, Kind::Group)?;
    list::bare_count(ask, || matching(&world.tenant, filter.as_ref(), None).count())
}

fn matching<'a>(
    tenant: &'a Tenant,
    filter: Option<&'a Filter>,
    mark: Option<Member>,
) -> impl Iterator<Item = Member> + 'a {
    let from = match mark {
        Some(Member::Group(ix)) => Some(ix),
        _ => None,
    };
    tenant
        .groups_from(from)
        .map(|(ix, _)| ix)
        .filter(move |ix| filter.is_none_or(|filter| filter.matches(&|name: &str| group_property(tenant, *ix, name))))
        .map(Member::Group)
}
