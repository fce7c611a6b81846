//! What is neither users nor groups: the organization, its products, objects by id.
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::page;
use crate::sim::query::Options;
use crate::sim::shape::{self, Shape};
use crate::sim::tenant::Member;
use crate::sim::world::World;

/// The most ids that one request may ask for (Microsoft Learn, "directoryObject: getByIds").
const MOST_IDS: usize = 1000;

/// `GET /organization`.
pub(crate) fn organization(world: &World) -> Answer {
    Answer::ok(page::envelope("organization", None, vec![shape::organization(&world.tenant)], None))
}

/// `GET /subscribedSkus`, which knows `$select` and nothing else.
pub(crate) fn subscribed_skus(world: &World, ask: &Ask) -> Result<Answer, Refusal> {
    let options = Options::of(ask)?;
    if options.filter.is_some() || options.top.is_some() || options.search.is_some() || options.order.is_some() {
        return Err(Refusal::bad("This query option is not supported for 'subscribedSkus'."));
    }
    let skus = world.tenant.skus().map(|(_, sku)| shape::subscribed_sku(&world.tenant, sku));
    let shown = match &options.select {
        None => skus.collect(),
        Some(names) => skus.map(|sku| only(sku, names)).collect::<Result<Vec<Value>, Refusal>>()?,
    };
    Ok(Answer::ok(page::envelope(&shape::context("subscribedSkus", &options), None, shown, None)))
}

fn only(sku: Value, names: &[String]) -> Result<Value, Refusal> {
    let Value::Object(mut sku) = sku else {
        return Ok(sku);
    };
    let mut kept = Map::new();
    for name in names {
        let value = sku.remove(name).ok_or_else(|| {
            let message = format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
                 'microsoft.graph.subscribedSku'."
            );
            Refusal::new(400, "BadRequest", message)
        })?;
        kept.insert(name.clone(), value);
    }
    Ok(Value::Object(kept))
}

/// `GET /subscribedSkus/{tenant}_{sku}`.
pub(crate) fn subscribed_sku(world: &World, id: &str) -> Result<Answer, Refusal> {
    let sku = id.split_once('_').and_then(|(_, sku)| world.tenant.find_sku(Uuid::try_parse(sku).ok()?));
    let sku = sku.ok_or_else(|| Refusal::missing(id))?;
    let mut shown = shape::subscribed_sku(&world.tenant, world.tenant.sku(sku));
    shown["@odata.context"] = page::context_url("subscribedSkus/$entity").into();
    Ok(Answer::ok(shown))
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
