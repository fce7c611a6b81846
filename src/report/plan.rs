//! What was planned: the scenario and why, both ends, seats, and what becomes of the service plans.

use serde::Serialize;

use crate::domain::plan_families::PlanChange;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::route::Scenario;
use crate::domain::route::Side;
use crate::domain::text::clean;
use crate::report::people::product;

/// The plan, as the first preflight found it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanSection {
    /// What users leave.
    pub source: SideRow,
    /// What users get.
    pub target: SideRow,
    /// The scenario in force.
    pub scenario: Scenario,
    /// The scenario that the plans predict.
    pub predicted: Scenario,
    /// Pairs of plans that exclude each other, behind the prediction.
    pub pairs: Vec<PairRow>,
    /// Users that were ready.
    pub ready: usize,
    /// Users that were blocked.
    pub blocked: usize,
    /// Seats of the target product that was the tightest.
    pub seats: SeatsRow,
    /// Seats of every target product.
    pub products: Vec<ProductRow>,
    /// What becomes of every service plan.
    pub plans: PlansRow,
    /// Other products that leave with the source group.
    pub also_lost: Vec<String>,
    /// What was wrong with the plan as a whole, and warnings.
    pub problems: Vec<ProblemRow>,
}

/// Two plans that exclude each other.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PairRow {
    /// The one.
    pub one: String,
    /// The other.
    pub other: String,
}

/// One end.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideRow {
    /// The group's id.
    pub group: String,
    /// The group's name.
    pub group_name: String,
    /// The product's id.
    pub sku_id: String,
    /// The product's name.
    pub sku_name: String,
    /// The product's technical name.
    pub part_number: String,
}

/// Seats.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeatsRow {
    /// Free then.
    pub available: i64,
    /// Needed.
    pub needed: i64,
}

/// Seats of one product.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductRow {
    /// The product's id.
    pub sku_id: String,
    /// Its technical name.
    pub part_number: String,
    /// Its name.
    pub name: String,
    /// Free then.
    pub available: i64,
    /// Needed.
    pub needed: i64,
}

/// The four lists of service plans.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlansRow {
    /// Replaced by the same or a higher rank.
    pub replaced: Vec<ChangeRow>,
    /// Replaced by a lower rank.
    pub lower: Vec<ChangeRow>,
    /// Not replaced.
    pub gone: Vec<ChangeRow>,
    /// New.
    pub new: Vec<ChangeRow>,
}

/// What becomes of one plan.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeRow {
    /// The family.
    pub family: String,
    /// The source's plan.
    pub from: Option<String>,
    /// The target's plan.
    pub to: Option<String>,
}

/// A problem with the plan as a whole, or a warning.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemRow {
    /// Its code.
    pub code: &'static str,
    /// What was seen.
    pub message: String,
    /// Whether it blocks nothing.
    pub warning: bool,
}

fn text(text: &str) -> String {
    clean(text).into_owned()
}

pub(super) fn section(found: &Preflight) -> PlanSection {
    PlanSection {
        source: side(&found.route.source),
        target: side(&found.route.target),
        scenario: found.scenario,
        predicted: found.predicted,
        pairs: found.pairs.iter().map(|pair| PairRow { one: text(&pair.one), other: text(&pair.other) }).collect(),
        ready: found.ready(),
        blocked: found.blocked(),
        seats: SeatsRow { available: found.seats.available, needed: found.seats.needed },
        products: found
            .products
            .iter()
            .map(|one| ProductRow {
                sku_id: one.sku.to_string(),
                part_number: text(&one.part_number),
                name: text(&one.name),
                available: one.available,
                needed: one.needed,
            })
            .collect(),
        plans: PlansRow {
            replaced: changes(&found.plans.replaced),
            lower: changes(&found.plans.lower),
            gone: changes(&found.plans.gone),
            new: changes(&found.plans.new),
        },
        also_lost: found.also_lost.iter().map(|sku| product(*sku)).collect(),
        problems: found.problems.iter().map(problem).collect(),
    }
}

fn side(side: &Side) -> SideRow {
    SideRow {
        group: side.group.to_string(),
        group_name: text(&side.group_name),
        sku_id: side.sku.to_string(),
        sku_name: text(&side.sku_name),
        part_number: text(&side.part_number),
    }
}

fn changes(list: &[PlanChange]) -> Vec<ChangeRow> {
    let change = |one: &PlanChange| ChangeRow {
        family: text(&one.family),
        from: one.from.as_deref().map(text),
        to: one.to.as_deref().map(text),
    };
    list.iter().map(change).collect()
}

fn problem(problem: &Problem) -> ProblemRow {
    ProblemRow {
        code: problem.code.word(),
        message: text(&crate::words::preflight::problem(&problem.detail)),
        warning: problem.warning,
    }
}
