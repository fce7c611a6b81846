//! The checks themselves, one function a question.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::domain::classifier::Classifier;
use crate::domain::end_state::AtPreflight;
use crate::domain::exclusion::Disproved;
use crate::domain::exclusion::Edition;
use crate::domain::exclusion::Exclusions;
use crate::domain::group::Group;
use crate::domain::group::GroupLicense;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::preflight::Facts;
use crate::domain::preflight::Held;
use crate::domain::preflight::Lookup;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::ProblemCode;
use crate::domain::preflight::ProblemDetail;
use crate::domain::preflight::RULES;
use crate::domain::preflight::Reason;
use crate::domain::preflight::ReasonCode;
use crate::domain::preflight::ReasonDetail;
use crate::domain::preflight::Seats;
use crate::domain::preflight::UserCheck;
use crate::domain::preflight::advise;
use crate::domain::preflight::assigned::products_of;
use crate::domain::preflight::exclusion_rows;
use crate::domain::preflight::losses;
use crate::domain::preflight::users;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::route::EndName;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::route::Side;
use crate::domain::seat_ledger::SeatLedger;
use crate::domain::sku::Sku;

/// Checks everything and collects every reason.
pub fn check(facts: &Facts) -> Preflight {
    let mut found = check_as(facts, Direction::Forward.ends());
    found.problems.splice(0..0, of_list(facts));
    found.pilot = pilot(facts, &found.users, &mut found.problems);
    found
}

/// What there is to say of the list as a whole.
fn of_list(facts: &Facts) -> Vec<Problem> {
    let nobody = facts.users.is_empty().then_some(Problem {
        code: ProblemCode::NobodyListed,
        detail: ProblemDetail::NobodyListed,
        warning: false,
    });
    let passed = ProblemDetail::of_rows(&facts.passed_over);
    let passed = passed.map(|detail| Problem { code: ProblemCode::RowsPassedOver, detail, warning: true });
    nobody.into_iter().chain(passed).collect()
}

/// Of how many of the pilot who are not ready the names are told.
const OTHERS_NAMED: usize = 5;

/// Who of the listed users makes batch 1. Nobody else may take the place of a pilot of whom nobody is ready.
fn pilot(facts: &Facts, users: &[UserCheck], problems: &mut Vec<Problem>) -> Vec<UserId> {
    let mut named: BTreeMap<String, &str> = BTreeMap::new();
    for given in &facts.pilot {
        named.entry(given.trim().to_lowercase()).or_insert(given);
    }
    let (all, mut pilot) = (named.len(), Vec::new());
    for user in users.iter().filter(|user| user.is_ready()) {
        let id = user.id.map(|id| id.to_string());
        let known_as =
            [Some(user.listed.given.trim().to_lowercase()), user.upn.as_ref().map(|upn| upn.to_lowercase()), id];
        // Each of their names goes, so that who is named twice counts once.
        let meant = known_as.iter().flatten().filter(|name| named.remove(*name).is_some()).count();
        pilot.extend(user.id.filter(|_| meant > 0));
    }
    if !named.is_empty() || (all > 0 && pilot.is_empty()) {
        let others = named.values().take(OTHERS_NAMED).map(|name| (*name).to_owned()).collect();
        let detail = ProblemDetail::PilotNotReady { named: all, ready: pilot.len(), others };
        problems.push(Problem { code: ProblemCode::PilotNotReady, detail, warning: !pilot.is_empty() });
    }
    pilot
}

