//! What every collection of directory objects shares: filter, search, order, count, page and link.
use serde_json::Value;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::filter::Filter;
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::search::{Order, Search};
use crate::sim::shape::{self, Shape, group_property, user_property};
use crate::sim::tenant::Member;
use crate::sim::world::World;

/// A question for a collection.
pub(crate) struct Listing<'a> {
    /// Where it is asked.
    pub(crate) world: &'a World,
    /// How each object is shown, and as of when.
    pub(crate) shape: Shape,
    /// What only some objects match.
    pub(crate) filter: Option<Filter>,
    ask: &'a Ask,
    options: Options,
    search: Option<Search>,
    order: Option<Order>,
    context: String,
}

/// Objects after a mark, in a fixed order.
pub(crate) type Objects<'a> = Box<dyn Iterator<Item = Member> + 'a>;

impl<'a> Listing<'a> {
    /// Reads the question for a collection of one kind, or of mixed kinds. `whole` collections (all users, all groups) allow
    /// plain forms that others have only as advanced queries (Microsoft Learn, "Advanced query capabilities").
    pub(crate) fn read(world: &'a World, ask: &'a Ask, kind: Option<Kind>, whole: bool) -> Result<Self, Refusal> {
        let options = Options::of(ask)?;
        if options.expand.is_some() && !whole {
            return Err(Refusal::query("Unsupported Query."));
        }
        let counted = options.count || options.skip_token.is_some() || ask.path.ends_with("$count");
        let advanced = ask.eventual() && counted;
        let named = kind.unwrap_or(Kind::User);
        let filter = options.filter.as_deref().map(Filter::read).transpose()?;
        if let Some(filter) = &filter {
            shape::filterable(filter, named)?;
            // The index behind the header does not know it (seen in the wild, not documented).
            if ask.eventual() && filter.uses().iter().any(|(name, _)| *name == "hasMembersWithLicenseErrors") {
                return Err(Refusal::query("Unsupported Query."));
            }
        }
        if filter.as_ref().is_some_and(|filter| !whole || filter.advanced()) && !advanced {
            return Err(Refusal::query("Unsupported Query."));
        }
        let search = options.search.as_deref().map(Search::read).transpose()?;
        if search.is_some() && !ask.eventual() {
            let message = "Request with $search query parameter only works through MSGraph with a special request header: \
                           'ConsistencyLevel: eventual'";
            return Err(Refusal::query(message));
        }
        let order = options.order.as_deref().map(Order::read).transpose()?;
        if let Some(order) = &order {
            shape::sortable(&order.property, named)?;
            let plain =
                whole && filter.is_none() && ["displayName", "userPrincipalName"].contains(&order.property.as_str());
            if !plain && !advanced {
                return Err(Refusal::query("Sorting not supported for current query."));
            }
        }
        let shape = Shape::new(&options, kind, world.listed_at(ask))?;
        let set = match kind {
            None => "directoryObjects",
            Some(Kind::User) => "users",
            Some(Kind::Group) => "groups",
        };
        let context = shape::context(set, &options);
        Ok(Self { world, shape, filter, ask, options, search, order, context })
    }

    /// A page of the objects that match, or only their number at `/$count`.
    ///
    /// A count within the page comes with the first page only, and only with the header: a nextLink carries neither
    /// (Microsoft Learn, "Paging Microsoft Graph data").
    pub(crate) fn answer<'b>(&'b self, objects: impl Fn(Option<Member>) -> Objects<'b>) -> Result<Answer, Refusal> {
        let matching = |mark| objects(mark).filter(|object| self.fits(*object));
        if self.ask.path.ends_with("$count") {
            return if self.ask.eventual() {
                Ok(Answer::text(matching(None).count().to_string()))
            } else {
                Err(Refusal::bad("$count is not currently supported."))
            };
        }
        let mark = page::mark(self.ask, &self.options)?;
        let counts = self.options.count && self.ask.eventual() && mark.is_none();
        let count = counts.then(|| matching(None).count());
        let page: Objects<'_> = match &self.order {
            None => Box::new(matching(mark)),
            Some(order) => Box::new(self.sorted(order, matching(None), mark).into_iter()),
        };
        let (shown, more) = page::cut(page.map(|object| (object, object)), self.options.page_size());
        let value: Vec<Value> = shown.into_iter().map(|object| self.shape.show(&self.world.tenant, object)).collect();
        let next = more.map(|mark| page::next_link(self.ask, mark));
        Ok(Answer::ok(page::envelope(&self.context, count, value, next)))
    }

    fn fits(&self, object: Member) -> bool {
        let get = |name: &str| self.property(object, name);
        self.filter.as_ref().is_none_or(|filter| filter.matches(&get))
            && self.search.as_ref().is_none_or(|search| search.finds(&get))
    }

    fn property(&self, object: Member, name: &str) -> Value {
        match object {
            Member::User(ix) => user_property(&self.world.tenant, ix, name, self.shape.at),
            Member::Group(ix) => group_property(&self.world.tenant, ix, name),
        }
    }

    /// Objects in an order, those after the mark. Where the mark stands follows from its own property, so that it is a good
    /// place even if the object itself has left the collection.
    fn sorted(&self, order: &Order, objects: impl Iterator<Item = Member>, mark: Option<Member>) -> Vec<Member> {
        let key = |object: Member| {
            let value = self.property(object, &order.property);
            (value.as_str().map_or_else(|| value.to_string(), str::to_lowercase), object)
        };
        let mut keyed: Vec<(String, Member)> = objects.map(key).collect();
        keyed.sort_unstable();
        if order.descending {
            keyed.reverse();
        }
        let from = mark.map_or(0, |mark| {
            let mark = key(mark);
            keyed.iter().take_while(|one| if order.descending { **one >= mark } else { **one <= mark }).count()
        });
        keyed.into_iter().skip(from).map(|(_, object)| object).collect()
    }
}
