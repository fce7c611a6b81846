//! Users: create, and change what an administrator of licenses changes.
use serde_json::Value;

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::graph::users;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::Shape;
use crate::sim::tenant::{Member, Tenant, User, UserIx};
use crate::sim::world::World;

/// `POST /users` (Microsoft Learn, "Create user").
pub(crate) fn create(world: &mut World, ask: &Ask) -> Result<Answer, Refusal> {
    let body = ask.json()?;
    for name in ["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(Refusal::bad(format!("A value is required for property '{name}' of resource 'User'.")));
        }
    }
    let set_apart = |name: &str| ["mailNickname", "passwordProfile", "userPrincipalName"].contains(&name);
    let changes: Vec<(&str, &Value)> =
        changes(&body).filter(|(name, _)| !set_apart(name) || *name == "userPrincipalName").collect();
    check(&world.tenant, None, &changes)?;
    let now = world.clock.now();
    let upn = body["userPrincipalName"].as_str().unwrap_or_default();
    let mut user = User::new(world.next_id(), upn, now);
    user.location = None;
    let id = user.id;
    let user = world.tenant.add_user(user);
    apply(&mut world.tenant, user, &changes);
    let shape = Shape::new(&Options::default(), Some(Kind::User), jiff::Timestamp::MAX)?;
    let shown = shape.entity(&world.tenant, Member::User(user), "users/$entity");
    Ok(Answer::json(201, shown).with("Location", format!("{}/v1.0/users/{id}", ask.base)))
}

/// `PATCH /users/{key}`: usage location, account, names.
pub(crate) fn update(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    let body = ask.json()?;
    let changes: Vec<(&str, &Value)> = changes(&body).collect();
    check(&world.tenant, Some(user), &changes)?;
    apply(&mut world.tenant, user, &changes);
    world.tenant.touch(Member::User(user));
    Ok(Answer::no_content())
}

/// What a body changes. SDKs also write what kind of object it is.
fn changes(body: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let all = body.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value));
    all.filter(|(name, _)| !name.starts_with("@odata."))
}

fn check(tenant: &Tenant, user: Option<UserIx>, changes: &[(&str, &Value)]) -> Result<(), Refusal> {
    for (name, value) in changes {
        let fits = match *name {
            "usageLocation" => match value.as_str() {
                Some(code) => code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()),
                None => value.is_null(),
            },
            "accountEnabled" => value.is_boolean(),
            "displayName" => value.as_str().is_some_and(|text| !text.is_empty()),
            "givenName" | "surname" => value.is_string() || value.is_null(),
            "userPrincipalName" => {
                check_name(tenant, user, value.as_str().unwrap_or_default())?;
                true
            }
            _ => return Err(Refusal::bad(format!("Invalid property '{name}'."))),
        };
        if !fits {
            return Err(Refusal::bad(format!("Invalid value specified for property '{name}' of resource 'User'.")));
        }
    }
    Ok(())
}

fn check_name(tenant: &Tenant, user: Option<UserIx>, upn: &str) -> Result<(), Refusal> {
    let initial = format!("{}.onmicrosoft.com", tenant.name.to_ascii_lowercase());
    let (local, domain) = upn.rsplit_once('@').unwrap_or_default();
    if ![tenant.domain.as_str(), &initial].iter().any(|verified| verified.eq_ignore_ascii_case(domain)) {
        return Err(Refusal::bad(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain \
             names in your organization.",
        ));
    }
    if local.is_empty() || !local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"'.-_!#^~".contains(&byte)) {
        return Err(Refusal::bad("Invalid value specified for property 'userPrincipalName' of resource 'User'."));
    }
    if tenant.find_user(upn).is_some_and(|other| Some(other) != user) {
        return Err(Refusal::bad("Another object with the same value for property userPrincipalName already exists."));
    }
    Ok(())
}

fn apply(tenant: &mut Tenant, user: UserIx, changes: &[(&str, &Value)]) {
    for (name, value) in changes {
        let text = || value.as_str().unwrap_or_default().to_owned();
        let found = tenant.user_mut(user);
        match *name {
            "usageLocation" => found.location = value.as_str().map(str::to_ascii_uppercase),
            "accountEnabled" => found.enabled = value.as_bool().unwrap_or(true),
            "displayName" => found.display = text(),
            "givenName" => found.given = text(),
            "surname" => found.surname = text(),
            _ => tenant.rename(user, &text()),
        }
    }
}
