//! What preflight asks of one user's licenses.

use std::collections::BTreeSet;

use crate::domain::classifier::Classifier;
use crate::domain::exclusion::Edition;
use crate::domain::flaw::Flaw;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::UserFacts;
use crate::domain::plan_needs;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Reason;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::ReasonDetail;
use crate::domain::preflight::losses;
use crate::domain::products;

/// Takes in a reason: which check, whether it only warns, and what was seen.
type Say<'a> = &'a mut dyn FnMut(ReasonCode, bool, ReasonDetail);

/// Every reason and warning about a user who was found.
pub(super) fn reasons(facts: &Facts, classifier: &Classifier, user: &UserFacts) -> Vec<Reason> {
    let mut found = Vec::new();
    let mut say = |code, warning, detail| found.push(Reason { code, detail, warning });
    if user.enabled == Some(false) {
        say(ReasonCode::UserDisabled, true, ReasonDetail::Disabled { user: user.upn.to_string() });
    }
    source(facts, user, &mut say);
    target(facts, classifier, user, &mut say);
    end_state(facts, classifier, user, &mut say);
    needed(facts, classifier, user, &mut say);
    if user.usage_location.as_deref().is_none_or(str::is_empty) {
        say(ReasonCode::UsageLocationMissing, true, ReasonDetail::NoUsageLocation);
    }
    found
}

/// What speaks against the state in which the user would be left. What only an older edition of Microsoft's list says is
/// a warning here; the proof before a removal goes by any.
fn end_state(facts: &Facts, classifier: &Classifier, user: &UserFacts, say: Say<'_>) {
    let blocking = classifier.flaws(user, Edition::Current);
    for flaw in &blocking {
        if let Some((code, detail)) = reason(facts, flaw) {
            say(code, false, detail);
        }
    }
    let older = classifier.flaws(user, Edition::Any);
    for flaw in older.iter().filter(|flaw| !blocking.contains(flaw)) {
        if let Some((code, detail)) = reason(facts, flaw) {
            say(code, true, ReasonDetail::OlderEdition(Box::new(detail)));
        }
    }
}

/// A flaw as a reason of preflight, unless another check tells it.
fn reason(facts: &Facts, flaw: &Flaw) -> Option<(ReasonCode, ReasonDetail)> {
    let name = |sku: SkuId| name(facts, sku);
    let known = |sku: SkuId| facts.skus.get(sku).is_some();
    let product = name(flaw.product());
    Some(match flaw {
        // That the source comes from elsewhere too has reasons of its own.
        Flaw::Excluded { by, .. } if *by == facts.route.source.sku => return None,
        Flaw::Excluded { by, .. } if known(*by) => {
            (ReasonCode::ExcludedByOtherLicense, ReasonDetail::Excludes { by: name(*by), product })
        }
        Flaw::Excluded { by, .. } => {
            (ReasonCode::ExcludedByOtherLicense, ReasonDetail::MayExclude { by: name(*by), product })
        }
        Flaw::ExcludedByCompanion { by, .. } => {
            let (group, by) = (facts.route.target.group_name.clone(), name(*by));
            (ReasonCode::ExcludedByOtherLicense, ReasonDetail::GroupExcludesItself { group, product, by })
        }
        Flaw::ExcludedByWaiting { by, group, .. } => {
            let from = group.map(|group| group_name(facts, group));
            let detail = ReasonDetail::Waits { by: name(*by), from, product, surely: known(*by) };
            (ReasonCode::ExcludedByWaitingLicense, detail)
        }
        Flaw::UnknownPlans { .. } => (ReasonCode::ExcludedByOtherLicense, ReasonDetail::PlansUnknown { product }),
        Flaw::FailsElsewhere { error, .. } => {
            (ReasonCode::TargetInError, ReasonDetail::FailsElsewhere { product, error: error.clone() })
        }
        Flaw::Needs { product: of, plan } if is_target(facts, *of) => {
            let plan = products::plan_display_name(&facts.skus.plan_name(*plan), &[]);
            (ReasonCode::SourceNeededByOtherLicense, ReasonDetail::NothingBrings { plan, product })
        }
        // `needed` names these with what they need; seats are counted for all users together; a conflict that is there already
        // is an error already; subscriptions and lost services are problems of the whole plan; and the others compare with
        // this very preflight.
        Flaw::Needs { .. }
        | Flaw::NoSeat { .. }
        | Flaw::Unexplained { .. }
        | Flaw::NotUsable { .. }
        | Flaw::LosesService { .. }
        | Flaw::NoLongerAssigned { .. }
        | Flaw::LocationChanged { .. } => return None,
    })
}

/// A group by its name, as far as it was read.
fn group_name(facts: &Facts, group: GroupId) -> String {
    facts.group_names.get(&group).cloned().unwrap_or_else(|| group.to_string())
}

