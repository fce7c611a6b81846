//! What a list tells, or a replica tells once: bad news is believed from the user itself, and a no when it is said twice.

use serde_json::json;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::sim::LogEntry;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::at_the_removal;
use crate::guards::say_yes;

/// The fault by which a user's own answer shows none of their groups.
pub(crate) fn groups_left_out(rig: &Rig, user: UserId) -> String {
    let mut shown = rig.truth(user);
    let fields = shown.as_object_mut().unwrap();
    fields.retain(|name, _| !["groups", "skus"].contains(&name.as_str()));
    fields.extend([("displayName".to_owned(), json!("X")), ("accountEnabled".to_owned(), json!(true))]);
    fields.insert("memberOf".to_owned(), json!([]));
    format!("[[fault]]\non = \"GET /users/*\"\nanswer = 200\njson = '{shown}'\n")
}

/// A replica has not heard of the addition when the last look asks for the first and the second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_once_not_seen_in_the_group_is_asked_about_again() {
    let (mut rig, _) = at_the_removal(1, |_| {}).await;
    let once = "[[fault]]\non = \"GET /users/*/memberOf\"\nfirst = 1\nanswer = 200\njson = '{\"value\":[]}'\n";
    rig.sim.set_faults(&(groups_left_out(&rig, rig.planned()[0]) + once)).unwrap();
    say_yes(&mut rig).await;
    rig.finish().await;
    let lied = |entry: &LogEntry| entry.fault.is_some() && entry.path.contains("/memberOf");
    assert!(rig.sim.log().iter().any(lied), "nobody asked");
    let left_out = |event: &Event| matches!(event, Event::NotProven { .. });
    assert!(!rig.journal().iter().any(|(_, event)| left_out(event)), "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_a_list_shows_without_a_license_rings_no_alarm() {
    let (mut rig, _) = at_the_removal(1, |_| {}).await;
    let bare = json!({
        "@odata.type": "#microsoft.graph.user",
        "id": rig.planned()[0].to_string(),
        "userPrincipalName": "x@contoso.com",
        "assignedLicenses": [],
        "licenseAssignmentStates": [],
    });
    let page = json!({ "value": [bare] });
    let lists = "GET /groups/*/members";
    rig.sim.set_faults(&format!("[[fault]]\non = \"{lists}\"\nanswer = 200\njson = '{page}'\n")).unwrap();
    rig.poll_until(4, |rig| asked(rig, "GET", "/members").len(), |_| true).await;
    let shot = rig.snapshot();
    assert!(shot.run.alarm.is_none() && shot.run.halted.is_none(), "{}", rig.tale());
    assert!(rig.sim.log().iter().any(|entry| entry.fault.is_some()), "nobody was shown it");
}
