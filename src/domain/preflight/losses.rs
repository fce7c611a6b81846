//! What moving changes beside the license itself: services lost by the plans of all products, other SKUs of both groups.

use std::collections::BTreeSet;

use crate::domain::group::Group;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::plan_families;
use crate::domain::plan_families::NamedPlans;
use crate::domain::plan_families::PlanChanges;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Problem;
use crate::domain::preflight::ProblemCode;
use crate::domain::preflight::ProblemDetail;
use crate::domain::products;
use crate::domain::route::Side;
use crate::domain::sku::Sku;
use crate::domain::subscription::Subscription;

/// What changes, and the problems and warnings about it.
pub(super) struct Changes {
    pub(super) plans: PlanChanges,
    pub(super) also_lost: Vec<SkuId>,
    pub(super) problems: Vec<Problem>,
}

/// The plans of the source license that the source group turns on.
pub(super) fn source_plans(facts: &Facts) -> BTreeSet<PlanId> {
    let source = &facts.route.source;
    let license = facts.source_group.as_ref().and_then(|group| group.assigns(source.sku));
    let disabled = license.map(|license| license.disabled_plans.as_slice()).unwrap_or_default();
    facts.skus.get(source.sku).map(|sku| sku.enabled_plans(disabled)).unwrap_or_default()
}

/// The plans that a group turns on by all of its products, and by the license of its side where it does not assign that
/// yet: this is a problem of its own.
pub(super) fn plans_of(facts: &Facts, group: Option<&Group>, side: &Side) -> NamedPlans {
    let assigned = group.iter().flat_map(|group| &group.licenses);
    let mut products: Vec<(SkuId, &[PlanId])> =
        assigned.map(|license| (license.sku, license.disabled_plans.as_slice())).collect();
    if !products.iter().any(|(sku, _)| *sku == side.sku) {
        products.push((side.sku, &[]));
    }
    let known = products.into_iter().filter_map(|(sku, disabled)| Some((facts.skus.get(sku)?, disabled)));
    let on = known.flat_map(|(sku, disabled)| sku.plans.iter().filter(move |plan| !disabled.contains(&plan.id)));
    on.map(|plan| (plan.id, if plan.name.is_empty() { plan.id.to_string() } else { plan.name.clone() })).collect()
}

/// Compares all that both groups assign.
pub(super) fn changes(facts: &Facts) -> Changes {
    let (source, target) = (&facts.route.source, &facts.route.target);
    let known = facts.skus.get(source.sku).is_some() && facts.skus.get(target.sku).is_some();
    // Of a product that the tenant does not have no plan is known, so nothing can be said of what users lose.
    let plans = if known {
        let of = |group: &Option<Group>, side| plans_of(facts, group.as_ref(), side);
        plan_families::compare(&of(&facts.source_group, source), &of(&facts.target_group, target))
    } else {
        PlanChanges::default()
    };
    let others = |group: &Option<Group>, own: SkuId| -> Vec<SkuId> {
        let licenses = group.iter().flat_map(|group| &group.licenses);
        licenses.map(|license| license.sku).filter(|sku| *sku != own).collect()
    };
    let also_brought = others(&facts.target_group, target.sku);
    let mut also_lost = others(&facts.source_group, source.sku);
    also_lost.retain(|sku| *sku != target.sku && !also_brought.contains(sku));
    let named = |skus: &[SkuId]| skus.iter().map(|sku| products::display_name(*sku, &facts.skus)).collect();
    let mut problems = core_services(facts, &plans);
    let mut warn = |code, detail| problems.push(Problem { code, detail, warning: true });
    if !also_lost.is_empty() {
        let (group, products) = (source.group_name.clone(), named(&also_lost));
        warn(ProblemCode::LosesOtherSku, ProblemDetail::LosesProducts { group, products });
    }
    if !also_brought.is_empty() {
        let (group, products) = (target.group_name.clone(), named(&also_brought));
        warn(ProblemCode::BringsOtherSku, ProblemDetail::BringsProducts { group, products });
    }
    if !plans.loses_nothing() {
        warn(ProblemCode::PlansLost, lost_plans(&plans, &target.group_name));
    }
    Changes { plans, also_lost, problems }
}

/// Each core service that users would lose: it blocks until the configuration accepts it.
fn core_services(facts: &Facts, plans: &PlanChanges) -> Vec<Problem> {
    let problem = |service: plan_families::CoreService| {
        let gone = plans.gone.iter().filter(|change| change.core == Some(service));
        let plans = gone.filter_map(|change| change.from.as_deref()).map(named).collect();
        let (group, accepted) = (facts.route.target.group_name.clone(), facts.accept_losses.contains(&service));
        let detail = ProblemDetail::LosesService { service, group, plans, accepted };
        Problem { code: ProblemCode::CoreServiceLost, detail, warning: accepted }
    };
    plans.core_gone().into_iter().map(problem).collect()
}

fn named(part_number: &str) -> String {
    products::plan_display_name(part_number, &[])
}

fn lost_plans(plans: &PlanChanges, group: &str) -> ProblemDetail {
    let all: Vec<String> = [&plans.gone, &plans.lower]
        .into_iter()
        .flatten()
        .flat_map(|change| [&change.from, &change.to])
        .flatten()
        .cloned()
        .collect();
    let name =
        |plan: &Option<String>| plan.as_deref().map(|plan| products::plan_display_name(plan, &all)).unwrap_or_default();
    let gone = plans.gone.iter().map(|change| name(&change.from)).collect();
    let lower = plans.lower.iter().map(|change| (name(&change.to), name(&change.from))).collect();
    ProblemDetail::LosesPlans { group: group.to_owned(), gone, lower }
}

/// What the operator should know of the subscriptions behind the target's products.
pub(super) fn subscriptions(facts: &Facts) -> Vec<Problem> {
    let target = &facts.route.target;
    let assigned = facts.target_group.iter().flat_map(|group| &group.licenses).map(|license| license.sku);
    let skus: BTreeSet<SkuId> = assigned.chain([target.sku]).collect();
    let name = |sku: SkuId| products::display_name(sku, &facts.skus);
    let warn = |detail| Problem { code: ProblemCode::SubscriptionEnds, detail, warning: true };
    let Some(all) = &facts.subscriptions else {
        // Without that permission, the seats alone tell of a grace period.
        let in_grace = skus.iter().filter_map(|sku| facts.skus.get(*sku)).filter(|sku| sku.prepaid.warning > 0);
        let detail = |sku: &Sku| ProblemDetail::SeatsInGrace { product: name(sku.id), seats: sku.prepaid.warning };
        return in_grace.map(|sku| warn(detail(sku))).collect();
    };
    let of_target = all.iter().filter(|subscription| skus.contains(&subscription.sku));
    let caution = |subscription: &Subscription| {
        let caution = subscription.caution(facts.read_at)?;
        Some(warn(ProblemDetail::Subscription { product: name(subscription.sku), caution }))
    };
    of_target.filter_map(caution).collect()
}
