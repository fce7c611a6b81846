//! The whole truth about the tenant, for tests to compare with what a client believes.
use serde_json::{Value, json};

use crate::sim::shape::user_property;
use crate::sim::tenant::{Group, GroupIx, Member, User, UserIx};
use crate::sim::world::World;

/// Users with their memberships and licenses, groups with their members, products with their seats.
pub(crate) fn state(world: &World) -> Value {
    let tenant = &world.tenant;
    json!({
        "now": world.clock.now().to_string(),
        "tenant": { "id": tenant.id, "name": tenant.name },
        "pending": world.queue.len(),
        "users": tenant.users_from(None).map(|(ix, found)| user(world, ix, found)).collect::<Value>(),
        "groups": tenant.groups_from(None).map(|(ix, found)| group(world, ix, found)).collect::<Value>(),
        "skus": tenant.skus().map(|(_, sku)| json!({
            "skuId": sku.id, "subscription": sku.subscription.id, "skuPartNumber": sku.part, "name": sku.name, "enabled": sku.enabled,
            "consumed": sku.consumed, "available": i64::from(sku.enabled) - i64::from(sku.consumed),
        })).collect::<Value>(),
    })
}

/// What every user, deleted ones too, was licensed for until when; the last is what holds now.
pub(crate) fn past(world: &World) -> Value {
    let tenant = &world.tenant;
    let users = tenant.every_user_from(None).map(|(ix, user)| {
        let ends = user.changes().map(Some).chain([None]);
        let spells = ends.scan(jiff::Timestamp::MIN, |from, until| {
            let at = std::mem::replace(from, until.unwrap_or(jiff::Timestamp::MAX));
            let states = user_property(tenant, ix, "licenseAssignmentStates", at);
            Some(json!({ "until": until.map(|until| until.to_string()), "licenseAssignmentStates": states }))
        });
        json!({ "id": user.id, "past": spells.collect::<Value>() })
    });
    users.collect()
}

fn user(world: &World, ix: UserIx, user: &User) -> Value {
    let property = |name: &str| user_property(&world.tenant, ix, name, jiff::Timestamp::MAX);
    json!({
        "id": user.id,
        "userPrincipalName": user.upn,
        "usageLocation": user.location,
        "groups": user.groups.iter().map(|group| world.tenant.group(*group).id).collect::<Vec<_>>(),
        "licenseAssignmentStates": property("licenseAssignmentStates"),
        "assignedLicenses": property("assignedLicenses"),
        "skus": user.skus().into_iter().map(|sku| world.tenant.sku(sku).part.clone()).collect::<Vec<_>>(),
    })
}

fn group(world: &World, _: GroupIx, group: &Group) -> Value {
    let members = group.members().map(|member| match member {
        Member::User(ix) => world.tenant.user(ix).id,
        Member::Group(ix) => world.tenant.group(ix).id,
    });
    json!({
        "id": group.id,
        "displayName": group.display,
        "licenses": group.licenses.iter().map(|license| world.tenant.sku(license.sku).part.clone()).collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
    })
}
