//! What a trouble means for an admin, and what to do about it; the sentences are data.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::domain::end_state::Flaw;
use crate::domain::license::LicenseError;
use crate::domain::route::Route;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;

pub use crate::domain::explain::explain;

const SENTENCES: &str = include_str!("../../assets/remedies.toml");

type Name = fn(&Route) -> &str;

/// What stands in the sentences for the names of a route.
const NAMES: [(&str, Name); 4] = [
    ("{old}", |route| route.source.short()),
    ("{new}", |route| route.target.short()),
    ("{from}", |route| &route.source.group_name),
    ("{to}", |route| &route.target.group_name),
];

/// Two sentences about a trouble.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub action: String,
}

impl Remedy {
    /// The two sentences with the names of the licenses and groups that a user on this route leaves and gets.
    #[must_use]
    pub fn named(&self, route: &Route) -> Self {
        let fill =
            |text: &str| NAMES.iter().fold(text.to_owned(), |text, (place, name)| text.replace(place, name(route)));
        Self { meaning: fill(&self.meaning), action: fill(&self.action) }
    }
}

/// What a standing means and what to do; `None` when all goes its way or only time is needed.
pub fn of(standing: &Standing) -> Option<&'static Remedy> {
    let (kind, word) = match standing {
        Standing::OnSource | Standing::HoldsBoth | Standing::ExpectedConflict | Standing::Migrated => return None,
        Standing::Stuck(Trouble::Error(failure)) => return of_error(&LicenseError::from(failure.word.clone())),
        Standing::Stuck(Trouble::State(_)) => ("unknown", "state"),
        Standing::Stuck(Trouble::TargetElsewhere) => ("trouble", "target-elsewhere"),
        Standing::Stuck(Trouble::SourceElsewhere) => ("trouble", "source-elsewhere"),
        Standing::Stuck(Trouble::Unexplained) => ("trouble", "unexplained"),
        Standing::Stuck(Trouble::EndState(flaws)) => ("end-state", flaws.first().map_or("unknown", flaw_word)),
        Standing::LostPart(_) => ("standing", "lost-part"),
        Standing::SourceLingers(Holder::NotProcessed) => ("holder", "not-processed"),
        Standing::SourceLingers(Holder::Dependency) => ("holder", "dependency"),
        Standing::SourceLingers(Holder::Direct) => ("holder", "direct"),
        Standing::SourceLingers(Holder::Group(_)) => ("holder", "group"),
        Standing::SourceLingers(Holder::Unnamed) => ("holder", "unnamed"),
        Standing::Unlicensed => ("standing", "unlicensed"),
        Standing::Missing => ("standing", "missing"),
    };
    find(kind, word)
}

fn flaw_word(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::Excluded { .. } => "excluded",
        Flaw::ExcludedByWaiting { .. } => "excluded-by-waiting",
        Flaw::ExcludedByCompanion { .. } => "excluded-by-companion",
        Flaw::Unexplained { .. } => "unexplained",
        Flaw::Needs { .. } => "needs",
        Flaw::NoSeat { .. } => "no-seat",
        Flaw::UnknownPlans { .. } => "unknown-plans",
        Flaw::FailsElsewhere { .. } => "fails-elsewhere",
        Flaw::NotUsable { .. } => "not-usable",
        Flaw::NoLongerAssigned { .. } => "no-longer-assigned",
        Flaw::LosesService { .. } => "loses-service",
        Flaw::LocationChanged { .. } => "location-changed",
    }
}

/// What an error on any license of a user means and what to do. Every word has an answer, a new one too.
pub fn of_error(error: &LicenseError) -> Option<&'static Remedy> {
    match error {
        LicenseError::Unknown(_) => find("unknown", "error"),
        LicenseError::CountViolation
        | LicenseError::MutuallyExclusiveViolation
        | LicenseError::DependencyViolation
        | LicenseError::ProhibitedInUsageLocationViolation
        | LicenseError::UniquenessViolation
        | LicenseError::Other => find("error", &error.to_string()),
    }
}

type Sentences = HashMap<String, HashMap<String, Remedy>>;

