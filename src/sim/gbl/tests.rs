//! Group-based licensing on small tenants: conflicts, seats, dependencies, places, ghosts.
mod several;

use std::time::Duration;

use uuid::Uuid;

use super::*;
use crate::sim::catalog::CATALOG;
use crate::sim::rules::{Edition, Rules};
use crate::sim::tenant::{Group, Sku, User};

/// A tenant with one user, and groups that give products.
struct Bench {
    tenant: Tenant,
    user: UserIx,
    now: Timestamp,
}

impl Bench {
    fn new(rules: Rules) -> Self {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut tenant = Tenant::new(Uuid::from_u128(1), "T", "t.com", now, rules);
        let user = tenant.add_user(User::new(Uuid::from_u128(2), "u@t.com", now));
        Self { tenant, user, now }
    }

    fn current() -> Self {
        Self::new(Rules::new(Edition::Current, false))
    }

    fn sku(&mut self, part: &str, seats: u32) -> SkuIx {
        if let Some(ix) = self.tenant.find_sku(CATALOG.product(part).unwrap().id) {
            return ix;
        }
        self.tenant.add_sku(Sku::of(CATALOG.product(part).unwrap(), Uuid::nil(), seats))
    }

    fn group(&mut self, parts: &[&str]) -> GroupIx {
        let id = Uuid::from_u128(100 + self.tenant.groups_from(None).count() as u128);
        let mut group = Group::new(id, "G", self.now);
        group.licenses = parts.iter().map(|part| License { sku: self.sku(part, 10), disabled: Vec::new() }).collect();
        self.tenant.add_group(group)
    }

    fn another_user(&mut self) -> UserIx {
        let id = Uuid::from_u128(1000 + self.tenant.users_from(None).count() as u128);
        self.tenant.add_user(User::new(id, &format!("{id}@t.com"), self.now))
    }

    fn join(&mut self, user: UserIx, group: GroupIx) {
        self.tenant.join(group, Member::User(user), self.now);
        self.tick();
        settle(&mut self.tenant, user, &[group], self.now);
    }

    fn leave(&mut self, user: UserIx, group: GroupIx) {
        self.tenant.leave(group, Member::User(user), self.now);
        self.tick();
        settle(&mut self.tenant, user, &[group], self.now);
    }

    fn reprocess(&mut self, user: UserIx) -> Outcome {
        self.tick();
        let groups = concerned(&self.tenant, user);
        settle(&mut self.tenant, user, &groups, self.now)
    }

    fn direct(&mut self, user: UserIx, part: &str) -> Result<(), direct::Denied> {
        let license = License { sku: self.sku(part, 10), disabled: Vec::new() };
        direct::assign(&mut self.tenant, user, &[license], &[], self.now)
    }

    fn tick(&mut self) {
        self.now = crate::sim::clock::later(self.now, Duration::from_mins(1));
    }

    /// The user's assignments as `PART state error` with `*` for a direct one.
    fn shows(&self, user: UserIx) -> Vec<String> {
        let word = |one: &Assignment| {
            let part = &self.tenant.sku(one.sku).part;
            let mark = if one.by.is_none() { "*" } else { "" };
            format!("{part}{mark} {} {}", one.state.word(), one.error.map_or("None", LicenseError::word))
        };
        self.tenant.user(user).assignments.iter().map(word).collect()
    }

    fn consumed(&self, part: &str) -> u32 {
        self.tenant.sku(self.tenant.find_sku(CATALOG.product(part).unwrap().id).unwrap()).consumed
    }
}

#[test]
fn leaving_the_source_frees_the_target_in_the_same_operation() {
    let mut bench = Bench::current();
    let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
    bench.join(user, source);
    bench.join(user, target);
    assert_eq!(bench.shows(user), ["STANDARDPACK Active None", "ENTERPRISEPACK Error MutuallyExclusiveViolation"]);
    assert_eq!((bench.consumed("STANDARDPACK"), bench.consumed("ENTERPRISEPACK")), (1, 0), "an error takes no seat");
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None"]);
    assert_eq!((bench.consumed("STANDARDPACK"), bench.consumed("ENTERPRISEPACK")), (0, 1));
}

