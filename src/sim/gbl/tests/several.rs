//! Groups of several products, and several groups that wait.
use super::*;
use crate::sim::tenant::held;

const SHAREPOINTS: [&str; 2] = ["STANDARDPACK Active None", "ENTERPRISEPACK Error MutuallyExclusiveViolation"];

#[test]
fn each_product_says_why_it_failed_or_only_the_first_does() {
    for (first_only, seats) in [(false, "CountViolation"), (true, "Other")] {
        let mut bench = Bench::current();
        bench.tenant.rules.first_failure_only = first_only;
        let (source, user) = (bench.group(&["STANDARDPACK"]), bench.user);
        bench.sku("ENTERPRISEPACK", 10);
        bench.sku("EMS", 0);
        let target = bench.group(&["ENTERPRISEPACK", "EMS"]);
        bench.join(user, source);
        bench.join(user, target);
        let waiting = format!("EMS Error {seats}");
        assert_eq!(bench.shows(user), [SHAREPOINTS[0], SHAREPOINTS[1], &waiting]);
        bench.leave(user, source);
        assert_eq!(bench.shows(user), ["ENTERPRISEPACK Error Other", "EMS Error CountViolation"]);
        let consumed = ["STANDARDPACK", "ENTERPRISEPACK", "EMS"].map(|part| bench.consumed(part));
        assert_eq!(consumed, [0, 0, 0], "nothing of the group is assigned");
    }
}

#[test]
fn the_second_product_of_the_group_needs_no_seat_of_who_holds_it() {
    let mut bench = Bench::current();
    let (source, user) = (bench.group(&["STANDARDPACK"]), bench.user);
    bench.sku("ENTERPRISEPACK", 10);
    bench.sku("EMS", 1);
    let target = bench.group(&["ENTERPRISEPACK", "EMS"]);
    bench.join(user, source);
    bench.direct(user, "EMS").unwrap();
    bench.join(user, target);
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None", "EMS* Active None", "EMS Active None"]);
    assert_eq!(bench.consumed("EMS"), 1);
}

#[test]
fn a_product_of_both_groups_keeps_its_last_seat_when_one_is_left() {
    let mut bench = Bench::current();
    bench.sku("EMS", 1);
    bench.sku("STANDARDPACK", 10);
    let (source, user) = (bench.group(&["STANDARDPACK", "EMS"]), bench.user);
    let target = bench.group(&["ENTERPRISEPACK", "EMS"]);
    bench.join(user, source);
    bench.join(user, target);
    let waiting = ["EMS Active None", "EMS Error Other", SHAREPOINTS[0], SHAREPOINTS[1]];
    assert_eq!(bench.shows(user), waiting);
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["EMS Active None", "ENTERPRISEPACK Active None"]);
    assert_eq!(bench.consumed("EMS"), 1);
}

#[test]
fn a_product_taken_off_the_group_leaves_the_others() {
    let mut bench = Bench::current();
    let user = bench.user;
    bench.sku("ENTERPRISEPACK", 10);
    bench.sku("EMS", 0);
    let target = bench.group(&["ENTERPRISEPACK", "EMS"]);
    bench.join(user, target);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Error Other", "EMS Error CountViolation"]);
    let ems = bench.sku("EMS", 0);
    bench.tenant.group_mut(target).licenses.retain(|one| one.sku != ems);
    settle(&mut bench.tenant, user, &[target], bench.now);
    assert_eq!(bench.shows(user), ["ENTERPRISEPACK Active None"]);
}

#[test]
fn of_a_group_that_is_left_only_what_is_needed_stays() {
    let plan =
        |part: &str, name: &str| CATALOG.product(part).unwrap().plans.iter().find(|plan| plan.name == name).unwrap().id;
    let mut rules = Rules::new(Edition::Current, false);
    rules.require(plan("POWER_BI_PRO", "BI_AZURE_P2"), vec![plan("STANDARDPACK", "KAIZALA_O365_P2")]);
    let mut bench = Bench::new(rules);
    let (source, user) = (bench.group(&["STANDARDPACK", "VISIOCLIENT"]), bench.user);
    bench.join(user, source);
    bench.direct(user, "POWER_BI_PRO").unwrap();
    bench.leave(user, source);
    assert_eq!(bench.shows(user), ["STANDARDPACK ActiveWithError DependencyViolation", "POWER_BI_PRO* Active None"]);
    assert_eq!((bench.consumed("STANDARDPACK"), bench.consumed("VISIOCLIENT")), (1, 0));
    let kept = &bench.tenant.user(user).assignments[0];
    assert_eq!(kept.by, Some(source), "the group that was left");
    // Back in the group, nothing is wrong any more.
    bench.join(user, source);
    let all = ["STANDARDPACK Active None", "VISIOCLIENT Active None", "POWER_BI_PRO* Active None"];
    assert_eq!(bench.shows(user), all);
}

#[test]
fn pairs_that_stand_on_real_tenants_stand_unless_told_otherwise() {
    let both = |rules: Rules| {
        let mut bench = Bench::new(rules);
        let (suite, teams) =
            (bench.group(&["Microsoft_365_E3_(no_Teams)"]), bench.group(&["Microsoft_Teams_Enterprise_New"]));
        let user = bench.user;
        bench.join(user, suite);
        bench.join(user, teams);
        held(&bench.tenant.user(user).assignments).len() == 2
    };
    let plan = |name: &str| CATALOG.plan(name).unwrap().id;
    let strict = || {
        let mut rules = Rules::new(Edition::Current, false);
        rules.teams_beside_suites = false;
        rules
    };
    assert!(both(Rules::new(Edition::Current, false)));
    assert!(!both(strict()));
    let old = Rules::new(Edition::Of2019, false);
    assert!(old.exclude_each_other(plan("MCOIMP"), plan("MCOSTANDARD")), "there was no Teams Enterprise in 2019");
    let mut allowed = strict();
    allowed.let_stand(&[plan("MCOSTANDARD"), plan("MCOIMP")]);
    assert!(both(allowed));
    // The suites' own plans exclude each other as ever.
    let rules = Rules::new(Edition::Current, false);
    assert!(rules.exclude_each_other(plan("SHAREPOINTDESKLESS"), plan("SHAREPOINTENTERPRISE")));
}

#[test]
fn the_order_of_retries_is_as_set() {
    let orders = [RetryOrder::Listed, RetryOrder::Oldest, RetryOrder::Newest];
    let first = orders.map(|order| {
        let mut bench = Bench::current();
        bench.tenant.rules.retry_order = order;
        let (source, user) = (bench.group(&["STANDARDPACK"]), bench.user);
        let (frontline, target) = (bench.group(&["DESKLESSPACK"]), bench.group(&["ENTERPRISEPACK"]));
        // The one listed last has waited longest.
        for group in [source, target, frontline] {
            bench.join(user, group);
        }
        bench.leave(user, source);
        let won = held(&bench.tenant.user(user).assignments);
        bench.tenant.sku(won[0]).part.clone()
    });
    assert_eq!(first, ["DESKLESSPACK", "ENTERPRISEPACK", "DESKLESSPACK"]);
}
