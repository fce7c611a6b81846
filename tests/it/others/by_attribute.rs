//! Dynamic groups as they are: nobody writes a membership, an attribute of the user changes and the group's rule follows it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;
use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::clock::SystemClock;
use skuferry::domain::id::UserId;
use skuferry::domain::questions;
use skuferry::domain::worklist::Worklist;
use skuferry::sim::Options;
use skuferry::sim::Scenario;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::others::OTHERS;
use crate::others::SOURCE;
use crate::others::TARGET;
use crate::others::all_migrated;
use crate::others::open_lists;
use crate::others::writes_to;
use crate::sim_kit::client;

/// Changes an attribute of a user as an administrator does, and gives the tenant's answer.
async fn sets(sim: &Sim, user: UserId, attribute: &str, value: &str) {
    let url = format!("{}/v1.0/users/{user}", sim.url());
    let body = json!({ attribute: value }).to_string();
    let asked =
        client().patch(url).bearer_auth(sim.access_token()).header("content-type", "application/json").body(body);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 204, "{}", answer.text().await.unwrap());
}

/// A group's members, as the tenant has them.
fn members(sim: &Sim, group: &str) -> BTreeSet<UserId> {
    let state = sim.state();
    let users = state["users"].as_array().unwrap().iter();
    let is_in = |user: &&Value| user["groups"].as_array().unwrap().iter().any(|one| one == group);
    users.filter(is_in).map(|user| UserId(user["id"].as_str().unwrap().parse().unwrap())).collect()
}

/// Does what the text beside a worklist says for each user of its table.
async fn act(sim: &Sim, list: &Worklist) {
    let file = Path::new(&list.issued.file);
    let text = std::fs::read_to_string(file.with_extension("txt")).unwrap();
    let asked = text.lines().find_map(|line| line.strip_prefix("Each user of the table gets ")).unwrap();
    let (attribute, value) = match asked.strip_prefix("another ") {
        Some(asked) => (asked.split_once(" than ").unwrap().0, "none of them"),
        None => asked.split_once(" = ").unwrap(),
    };
    let mut table = csv::Reader::from_path(file).unwrap();
    let id = table.headers().unwrap().iter().position(|name| name == "id").unwrap();
    for row in table.records() {
        sets(sim, UserId(row.unwrap()[id].parse().unwrap()), attribute, value).await;
    }
}

#[tokio::test]
async fn users_move_because_their_attributes_change_and_their_groups_follow() {
    let options = Options { scenario: Scenario::NonConflicting, users: 6, seed: 5, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    let (all, before) = (members(&sim, SOURCE), members(&sim, TARGET));
    for user in &all {
        sets(&sim, *user, "department", "Sales").await; // no rule is about it yet
    }
    let rules =
        [(SOURCE, "(user.department -eq \\\"Sales\\\")"), (TARGET, "user.companyName -eq \\\"Contoso North\\\"")];
    let events =
        rules.map(|(group, rule)| format!("[[event]]\ngovern = {{ group = \"{group}\", rule = \"{rule}\" }}\n"));
    sim.set_faults(&events.concat()).unwrap();
    let steady = |_| -> Arc<dyn Clock> { Arc::new(SteadyClock::new(Arc::new(SystemClock))) };
    let mut rig = Rig::moved_by(Arc::clone(&sim), [OTHERS; 2], |settings| settings.canary = 2, steady).await;

    let mut done = BTreeSet::new();
    let end = tokio::time::Instant::now() + std::time::Duration::from_mins(2);
    while !rig.snapshot().run.complete {
        let shot = rig.snapshot();
        assert!(tokio::time::Instant::now() < end && shot.run.halted.is_none(), "{}", rig.tale());
        for list in open_lists(&shot) {
            if done.insert(list.issued.number) {
                act(&sim, &list).await;
            }
        }
        if questions::pending_question(&shot.run).is_ok()
            && let Ok(question) = rig.ask().await
        {
            rig.yes(question);
        }
        rig.a_while(&shot).await;
    }
    all_migrated(&rig);
    let moved: BTreeSet<UserId> = rig.snapshot().run.users.iter().filter_map(|user| user.id).collect();
    assert!(moved.len() >= 6 && moved.is_subset(&all), "{moved:?}");
    let after: BTreeSet<UserId> = before.union(&moved).copied().collect();
    assert!(before.is_disjoint(&moved));
    assert_eq!(members(&sim, TARGET), after, "whom the worklists named, and nobody else");
    assert!(members(&sim, SOURCE).is_disjoint(&moved));
    assert_eq!(writes_to(&rig, &[SOURCE, TARGET]).len(), 0, "no membership was written by anybody");
    assert!(done.len() >= 3, "an addition, the canary and the rest: {done:?}");
}

/// A rule is followed for the user alone whose attribute changed, both ways, and a rule of another kind by nobody.
#[tokio::test]
async fn a_rule_follows_the_attribute_both_ways_and_a_rule_that_is_not_one_comparison_moves_nobody() {
    let sim = Sim::start(Options { users: 4, seed: 5, ..Options::default() }).await.unwrap();
    let user = *members(&sim, SOURCE).first().unwrap();
    let others = members(&sim, SOURCE).len() - 1;
    let govern = |rule: &str| format!("[[event]]\ngovern = {{ group = \"{SOURCE}\", rule = '{rule}' }}\n");
    sim.set_faults(&govern("(user.department -eq \"Sales\")")).unwrap();
    let before = members(&sim, SOURCE);
    sets(&sim, user, "jobTitle", "Sales").await;
    assert_eq!(members(&sim, SOURCE), before, "another attribute");
    sets(&sim, user, "department", "Finance").await;
    assert!(!members(&sim, SOURCE).contains(&user) && members(&sim, SOURCE).len() == others);
    sets(&sim, user, "department", "sales").await;
    assert_eq!(members(&sim, SOURCE), before, "letter case does not matter");
    sim.set_faults(&govern("(user.department -eq \"Sales\") -or (user.department -eq \"Finance\")")).unwrap();
    sets(&sim, user, "department", "Legal").await;
    assert_eq!(members(&sim, SOURCE), before, "nothing is claimed of it");
}