#[test]
fn the_conflict_stays_while_another_source_gives_the_same_product() {
    let mut bench = Bench::current();
    let (source, second) = (bench.group(&["STANDARDPACK"]), bench.group(&["STANDARDPACK"]));
    let (target, user) = (bench.group(&["ENTERPRISEPACK"]), bench.user);
    for group in [source, second, target] {
        bench.join(user, group);
    }
    assert_eq!(bench.consumed("STANDARDPACK"), 1, "one seat, however many sources");
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["STANDARDPACK Active None", "ENTERPRISEPACK Error MutuallyExclusiveViolation"]);
    assert_eq!(bench.consumed("STANDARDPACK"), 1);
}

#[test]
fn e3_and_e5_are_active_side_by_side() {
    let mut bench = Bench::current();
    let (source, target, user) = (bench.group(&["ENTERPRISEPACK"]), bench.group(&["ENTERPRISEPREMIUM"]), bench.user);
    bench.join(user, source);
    bench.join(user, target);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None", "ENTERPRISEPREMIUM Active None"]);
}

#[test]
fn exclusivity_follows_the_edition_and_the_plans_that_are_on() {
    let both = |rules: Rules, off: &[&str]| {
        let mut bench = Bench::new(rules);
        let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
        bench.tenant.group_mut(target).licenses[0].disabled = CATALOG
            .product("ENTERPRISEPACK")
            .unwrap()
            .plans
            .iter()
            .filter(|plan| off.contains(&plan.name.as_str()))
            .map(|plan| plan.id)
            .collect();
        bench.join(user, source);
        bench.join(user, target);
        bench.shows(user)[1].ends_with("Active None")
    };
    assert!(!both(Rules::new(Edition::Current, false), &[]));
    assert!(both(Rules::new(Edition::Current, false), &["SHAREPOINTENTERPRISE"]));
    assert!(both(Rules::new(Edition::Current, true), &[]), "SharePoint plans that stack");
    assert!(!both(Rules::new(Edition::Of2019, true), &[]), "Exchange plans excluded each other in 2019");
}

#[test]
fn one_product_that_fails_drags_its_siblings_along() {
    let mut bench = Bench::current();
    let (source, user) = (bench.group(&["STANDARDPACK"]), bench.user);
    let target = bench.group(&["ENTERPRISEPACK", "POWER_BI_PRO"]);
    bench.join(user, source);
    bench.join(user, target);
    assert_eq!(
        bench.shows(user),
        ["STANDARDPACK Active None", "ENTERPRISEPACK Error MutuallyExclusiveViolation", "POWER_BI_PRO Error Other"]
    );
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None", "POWER_BI_PRO Active None"]);
}

#[test]
fn a_seat_freed_elsewhere_waits_for_a_reprocess() {
    let mut bench = Bench::current();
    bench.sku("ENTERPRISEPACK", 1);
    let (target, first) = (bench.group(&["ENTERPRISEPACK"]), bench.user);
    let second = bench.another_user();
    bench.join(first, target);
    bench.join(second, target);
    assert_eq!(bench.shows(second), ["ENTERPRISEPACK Error CountViolation"]);
    bench.leave(first, target);
    assert_eq!(bench.shows(second), ["ENTERPRISEPACK Error CountViolation"], "nothing happens by itself");
    assert!(bench.reprocess(second).refused.is_empty());
    assert_eq!(bench.shows(second), ["ENTERPRISEPACK Active None"]);
}

#[test]
fn the_country_is_looked_at_before_the_conflict() {
    let mut rules = Rules::new(Edition::Current, false);
    rules.prohibit(CATALOG.product("ENTERPRISEPACK").unwrap().id, "aq");
    let mut bench = Bench::new(rules);
    let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
    bench.tenant.user_mut(user).location = Some("AQ".into());
    bench.join(user, source);
    bench.join(user, target);
    assert_eq!(bench.shows(user)[1], "ENTERPRISEPACK Error ProhibitedInUsageLocationViolation");
    bench.tenant.user_mut(user).location = Some("US".into());
    let outcome = bench.reprocess(user);
    assert!(matches!(outcome.refused[0].1, Violation::Exclusive(..)), "now the conflict shows");
}

