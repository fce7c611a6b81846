//! Licenses: assign to a user or a group, reprocess a user.
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::clock::later;
use crate::sim::gbl;
use crate::sim::gbl::direct;
use crate::sim::graph::{groups, users};
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::Shape;
use crate::sim::tenant::{License, Member, SkuIx, Tenant, UserIx, held};
use crate::sim::work::Job;
use crate::sim::world::World;

/// `POST /users/{key}/assignLicense`: at once, direct assignments only.
pub(crate) fn assign_user(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    let (add, remove) = read(&world.tenant, ask)?;
    let now = world.clock.now();
    direct::assign(&mut world.tenant, user, &add, &remove, now)
        .map_err(|denied| Refusal::bad(denied.sentence(&world.tenant)))?;
    shown(&world.tenant, user)
}

/// `POST /groups/{id}/assignLicense`: 202, members follow in the background.
pub(crate) fn assign_group(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    if !world.tenant.group(group).security {
        // Microsoft Learn, "Group-based licensing additional scenarios"; the words are assumed.
        return Err(Refusal::bad("Licenses cannot be assigned to a group that is not security-enabled."));
    }
    let (add, remove) = read(&world.tenant, ask)?;
    let licenses = &mut world.tenant.group_mut(group).licenses;
    if remove.iter().any(|sku| licenses.iter().all(|license| license.sku != *sku)) {
        return Err(Refusal::bad("Group does not have a corresponding license."));
    }
    licenses.retain(|old| !remove.contains(&old.sku) && add.iter().all(|new| new.sku != old.sku));
    licenses.extend(add);
    let now = world.clock.now();
    world.licenses_changed(group, now);
    let select = ["id", "displayName", "assignedLicenses", "licenseProcessingState"].map(str::to_owned);
    let options = Options { select: Some(select.to_vec()), ..Options::default() };
    let shape = Shape::new(&options, Some(Kind::Group), jiff::Timestamp::MAX)?;
    let body = shape.entity(&world.tenant, Member::Group(group), "groups/$entity");
    let id = world.tenant.group(group).id;
    Ok(Answer::json(202, body).with("Location", format!("{}/v1.0/groups/{id}", ask.base)))
}

/// `POST /users/{key}/reprocessLicenseAssignment`: 200, or 400 with Microsoft's sentence when nothing would be gained by it.
pub(crate) fn reprocess(world: &mut World, key: &str) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    let now = world.clock.now();
    let outcome = gbl::outcome(&world.tenant, user, &gbl::concerned(&world.tenant, user), now);
    world.queue.push(later(now, world.delays.least), Job::Reprocess(user));
    let gains = held(&outcome.assignments) != held(&world.tenant.user(user).assignments);
    if let Some((_, violation)) = outcome.refused.first().filter(|_| world.reprocess_refuses && !gains) {
        return Err(Refusal::bad(violation.sentence(&world.tenant)));
    }
    shown(&world.tenant, user)
}

fn shown(tenant: &Tenant, user: UserIx) -> Result<Answer, Refusal> {
    let shape = Shape::new(&Options::default(), Some(Kind::User), jiff::Timestamp::MAX)?;
    Ok(Answer::ok(shape.entity(tenant, Member::User(user), "users/$entity")))
}

/// The two arrays of an assignment; both must be there.
fn read(tenant: &Tenant, ask: &Ask) -> Result<(Vec<License>, Vec<SkuIx>), Refusal> {
    let body = ask.json()?;
    let array = |name: &str| {
        let missing =
            || Refusal::bad(format!("The parameter '{name}' of the action 'assignLicense' must not be null."));
        body.get(name).and_then(Value::as_array).ok_or_else(missing)
    };
    let (add, remove) = (array("addLicenses")?, array("removeLicenses")?);
    let add = add
        .iter()
        .map(|license| {
            let sku = subscribed(tenant, license.get("skuId"))?;
            let none = Value::Array(Vec::new());
            let plans = license.get("disabledPlans").filter(|plans| !plans.is_null()).unwrap_or(&none);
            let disabled: Vec<Uuid> = serde_json::from_value(plans.clone())
                .map_err(|_| Refusal::bad("One or more of the disabled plans is not valid."))?;
            if disabled.iter().any(|plan| tenant.sku(sku).plans.iter().all(|known| known.id != *plan)) {
                return Err(Refusal::bad("One or more of the disabled plans is not part of the license."));
            }
            Ok(License { sku, disabled })
        })
        .collect::<Result<_, _>>()?;
    let remove = remove.iter().map(|sku| subscribed(tenant, Some(sku))).collect::<Result<_, _>>()?;
    Ok((add, remove))
}

fn subscribed(tenant: &Tenant, id: Option<&Value>) -> Result<SkuIx, Refusal> {
    let text = id.and_then(Value::as_str).unwrap_or_default();
    let found = Uuid::try_parse(text).ok().and_then(|id| tenant.find_sku(id));
    found.ok_or_else(|| Refusal::bad(format!("License {text} does not correspond to a valid company License.")))
}