/// A product by the name that people know.
fn name(facts: &Facts, sku: SkuId) -> String {
    let sides = [&facts.route.source, &facts.route.target];
    let side = sides.into_iter().find(|side| side.sku == sku);
    side.map_or_else(|| products::display_name(sku, &facts.skus), |side| side.sku_name.clone())
}

fn is_target(facts: &Facts, sku: SkuId) -> bool {
    let group = facts.target_group.iter().flat_map(|group| &group.licenses);
    sku == facts.route.target.sku || group.map(|license| license.sku).any(|one| one == sku)
}

fn source(facts: &Facts, user: &UserFacts, say: Say<'_>) {
    let side = &facts.route.source;
    let product = || side.sku_name.clone();
    let held: Vec<&Assignment> = user.of_sku(side.sku).filter(|one| one.is_held()).collect();
    if !held.iter().any(|one| one.group == Some(side.group)) {
        let (product, group) = (product(), side.group_name.clone());
        let why = match user.from_group(side.sku, side.group) {
            Some(entry) => ReasonDetail::SourceInState { product, group, state: entry.state.to_string() },
            None if held.is_empty() && user.assigned.contains(&side.sku) => ReasonDetail::SourceUnnamed { product },
            None => ReasonDetail::SourceNotFromGroup { product, group },
        };
        say(ReasonCode::SourceNotAssigned, false, why);
    }
    for one in held {
        match one.group {
            None => {
                say(ReasonCode::SourceAssignedDirectly, false, ReasonDetail::AlsoDirect { product: product() });
            }
            Some(group) if group != side.group => {
                let detail = ReasonDetail::AlsoFromGroup { product: product(), group: group_name(facts, group) };
                say(ReasonCode::SourceFromOtherGroup, false, detail);
            }
            Some(_) => {}
        }
    }
}

/// What is seen of the target group's products before anything was done. Another product of the group that the user has
/// from elsewhere is fine: it stays, and needs no seat.
fn target(facts: &Facts, classifier: &Classifier, user: &UserFacts, say: Say<'_>) {
    let side = &facts.route.target;
    for sku in classifier.target_skus(user) {
        let product = || name(facts, sku);
        let from_group = user.of_sku(sku).any(|one| one.group == Some(side.group) && one.is_held());
        if from_group || (sku == side.sku && user.holds(sku)) {
            say(ReasonCode::TargetAlreadyAssigned, false, ReasonDetail::HeldAlready { product: product() });
        }
        let wrong = user.of_sku(sku).filter(|one| one.group != Some(facts.route.source.group) || sku == side.sku);
        if let Some(entry) = wrong.into_iter().find(|one| one.error.is_some() || !one.is_held()) {
            let word = entry.error.as_ref().map_or_else(|| entry.state.to_string(), ToString::to_string);
            say(ReasonCode::TargetInError, false, ReasonDetail::InErrorAlready { product: product(), word });
        }
    }
}

/// Plans of other products that lose what they build on when the source goes and the target comes.
fn needed(facts: &Facts, classifier: &Classifier, user: &UserFacts, say: Say<'_>) {
    let names = |plans: BTreeSet<PlanId>| plans.into_iter().map(|id| facts.skus.plan_name(id)).collect::<BTreeSet<_>>();
    let brought = losses::plans_of(facts, facts.target_group.as_ref(), &facts.route.target);
    let (source, target) = (facts.route.source.sku, facts.route.target.sku);
    let leaving = facts.source_group.iter().flat_map(|group| &group.licenses).map(|license| license.sku);
    let leaving: Vec<_> = leaving.chain([source]).collect();
    let mut before = BTreeSet::new();
    let mut left: BTreeSet<String> = brought.into_values().collect();
    for sku in user.held() {
        let plans = names(classifier.plans_held(user, sku).unwrap_or_default());
        if !leaving.contains(&sku) {
            left.extend(plans.iter().cloned());
        }
        before.extend(plans);
    }
    // What the source group assigns and the user has from elsewhere too stays with the plans that are on there.
    let elsewhere = user.states.iter().filter(|one| one.is_held() && one.group != Some(facts.route.source.group));
    for one in elsewhere.filter(|one| one.sku != source && leaving.contains(&one.sku)) {
        let on = facts.skus.get(one.sku).map(|sku| sku.enabled_plans(&one.disabled_plans));
        left.extend(names(on.unwrap_or_default()));
    }
    for sku in user.held().into_iter().filter(|sku| !leaving.contains(sku) && *sku != target) {
        for plan in names(classifier.plans_held(user, sku).unwrap_or_default()) {
            if let Some(needs) = plan_needs::unmet(&plan, &before, &left) {
                let product = products::display_name(sku, &facts.skus);
                let told = |plan: &str| products::plan_display_name(plan, &[]);
                let (plan, needs) = (told(&plan), needs.into_iter().map(told).collect());
                let detail = ReasonDetail::NeedsSource { plan, product, needs };
                say(ReasonCode::SourceNeededByOtherLicense, false, detail);
            }
        }
    }
}