#[test]
fn what_another_product_needs_stays_as_a_ghost() {
    let mut rules = Rules::new(Edition::Current, false);
    let plan =
        |part: &str, name: &str| CATALOG.product(part).unwrap().plans.iter().find(|plan| plan.name == name).unwrap().id;
    rules.require(plan("POWER_BI_PRO", "BI_AZURE_P2"), vec![plan("STANDARDPACK", "KAIZALA_O365_P2")]);
    let mut bench = Bench::new(rules);
    let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
    assert!(bench.direct(user, "POWER_BI_PRO").is_err(), "what it needs is not there yet");
    bench.join(user, source);
    bench.direct(user, "POWER_BI_PRO").unwrap();
    bench.join(user, target);
    bench.leave(user, source);
    let ghost = "STANDARDPACK ActiveWithError DependencyViolation";
    assert_eq!(
        bench.shows(user),
        [ghost, "ENTERPRISEPACK Error MutuallyExclusiveViolation", "POWER_BI_PRO* Active None"]
    );
    assert_eq!(bench.consumed("STANDARDPACK"), 1, "a ghost keeps its seat");
    let sku = bench.sku("POWER_BI_PRO", 0);
    direct::assign(&mut bench.tenant, user, &[], &[sku], bench.now).unwrap();
    assert_eq!(bench.shows(user)[0], ghost, "solving it does nothing by itself");
    bench.reprocess(user);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None"]);
}

#[test]
fn the_add_on_that_the_target_serves_as_well_stays() {
    let mut bench = Bench::current();
    let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
    bench.join(user, source);
    bench.direct(user, "EXCHANGEARCHIVE_ADDON").unwrap();
    bench.join(user, target);
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None", "EXCHANGEARCHIVE_ADDON* Active None"]);
}

#[test]
fn a_direct_license_is_taken_only_directly() {
    let mut bench = Bench::current();
    let (source, user) = (bench.group(&["STANDARDPACK"]), bench.user);
    bench.join(user, source);
    let sku = bench.sku("STANDARDPACK", 0);
    let remove = |bench: &mut Bench| direct::assign(&mut bench.tenant, user, &[], &[sku], bench.now);
    assert_eq!(remove(&mut bench), Err(direct::Denied::Inherited));
    bench.direct(user, "STANDARDPACK").unwrap();
    assert_eq!(bench.consumed("STANDARDPACK"), 1);
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["STANDARDPACK* Active None"], "the direct source holds on");
    assert_eq!(remove(&mut bench), Ok(()));
    assert_eq!(bench.consumed("STANDARDPACK"), 0);
    bench.tenant.user_mut(user).location = None;
    assert_eq!(bench.direct(user, "STANDARDPACK"), Err(direct::Denied::NoLocation));
}

#[test]
fn a_cursed_user_loses_everything_with_the_source() {
    let mut bench = Bench::current();
    let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
    bench.join(user, source);
    bench.join(user, target);
    bench.tenant.user_mut(user).cursed = true;
    bench.leave(user, source);
    assert!(bench.shows(user).is_empty());
    assert_eq!((bench.consumed("STANDARDPACK"), bench.consumed("ENTERPRISEPACK")), (0, 0));
}

#[test]
fn a_later_run_that_changes_nothing_keeps_the_time() {
    let mut bench = Bench::current();
    let (source, target, user) = (bench.group(&["STANDARDPACK"]), bench.group(&["ENTERPRISEPACK"]), bench.user);
    bench.join(user, source);
    bench.join(user, target);
    let before = bench.tenant.user(user).assignments.clone();
    bench.reprocess(user);
    assert_eq!(bench.tenant.user(user).assignments, before);
}
