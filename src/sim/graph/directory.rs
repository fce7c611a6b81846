//! What is neither users nor groups: the organization, its products, objects by id.
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::shape::{self, Shape};
use crate::sim::tenant::{Member, Sku, Subscription};
use crate::sim::world::World;

/// The most ids that one request may ask for (Microsoft Learn, "directoryObject: getByIds").
const MOST_IDS: usize = 1000;

/// `GET /organization`, a collection of one.
pub(crate) fn organizations(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    plain(ask, "organization", "organization", vec![shape::organization(&world.tenant)])
}

/// `GET /organization/{id}`.
pub(crate) fn organization(world: &World, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    if !id.eq_ignore_ascii_case(&world.tenant.id.to_string()) {
        return Err(Refusal::missing(id));
    }
    single(ask, "organization", "organization", shape::organization(&world.tenant))
}

/// `GET /domains` (Microsoft Learn, "List domains").
pub(crate) fn domains(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    plain(ask, "domains", "domain", shape::domains(&world.tenant))
}

/// `GET /domains/{name}`.
pub(crate) fn domain(world: &World, name: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let mut domains = shape::domains(&world.tenant).into_iter();
    let found = domains.find(|one| one["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(name)));
    single(ask, "domains", "domain", found.ok_or_else(|| Refusal::missing(name))?)
}

/// `GET /subscribedSkus`, which knows `$select` and nothing else.
pub(crate) fn subscribed_skus(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let skus = world.tenant.skus().map(|(_, sku)| shape::subscribed_sku(&world.tenant, sku));
    plain(ask, "subscribedSkus", "subscribedSku", skus.collect())
}

/// `GET /subscribedSkus/{tenant}_{sku}`.
pub(crate) fn subscribed_sku(world: &World, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let sku = id.split_once('_').and_then(|(_, sku)| world.tenant.find_sku(Uuid::try_parse(sku).ok()?));
    let sku = sku.ok_or_else(|| Refusal::missing(id))?;
    single(ask, "subscribedSkus", "subscribedSku", shape::subscribed_sku(&world.tenant, world.tenant.sku(sku)))
}

/// `GET /directory/subscriptions` (Microsoft Learn, "List subscriptions").
pub(crate) fn subscriptions(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let all = every(world).map(|(sku, one)| shape::subscription(&world.tenant, sku, one));
    plain(ask, "directory/subscriptions", "companySubscription", all.collect())
}

/// `GET /directory/subscriptions/{id}`.
pub(crate) fn subscription(world: &World, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let wanted = Uuid::try_parse(id).ok();
    let (sku, one) = every(world).find(|(_, one)| Some(one.id) == wanted).ok_or_else(|| Refusal::missing(id))?;
    single(ask, "directory/subscriptions", "companySubscription", shape::subscription(&world.tenant, sku, one))
}

/// Every subscription with its product.
fn every(world: &World) -> impl Iterator<Item = (&Sku, &Subscription)> {
    world.tenant.skus().flat_map(|(_, sku)| sku.subscriptions().iter().map(move |one| (sku, one)))
}

/// A collection of what is no directory object, of which nothing but `$select` can be asked.
pub(crate) fn plain(ask: &Ask, set: &str, kind: &str, all: Vec<Value>) -> Result<Answer, Refusal> {
    let options = selecting(ask, kind)?;
    let shown = all.into_iter().map(|one| only(one, &options, kind)).collect::<Result<Vec<Value>, Refusal>>()?;
    Ok(Answer::ok(page::envelope(&shape::context(set, &options), None, shown, None)))
}

/// One of such a collection.
pub(crate) fn single(ask: &Ask, set: &str, kind: &str, one: Value) -> Result<Answer, Refusal> {
    let options = selecting(ask, kind)?;
    let mut shown = only(one, &options, kind)?;
    shown["@odata.context"] = page::context_url(&format!("{}/$entity", shape::context(set, &options))).into();
    Ok(Answer::ok(shown))
}

fn selecting(ask: &Ask, kind: &str) -> Result<Options, Refusal> {
    let options = Options::of(ask)?;
    let more = [&options.filter, &options.search, &options.order, &options.expand];
    if options.top.is_some() || more.into_iter().any(Option::is_some) {
        return Err(Refusal::bad(format!("This query option is not supported for '{kind}'.")));
    }
    Ok(options)
}

fn only(one: Value, options: &Options, kind: &str) -> Result<Value, Refusal> {
    let (Value::Object(one), Some(names)) = (one.clone(), &options.select) else {
        return Ok(one);
    };
    let mut kept = Map::new();
    for name in names {
        let (name, value) = one.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let message = format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
                 'microsoft.graph.{kind}'."
            );
            Refusal::new(400, "BadRequest", message)
        })?;
        kept.insert(name.clone(), value.clone());
    }
    Ok(Value::Object(kept))
}

/// `POST /directoryObjects/getByIds`: those that exist; the others are silently left out.
pub(crate) fn by_ids(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let body = ask.json()?;
    let Some(ids) = body.get("ids").and_then(Value::as_array) else {
        return Err(Refusal::bad("The required parameter 'ids' is missing."));
    };
    if ids.len() > MOST_IDS {
        return Err(Refusal::bad(format!("Too many values in 'ids': {}. Max allowed: {MOST_IDS}.", ids.len())));
    }
    let types: Vec<&str> =
        body.get("types").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let shape = Shape::new(&options, None, jiff::Timestamp::MAX)?;
    let fits = |object: &Member| {
        let kind = match object {
            Member::User(_) => "user",
            Member::Group(_) => "group",
        };
        types.is_empty() || types.iter().any(|wanted| wanted.eq_ignore_ascii_case(kind) || *wanted == "directoryObject")
    };
    let mut shown = Vec::new();
    for id in ids {
        let text = id.as_str().unwrap_or_default();
        let Ok(id) = Uuid::try_parse(text) else {
            return Err(Refusal::bad(format!("Invalid GUID:{text}")));
        };
        shown.extend(world.tenant.object(id).filter(fits).map(|object| shape.show(&world.tenant, object)));
    }
    Ok(Answer::ok(page::envelope(&shape::context("directoryObjects", &options), None, shown, None)))
}

/// `GET /directoryObjects/{id}`.
pub(crate) fn object(world: &World, id: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    let shape = Shape::new(&options, None, jiff::Timestamp::MAX)?;
    let object = Uuid::try_parse(id).ok().and_then(|id| world.tenant.object(id)).ok_or_else(|| Refusal::missing(id))?;
    Ok(Answer::ok(shape.entity(&world.tenant, object, "directoryObjects/$entity")))
}
