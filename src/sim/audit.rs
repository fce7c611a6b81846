//! The directory's audit log: who changed what, as far as licenses and memberships go.
use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::sim::clock::stamp;

/// The name under which group-based licensing acts (Microsoft Learn, "Resolve group license assignment problems").
pub(crate) const LICENSING: &str = "Microsoft Azure AD Group-Based Licensing";

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Actor {
    /// A service of Microsoft, by its name.
    Service(&'static str),
    /// An application, by its id.
    App(String),
    /// A user through an application: object id and principal name.
    User(String, String),
}

/// To what it was done.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `User` or `Group`.
    pub(crate) kind: &'static str,
    /// The object's id.
    pub(crate) id: Uuid,
    /// Its display name.
    pub(crate) display: String,
    /// The principal name, for users.
    pub(crate) upn: Option<String>,
    /// Property, old value, new value.
    pub(crate) changes: Vec<(&'static str, String, String)>,
}

/// One record.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// When.
    pub(crate) at: Timestamp,
    /// What, in the words of the activity list.
    pub(crate) activity: &'static str,
    /// `UserManagement` or `GroupManagement`.
    pub(crate) category: &'static str,
    /// Why it failed; none if it did not.
    pub(crate) failure: Option<String>,
    /// Who.
    pub(crate) actor: Actor,
    /// To what.
    pub(crate) targets: Vec<Target>,
}

/// The records, the newest last. Old ones are forgotten when there are too many.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    records: VecDeque<Record>,
    forgotten: u64,
}

const MOST_RECORDS: usize = 200_000;

impl Audit {
    /// Keeps a record.
    pub(crate) fn note(&mut self, record: Record) {
        if self.records.len() == MOST_RECORDS {
            self.records.pop_front();
            self.forgotten += 1;
        }
        self.records.push_back(record);
    }

    /// The records with their numbers, the newest or the oldest first; those beyond a number in that order.
    pub(crate) fn beyond(
        &self,
        number: Option<u64>,
        oldest_first: bool,
    ) -> Box<dyn Iterator<Item = (u64, &Record)> + '_> {
        let numbered = || (self.forgotten..).zip(&self.records);
        if oldest_first {
            Box::new(numbered().filter(move |(one, _)| number.is_none_or(|number| *one > number)))
        } else {
            let newest: Vec<(u64, &Record)> = numbered().collect();
            Box::new(newest.into_iter().rev().filter(move |(one, _)| number.is_none_or(|number| *one < number)))
        }
    }
}

impl Record {
    /// The record as a `directoryAudit` (Microsoft Learn, "directoryAudit resource type").
    pub(crate) fn show(&self, number: u64) -> Value {
        let app = |id: Value, name: &str| json!({ "appId": id, "displayName": name, "servicePrincipalId": null, "servicePrincipalName": null });
        let initiated_by = match &self.actor {
            Actor::Service(name) => json!({ "app": app(Value::Null, name), "user": null }),
            Actor::App(id) => json!({ "app": app(json!(id), "Application"), "user": null }),
            Actor::User(id, upn) => json!({ "app": null, "user": {
                "id": id, "displayName": null, "ipAddress": null, "userPrincipalName": upn,
            } }),
        };
        json!({
            "id": format!("Directory_SIM_{number:08}"),
            "category": self.category,
            "correlationId": Uuid::from_u64_pair(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number),
            "result": if self.failure.is_none() { "success" } else { "failure" },
            "resultReason": self.failure.as_deref().unwrap_or_default(),
            "activityDisplayName": self.activity,
            "activityDateTime": stamp(self.at),
            "loggedByService": "Core Directory",
            "operationType": operation(self.activity),
            "initiatedBy": initiated_by,
            "targetResources": self.targets.iter().map(Target::show).collect::<Value>(),
            "additionalDetails": [],
        })
    }
}

impl Target {
    fn show(&self) -> Value {
        let changes = self
            .changes
            .iter()
            .map(|(name, old, new)| json!({ "displayName": name, "oldValue": old, "newValue": new }));
        json!({
            "id": self.id,
            "displayName": self.display,
            "type": self.kind,
            "userPrincipalName": self.upn,
            "groupType": if self.kind == "Group" { json!("azureAD") } else { Value::Null },
            "modifiedProperties": changes.collect::<Value>(),
        })
    }
}

fn operation(activity: &str) -> &'static str {
    match activity.split(' ').next() {
        Some("Add") => "Add",
        Some("Delete") => "Delete",
        Some("Remove") => "Unassign",
        Some("Update" | "Change" | "Set") => "Update",
        _ => "Assign",
    }
}
