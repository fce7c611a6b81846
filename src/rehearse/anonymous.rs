//! Names, sign-in names, ids and domains, each replaced by the same other one wherever it stands.
//!
//! Products keep their ids and part numbers, which are Microsoft's and the same in every tenant; so do countries, counts of
//! seats and dates of subscriptions, without which the copy would not behave as the tenant does. Times of license
//! assignments are left out.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::license::ChangeTimes;
use crate::domain::preflight::Listed;
use crate::domain::preflight::PassedOver;
use crate::engine::plan::Users;
use crate::graph::UserKey;
use crate::rehearse::CopiedGroup;
use crate::rehearse::CopiedUser;
use crate::rehearse::TenantCopy;
use crate::rehearse::Unread;

/// What stands for what. It holds the originals, so it is for the machine that made the copy alone.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    ids: HashMap<Uuid, Uuid>,
    /// By the original in small letters, with the original as it was written.
    upns: HashMap<String, (String, String)>,
    domains: HashMap<String, (String, String)>,
    names: HashMap<String, String>,
    users: usize,
}

impl Pseudonyms {
    /// Every original that is not empty, and what stands for it.
    pub fn replaced(&self) -> Vec<(String, String)> {
        let ids = self.ids.iter().map(|(one, other)| (one.to_string(), other.to_string()));
        let addresses = self.upns.values().chain(self.domains.values()).cloned();
        let names = self.names.iter().map(|(one, other)| (one.clone(), other.clone()));
        ids.chain(addresses).chain(names).filter(|(original, _)| !original.is_empty()).collect()
    }

    fn id(&mut self, id: Uuid) -> Uuid {
        *self.ids.entry(id).or_insert_with(Uuid::new_v4)
    }

    fn domain(&mut self, domain: &str) -> String {
        let next = format!("d{}.example", self.domains.len() + 1);
        self.domains.entry(domain.to_lowercase()).or_insert_with(|| (domain.to_owned(), next)).1.clone()
    }

    fn upn(&mut self, upn: &str) -> String {
        let upn = upn.trim();
        if let Some((_, known)) = self.upns.get(&upn.to_lowercase()) {
            return known.clone();
        }
        let domain = upn.rsplit_once('@').map(|(_, domain)| self.domain(domain));
        self.users += 1;
        let new = format!("user{}@{}", self.users, domain.unwrap_or_else(|| "d0.example".to_owned()));
        self.upns.insert(upn.to_lowercase(), (upn.to_owned(), new.clone()));
        new
    }

    fn name(&mut self, original: &str, new: String) -> String {
        self.names.entry(original.to_owned()).or_insert(new).clone()
    }

    fn group(&mut self, id: GroupId) -> GroupId {
        GroupId(self.id(id.0))
    }

    fn copied_group(&mut self, place: usize, one: &CopiedGroup) -> CopiedGroup {
        let mut group = one.group.clone();
        group.id = self.group(group.id);
        group.name = self.name(&group.name, format!("group-{}", place + 1));
        let rule = one.rule.as_ref().map(|rule| self.name(rule, "replaced".to_owned()));
        CopiedGroup { group, rule }
    }

    fn copied_user(&mut self, one: &CopiedUser) -> CopiedUser {
        let mut facts = one.facts.clone();
        (facts.id, facts.changed) = (UserId(self.id(facts.id.0)), ChangeTimes::default());
        facts.upn = self.upn(&facts.upn).into();
        let local = facts.upn.split('@').next().unwrap_or_default().to_owned();
        facts.display_name = facts.display_name.map(|name| self.name(&name, local).into());
        for state in &mut facts.states {
            state.group = state.group.map(|group| self.group(group));
        }
        let groups = one.groups.iter().map(|group| self.group(*group)).collect();
        CopiedUser { facts, groups }
    }

    fn listed(&mut self, (listed, key): &(Listed, Option<UserKey>)) -> (Listed, Option<UserKey>) {
        let (given, key) = match key {
            Some(UserKey::Id(id)) => {
                let id = UserId(self.id(id.0));
                (id.to_string(), Some(UserKey::Id(id)))
            }
            Some(UserKey::Upn(upn)) => {
                let upn = self.upn(upn);
                (upn.clone(), Some(UserKey::Upn(upn.into())))
            }
            None => (self.name(&listed.given, format!("row-{}", listed.line)), None),
        };
        (Listed { line: listed.line, given: given.into() }, key)
    }

    fn given(&mut self, given: &str) -> String {
        match given.parse::<Uuid>() {
            Ok(id) => self.id(id).to_string(),
            Err(_) => self.upn(given),
        }
    }

    fn row(&mut self, row: &PassedOver) -> PassedOver {
        let text = self.name(&row.text, format!("#{}", row.line));
        PassedOver { line: row.line, text, because: row.because }
    }

    fn unread(&mut self, unread: Unread) -> Unread {
        match unread {
            Unread::Group(id, why) => Unread::Group(self.group(id), why),
            Unread::Members(id, why) => Unread::Members(self.group(id), why),
            Unread::User(given, why) => Unread::User(self.given(&given), why),
            other => other,
        }
    }
}

/// The same copy without a name or an id of the tenant, and what stands for what.
pub fn anonymous(copy: &TenantCopy) -> (TenantCopy, Pseudonyms) {
    let mut new = Pseudonyms::default();
    let mut plan = copy.plan.clone();
    let (groups, users): (Vec<_>, Vec<_>) = (
        copy.groups.iter().enumerate().map(|(place, group)| new.copied_group(place, group)).collect(),
        copy.users.iter().map(|user| new.copied_user(user)).collect(),
    );
    for side in [&mut plan.route.source, &mut plan.route.target] {
        side.group = new.group(side.group);
        let found = groups.iter().find(|one| one.group.id == side.group);
        side.group_name = found.map_or_else(|| side.group.to_string(), |one| one.group.name.clone());
    }
    if let Users::List(list) = &plan.users {
        plan.users = Users::List(list.iter().map(|row| new.listed(row)).collect());
    }
    plan.pilot = plan.pilot.iter().map(|given| new.given(given)).collect();
    plan.passed_over = plan.passed_over.iter().map(|row| new.row(row)).collect();
    let anonymous = TenantCopy {
        read_at: copy.read_at,
        id: copy.id.map(|id| new.id(id)),
        name: new.name(&copy.name, "tenant".to_owned()),
        domain: new.domain(&copy.domain),
        country: copy.country.clone(),
        migration: None,
        plan,
        skus: copy.skus.clone(),
        subscriptions: copy.subscriptions.clone(),
        groups,
        users,
        unread: copy.unread.iter().cloned().map(|one| new.unread(one)).collect(),
        latencies: copy.latencies,
        trouble: copy.trouble,
        stuck: copy.stuck.iter().map(|user| UserId(new.id(user.0))).collect(),
        anonymous: true,
    };
    (anonymous, new)
}
