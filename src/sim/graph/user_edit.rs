//! Users: create, and change what an administrator changes.
use serde_json::{Map, Value};

use crate::sim::answer::{Answer, Refusal};
use crate::sim::ask::Ask;
use crate::sim::graph::{body, users};
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::{Shape, USER_PROPERTIES};
use crate::sim::tenant::{Member, Tenant, User, UserIx};
use crate::sim::world::World;

/// Text that the tenant only keeps and shows (Microsoft Learn, "Update user").
const TEXTS: &[&str] = &[
    "city",
    "companyName",
    "country",
    "department",
    "employeeId",
    "employeeType",
    "faxNumber",
    "jobTitle",
    "mailNickname",
    "mobilePhone",
    "officeLocation",
    "onPremisesImmutableId",
    "postalCode",
    "preferredDataLocation",
    "preferredLanguage",
    "state",
    "streetAddress",
];
/// Lists of such text.
const LISTS: &[&str] = &["businessPhones", "otherMails"];
/// What is taken and never shown.
const SECRETS: &[&str] = &["passwordPolicies", "passwordProfile"];
/// What a new user must have.
const REQUIRED: &[&str] = &["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"];

/// `POST /users` (Microsoft Learn, "Create user").
pub(crate) fn create(world: &mut World, ask: &Ask) -> Result<Answer, Refusal> {
    let body = body::read(ask, &[USER_PROPERTIES])?;
    for name in REQUIRED {
        if body.get(*name).is_none_or(Value::is_null) {
            return Err(Refusal::bad(format!("A value is required for property '{name}' of resource 'User'.")));
        }
    }
    check(&world.tenant, None, &body)?;
    let now = world.clock.now();
    let upn = body["userPrincipalName"].as_str().unwrap_or_default();
    let mut user = User::new(world.next_id(), upn, now);
    user.location = None;
    let id = user.id;
    let user = world.tenant.add_user(user);
    apply(&mut world.tenant, user, &body);
    let shape = Shape::new(&Options::default(), Some(Kind::User), jiff::Timestamp::MAX)?;
    let shown = shape.entity(&world.tenant, Member::User(user), "users/$entity");
    Ok(Answer::json(201, shown).with("Location", format!("{}/v1.0/users/{id}", ask.base)))
}

/// `PATCH /users/{key}`: usage location, account, names and the like.
pub(crate) fn update(world: &mut World, key: &str, ask: &Ask) -> Result<Answer, Refusal> {
    let user = users::find(world, key)?;
    let body = body::read(ask, &[USER_PROPERTIES])?;
    check(&world.tenant, Some(user), &body)?;
    let changed = apply(&mut world.tenant, user, &body);
    world.tenant.touch_only(Member::User(user), &changed);
    world.follow_rules(user, &changed);
    Ok(Answer::no_content())
}

fn check(tenant: &Tenant, user: Option<UserIx>, body: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, value) in body.iter().filter(|(name, _)| !body::is_annotation(name)) {
        let fits = match name.as_str() {
            "usageLocation" => match value.as_str() {
                Some(code) => code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()),
                None => value.is_null(),
            },
            "accountEnabled" => value.is_boolean(),
            "displayName" => value.as_str().is_some_and(|text| !text.is_empty()),
            "givenName" | "surname" => value.is_string() || value.is_null(),
            "userType" => value == "Member" || value == "Guest",
            "userPrincipalName" => {
                check_name(tenant, user, value.as_str().unwrap_or_default())?;
                true
            }
            text if TEXTS.contains(&text) => value.is_string() || value.is_null(),
            list if LISTS.contains(&list) => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            "passwordProfile" => value.is_object(),
            secret if SECRETS.contains(&secret) => value.is_string() || value.is_null(),
            known if USER_PROPERTIES.contains(&known) => {
                return Err(Refusal::bad(format!("Property '{name}' is read-only and cannot be set.")));
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
    let (local, domain) = upn.rsplit_once('@').unwrap_or_default();
    if !tenant.owns_domain(domain) {
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

/// Writes what has been checked, and says what that was.
fn apply(tenant: &mut Tenant, user: UserIx, body: &Map<String, Value>) -> Vec<&'static str> {
    let mut changed = Vec::new();
    for name in USER_PROPERTIES.iter().copied().filter(|name| !SECRETS.contains(name)) {
        let Some(value) = body.get(name) else { continue };
        let text = || value.as_str().unwrap_or_default().to_owned();
        let found = tenant.user_mut(user);
        match name {
            "usageLocation" => found.location = value.as_str().map(str::to_ascii_uppercase),
            "accountEnabled" => found.enabled = value.as_bool().unwrap_or(true),
            "displayName" => found.display = text(),
            "givenName" => found.given = text(),
            "surname" => found.surname = text(),
            "userType" => found.guest = value == "Guest",
            "userPrincipalName" => tenant.rename(user, &text()),
            _ => found.keep(name, value.clone()),
        }
        changed.push(name);
    }
    changed
}
