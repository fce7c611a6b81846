//! What stands in the files of worklists, against what the tenant says of the same group and users; and the way back where
//! only one of the two groups is changed by others.

use std::path::Path;

use serde_json::Value;
use skuferry::domain::id::UserId;
use skuferry::domain::route::Direction;
use skuferry::domain::worklist::Worklist;
use skuferry::domain::worklist::WorklistKind;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::others::Kind;
use crate::others::RULE;
use crate::others::SOURCE;
use crate::others::TARGET;
use crate::others::migrates;
use crate::others::mover::Hand;
use crate::others::mover::Mover;
use crate::others::open;
use crate::others::open_lists;
use crate::others::work;
use crate::others::writes_to;
use crate::sim_kit::client;

fn beside(list: &Worklist, extension: &str) -> String {
    std::fs::read_to_string(Path::new(&list.issued.file).with_extension(extension)).unwrap()
}

/// The next worklist for this task; nobody has acted on it.
async fn next(rig: &mut Rig, mover: &mut Mover, task: WorklistKind) -> Worklist {
    let of = |shot: &Snapshot| open_lists(shot).into_iter().find(|list| list.issued.kind == task);
    work(rig, mover, "a worklist", |shot| of(shot).is_some()).await;
    of(&rig.snapshot()).unwrap()
}

#[tokio::test]
async fn the_text_for_a_dynamic_group_has_the_rule_and_its_value_until_the_worklist_ends() {
    let (mut rig, _) = open([Kind::Dynamic; 2], Scenario::NonConflicting, 4, |_| {}).await;
    let mut mover = Mover::new(Hand::Table);
    let rule = RULE.replace('\\', "");
    for (task, asked) in [
        (WorklistKind::Add, "Each user of the table gets department = Sales"),
        (WorklistKind::Remove, "Each user of the table gets another department than Sales"),
    ] {
        let list = next(&mut rig, &mut mover, task).await;
        assert_eq!(beside(&list, "txt"), format!("Rule: {rule}\n{asked}\n"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let meta = std::fs::metadata(Path::new(&list.issued.file).with_extension("txt")).unwrap();
            assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        }
        if task == WorklistKind::Add {
            work(&mut rig, &mut mover, "all added", |shot| !open_lists(shot).contains(&list)).await;
        } else {
            rig.send(Command::Halt);
        }
        rig.until("replaced", |_| beside(&list, "txt").contains("is not in force any more")).await;
        let text = beside(&list, "txt");
        assert!(!text.contains("department") && !text.contains("Rule:"), "{text}");
    }
}

/// What the tenant answers to whoever asks it.
async fn asked(rig: &Rig, path: &str) -> Value {
    let url = format!("{}/v1.0{path}", rig.sim.url());
    let answer = client().get(url).bearer_auth(rig.sim.access_token()).send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_files_for_a_synced_group_name_users_group_and_domain_as_the_tenant_does() {
    let (mut rig, _) = open([Kind::Synced; 2], Scenario::NonConflicting, 4, |_| {}).await;
    let mut mover = Mover::new(Hand::Table);
    for (task, group) in [(WorklistKind::Add, TARGET), (WorklistKind::Remove, SOURCE)] {
        let list = next(&mut rig, &mut mover, task).await;
        let (table, snippet) = (beside(&list, "csv"), beside(&list, "ps1"));
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), list.issued.users.len());
        let properties =
            ["userPrincipalName", "onPremisesSamAccountName", "onPremisesDistinguishedName", "onPremisesDomainName"];
        let group =
            asked(&rig, &format!("/groups/{group}?$select=onPremisesSamAccountName,onPremisesDomainName")).await;
        let of_group = |name: &str| group[name].as_str().filter(|name| !name.is_empty()).unwrap().replace('\'', "''");
        for row in &rows {
            let cell = |name: &str| &row[names.iter().position(|one| one == name).unwrap()];
            let user = asked(&rig, &format!("/users/{}?$select={}", cell("id"), properties.join(","))).await;
            for name in properties {
                assert_eq!(Some(cell(name)), user[name].as_str().filter(|name| !name.is_empty()), "{name}");
            }
            let (verb, end) = match task {
                WorklistKind::Add => ("Add", ""),
                WorklistKind::Remove => ("Remove", " -Confirm:$false"),
            };
            let line = format!(
                "{verb}-ADGroupMember -Identity '{}' -Members '{}' -Server '{}'{end}\r\n",
                of_group("onPremisesSamAccountName"),
                cell("onPremisesDistinguishedName").replace('\'', "''"),
                of_group("onPremisesDomainName"),
            );
            assert!(snippet.contains(&line), "{line} is not in\n{snippet}");
        }
    }
}

/// The groups among source and target that the tenant has a user in.
fn groups(rig: &Rig, user: UserId) -> Vec<&'static str> {
    let truth = rig.truth(user);
    let member = |group: &str| truth["groups"].as_array().unwrap().iter().any(|one| *one == *group);
    [SOURCE, TARGET].into_iter().filter(|group| member(group)).collect()
}

async fn goes_back(kinds: [Kind; 2]) {
    let mut rig = migrates(kinds, Scenario::NonConflicting, Hand::Table).await;
    let users = rig.planned();
    assert!(users.iter().all(|user| groups(&rig, *user) == [TARGET]));
    let group = |kind: Kind, group| (kind != Kind::Cloud).then_some(group);
    let theirs: Vec<&str> = [group(kinds[0], SOURCE), group(kinds[1], TARGET)].into_iter().flatten().collect();
    rig.send(Command::RollBack(users.clone()));
    let mut mover = Mover::new(Hand::Snippet);
    let back = |shot: &Snapshot| shot.run.complete && shot.run.users.iter().all(|user| user.is_rolled_back());
    work(&mut rig, &mut mover, "rolled back", back).await;
    assert!(users.iter().all(|user| groups(&rig, *user) == [SOURCE]), "{}", rig.tale());
    assert!(writes_to(&rig, &theirs).is_empty(), "nothing is written to a group that others change");
    let shot = rig.snapshot();
    let lists: Vec<_> = shot.run.worklists().filter(|list| list.issued.direction == Direction::Rollback).collect();
    assert!(!lists.is_empty() && lists.iter().all(|list| theirs.contains(&list.issued.group.to_string().as_str())));
    // Each user was on one, for what others had to do.
    let mut listed: Vec<UserId> = lists.iter().flat_map(|list| &list.issued.users).map(|(user, _)| *user).collect();
    listed.sort_unstable();
    let mut all = users.clone();
    all.sort_unstable();
    assert_eq!(listed, all);
    let task = if kinds[0] == Kind::Cloud { WorklistKind::Remove } else { WorklistKind::Add };
    assert!(lists.iter().all(|list| list.issued.kind == task), "{}", rig.tale());
}

#[tokio::test]
async fn users_go_back_from_a_cloud_group_to_a_synced_one() {
    goes_back([Kind::Synced, Kind::Cloud]).await;
}

#[tokio::test]
async fn users_go_back_from_a_dynamic_group_to_a_cloud_one() {
    goes_back([Kind::Cloud, Kind::Dynamic]).await;
}
