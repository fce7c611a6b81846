//! Groups: create, change (and with it bind members and owners), delete.
use serde_json::{Map, Value};

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::graph::{body, groups, members, owners};
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::Shape;
use crate::sim::tenant::{Group, Member};
use crate::sim::world::World;

/// What may be bound.
const MEMBERS: &str = "members@odata.bind";
const OWNERS: &str = "owners@odata.bind";
/// What a change may name besides.
const WRITABLE: &[&str] = &["description", "displayName", "mailNickname", "visibility"];
/// What only a new group may be told.
const AT_FIRST: &[&str] = &[
    "groupTypes",
    "isAssignableToRole",
    "mailEnabled",
    "membershipRule",
    "membershipRuleProcessingState",
    "securityEnabled",
];

/// `PATCH /groups/{id}`: binds members and owners, or changes what a group is called.
pub(crate) fn update(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let group = groups::find(world, key)?;
    let body = body::read(ask, &[WRITABLE, &[MEMBERS, OWNERS]])?;
    if body.contains_key(MEMBERS) && !world.sign_in.binds_members {
        return Err(Refusal::denied());
    }
    let (mut bound, mut owners) = (None, Vec::new());
    for (name, value) in &body {
        match name.as_str() {
            MEMBERS => bound = Some(members::binds(&world.tenant, value, "members")?),
            OWNERS => owners = owners::binds(&world.tenant, Some(group), value)?,
            annotation if body::is_annotation(annotation) => {}
            _ => check(name, value)?,
        }
    }
    if let Some(bound) = bound {
        members::writable(&world.tenant, group)?;
        members::addable(&world.tenant, &bound)?;
        members::add_all(world, group, &bound)?;
    }
    let changed = apply(world.tenant.group_mut(group), &body);
    world.tenant.group_mut(group).owners.extend(owners);
    world.tenant.touch_only(Member::Group(group), &changed);
    Ok(Answer::no_content())
}

/// `POST /groups` (Microsoft Learn, "Create group").
pub(crate) fn create(world: &mut World, ask: &Ask) -> Result<Answer, Refusal> {
    let body = body::read(ask, &[WRITABLE, AT_FIRST, &[MEMBERS, OWNERS]])?;
    let flag = |name: &'static str| body.get(name).and_then(Value::as_bool).ok_or_else(|| required(name));
    for name in ["displayName", "mailNickname"] {
        body.get(name).and_then(Value::as_str).ok_or_else(|| required(name))?;
    }
    let (mail, security) = (flag("mailEnabled")?, flag("securityEnabled")?);
    for (name, value) in body.iter().filter(|(name, _)| WRITABLE.contains(&name.as_str())) {
        check(name, value)?;
    }
    let types: Vec<String> = match body.get("groupTypes") {
        Some(types) => serde_json::from_value(types.clone()).map_err(|_| invalid("groupTypes"))?,
        None => Vec::new(),
    };
    let is = |wanted: &str| types.iter().any(|kind| kind == wanted);
    if mail != is("Unified") {
        return Err(Refusal::bad(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the \
             mail-enablement property is unset and the security-enablement property is set.",
        ));
    }
    let rule = body.get("membershipRule").and_then(Value::as_str).map(str::to_owned);
    // A dynamic group has a rule, and only it; its members come from there (Microsoft Learn, "Create group").
    if is("DynamicMembership") != rule.is_some() {
        return Err(required("membershipRule"));
    }
    let bound = body.get(MEMBERS).map(|value| members::binds(&world.tenant, value, "members")).transpose()?;
    if is("DynamicMembership") && bound.is_some() {
        return Err(Refusal::denied());
    }
    let owners = body.get(OWNERS).map(|value| owners::binds(&world.tenant, None, value)).transpose()?;
    let now = world.clock.now();
    let mut group = Group::new(world.next_id(), "", now);
    apply(&mut group, &body);
    (group.mail, group.security, group.types, group.rule) = (mail, security, types, rule);
    group.paused = body.get("membershipRuleProcessingState").is_some_and(|state| state == "Paused");
    group.role_assignable = body.get("isAssignableToRole").and_then(Value::as_bool).unwrap_or(false);
    group.owners = owners.unwrap_or_default();
    let id = group.id;
    let group = world.tenant.add_group(group);
    members::add_all(world, group, &bound.unwrap_or_default())?;
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

/// Refuses what a property cannot be.
fn check(name: &str, value: &Value) -> Result<(), Refusal> {
    let text = value.as_str();
    let fits = match name {
        "displayName" => text.is_some_and(|text| !text.is_empty() && text.chars().count() <= 256),
        "mailNickname" => text.is_some_and(|text| {
            !text.is_empty() && text.len() <= 64 && !text.contains(|c: char| "@()/[]';:<>, \"\\".contains(c))
        }),
        "description" => text.is_none_or(|text| text.chars().count() <= 1024) && (value.is_string() || value.is_null()),
        "visibility" => text.is_some_and(|text| ["Private", "Public", "HiddenMembership"].contains(&text)),
        _ => return Err(Refusal::bad(format!("Invalid property '{name}'."))),
    };
    if fits { Ok(()) } else { Err(invalid(name)) }
}

/// Writes what has been checked, and says what that was.
fn apply(group: &mut Group, body: &Map<String, Value>) -> Vec<&'static str> {
    let mut changed = Vec::new();
    for name in WRITABLE {
        let Some(value) = body.get(*name) else { continue };
        let text = value.as_str().map(str::to_owned);
        match *name {
            "displayName" => group.display = text.unwrap_or_default(),
            "mailNickname" => group.nickname = text.unwrap_or_default(),
            "visibility" => group.visibility = text,
            _ => group.description = text,
        }
        changed.push(*name);
    }
    changed
}

fn required(name: &str) -> Refusal {
    Refusal::bad(format!("A value is required for property '{name}' of resource 'Group'."))
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad(format!("Invalid value specified for property '{name}' of resource 'Group'."))
}
