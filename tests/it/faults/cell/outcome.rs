//! What came of a cell, in the words of the table: what was written, and where the users truly are.

use std::fmt::Write;

use serde_json::Value;
use skuferry::domain::event::Event;
use skuferry::sim::LogEntry;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::witness;

/// Every write that the tenant met, in order, and how often the operator said yes.
pub(in crate::faults) fn log(rig: &Rig) -> String {
    let (mut told, mut last): (Vec<(String, usize, u16)>, _) = (Vec::new(), None);
    for write in witness::writes(rig) {
        let entry = rig.sim.log().into_iter().find(|entry| entry.number == write.number).unwrap();
        let (request, what) = (request_of(&entry), if write.added { "add" } else { "remove" });
        match told.last_mut() {
            Some((_, users, status)) if last == Some(request) && *status == write.status => *users += 1,
            _ => told.push((what.to_owned(), 1, write.status)),
        }
        last = Some(request);
    }
    let yes = rig.journal().iter().filter(|(_, event)| is_approval(event)).count();
    let mut text: Vec<String> =
        told.into_iter().map(|(what, users, status)| format!("{what} {users}: {status}")).collect();
    if text.is_empty() {
        text.push("nothing".to_owned());
    }
    format!("{} · {yes} yes", text.join(", "))
}

fn request_of(entry: &LogEntry) -> u64 {
    entry.outer.unwrap_or(entry.number)
}

fn is_approval(event: &Event) -> bool {
    matches!(event, Event::AddApproved { .. } | Event::RemoveApproved { .. })
}

/// Where the listed users truly are, and whether the run knows it is done.
pub(super) fn state(rig: &Rig) -> String {
    let state = rig.sim.state();
    let mut counts = [("moved", 0), ("stayed", 0), ("in both groups", 0), ("deleted", 0), ("elsewhere", 0)];
    let mut bare = 0;
    for upn in listed(&rig.sim) {
        let user = state_of(&state, &upn);
        let groups = user["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
        let within = |group: String| groups.iter().any(|one| *one == group);
        let ends = [&rig.run.route.source, &rig.run.route.target];
        let place = match ends.map(|end| within(end.group.to_string())) {
            _ if user.is_null() => 3,
            [false, true] => 0,
            [true, false] => 1,
            [true, true] => 2,
            [false, false] => 4,
        };
        counts[place].1 += 1;
        bare += usize::from(user["skus"].as_array().is_some_and(Vec::is_empty));
    }
    let mut text = String::new();
    for (what, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let _ = write!(text, "{}{count} {what}", if text.is_empty() { "" } else { ", " });
    }
    if bare > 0 {
        let _ = write!(text, ", {bare} without a license");
    }
    if rig.journal().iter().any(|(_, event)| *event == Event::MigrationComplete) { text } else { text + "; waits" }
}

/// The users of the list, by the names or ids that stand there.
pub(super) fn listed(sim: &Sim) -> Vec<String> {
    let names = |line: &&str| line.contains('@') || line.parse::<uuid::Uuid>().is_ok();
    sim.users_csv().lines().map(|line| line.trim().trim_matches('"')).filter(names).map(str::to_owned).collect()
}

pub(super) fn state_of(state: &Value, key: &str) -> Value {
    let users = state["users"].as_array().unwrap();
    let found = users.iter().find(|user| user["userPrincipalName"] == key || user["id"] == key);
    found.cloned().unwrap_or_default()
}
