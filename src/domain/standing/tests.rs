//! Every row of the table of standings, and what must hold whatever Graph says.

use proptest::prelude::*;

use super::*;
use crate::domain::license::Assignment;
use crate::domain::license::LicenseError;
use crate::domain::license::UserFacts;
use crate::domain::testing::HARMLESS;
use crate::domain::testing::OTHER_GROUP;
use crate::domain::testing::RIVAL;
use crate::domain::testing::SOURCE;
use crate::domain::testing::SOURCE_GROUP;
use crate::domain::testing::TARGET;
use crate::domain::testing::TARGET_GROUP;
use crate::domain::testing::any_facts;
use crate::domain::testing::any_scenario;
use crate::domain::testing::classifier;
use crate::domain::testing::entry;
use crate::domain::testing::facts;

fn src() -> Assignment {
    entry(SOURCE, Some(SOURCE_GROUP), "Active", Some("None"))
}

fn tgt() -> Assignment {
    entry(TARGET, Some(TARGET_GROUP), "Active", None)
}

fn conflict() -> Assignment {
    entry(TARGET, Some(TARGET_GROUP), "Error", Some("MutuallyExclusiveViolation"))
}

fn seen(scenario: Scenario, removal: Removal, states: Vec<Assignment>) -> Standing {
    classifier(scenario).standing(Some(&facts(1, states)), removal)
}

#[test]
fn each_row_of_the_table() {
    use Removal::NotSent;
    use Removal::Sent;
    use Scenario::Conflicting;
    use Scenario::NonConflicting;
    let stuck = |word: &str| Standing::Stuck(Trouble::Error(word.into()));
    let flawed = |flaw| Standing::Stuck(Trouble::EndState(vec![flaw]));
    let direct = entry(SOURCE, None, "Active", None);
    let other = entry(SOURCE, Some(OTHER_GROUP), "Active", None);
    let ghost = entry(SOURCE, Some(SOURCE_GROUP), "ActiveWithError", Some("DependencyViolation"));
    let odd_source = entry(SOURCE, Some(SOURCE_GROUP), "Thriving", None);
    let rival = entry(RIVAL, None, "Active", None);
    let harmless = entry(HARMLESS, None, "Active", None);
    let half = entry(TARGET, Some(TARGET_GROUP), "ActiveWithError", Some("CountViolation"));
    let rows = [
        (Conflicting, NotSent, vec![src()], Standing::OnSource),
        (NonConflicting, NotSent, vec![src(), tgt()], Standing::HoldsBoth),
        (Conflicting, NotSent, vec![src(), tgt()], Standing::HoldsBoth),
        (Conflicting, NotSent, vec![src(), conflict()], Standing::ExpectedConflict),
        (Conflicting, NotSent, vec![src(), conflict(), harmless], Standing::ExpectedConflict),
        (Conflicting, NotSent, vec![src(), conflict(), rival], flawed(Flaw::Excluded { product: TARGET, by: RIVAL })),
        (NonConflicting, NotSent, vec![src(), conflict()], stuck("MutuallyExclusiveViolation")),
        (Conflicting, NotSent, vec![src(), entry(TARGET, Some(TARGET_GROUP), "Error", Some("Others"))], stuck("Other")),
        (Conflicting, NotSent, vec![src(), entry(TARGET, Some(TARGET_GROUP), "Error", Some("Moon"))], stuck("Moon")),
        (Conflicting, NotSent, vec![src(), half.clone()], stuck("CountViolation")),
        (Conflicting, NotSent, vec![src(), entry(TARGET, None, "Active", None)], Standing::OnSource),
        (Conflicting, Sent, vec![tgt()], Standing::Migrated),
        (Conflicting, Sent, vec![src(), tgt()], Standing::SourceLingers(Holder::NotProcessed)),
        (Conflicting, Sent, vec![ghost, tgt()], Standing::SourceLingers(Holder::Dependency)),
        (Conflicting, Sent, vec![direct.clone(), tgt()], Standing::SourceLingers(Holder::Direct)),
        (Conflicting, Sent, vec![other, tgt()], Standing::SourceLingers(Holder::Group(OTHER_GROUP))),
        (Conflicting, Sent, vec![odd_source, tgt()], Standing::SourceLingers(Holder::NotProcessed)),
        (Conflicting, Sent, vec![half], stuck("CountViolation")),
        (Conflicting, Sent, vec![direct], Standing::Stuck(Trouble::SourceElsewhere)),
        (Conflicting, Sent, vec![entry(TARGET, None, "Active", None)], Standing::Stuck(Trouble::TargetElsewhere)),
        (Conflicting, Sent, vec![conflict()], Standing::Unlicensed),
        (Conflicting, NotSent, vec![], Standing::Unlicensed),
    ];
    for (scenario, removal, states, expected) in rows {
        let shown = format!("{scenario:?} {removal:?} {states:?}");
        assert_eq!(seen(scenario, removal, states), expected, "{shown}");
    }
}

