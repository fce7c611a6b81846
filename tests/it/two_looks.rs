//! Rule 3: both looks before a removal must show the user safe. A replica that still shows yesterday answers one of them.

use serde_json::Value;
use serde_json::json;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::proof::NotProven;
use skuferry::engine::handle::Command;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::at_the_removal;
use crate::guards::say_yes;

/// What Graph says of a user now, with the groups that they are in.
fn shown(rig: &Rig, user: UserId) -> Value {
    let mut shown = rig.truth(user);
    let fields = shown.as_object_mut().unwrap();
    fields.retain(|name, _| !["groups", "skus"].contains(&name.as_str()));
    let group = json!({ "@odata.type": "#microsoft.graph.group", "id": rig.run.route.target.group.to_string() });
    fields.extend([("displayName".to_owned(), json!("X")), ("accountEnabled".to_owned(), json!(true))]);
    fields.insert("memberOf".to_owned(), json!([group]));
    shown
}

/// Approves the removal of a user who has lost the target license since the last verify pass; a replica that has not heard
/// of it answers the look of this number. Gives why they stayed.
async fn why_they_stay(stale_look: usize) -> NotProven {
    let (mut rig, _) = at_the_removal(1, |_| {}).await;
    let user = rig.planned()[0];
    rig.send(Command::TogglePolling);
    rig.wait("paused", |shot| shot.paused).await;
    let before = shown(&rig, user);
    let target = rig.run.route.target.group;
    let lost = format!("[[event]]\nlose = {{ user = \"{user}\", group = \"{target}\" }}\n");
    let asleep = "[licensing]\nleast = \"50h\"\ntypical = \"50h\"\nmost = \"50h\"\n";
    let replica = format!("[[fault]]\non = \"GET /users/*\"\nnth = {stale_look}\nanswer = 200\njson = '{before}'\n");
    rig.sim.set_faults(&[asleep, &lost, &replica].concat()).unwrap();
    assert_ne!(shown(&rig, user), before, "the target license is gone");
    say_yes(&mut rig).await;
    rig.wait("decided", |shot| {
        shot.run.user(user).is_some_and(|user| user.seldom.not_proven.is_some() || user.remove.is_done())
    })
    .await;
    // Who is removed now has nothing left.
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), 0, "{}", rig.tale());
    assert_eq!(rig.truth(user)["skus"].as_array().unwrap().len(), 1);
    let lied = rig.sim.log().iter().filter(|entry| entry.fault.is_some()).count();
    assert_eq!(lied, 1, "one of both looks was stale");
    let journal = rig.journal();
    let why = journal.iter().find_map(|(_, event)| match event {
        Event::NotProven { why, .. } => Some(why.clone()),
        _ => None,
    });
    why.unwrap_or_else(|| panic!("{}", rig.tale()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_the_first_look_shows_safe_is_not_removed() {
    assert!(matches!(why_they_stay(1).await, NotProven::Disagree(..)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_the_second_look_shows_safe_is_not_removed() {
    assert!(matches!(why_they_stay(2).await, NotProven::Disagree(..)));
}