/// The same, with the words for the two ends.
pub(super) fn check_as(facts: &Facts, ends: [EndName; 2]) -> Preflight {
    let classifier = classifier(facts);
    let pairs = Exclusions::known().pairs(&losses::source_plans(facts), &classifier.target_plans(), Edition::Current);
    let predicted = if pairs.is_empty() { Scenario::NonConflicting } else { Scenario::Conflicting };
    let users = users(facts, &classifier);
    let ledger = seat_ledger(facts, &classifier, &users);
    let changes = losses::changes(facts);
    let problems: Vec<Problem> =
        problems(facts, ends, &ledger, &changes).into_iter().chain(disproved(facts, &classifier)).collect();
    Preflight {
        route: facts.route.clone(),
        scenario: classifier.scenario,
        predicted,
        pairs,
        seats: tightest(&ledger),
        products: ledger.products().to_vec(),
        advice: facts.advice.as_ref().map(|read| advise::advise(facts, read, &problems)).unwrap_or_default(),
        problems,
        users,
        also_lost: changes.also_lost,
        plans: changes.plans,
        exclusions: exclusion_rows::rows(facts),
        disproved: classifier.disproved,
        held: held(facts),
        source_products: classifier.source_products,
        target_products: classifier.target_products,
        pilot: Vec::new(),
        rules: RULES,
    }
}

/// Who holds which products, users with the same ones together.
fn held(facts: &Facts) -> Vec<Held> {
    let mut held: BTreeMap<Vec<SkuId>, Vec<usize>> = BTreeMap::new();
    for (place, (_, lookup)) in facts.users.iter().enumerate() {
        if let Lookup::Found(user) = lookup {
            held.entry(user.held()).or_default().push(place);
        }
    }
    held.into_iter().map(|(products, users)| Held { products, users }).collect()
}

/// What says where users stand, given what preflight read.
pub fn classifier(facts: &Facts) -> Classifier {
    let mut classifier = Classifier {
        route: facts.route.clone(),
        scenario: Scenario::NonConflicting,
        skus: facts.skus.clone(),
        source_products: products_of(facts.source_group.as_ref(), &facts.route.source),
        target_products: products_of(facts.target_group.as_ref(), &facts.route.target),
        disproved: Disproved::default(),
        at_preflight: AtPreflight::default(),
    };
    let found = facts.users.iter().filter_map(|(_, lookup)| match lookup {
        Lookup::Found(user) => Some(user),
        Lookup::NotFound | Lookup::Malformed => None,
    });
    let locations = found.clone().map(|user| (user.id, user.usage_location.as_deref().unwrap_or_default()));
    let locations = locations.collect();
    for user in found {
        classifier.disproved.extend(&Exclusions::known().disproved_by(user, &facts.skus));
    }
    classifier.at_preflight = AtPreflight {
        source_products: classifier.source_products.clone(),
        target_products: classifier.target_products.clone(),
        accepted: facts.accept_losses.iter().copied().collect(),
        locations,
    };
    let source = losses::source_plans(facts);
    let conflict = !Exclusions::known().pairs(&source, &classifier.target_plans(), Edition::Current).is_empty();
    classifier.scenario = facts.choice.decide(if conflict { Scenario::Conflicting } else { Scenario::NonConflicting });
    classifier
}

/// A warning for each pair that users disprove, as far as a product of the target group brings one of the two.
fn disproved(facts: &Facts, classifier: &Classifier) -> Vec<Problem> {
    let plans =
        |license: &GroupLicense| facts.skus.get(license.sku).map(|sku| sku.enabled_plans(&license.disabled_plans));
    let ours: BTreeSet<PlanId> = classifier.target_products.iter().filter_map(plans).flatten().collect();
    let concerned = classifier.disproved.iter().filter(|(one, other)| ours.contains(one) || ours.contains(other));
    let holders = |pair| {
        let found = facts.users.iter().filter_map(|(_, lookup)| match lookup {
            Lookup::Found(user) => Some(user),
            Lookup::NotFound | Lookup::Malformed => None,
        });
        found.filter(|user| Exclusions::known().disproved_by(user, &facts.skus).contains(pair)).count()
    };
    let warning = |pair| {
        let names = Exclusions::known().named(pair)?;
        let name = |part: &str| products::plan_display_name(part, &[]);
        let (one, other) = (name(&names.one), name(&names.other));
        let detail = ProblemDetail::Disproved { users: holders(pair), one, other };
        Some(Problem { code: ProblemCode::ExclusionDisproved, detail, warning: true })
    };
    concerned.filter_map(warning).collect()
}

