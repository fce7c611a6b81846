//! What moving changes beside the license itself: service plans gained and lost, other SKUs of both groups.

use std::collections::BTreeSet;

use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Problem;
use crate::domain::preflight::ProblemCode;
use crate::domain::products;
use crate::domain::standing::Classifier;

/// What changes, plans by part number, and the warnings about it.
pub(super) struct Changes {
    pub(super) gained: Vec<String>,
    pub(super) lost: Vec<String>,
    pub(super) also_lost: Vec<SkuId>,
    pub(super) warnings: Vec<Problem>,
}

/// The plans that the source group turns on.
pub(super) fn source_plans(facts: &Facts) -> BTreeSet<PlanId> {
    let source = &facts.route.source;
    let license = facts.source_group.as_ref().and_then(|group| group.assigns(source.sku));
    let disabled = license.map(|license| license.disabled_plans.as_slice()).unwrap_or_default();
    facts.skus.get(source.sku).map(|sku| sku.enabled_plans(disabled)).unwrap_or_default()
}

pub(super) fn changes(facts: &Facts, classifier: &Classifier) -> Changes {
    let (source, target) = (source_plans(facts), classifier.target_plans());
    let names = |plans: &BTreeSet<PlanId>, minus: &BTreeSet<PlanId>| {
        let mut names: Vec<String> = plans.difference(minus).map(|plan| facts.skus.plan_name(*plan)).collect();
        names.sort();
        names
    };
    let (gained, lost) = (names(&target, &source), names(&source, &target));
    let others = |group: &Option<crate::domain::group::Group>, own: SkuId| -> Vec<SkuId> {
        let licenses = group.iter().flat_map(|group| &group.licenses);
        licenses.map(|license| license.sku).filter(|sku| *sku != own).collect()
    };
    let also_brought = others(&facts.target_group, facts.route.target.sku);
    let mut also_lost = others(&facts.source_group, facts.route.source.sku);
    also_lost.retain(|sku| *sku != facts.route.target.sku && !also_brought.contains(sku));
    let joined = |skus: &[SkuId]| {
        skus.iter().map(|sku| products::display_name(*sku, &facts.skus)).collect::<Vec<_>>().join(", ")
    };
    let mut warnings = Vec::new();
    let mut warn = |code, message| warnings.push(Problem { code, message, warning: true });
    if !also_lost.is_empty() {
        let group = &facts.route.source.group_name;
        warn(
            ProblemCode::LosesOtherSku,
            format!("{group} also assigns {}; users lose it with the group", joined(&also_lost)),
        );
    }
    if !also_brought.is_empty() {
        let (group, all) = (&facts.route.target.group_name, joined(&also_brought));
        let what = format!("{group} also assigns {all}; if one product of a group fails for a user, none is assigned");
        warn(ProblemCode::BringsOtherSku, what);
    }
    if !lost.is_empty() {
        let target = &facts.route.target.sku_name;
        // The target often brings a plan of the same name, which is another one.
        let all = [gained.as_slice(), lost.as_slice()].concat();
        let plans: Vec<String> = lost.iter().map(|plan| products::plan_display_name(plan, &all)).collect();
        warn(ProblemCode::LosesPlans, format!("{target} does not bring these service plans: {}", plans.join(", ")));
    }
    Changes { gained, lost, also_lost, warnings }
}
