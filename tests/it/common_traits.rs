//! What users with one cause have in common that healthy users have not: a product, another group, a domain.

use std::sync::Arc;

use skuferry::domain::id::GroupId;
use skuferry::domain::id::SkuId;
use skuferry::domain::license::Assignment;
use skuferry::domain::license::UserFacts;
use skuferry::tui::keys::Cmd;
use skuferry::tui::problems::Common;
use skuferry::tui::problems::Trait;
use uuid::Uuid;

use crate::problems::two_causes;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

/// The 14 with one cause, all in the country of the others but for what is changed about these places of them.
fn alike(places: std::ops::Range<usize>, change: impl Fn(&mut UserFacts)) -> Scene {
    let mut scene = two_causes();
    for (place, facts) in scene.snapshot.facts.iter_mut().enumerate() {
        let mut one = (**facts.as_ref().unwrap()).clone();
        one.usage_location = Some("DE".into());
        if places.contains(&place) {
            change(&mut one);
        }
        *facts = Some(Arc::new(one));
    }
    scene
}

/// What is found of the 14, and that of the 3 nothing is.
fn found(scene: &Scene, told: &str) -> Vec<Common> {
    let mut model = scene.model();
    press(&mut model, &[Cmd::View(5)]);
    let drawn = text(&frame(&mut model, 120, 40).0);
    let common = |problem: usize| model.problems[problem].common.clone().unwrap();
    assert_eq!(model.problems[0].users.len(), 14);
    assert_eq!(common(1), []);
    assert_eq!(drawn.contains(told), !common(0).is_empty(), "{drawn}");
    common(0)
}

fn shared(what: Trait, have: usize) -> Common {
    Common { what, have, healthy: 0, of_healthy: 29 }
}

#[test]
fn a_product_that_only_they_have_is_told() {
    let sku = SkuId(Uuid::from_u128(0x77));
    let buy = |facts: &mut UserFacts| facts.assigned.push(sku);
    let told = ": 14 of 14 here, 0 of 29 healthy users";
    assert_eq!(found(&alike(29..43, buy), told), [shared(Trait::Product(sku), 14)]);
    // Nine of ten are enough, fewer are not; nor is what healthy users have as well.
    assert_eq!(found(&alike(30..43, buy), "13 of 14 here"), [shared(Trait::Product(sku), 13)]);
    assert_eq!(found(&alike(31..43, buy), "of 14 here"), []);
    assert_eq!(found(&alike(0..43, buy), "of 14 here"), []);
    let some = found(&alike(27..43, buy), ": 14 of 14 here, 2 of 29 healthy users");
    assert_eq!(some, [Common { healthy: 2, ..shared(Trait::Product(sku), 14) }]);
}

#[test]
fn another_group_that_only_they_are_licensed_by_is_told() {
    let group = GroupId(Uuid::from_u128(0x99));
    let mut scene = alike(29..43, |facts| {
        let entry = Assignment { group: Some(group), ..facts.states[0].clone() };
        facts.states.push(entry);
    });
    let mut names = (*scene.snapshot.group_names).clone();
    names.insert(group, "Lic-Pilot".into());
    scene.snapshot.group_names = Arc::new(names);
    let told = "group \"Lic-Pilot\": 14 of 14 here, 0 of 29 healthy users";
    assert_eq!(found(&scene, told), [shared(Trait::Group(group), 14)]);
}

#[test]
fn a_domain_that_only_they_have_is_told_whatever_its_case() {
    let scene = alike(29..43, |facts| {
        let name = facts.upn.split('@').next().unwrap();
        let domain = if facts.id.0.as_u128() % 2 == 0 { "Fabrikam.com" } else { "fabrikam.COM" };
        facts.upn = format!("{name}@{domain}").into();
    });
    let told = "domain fabrikam.com: 14 of 14 here, 0 of 29 healthy users";
    assert_eq!(found(&scene, told), [shared(Trait::Domain("fabrikam.com".into()), 14)]);
}