#[test]
fn who_is_not_there_is_missing_and_who_is_disabled_is_judged_like_anybody() {
    let classifier = classifier(Scenario::Conflicting);
    assert_eq!(classifier.standing(None, Removal::NotSent), Standing::Missing);
    let mut disabled = facts(1, vec![src(), tgt()]);
    disabled.enabled = Some(false);
    assert_eq!(classifier.standing(Some(&disabled), Removal::NotSent), Standing::HoldsBoth);
    disabled.states.clear();
    disabled.assigned.clear();
    assert_eq!(classifier.standing(Some(&disabled), Removal::Sent), Standing::Unlicensed, "an alarm as for anybody");
}

#[test]
fn a_license_that_only_the_summary_shows_is_no_alarm_and_no_success() {
    let mut user = facts(1, vec![]);
    user.assigned = vec![SOURCE];
    let classifier = classifier(Scenario::Conflicting);
    assert_eq!(classifier.standing(Some(&user), Removal::Sent), Standing::Stuck(Trouble::Unexplained));
    let mut user = facts(1, vec![tgt()]);
    user.assigned.push(SOURCE);
    assert_eq!(classifier.standing(Some(&user), Removal::Sent), Standing::SourceLingers(Holder::Unnamed));
}

fn holds(user: &UserFacts, sku: SkuId, group: GroupId) -> bool {
    user.states.iter().any(|one| one.sku == sku && one.group == Some(group) && one.is_held())
}

proptest! {
    #[test]
    fn safe_means_licensed_now_and_a_target_that_is_active_or_waits_only_for_the_source(
        user in any_facts(), scenario in any_scenario()
    ) {
        let classifier = classifier(scenario);
        let standing = classifier.standing(Some(&user), Removal::NotSent);
        if standing.is_safe(scenario) {
            prop_assert!(standing == Standing::Migrated || holds(&user, SOURCE, SOURCE_GROUP));
            let target = |ok: &dyn Fn(&Assignment) -> bool| {
                user.states.iter().any(|one| one.sku == TARGET && one.group == Some(TARGET_GROUP) && ok(one))
            };
            let waits = target(&|one| one.error == Some(LicenseError::MutuallyExclusiveViolation));
            let rival = user.states.iter().any(|one| one.sku == RIVAL && one.is_held());
            prop_assert!(target(&Assignment::is_sound) || (scenario == Scenario::Conflicting && waits && !rival));
        }
    }

    #[test]
    fn migrated_means_the_target_from_its_group_and_no_source_from_anywhere(user in any_facts(), scenario in any_scenario()) {
        if classifier(scenario).standing(Some(&user), Removal::Sent) == Standing::Migrated {
            prop_assert!(user.states.iter().any(|one| one.sku == TARGET && one.group == Some(TARGET_GROUP) && one.is_sound()));
            prop_assert!(!user.holds(SOURCE));
        }
    }

    #[test]
    fn unlicensed_is_seen_exactly_when_neither_is_held(user in any_facts(), scenario in any_scenario()) {
        for removal in [Removal::Sent, Removal::NotSent] {
            let alarm = classifier(scenario).standing(Some(&user), removal) == Standing::Unlicensed;
            prop_assert_eq!(alarm, !user.holds(SOURCE) && !user.holds(TARGET));
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter_to_safety(user in any_facts(), scenario in any_scenario()) {
        let classifier = classifier(scenario);
        let mut turned = user.clone();
        turned.states.reverse();
        let (one, other) = (classifier.standing(Some(&user), Removal::NotSent), classifier.standing(Some(&turned), Removal::NotSent));
        prop_assert_eq!(one.is_safe(scenario), other.is_safe(scenario));
    }
}
