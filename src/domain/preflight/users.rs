//! What preflight asks of one user's licenses.

use std::collections::BTreeSet;

use crate::domain::exclusion::Edition;
use crate::domain::id::PlanId;
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
        say(ReasonCode::UserNotFound, false, format!("the account {} is disabled", user.upn));
    }
    source(facts, user, &mut say);
    target(facts, user, &mut say);
    let blocking = classifier.excluded_by_others(user, Edition::Current);
    for sku in &blocking {
        let name = products::display_name(*sku, &facts.skus);
        let what = if facts.skus.get(*sku).is_some() {
            format!("{name} excludes {}", facts.route.target.sku_name)
        } else {
            format!("the plans of {name} are not known, so it may exclude {}", facts.route.target.sku_name)
        };
        say(ReasonCode::ExcludedByOtherLicense, false, what);
    }
    for sku in classifier.excluded_by_others(user, Edition::Any).iter().filter(|sku| !blocking.contains(sku)) {
        let name = products::display_name(*sku, &facts.skus);
        let what = format!("an older edition of Microsoft's list has {name} exclude {}", facts.route.target.sku_name);
        say(ReasonCode::ExcludedByOtherLicense, true, what);
    }
    needed(facts, classifier, user, &mut say);
    if user.usage_location.as_deref().is_none_or(str::is_empty) {
        let what = "no usage location is set; a group license takes the directory's".to_owned();
        say(ReasonCode::UsageLocationMissing, true, what);
    }
    found
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

fn target(facts: &Facts, user: &UserFacts, say: &mut impl FnMut(ReasonCode, bool, String)) {
    let side = &facts.route.target;
    if user.holds(side.sku) {
        say(ReasonCode::TargetAlreadyAssigned, false, format!("{} is held already", side.sku_name));
    }
    let wrong = user.of_sku(side.sku).find(|one| one.error.is_some() || !one.is_held());
    if let Some(entry) = wrong {
        let word = entry.error.as_ref().map_or_else(|| entry.state.to_string(), ToString::to_string);
        say(ReasonCode::TargetInError, false, format!("{} is in error already: {word}", side.sku_name));
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
        let stays = user.of_sku(sku).any(|one| one.is_held() && one.group != Some(facts.route.source.group));
        if !leaving.contains(&sku) || (sku != source && stays) {
            left.extend(plans.iter().cloned());
        }
        before.extend(plans);
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
