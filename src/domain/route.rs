//! From which license and group to which: what a migration moves users along.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::GroupId;
use crate::domain::id::SkuId;

/// Who changes the members of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MovedBy {
    /// This program.
    #[default]
    Skuferry,
    /// Somebody else, elsewhere, as the members come from a rule or from another directory.
    Others,
}

impl MovedBy {
    /// Whether others do it.
    pub fn is_others(self) -> bool {
        self == Self::Others
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn is_skuferry(&self) -> bool {
        *self == Self::Skuferry
    }
}

/// One end of a migration: a group and the product that it assigns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The group.
    pub group: GroupId,
    /// The group's display name, or its id before it was read.
    pub group_name: String,
    /// The product.
    pub sku: SkuId,
    /// The product's friendly name, or its part number.
    pub sku_name: String,
    /// The product's technical name, such as `ENTERPRISEPACK`.
    pub part_number: String,
    /// Who changes the group's members; in journals of before this was asked, this program.
    #[serde(default, skip_serializing_if = "MovedBy::is_skuferry")]
    pub moved_by: MovedBy,
}

impl Side {
    /// The group and the product, without their names.
    pub fn end(&self) -> End {
        End { group: self.group, sku: self.sku, moved_by: self.moved_by }
    }

    /// A name that is short where it can be: `E3` of `Office 365 E3`. `Microsoft 365 E3` stays whole, as both may be
    /// the two ends of one migration.
    pub fn short(&self) -> &str {
        self.sku_name.strip_prefix("Office 365 ").unwrap_or(&self.sku_name)
    }
}

/// A group and the product that it assigns, by their ids alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The group.
    pub group: GroupId,
    /// The product.
    pub sku: SkuId,
    /// Who changes the group's members.
    pub moved_by: MovedBy,
}

/// Which way a batch goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the source to the target.
    #[default]
    Forward,
    /// Rolled back: from the target to the source.
    #[serde(rename = "back")]
    Rollback,
}

/// Which end of the migration as it was planned: a rollback goes from the target to the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndName {
    /// What users had before.
    Source,
    /// What users are to have.
    Target,
}

impl Direction {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Forward, Self::Rollback];

    /// What the two ends of a route that goes this way are called: what users leave, and what they get.
    pub fn ends(self) -> [EndName; 2] {
        match self {
            Self::Forward => [EndName::Source, EndName::Target],
            Self::Rollback => [EndName::Target, EndName::Source],
        }
    }
}

/// Both ends of a migration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// What users leave.
    pub source: Side,
    /// What users get.
    pub target: Side,
}

impl Route {
    /// Whether this program changes the members of one of the two groups at least.
    pub fn is_written(&self) -> bool {
        [&self.source, &self.target].iter().any(|side| !side.moved_by.is_others())
    }

    /// The same route the other way round, which is all that a rollback is.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { source: self.target.clone(), target: self.source.clone() }
    }
}

/// What the configuration says of the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScenarioChoice {
    /// The tool predicts it.
    #[default]
    Auto,
    /// The operator says so.
    Conflicting,
    /// The operator says so.
    NonConflicting,
}

/// Whether both licenses can be active at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// The target is expected to wait in `MutuallyExclusiveViolation` until the source is gone.
    Conflicting,
    /// Both can be active at once.
    NonConflicting,
}

impl Scenario {
    /// The word on screen and in `check --json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Conflicting => "conflicting",
            Self::NonConflicting => "non-conflicting",
        }
    }
}

impl ScenarioChoice {
    /// The scenario, given what was predicted.
    pub fn decide(self, predicted: Scenario) -> Scenario {
        match self {
            Self::Auto => predicted,
            Self::Conflicting => Scenario::Conflicting,
            Self::NonConflicting => Scenario::NonConflicting,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::testing::route;

    #[test]
    fn the_short_names_of_two_suites_of_the_same_grade_differ() {
        let mut route = route();
        (route.source.sku_name, route.target.sku_name) = ("Office 365 E3".into(), "Microsoft 365 E3".into());
        assert_eq!((route.source.short(), route.target.short()), ("E3", "Microsoft 365 E3"));
        route.source.sku_name = "Office 365 E3 (no Teams)".into();
        assert_eq!(route.source.short(), "E3 (no Teams)");
    }
}