fn users(facts: &Facts, classifier: &Classifier) -> Vec<UserCheck> {
    let mut first_lines: HashMap<UserId, usize> = HashMap::new();
    let mut checks = Vec::with_capacity(facts.users.len());
    // Of a license that is not known, nobody can be said not to have it.
    let source_unknown = is_ambiguous(facts, &facts.route.source);
    for (listed, lookup) in &facts.users {
        let mut check = UserCheck {
            listed: listed.clone(),
            id: None,
            upn: None,
            display_name: None,
            usage_location: None,
            reasons: Vec::new(),
        };
        match lookup {
            Lookup::Found(user) => {
                check.id = Some(user.id);
                check.upn = Some(user.upn.clone());
                check.display_name.clone_from(&user.display_name);
                check.usage_location = Some(user.usage_location.clone().unwrap_or_default());
                check.reasons = users::reasons(facts, classifier, user);
                if source_unknown {
                    check.reasons.retain(|reason| reason.code != ReasonCode::SourceNotAssigned);
                }
                match first_lines.get(&user.id) {
                    Some(line) => check.reasons.insert(0, duplicate(&user.upn, listed.line, *line)),
                    None => drop(first_lines.insert(user.id, listed.line)),
                }
            }
            Lookup::NotFound => check.reasons.push(block(
                ReasonCode::UserNotFound,
                ReasonDetail::NotFound { line: listed.line, given: listed.given.to_string() },
            )),
            Lookup::Malformed => check.reasons.push(block(
                ReasonCode::UserNotFound,
                ReasonDetail::Malformed { line: listed.line, given: listed.given.to_string() },
            )),
        }
        checks.push(check);
    }
    checks
}

fn duplicate(upn: &str, line: usize, first: usize) -> Reason {
    block(ReasonCode::DuplicateUser, ReasonDetail::Duplicate { line, user: upn.to_owned(), first })
}

fn block(code: ReasonCode, detail: ReasonDetail) -> Reason {
    Reason { code, detail, warning: false }
}

/// Whether the tenant has several SKUs of this part number and none was picked.
fn is_ambiguous(facts: &Facts, side: &Side) -> bool {
    facts.skus.get(side.sku).is_none() && facts.skus.called(&side.part_number).len() > 1
}

fn problems(facts: &Facts, [from, to]: [EndName; 2], ledger: &SeatLedger, changes: &losses::Changes) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut block = |code, detail| problems.push(Problem { code, detail, warning: false });
    for permission in &facts.missing_permissions {
        block(ProblemCode::MissingPermission, ProblemDetail::LacksPermission { permission: permission.clone() });
    }
    for (side, end) in [(&facts.route.source, from), (&facts.route.target, to)] {
        let sku = side.part_number.clone();
        match facts.skus.get(side.sku) {
            None if is_ambiguous(facts, side) => {
                let ids = facts.skus.called(&side.part_number).iter().map(ToString::to_string).collect();
                let group = side.group_name.clone();
                block(ProblemCode::SkuAmbiguous, ProblemDetail::SkuAmbiguous { end, sku, ids, group });
            }
            None => block(ProblemCode::SkuNotFound, ProblemDetail::NoSubscription { end, sku }),
            Some(known) if !known.for_users => {
                block(ProblemCode::SkuNotFound, ProblemDetail::NotForUsers { end, sku });
            }
            Some(_) => {}
        }
    }
    let groups = (facts.source_group.as_ref(), facts.target_group.as_ref());
    problems.extend(of_groups(&facts.route, [from, to], groups));
    // Whose seats they would be is not known of an ambiguous SKU.
    problems.extend(too_few(ledger).filter(|_| !is_ambiguous(facts, &facts.route.target)));
    problems.extend(unusable(facts, ledger));
    problems.extend(changes.problems.iter().cloned());
    problems.extend(losses::subscriptions(facts));
    problems
}

