//! What every collection shares: shape, count, page and link.
use serde_json::Value;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::shape::Shape;
use crate::sim::tenant::{Member, Tenant};

/// A collection of objects as a page in its envelope.
///
/// `objects` begins after the mark that the request's token names. `count` is given for the first page only, because a
/// nextLink carries neither the header nor the count (Microsoft Learn, "Paging Microsoft Graph data").
pub(crate) fn page(
    tenant: &Tenant,
    ask: &Ask,
    options: &Options,
    shape: &Shape,
    context: &str,
    count: Option<usize>,
    objects: impl Iterator<Item = Member>,
) -> Answer {
    let (shown, more) = page::cut(objects.map(|object| (object, object)), options.page_size());
    let value: Vec<Value> = shown.into_iter().map(|object| shape.show(tenant, object)).collect();
    let next = more.map(|mark| page::next_link(ask, mark));
    Answer::ok(page::envelope(context, count, value, next))
}

/// Refuses what only the advanced form of a query may hold, and what no form may.
pub(crate) fn plain_only(ask: &Ask, options: &Options) -> Result<(), Refusal> {
    if options.search.is_some() && !ask.eventual() {
        let message = "Request with $search query parameter only works through MSGraph with a special request header: \
                       'ConsistencyLevel: eventual'";
        return Err(Refusal::query(message));
    }
    if options.search.is_some() || options.order.is_some() || options.expand.is_some() {
        return Err(Refusal::query("Unsupported Query."));
    }
    Ok(())
}

/// The answer to `/$count`, which needs the header.
pub(crate) fn bare_count(ask: &Ask, count: impl FnOnce() -> usize) -> Result<Answer, Refusal> {
    if ask.eventual() {
        Ok(Answer::text(count().to_string()))
    } else {
        Err(Refusal::bad("$count is not currently supported."))
    }
}
