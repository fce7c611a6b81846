//! What the tenant itself knows of its users' licenses at any time, read without any help of the program.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use skuferry::domain::id::UserId;
use skuferry::domain::route::Direction;
use skuferry::domain::route::Scenario;
use skuferry::domain::time::SignedDuration;

use crate::driver::SPEED;
use crate::rules::record::PointRead;
use crate::rules::record::Record;
use crate::witness;

/// Everybody's licenses through all times of the tenant.
pub(crate) struct Truth<'a> {
    record: &'a Record,
    past: HashMap<UserId, Vec<(Timestamp, &'a Value)>>,
}

/// How a user stands, in the tenant's own words; source and target are those of the way that the user goes.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a user")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stands {
    /// The source, from the source group.
    pub(crate) source: bool,
    /// The source, from wherever.
    pub(crate) any_source: bool,
    /// The target from the target group, without an error.
    pub(crate) target: bool,
    pub(crate) any_target: bool,
    /// The target waits for the source to go.
    pub(crate) conflict: bool,
}

impl Stands {
    /// Whether the user keeps a license when the source is taken away.
    pub(crate) fn is_safe(self, scenario: Scenario) -> bool {
        self.target || (self.source && self.conflict && scenario == Scenario::Conflicting)
    }

    /// Whether this and another reading agree on what the user's two licenses are.
    pub(crate) fn agrees(self, other: Self) -> bool {
        (self.source, self.target, self.conflict) == (other.source, other.target, other.conflict)
    }

    pub(crate) fn is_migrated(self) -> bool {
        self.target && !self.any_source
    }

    /// Neither the source nor the target, from wherever.
    pub(crate) fn is_bare(self) -> bool {
        !self.any_source && !self.any_target
    }
}

impl<'a> Truth<'a> {
    pub(crate) fn of(record: &'a Record) -> Self {
        let spell = |spell: &'a Value| {
            let until = spell["until"].as_str().map_or(Timestamp::MAX, |until| until.parse().unwrap());
            (until, &spell["licenseAssignmentStates"])
        };
        let user = |user: &'a Value| {
            let spells = user["past"].as_array().unwrap().iter().map(spell).collect();
            (witness::id(user["id"].as_str().unwrap()), spells)
        };
        Self { record, past: record.past.as_array().unwrap().iter().map(user).collect() }
    }

    fn stands(&self, states: &Value, direction: Direction) -> Stands {
        let route = match direction {
            Direction::Forward => self.record.run.route.clone(),
            Direction::Rollback => self.record.run.route.reversed(),
        };
        let (source, target) = (&route.source, &route.target);
        let states = states.as_array().unwrap();
        let is = |one: &Value, name: &str, word: &str| one[name].as_str() == Some(word);
        let held = |one: &Value| is(one, "state", "Active") || is(one, "state", "ActiveWithError");
        let of = |one: &Value, sku: &str| is(one, "skuId", sku);
        let (source_sku, target_sku) = (source.sku.to_string(), target.sku.to_string());
        let (source_group, target_group) = (source.group.to_string(), target.group.to_string());
        let from = |one: &Value, sku: &str, group: &str| of(one, sku) && is(one, "assignedByGroup", group);
        Stands {
            source: states.iter().any(|one| from(one, &source_sku, &source_group) && held(one)),
            any_source: states.iter().any(|one| of(one, &source_sku) && held(one)),
            target: states.iter().any(|one| {
                from(one, &target_sku, &target_group) && is(one, "state", "Active") && is(one, "error", "None")
            }),
            any_target: states.iter().any(|one| of(one, &target_sku) && held(one)),
            conflict: states.iter().any(|one| {
                from(one, &target_sku, &target_group)
                    && is(one, "state", "Error")
                    && is(one, "error", "MutuallyExclusiveViolation")
            }),
        }
    }

    /// How a user stood at a time of the tenant.
    pub(crate) fn at(&self, user: UserId, time: Timestamp, direction: Direction) -> Stands {
        let spells = &self.past[&user];
        let spell = spells.iter().find(|(until, _)| *until > time).unwrap_or(&spells[spells.len() - 1]);
        self.stands(spell.1, direction)
    }

    /// How a read of a user alone showed them.
    pub(crate) fn read(&self, user: UserId, read: &PointRead, direction: Direction) -> Stands {
        self.at(user, read.shows.unwrap_or(read.tenant), direction)
    }

    /// How a user stood at any time between a read that is so many seconds behind the truth and its time.
    pub(crate) fn shown(&self, user: UserId, time: Timestamp, behind: i64, direction: Direction) -> Vec<Stands> {
        let from = time - SignedDuration::from_secs(behind);
        let mut begins = Timestamp::MIN;
        let mut all = Vec::new();
        for (until, states) in &self.past[&user] {
            if *until > from && begins <= time {
                all.push(self.stands(states, direction));
            }
            begins = *until;
        }
        all
    }

    /// The spells in which a user had neither license: from when, and for how long in our time.
    pub(crate) fn bare(&self, user: UserId) -> Vec<(Timestamp, SignedDuration)> {
        let now: Timestamp = self.record.after["now"].as_str().unwrap().parse().unwrap();
        let mut begins: Option<Timestamp> = None;
        let mut all: Vec<(Timestamp, SignedDuration)> = Vec::new();
        for (until, states) in &self.past[&user] {
            let end = (*until).min(now);
            if let (true, Some(from)) = (self.stands(states, Direction::Forward).is_bare(), begins) {
                let lasted = SignedDuration::from_secs_f64(end.duration_since(from).as_secs_f64() / SPEED);
                match all.last_mut().filter(|(start, so_far)| *start + scaled(*so_far) == from) {
                    Some(spell) => spell.1 += lasted,
                    None => all.push((from, lasted)),
                }
            }
            begins = Some(end);
        }
        all
    }

    /// Seats of the product that this way leads to, free when a request came.
    pub(crate) fn free_seats(&self, number: u64, time: Timestamp, direction: Direction) -> i64 {
        let seats = &self.record.seats;
        let bought = seats.iter().rev().find(|seats| seats.from < number).unwrap_or(&seats[0]);
        let enabled = match direction {
            Direction::Forward => bought.enabled,
            Direction::Rollback => bought.enabled_back,
        };
        let held = self.past.keys().filter(|user| self.at(**user, time, direction).any_target).count();
        enabled - i64::try_from(held).unwrap()
    }
}

fn scaled(ours: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs_f64(ours.as_secs_f64() * SPEED)
}