fn find(kind: &str, word: &str) -> Option<&'static Remedy> {
    static KNOWN: OnceLock<Sentences> = OnceLock::new();
    // A test reads the file that comes with the program; advice is nothing to stop a migration for.
    KNOWN.get_or_init(|| toml::from_str(SENTENCES).unwrap_or_default()).get(kind)?.get(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::GroupId;
    use crate::domain::id::PlanId;
    use crate::domain::plan_families::CoreService;
    use crate::domain::standing::Lost;
    use crate::domain::testing::RIVAL;
    use crate::domain::testing::TARGET;
    use std::collections::HashSet;
    use uuid::Uuid;

    fn flawed(flaw: Flaw) -> Standing {
        Standing::Stuck(Trouble::EndState(vec![flaw]))
    }

    fn standings() -> Vec<Standing> {
        let error = |word: &str| Standing::Stuck(Trouble::Error(word.into()));
        vec![
            error("CountViolation"),
            error("MutuallyExclusiveViolation"),
            error("DependencyViolation"),
            error("ProhibitedInUsageLocationViolation"),
            error("UniquenessViolation"),
            error("Other"),
            error("SomethingNew"),
            Standing::Stuck(Trouble::State("Error".into())),
            Standing::Stuck(Trouble::TargetElsewhere),
            Standing::Stuck(Trouble::SourceElsewhere),
            Standing::Stuck(Trouble::Unexplained),
            Standing::SourceLingers(Holder::NotProcessed),
            Standing::SourceLingers(Holder::Dependency),
            Standing::SourceLingers(Holder::Direct),
            Standing::SourceLingers(Holder::Group(GroupId(Uuid::nil()))),
            Standing::SourceLingers(Holder::Unnamed),
            Standing::Stuck(Trouble::EndState(Vec::new())),
            flawed(Flaw::Excluded { product: TARGET, by: RIVAL }),
            flawed(Flaw::ExcludedByWaiting { product: TARGET, by: RIVAL, group: None }),
            flawed(Flaw::ExcludedByCompanion { product: TARGET, by: RIVAL }),
            flawed(Flaw::Unexplained { product: TARGET }),
            flawed(Flaw::Needs { product: RIVAL, plan: PlanId(Uuid::nil()) }),
            flawed(Flaw::NoSeat { product: TARGET }),
            flawed(Flaw::UnknownPlans { product: TARGET }),
            flawed(Flaw::FailsElsewhere { product: RIVAL, error: "UniquenessViolation".into() }),
            flawed(Flaw::NotUsable { product: TARGET, status: "Suspended".into() }),
            flawed(Flaw::NoLongerAssigned { product: RIVAL }),
            flawed(Flaw::LosesService { product: TARGET, service: CoreService::Teams }),
            flawed(Flaw::LocationChanged { product: TARGET, from: "DE".into(), to: String::new() }),
            Standing::LostPart(vec![Lost::Product(RIVAL)]),
            Standing::Unlicensed,
            Standing::Missing,
        ]
    }

    #[test]
    fn every_trouble_has_two_sentences_of_its_own() {
        let remedies: Vec<_> = standings().iter().map(|one| of(one).unwrap_or_else(|| panic!("{one:?}"))).collect();
        let different: HashSet<_> = remedies.iter().map(|one| &one.meaning).collect();
        assert_eq!(different.len(), remedies.len());
        assert!(remedies.iter().all(|one| one.meaning.ends_with('.') && one.action.ends_with('.')));
    }

    #[test]
    fn on_the_way_back_the_sentences_name_the_other_license_and_group() {
        let route = crate::domain::testing::route();
        let direct = of(&Standing::SourceLingers(Holder::Direct)).unwrap();
        let (old, new) = (route.source.short(), route.target.short());
        assert!(direct.named(&route).meaning.starts_with(old) && direct.named(&route).action.contains(new));
        assert!(direct.named(&route.reversed()).meaning.starts_with(new));
        for one in standings() {
            let remedy = of(&one).unwrap();
            let named = remedy.named(&route);
            assert!(!(named.meaning + &named.action).contains(['{', '}']), "{one:?} has a place that is not filled");
            let words = remedy.meaning.clone() + &remedy.action;
            assert!(!words.contains("source") && !words.contains("target"), "{one:?} is not true both ways");
        }
    }

    #[test]
    fn no_sentence_is_left_over() {
        let all: Sentences = toml::from_str(SENTENCES).unwrap();
        assert_eq!(all.values().map(HashMap::len).sum::<usize>(), standings().len());
    }

    #[test]
    fn who_is_on_their_way_needs_no_advice() {
        for fine in [Standing::OnSource, Standing::HoldsBoth, Standing::ExpectedConflict, Standing::Migrated] {
            assert_eq!(of(&fine), None);
        }
    }

    #[test]
    fn the_older_word_for_other_is_known() {
        assert_eq!(of(&Standing::Stuck(Trouble::Error("Others".into()))), of_error(&LicenseError::Other));
    }
}
