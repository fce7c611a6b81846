//! Groups: create, change (and with it bind members), delete.
use serde_json::Value;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::graph::{groups, members};
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::Shape;
use crate::sim::tenant::{Group, Member, Tenant};
use crate::sim::world::World;

/// The most members that one request may bind (Microsoft Learn, "Add members").
const MOST_BINDS: usize = 20;

/// `PATCH /groups/{id}`: binds members, or changes what a group is called.
pub(crate) fn update(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let body = ask.json()?;
    let mut bound = None;
    for (name, value) in body.as_object().into_iter().flatten() {
        match name.as_str() {
            "members@odata.bind" => bound = Some(binds(&world.tenant, value)?),
            "displayName" | "description" if value.is_string() => {}
            // SDKs write what kind of object it is.
            annotation if annotation.starts_with("@odata.") => {}
            "displayName" | "description" => return Err(invalid(name)),
            _ => return Err(Refusal::bad(format!("Invalid property '{name}'."))),
        }
    }
    if let Some(bound) = bound {
        members::writable(&world.tenant, group)?;
        members::add_all(world, group, &bound)?;
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let found = world.tenant.group_mut(group);
    if let Some(display) = text("displayName") {
        found.display = display;
    }
    if let Some(description) = text("description") {
        found.description = Some(description);
    }
    world.tenant.touch(Member::Group(group));
    Ok(Answer::no_content())
}

/// `POST /groups` (Microsoft Learn, "Create group").
pub(crate) fn create(world: &mut World, ask: &Ask) -> Result<Answer, Refusal> {
    let body = ask.json()?;
    let text = |name: &'static str| body.get(name).and_then(Value::as_str).ok_or_else(|| required(name));
    let flag = |name: &'static str| body.get(name).and_then(Value::as_bool).ok_or_else(|| required(name));
    let (display, nickname) = (text("displayName")?, text("mailNickname")?);
    let (mail, security) = (flag("mailEnabled")?, flag("securityEnabled")?);
    if display.is_empty() || display.chars().count() > 256 {
        return Err(invalid("displayName"));
    }
    if nickname.is_empty() || nickname.len() > 64 || nickname.contains(|c: char| "@()/[]';:<>, \"\\".contains(c)) {
        return Err(invalid("mailNickname"));
    }
    let types: Vec<String> = body
        .get("groupTypes")
        .map(|types| serde_json::from_value(types.clone()))
        .transpose()
        .map_err(|_| invalid("groupTypes"))?
        .unwrap_or_default();
    let unified = types.iter().any(|kind| kind == "Unified");
    if mail != unified {
        return Err(Refusal::bad(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the \
             mail-enablement property is unset and the security-enablement property is set.",
        ));
    }
    let bound =
        body.get("members@odata.bind").map(|value| binds(&world.tenant, value)).transpose()?.unwrap_or_default();
    let now = world.clock.now();
    let mut group = Group::new(world.next_id(), display, now);
    nickname.clone_into(&mut group.nickname);
    (group.mail, group.security, group.types) = (mail, security, types);
    group.description = body.get("description").and_then(Value::as_str).map(str::to_owned);
    group.rule = body.get("membershipRule").and_then(Value::as_str).map(str::to_owned);
    group.role_assignable = body.get("isAssignableToRole").and_then(Value::as_bool).unwrap_or(false);
    let id = group.id;
    let group = world.tenant.add_group(group);
    members::add_all(world, group, &bound)?;
    let shape = Shape::new(&Options::default(), Some(Kind::Group), jiff::Timestamp::MAX)?;
    let shown = shape.entity(&world.tenant, Member::Group(group), "groups/$entity");
    Ok(Answer::json(201, shown).with("Location", format!("{}/v1.0/groups/{id}", ask.base)))
}

/// `DELETE /groups/{id}`, refused while the group still licenses its members.
pub(crate) fn delete(world: &mut World, key: &str) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    if !world.tenant.group(group).licenses.is_empty() {
        return Err(Refusal::bad(
            "The group cannot be deleted because it has licenses assigned. Remove the licenses first.",
        ));
    }
    let now = world.clock.now();
    world.tenant.delete_group(group, now);
    Ok(Answer::no_content())
}

fn binds(tenant: &Tenant, value: &Value) -> Result<Vec<Member>, Refusal> {
    let Some(references) = value.as_array() else {
        return Err(invalid("members@odata.bind"));
    };
    if references.len() > MOST_BINDS {
        let count = references.len();
        return Err(Refusal::bad(format!(
            "The request has {count} 'members' references. At most {MOST_BINDS} are allowed."
        )));
    }
    references.iter().map(|reference| members::referenced(tenant, reference.as_str().unwrap_or_default())).collect()
}

fn required(name: &str) -> Refusal {
    Refusal::bad(format!("A value is required for property '{name}' of resource 'Group'."))
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad(format!("Invalid value specified for property '{name}' of resource 'Group'."))
}
