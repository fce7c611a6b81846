//! What others change between the addition and the removal so that the removal would harm: the last look refuses, and says why.

use serde_json::Value;
use serde_json::json;
use skuferry::domain::event::Event;
use skuferry::domain::flaw::Flaw;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::standing::Standing;
use skuferry::domain::standing::Trouble;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::guards::asked;
use crate::guards::say_yes;

const TENANT: &str = include_str!("end_state_cases/changed-mid-run.toml");

fn options(tenant: &str) -> Options {
    Options { tenant: Some(tenant.to_owned()), speed: SPEED, ..Options::default() }
}

fn named(rig: &Rig, name: &str) -> UserId {
    let shot = rig.snapshot();
    shot.run.users.iter().find(|user| user.upn.starts_with(name)).unwrap().id.unwrap()
}

/// Both wait in conflict, the removal is approved, and only then do others act: nothing but the last look can see it.
async fn approved_when(event: &str) -> Rig {
    let mut rig = Rig::open(options(TENANT), |settings| settings.max_stuck = 5).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Remove(2)).await;
    rig.send(Command::TogglePolling);
    rig.wait("paused", |shot| shot.paused).await;
    let question = rig.ask().await.unwrap();
    rig.sim.set_faults(event).unwrap();
    rig.yes(question);
    rig
}

fn not_proven(shot: &Snapshot, user: UserId) -> Option<String> {
    let user = shot.run.user(user)?;
    Some(skuferry::words::proof::not_proven(user.seldom.not_proven.as_ref()?, user.direction))
}

/// Part numbers of what a user holds.
fn holds(rig: &Rig, user: UserId) -> Vec<String> {
    let state = rig.sim.state();
    let part = |id: &Value| {
        let sku = state["skus"].as_array().unwrap().iter().find(|sku| sku["skuId"] == *id).unwrap();
        sku["skuPartNumber"].as_str().unwrap().to_owned()
    };
    let truth = rig.truth(user);
    let held = truth["licenseAssignmentStates"].as_array().unwrap().iter().filter(|one| one["state"] == "Active");
    held.map(|one| part(&one["skuId"])).collect()
}

