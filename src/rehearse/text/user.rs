//! The users of a tenant file, with every license entry.

use std::collections::HashSet;

use toml::Table;
use toml::Value;

use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::LicenseError;
use crate::domain::time::Timestamp;
use crate::rehearse::CopiedUser;
use crate::rehearse::text::Unsaid;
use crate::rehearse::text::Writer;
use crate::rehearse::text::country;
use crate::rehearse::toml_text::table;
use crate::rehearse::toml_text::texts;

impl Writer<'_> {
    pub(super) fn user(&mut self, user: &CopiedUser) {
        let facts = &user.facts;
        self.out.element("user");
        let fits =
            |upn: &str| upn.contains('@') && !upn.split('@').any(str::is_empty) && !upn.contains(char::is_whitespace);
        let upn = if fits(&facts.upn) {
            facts.upn.to_string()
        } else {
            self.note(Unsaid::Name);
            format!("{}@{}", facts.id, self.copy.domain)
        };
        self.out.key("upn", upn);
        self.out.key("id", facts.id.to_string());
        self.out.key("name", facts.display_name.as_deref().unwrap_or_default());
        let location = facts.usage_location.as_deref().map(|place| country(place).ok_or(place));
        if let Some(Err(place)) = &location {
            self.note(Unsaid::Word((*place).to_owned()));
        }
        self.out.key("location", location.and_then(Result::ok).unwrap_or_else(|| "none".to_owned()));
        self.out.key_if(facts.enabled == Some(false), "disabled", true);
        self.out.key_if(facts.guest == Some(true), "guest", true);
        let taken = facts.states.iter().any(|one| one.error == Some(LicenseError::UniquenessViolation));
        self.out.key_if(taken, "address_taken", true);
        if self.copy.stuck.contains(&facts.id) {
            self.out.key("not_offered", texts([self.copy.route().target.sku.to_string()]));
        }
        let groups = user.groups.iter().filter(|group| self.ids.contains(group)).map(ToString::to_string);
        self.out.key("groups", texts(groups.collect::<Vec<_>>()));
        self.out.key("listed", true);
        let unexplained = facts.assigned.iter().any(|sku| !facts.of_sku(*sku).any(Assignment::is_held));
        if unexplained {
            self.note(Unsaid::Unexplained);
        }
        let mut seen = HashSet::new();
        let states = facts.states.iter().enumerate().filter(|(_, one)| seen.insert((one.sku, one.group)));
        let states: Vec<_> = states.map(|(place, one)| (one, facts.changed.get(place))).collect();
        let rows: Vec<Table> = states.into_iter().filter_map(|(one, changed)| self.state(one, changed)).collect();
        self.out.rows("states", rows);
    }

    fn state(&mut self, one: &Assignment, changed: Option<Timestamp>) -> Option<Table> {
        if self.skus.get(one.sku).is_none() {
            self.note(Unsaid::Sku(one.sku));
            return None;
        }
        let state = match &one.state {
            AssignmentState::Active => None,
            AssignmentState::ActiveWithError => Some("ActiveWithError"),
            AssignmentState::Error => Some("Error"),
            AssignmentState::Disabled | AssignmentState::Unknown(_) => {
                self.note(Unsaid::Word(one.state.to_string()));
                Some("Error")
            }
        };
        let error = one.error.as_ref().map(|error| match error {
            LicenseError::Unknown(word) => {
                self.note(Unsaid::Word(word.clone()));
                LicenseError::Other.to_string()
            }
            known => known.to_string(),
        });
        Some(table([
            ("sku", Some(one.sku.to_string().into())),
            ("group", one.group.map(|group| group.to_string().into())),
            ("state", state.map(Value::from)),
            ("error", error.map(Value::from)),
            ("plans_off", self.off(one.sku, &one.disabled_plans)),
            ("updated", changed.map(|at| at.to_string().into())),
        ]))
    }
}
