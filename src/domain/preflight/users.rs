//! What preflight asks of one user's licenses.

use std::collections::BTreeSet;

use crate::domain::end_state::Flaw;
use crate::domain::exclusion::Edition;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::UserFacts;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Reason;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::losses;
use crate::domain::preflight::needs;
use crate::domain::products;
use crate::domain::standing::Classifier;

/// Every reason and warning about a user who was found.
pub(super) fn reasons(facts: &Facts, classifier: &Classifier, user: &UserFacts) -> Vec<Reason> {
    let mut found = Vec::new();
    let mut say = |code, warning, message: String| found.push(Reason { code, message, warning });
    if user.enabled == Some(false) {
        let what = format!("the account {} is disabled; its licenses move all the same", user.upn);
        say(ReasonCode::UserDisabled, true, what);
    }
    source(facts, user, &mut say);
    target(facts, classifier, user, &mut say);
    end_state(facts, classifier, user, &mut say);
    needed(facts, classifier, user, &mut say);
    if user.usage_location.as_deref().is_none_or(str::is_empty) {
        let what = "no usage location is set; a group license takes the directory's".to_owned();
        say(ReasonCode::UsageLocationMissing, true, what);
    }
    found
}

/// What speaks against the state in which the user would be left. What only an older edition of Microsoft's list says is
/// a warning here; the proof before a removal goes by any.
fn end_state(facts: &Facts, classifier: &Classifier, user: &UserFacts, say: &mut impl FnMut(ReasonCode, bool, String)) {
    let blocking = classifier.flaws(user, Edition::Current);
    for flaw in &blocking {
        if let Some((code, what)) = reason(facts, flaw) {
            say(code, false, what);
        }
    }
    let older = classifier.flaws(user, Edition::Any);
    for flaw in older.iter().filter(|flaw| !blocking.contains(flaw)) {
        if let Some((code, what)) = reason(facts, flaw) {
            say(code, true, format!("{what}, by an older edition of Microsoft's list"));
        }
    }
}

/// A flaw as a reason of preflight, unless another check tells it.
fn reason(facts: &Facts, flaw: &Flaw) -> Option<(ReasonCode, String)> {
    let name = |sku: SkuId| name(facts, sku);
    let known = |sku: SkuId| facts.skus.get(sku).is_some();
    let product = name(flaw.product());
    Some(match flaw {
        // That the source comes from elsewhere too has reasons of its own.
        Flaw::Excluded { by, .. } if *by == facts.route.source.sku => return None,
        Flaw::Excluded { by, .. } if known(*by) => {
            (ReasonCode::ExcludedByOtherLicense, format!("{} excludes {product}", name(*by)))
        }
        Flaw::Excluded { by, .. } => (
            ReasonCode::ExcludedByOtherLicense,
            format!("the plans of {} are not known, so it may exclude {product}", name(*by)),
        ),
        Flaw::ExcludedByCompanion { by, .. } => {
            let to = &facts.route.target.group_name;
            (
                ReasonCode::ExcludedByOtherLicense,
                format!("{to} assigns both {product} and {}, which exclude each other", name(*by)),
            )
        }
        Flaw::ExcludedByWaiting { by, group, .. } => {
            let from = match group {
                Some(group) => {
                    format!(
                        "from the group {}",
                        facts.group_names.get(group).cloned().unwrap_or_else(|| group.to_string())
                    )
                }
                None => "as a direct license".to_owned(),
            };
            let may = if known(*by) { "excludes" } else { "may exclude" };
            let what =
                format!("{} waits {from} and {may} {product}: it may win when the source license goes", name(*by));
            (ReasonCode::ExcludedByWaitingLicense, what)
        }
        Flaw::UnknownPlans { .. } => (
            ReasonCode::ExcludedByOtherLicense,
            format!("the plans of {product}, which the target group assigns, are not known"),
        ),
        Flaw::FailsElsewhere { error, .. } => (
            ReasonCode::TargetInError,
            format!("{product} fails with {error} already, and the target group's products would as well"),
        ),
        Flaw::Needs { product: of, plan } if is_target(facts, *of) => {
            let plan = products::plan_display_name(&facts.skus.plan_name(*plan), &[]);
            let what = format!("{plan} of {product} needs a service that nothing brings once the source is gone");
            (ReasonCode::SourceNeededByOtherLicense, what)
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

fn source(facts: &Facts, user: &UserFacts, say: &mut impl FnMut(ReasonCode, bool, String)) {
    let side = &facts.route.source;
    let held: Vec<&Assignment> = user.of_sku(side.sku).filter(|one| one.is_held()).collect();
    if !held.iter().any(|one| one.group == Some(side.group)) {
        let why = match user.from_group(side.sku, side.group) {
            Some(entry) => format!("{} from {} is {}", side.sku_name, side.group_name, entry.state),
            None if held.is_empty() && user.assigned.contains(&side.sku) => {
                format!("{} is held, but Graph does not say where from", side.sku_name)
            }
            None => format!("{} does not come from {}", side.sku_name, side.group_name),
        };
        say(ReasonCode::SourceNotAssigned, false, why);
    }
    for one in held {
        match one.group {
            None => {
                say(ReasonCode::SourceAssignedDirectly, false, format!("{} is also assigned directly", side.sku_name));
            }
            Some(group) if group != side.group => {
                let name = facts.group_names.get(&group).cloned().unwrap_or_else(|| group.to_string());
                let what = format!("{} also comes from the group {name}", side.sku_name);
                say(ReasonCode::SourceFromOtherGroup, false, what);
            }
            Some(_) => {}
        }
    }
}

/// What is seen of the target group's products before anything was done. Another product of the group that the user has
/// from elsewhere is fine: it stays, and needs no seat.
fn target(facts: &Facts, classifier: &Classifier, user: &UserFacts, say: &mut impl FnMut(ReasonCode, bool, String)) {
    let side = &facts.route.target;
    for sku in classifier.target_skus(user) {
        let name = name(facts, sku);
        let from_group = user.of_sku(sku).any(|one| one.group == Some(side.group) && one.is_held());
        if from_group || (sku == side.sku && user.holds(sku)) {
            say(ReasonCode::TargetAlreadyAssigned, false, format!("{name} is held already"));
        }
        let wrong = user.of_sku(sku).filter(|one| one.group != Some(facts.route.source.group) || sku == side.sku);
        if let Some(entry) = wrong.into_iter().find(|one| one.error.is_some() || !one.is_held()) {
            let word = entry.error.as_ref().map_or_else(|| entry.state.to_string(), ToString::to_string);
            say(ReasonCode::TargetInError, false, format!("{name} is in error already: {word}"));
        }
    }
}

/// Plans of other products that lose what they build on when the source goes and the target comes.
fn needed(facts: &Facts, classifier: &Classifier, user: &UserFacts, say: &mut impl FnMut(ReasonCode, bool, String)) {
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
            if let Some(needs) = needs::unmet(&plan, &before, &left) {
                let name = products::display_name(sku, &facts.skus);
                let told = |plan: &str| products::plan_display_name(plan, &[]);
                let needs: Vec<String> = needs.into_iter().map(told).collect();
                let (plan, needs) = (told(&plan), needs.join(" or "));
                let what = format!("{plan} of {name} needs {needs}, which only the source brings");
                say(ReasonCode::SourceNeededByOtherLicense, false, what);
            }
        }
    }
}