fn removals(rig: &Rig) -> usize {
    asked(rig, "DELETE", "/members/").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_usage_location_was_changed_or_emptied_since_is_not_removed() {
    for (country, place) in [(", country = \"IR\"", "IR"), ("", "none")] {
        let event = format!("[[event]]\nlocate = {{ user = \"one@alpineskihouse.com\"{country} }}\n");
        let mut rig = approved_when(&event).await;
        let (one, other) = (named(&rig, "one"), named(&rig, "other"));
        let shot = rig.wait("not proven", |shot| not_proven(shot, one).is_some()).await;
        let why = not_proven(&shot, one).unwrap();
        assert!(why.contains(&format!("usage location changed from US to {place} since preflight")), "{why}");
        rig.send(Command::TogglePolling);
        rig.wait("the other is migrated", |shot| {
            shot.run.user(other).is_some_and(|user| user.standing == Some(Standing::Migrated))
        })
        .await;
        assert!(asked(&rig, "DELETE", "/members/").iter().all(|entry| !entry.path.contains(&one.to_string())));
        assert!(holds(&rig, one).contains(&"STANDARDPACK".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_removed_once_a_subscription_of_the_target_group_serves_nobody() {
    for (sku, status) in [("ENTERPRISEPACK", "Suspended"), ("EMS", "Suspended"), ("EMS", "LockedOut")] {
        let event = format!("[[event]]\nsubscription = {{ sku = \"{sku}\", status = \"{status}\" }}\n");
        let mut rig = approved_when(&event).await;
        let users = rig.planned();
        let shot = rig
            .wait("refused", |shot| {
                shot.run.halted.is_some() || users.iter().all(|user| not_proven(shot, *user).is_some())
            })
            .await;
        match shot.run.halted.as_ref().map(|halt| &halt.why) {
            Some(HaltReason::Seats(lacks)) => assert_eq!(lacks.available, 0),
            Some(other) => panic!("{other:?}"),
            // Of a product that they hold no seat is missing, and it is of no use all the same.
            None => assert!(not_proven(&shot, users[0]).unwrap().contains(status)),
        }
        assert_eq!(removals(&rig), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_removed_once_the_target_group_gives_less_than_at_preflight() {
    let group = |what: &str| format!("[[event]]\n{what}\n");
    for (event, why) in [
        (
            "license_group = { group = \"Office E3\", sku = \"ENTERPRISEPACK\", plans_off = [\"EXCHANGE_S_ENTERPRISE\"] }",
            "Exchange would be lost",
        ),
        ("unlicense_group = { group = \"Office E3\", sku = \"EMS\" }", "no longer assigns Enterprise Mobility"),
    ] {
        let mut rig = approved_when(&group(event)).await;
        let users = rig.planned();
        let shot = rig.wait("refused", |shot| users.iter().all(|user| not_proven(shot, *user).is_some())).await;
        let said = not_proven(&shot, users[0]).unwrap();
        assert!(said.contains(why), "{said}");
        assert_eq!(removals(&rig), 0);
        rig.send(Command::TogglePolling);
        let flawed = |shot: &Snapshot, user: &UserId| {
            let standing = shot.run.user(*user).and_then(|user| user.standing.clone());
            matches!(standing, Some(Standing::Stuck(Trouble::EndState(_) | Trouble::Error(_))))
        };
        rig.wait("the rows say so", |shot| users.iter().all(|user| flawed(shot, user))).await;
        assert_eq!(removals(&rig), 0);
    }
    let mut rig = approved_when(&group("unlicense_group = { group = \"Office E3\", sku = \"ENTERPRISEPACK\" }")).await;
    let shot = rig.wait("refused", |shot| shot.run.group_problem().is_some()).await;
    assert!(shot.run.approved_pending.is_empty() && removals(&rig) == 0, "{}", rig.tale());
}

/// What a resume reads of the groups is not what preflight saw: the journal tells that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_while_nobody_watched_is_held_against_the_journal() {
    let mut rig = Rig::open(options(TENANT), |_| {}).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Remove(2)).await;
    rig.kill().await;
    let off = "{ group = \"Office E3\", sku = \"EMS\" }";
    rig.sim
        .set_faults(&format!(
            "[[event]]\nunlicense_group = {off}\n[[event]]\nlocate = {{ user = \"one@alpineskihouse.com\" }}\n"
        ))
        .unwrap();
    rig.resume();
    let one = named(&rig, "one");
    let flaws = |shot: &Snapshot| match shot.run.user(one).and_then(|user| user.standing.clone()) {
        Some(Standing::Stuck(Trouble::EndState(flaws))) => flaws,
        _ => Vec::new(),
    };
    let wanted = |flaws: &[Flaw]| {
        let gone = flaws.iter().any(|flaw| matches!(flaw, Flaw::NoLongerAssigned { .. }));
        gone && flaws.iter().any(|flaw| matches!(flaw, Flaw::LocationChanged { to, .. } if to.is_empty()))
    };
    rig.wait("held against preflight", |shot| wanted(&flaws(shot))).await;
    assert_eq!(removals(&rig), 0);
}

/// Licenses show for minutes after somebody took a user out of the group, and a group inside it gives none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_left_in_a_nested_group_alone_is_not_removed() {
    let slow = "[licensing]\nleast = \"50h\"\ntypical = \"50h\"\nmost = \"50h\"\n";
    let user = "one@alpineskihouse.com";
    let nested = TENANT.replace("name = \"Office E3\"\n", "name = \"Office E3\"\nnested = [\"Managers\"]\n");
    assert_ne!(nested, TENANT);
    let mut rig = Rig::open(options(&nested), |settings| settings.max_stuck = 5).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    say_yes(&mut rig).await;
    rig.wait_for(PendingQuestion::Remove(2)).await;
    rig.send(Command::TogglePolling);
    rig.wait("paused", |shot| shot.paused).await;
    let question = rig.ask().await.unwrap();
    let moved = format!(
        "{slow}[[event]]\nadd = {{ user = \"{user}\", group = \"Managers\" }}\n\
         [[event]]\nremove = {{ user = \"{user}\", group = \"Office E3\" }}\n"
    );
    rig.sim.set_faults(&moved).unwrap();
    rig.yes(question);
    let one = named(&rig, "one");
    let shot = rig.wait("not proven", |shot| not_proven(shot, one).is_some()).await;
    assert!(not_proven(&shot, one).unwrap().contains("not seen in the group"), "{}", rig.tale());
    assert!(asked(&rig, "DELETE", "/members/").iter().all(|entry| !entry.path.contains(&one.to_string())));
}

/// The way back leads into a group with a second product, which has no seat left for who gave theirs up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_goes_back_into_a_group_whose_second_product_ran_out() {
    let tenant = TENANT.replace("licenses = [\"ENTERPRISEPACK\", \"EMS\"]", "licenses = [\"ENTERPRISEPACK\"]");
    assert_ne!(tenant, TENANT);
    let mut rig = Rig::open(options(&tenant), |_| {}).await;
    rig.finish().await;
    let one = named(&rig, "one");
    let before = removals(&rig);
    rig.send(Command::RollBack(vec![one]));
    rig.wait_for(PendingQuestion::Add(1)).await;
    rig.sim.set_faults("[[event]]\ndrain = \"EMS\"\n").unwrap();
    say_yes(&mut rig).await;
    let stuck = |shot: &Snapshot| {
        let user = shot.run.user(one).unwrap();
        user.add.is_done() && matches!(user.standing, Some(Standing::Stuck(_)))
    };
    rig.wait("stuck on the way back", stuck).await;
    rig.poll_until(4, |rig| asked(rig, "GET", "/members").len(), stuck).await;
    assert_eq!(removals(&rig), before, "{}", rig.tale());
    assert_eq!(json!(holds(&rig, one)), json!(["ENTERPRISEPACK", "VISIOCLIENT"]));
}

/// A run of before all products were looked at: the operator is told, and who was safe by one product is not any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_began_by_older_rules_says_so_and_is_judged_by_todays() {
    let tenant = TENANT.replace("licenses = [\"STANDARDPACK\", \"EMS\"]", "licenses = [\"STANDARDPACK\"]");
    assert_ne!(tenant, TENANT);
    for (rules, told) in [(0, "looked at one product of each group"), (1, "what is read now stands for it")] {
        let mut rig = Rig::open(options(&tenant), |_| {}).await;
        rig.wait_for(PendingQuestion::Add(2)).await;
        say_yes(&mut rig).await;
        rig.wait_for(PendingQuestion::Remove(2)).await;
        rig.kill().await;
        rig.sim.set_faults("[[event]]\ndrain = \"EMS\"\n").unwrap();
        rig.resume_as(|past| {
            for (_, event) in past {
                if let Event::Checked { preflight } = event {
                    (preflight.rules, preflight.products) = (rules, Vec::new());
                    (preflight.source_products, preflight.target_products) = (Vec::new(), Vec::new());
                    preflight.users.iter_mut().for_each(|user| user.usage_location = None);
                }
            }
        });
        let users = rig.planned();
        let no_seat = |shot: &Snapshot, user: &UserId| match &shot.run.user(*user).unwrap().standing {
            Some(Standing::Stuck(Trouble::EndState(flaws))) => {
                flaws.iter().any(|one| matches!(one, Flaw::NoSeat { .. } | Flaw::NotUsable { .. }))
            }
            _ => false,
        };
        rig.wait("judged by all products", |shot| users.iter().all(|user| no_seat(shot, user))).await;
        let _ = rig.ask().await;
        assert!(rig.said.iter().any(|said| said.contains("older rules") && said.contains(told)), "{:?}", rig.said);
        assert_eq!(removals(&rig), 0);
    }
    let mut rig = Rig::open(options(&tenant), |_| {}).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    rig.kill().await;
    rig.resume();
    rig.wait_for(PendingQuestion::Add(2)).await;
    let _ = rig.ask().await;
    assert!(!rig.said.iter().any(|said| said.contains("older rules")), "{:?}", rig.said);
}