/// What stands against writing the two groups, as they were just read; `None` is a group that does not exist. `ends` is
/// what either end is called.
pub fn of_groups(
    route: &Route,
    ends: [EndName; 2],
    (source, target): (Option<&Group>, Option<&Group>),
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut block = |code, detail, warning| problems.push(Problem { code, detail, warning });
    for (side, group, end) in [(&route.source, source, ends[0]), (&route.target, target, ends[1])] {
        match group {
            None => {
                block(ProblemCode::GroupNotFound, ProblemDetail::NoGroup { end, group: side.group.to_string() }, false);
            }
            Some(group) => group_problems(side, group, end, &mut block),
        }
    }
    problems
}

/// The seats of every product of the target group, and what the ready users need of them.
pub(super) fn seat_ledger(facts: &Facts, classifier: &Classifier, users: &[UserCheck]) -> SeatLedger {
    let mut ledger = SeatLedger::new(&classifier.target_products, &facts.skus);
    for (user, (_, lookup)) in users.iter().zip(&facts.users) {
        if let (true, Lookup::Found(found)) = (user.is_ready(), lookup) {
            ledger.add_to_come(|sku| found.holds(sku));
        }
    }
    ledger
}

/// The seats of the product of which the fewest are left over.
pub(super) fn tightest(ledger: &SeatLedger) -> Seats {
    ledger.tightest().map_or_else(Seats::default, |one| Seats { available: one.available, needed: one.needed })
}

/// The problem with the seats, when there is one: every product that is short, and how many users fit.
pub(super) fn too_few(ledger: &SeatLedger) -> Option<Problem> {
    let short = ledger.shortages();
    let detail = ProblemDetail::SeatsShort { fits: ledger.fits(), short };
    ledger.shortage().map(|_| Problem { code: ProblemCode::NotEnoughSeats, detail, warning: false })
}

/// Each product of the target group whose subscription serves nobody, even who holds a seat of it already. Of which seats are
/// short, that is told.
fn unusable(facts: &Facts, ledger: &SeatLedger) -> Vec<Problem> {
    let products = products_of(facts.target_group.as_ref(), &facts.route.target);
    let skus = products.iter().filter_map(|license| facts.skus.get(license.sku));
    let problem = |sku: &Sku| {
        let product = products::display_name(sku.id, &facts.skus);
        let detail = ProblemDetail::Unusable { product, status: sku.capability.clone() };
        Problem { code: ProblemCode::NotEnoughSeats, detail, warning: false }
    };
    let short = |sku: &Sku| ledger.products().iter().any(|one| one.sku == sku.id && one.is_short());
    skus.filter(|sku| !sku.is_usable() && !short(sku)).map(problem).collect()
}

fn group_problems(side: &Side, group: &Group, end: EndName, block: &mut impl FnMut(ProblemCode, ProblemDetail, bool)) {
    let name = || group.name.clone();
    // Whoever changes the members elsewhere can do so; it is only told.
    let others = side.moved_by.is_others();
    // No SKU was found under the name, which is a problem of its own.
    let unknown = side.sku.0.is_nil();
    if !unknown && group.assigns(side.sku).is_none() {
        let product = side.sku_name.clone();
        block(ProblemCode::GroupLacksSku, ProblemDetail::NotAssigned { end, group: name(), product }, false);
    }
    if group.is_dynamic() {
        block(ProblemCode::GroupIsDynamic, ProblemDetail::Dynamic { end, group: name() }, others);
    }
    if group.synced {
        block(ProblemCode::GroupIsSynced, ProblemDetail::Synced { end, group: name() }, others);
    }
    if group.is_mail_governed() {
        block(ProblemCode::GroupNotWritable, ProblemDetail::MailEnabled { end, group: name() }, others);
    }
    if group.role_assignable {
        block(ProblemCode::GroupNotWritable, ProblemDetail::HoldsRoles { end, group: name() }, others);
    }
    if group.restricted {
        block(ProblemCode::GroupNotWritable, ProblemDetail::Restricted { end, group: name() }, others);
    }
}
