//! What a trouble means for an admin, and what to do about it.

use crate::domain::flaw::Flaw;
use crate::domain::license::LicenseError;
use crate::domain::route::Route;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;
use crate::words::phrase;
use crate::words::say;

/// Two sentences about a trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub action: String,
}

/// The licenses and groups that a user leaves and gets on their route.
struct Names<'a> {
    old: &'a str,
    new: &'a str,
    from: &'a str,
    to: &'a str,
}

impl<'a> Names<'a> {
    fn of(route: &'a Route) -> Self {
        let (source, target) = (&route.source, &route.target);
        Self { old: source.short(), new: target.short(), from: &source.group_name, to: &target.group_name }
    }
}

/// What a standing means to a user on this route, and what to do; `None` when all goes its way or only time is needed.
pub fn of(standing: &Standing, route: &Route) -> Option<Remedy> {
    let names = Names::of(route);
    Some(match standing {
        Standing::OnSource | Standing::HoldsBoth | Standing::ExpectedConflict | Standing::Migrated => return None,
        Standing::Stuck(trouble) => stuck(trouble, &names),
        Standing::SourceLingers(holder) => stays(holder, &names),
        Standing::LostPart(_) => Remedy {
            meaning: say("remedy-lost-part", &[("new", names.new.into())]),
            action: phrase("remedy-lost-part-action"),
        },
        Standing::Unlicensed => Remedy {
            meaning: say("remedy-unlicensed", &[("old", names.old.into()), ("new", names.new.into())]),
            action: say("remedy-unlicensed-action", &[("to", names.to.into())]),
        },
        Standing::Missing => Remedy { meaning: phrase("remedy-missing"), action: phrase("remedy-missing-action") },
    })
}

/// What an error on any license of a user means and what to do. Every word has an answer, a new one too.
pub fn of_error(error: &LicenseError, route: &Route) -> Remedy {
    error_of(error, &Names::of(route))
}

fn error_of(error: &LicenseError, names: &Names<'_>) -> Remedy {
    match error {
        LicenseError::CountViolation => Remedy {
            meaning: phrase("remedy-error-count-violation"),
            action: phrase("remedy-error-count-violation-action"),
        },
        LicenseError::MutuallyExclusiveViolation => Remedy {
            meaning: phrase("remedy-error-mutually-exclusive-violation"),
            action: say("remedy-error-mutually-exclusive-violation-action", &[("old", names.old.into())]),
        },
        LicenseError::DependencyViolation => Remedy {
            meaning: phrase("remedy-error-dependency-violation"),
            action: phrase("remedy-error-dependency-violation-action"),
        },
        LicenseError::ProhibitedInUsageLocationViolation => Remedy {
            meaning: phrase("remedy-error-prohibited-in-usage-location-violation"),
            action: phrase("remedy-error-prohibited-in-usage-location-violation-action"),
        },
        LicenseError::UniquenessViolation => Remedy {
            meaning: phrase("remedy-error-uniqueness-violation"),
            action: phrase("remedy-error-uniqueness-violation-action"),
        },
        LicenseError::Other => {
            Remedy { meaning: phrase("remedy-error-other"), action: phrase("remedy-error-other-action") }
        }
        LicenseError::Unknown(_) => {
            Remedy { meaning: phrase("remedy-unknown-error"), action: phrase("remedy-unknown-error-action") }
        }
    }
}

fn stuck(trouble: &Trouble, names: &Names<'_>) -> Remedy {
    match trouble {
        Trouble::Error(failure) => error_of(&LicenseError::from(failure.word.clone()), names),
        Trouble::EndState(flaws) => end_state(flaws.first(), names),
        Trouble::State(_) => Remedy {
            meaning: say("remedy-unknown-state", &[("new", names.new.into())]),
            action: phrase("remedy-unknown-state-action"),
        },
        Trouble::TargetElsewhere => Remedy {
            meaning: say("remedy-trouble-target-elsewhere", &[("new", names.new.into()), ("to", names.to.into())]),
            action: say("remedy-trouble-target-elsewhere-action", &[("to", names.to.into())]),
        },
        Trouble::SourceElsewhere => Remedy {
            meaning: say("remedy-trouble-source-elsewhere", &[("old", names.old.into()), ("from", names.from.into())]),
            action: say("remedy-trouble-source-elsewhere-action", &[("from", names.from.into())]),
        },
        Trouble::Unexplained => Remedy {
            meaning: phrase("remedy-trouble-unexplained"),
            action: phrase("remedy-trouble-unexplained-action"),
        },
    }
}

/// Why what the user would hold once the source group is left is not good enough.
fn end_state(flaw: Option<&Flaw>, names: &Names<'_>) -> Remedy {
    match flaw {
        Some(Flaw::Excluded { .. }) => Remedy {
            meaning: say("remedy-end-state-excluded", &[("from", names.from.into()), ("to", names.to.into())]),
            action: phrase("remedy-end-state-excluded-action"),
        },
        Some(Flaw::ExcludedByWaiting { .. }) => Remedy {
            meaning: say("remedy-end-state-excluded-by-waiting", &[("old", names.old.into()), ("to", names.to.into())]),
            action: phrase("remedy-end-state-excluded-by-waiting-action"),
        },
        Some(Flaw::ExcludedByCompanion { .. }) => Remedy {
            meaning: say("remedy-end-state-excluded-by-companion", &[("to", names.to.into())]),
            action: say("remedy-end-state-excluded-by-companion-action", &[("to", names.to.into())]),
        },
        Some(Flaw::Unexplained { .. }) => Remedy {
            meaning: say("remedy-end-state-unexplained", &[("old", names.old.into()), ("to", names.to.into())]),
            action: say(
                "remedy-end-state-unexplained-action",
                &[("old", names.old.into()), ("from", names.from.into())],
            ),
        },
        Some(Flaw::Needs { .. }) => Remedy {
            meaning: phrase("remedy-end-state-needs"),
            action: say("remedy-end-state-needs-action", &[("to", names.to.into())]),
        },
        Some(Flaw::NoSeat { .. }) => Remedy {
            meaning: say("remedy-end-state-no-seat", &[("to", names.to.into())]),
            action: say("remedy-end-state-no-seat-action", &[("from", names.from.into())]),
        },
        Some(Flaw::UnknownPlans { .. }) => Remedy {
            meaning: say("remedy-end-state-unknown-plans", &[("to", names.to.into())]),
            action: phrase("remedy-end-state-unknown-plans-action"),
        },
        Some(Flaw::FailsElsewhere { .. }) => Remedy {
            meaning: say("remedy-end-state-fails-elsewhere", &[("to", names.to.into())]),
            action: phrase("remedy-end-state-fails-elsewhere-action"),
        },
        Some(Flaw::NotUsable { .. }) => Remedy {
            meaning: say("remedy-end-state-not-usable", &[("to", names.to.into())]),
            action: say("remedy-end-state-not-usable-action", &[("from", names.from.into())]),
        },
        Some(Flaw::NoLongerAssigned { .. }) => Remedy {
            meaning: say("remedy-end-state-no-longer-assigned", &[("to", names.to.into())]),
            action: say("remedy-end-state-no-longer-assigned-action", &[("to", names.to.into())]),
        },
        Some(Flaw::LosesService { .. }) => Remedy {
            meaning: say("remedy-end-state-loses-service", &[("to", names.to.into())]),
            action: say("remedy-end-state-loses-service-action", &[("to", names.to.into())]),
        },
        Some(Flaw::LocationChanged { .. }) => Remedy {
            meaning: say("remedy-end-state-location-changed", &[("old", names.old.into()), ("new", names.new.into())]),
            action: phrase("remedy-end-state-location-changed-action"),
        },
        None => Remedy {
            meaning: say("remedy-end-state-unknown", &[("from", names.from.into())]),
            action: phrase("remedy-end-state-unknown-action"),
        },
    }
}

/// Why the license that the user leaves stays.
fn stays(holder: &Holder, names: &Names<'_>) -> Remedy {
    match holder {
        Holder::NotProcessed => Remedy {
            meaning: say("remedy-holder-not-processed", &[("old", names.old.into()), ("from", names.from.into())]),
            action: phrase("remedy-holder-not-processed-action"),
        },
        Holder::Dependency => Remedy {
            meaning: say("remedy-holder-dependency", &[("old", names.old.into())]),
            action: phrase("remedy-holder-dependency-action"),
        },
        Holder::Direct => Remedy {
            meaning: say("remedy-holder-direct", &[("old", names.old.into())]),
            action: say("remedy-holder-direct-action", &[("new", names.new.into())]),
        },
        Holder::Group(_) => Remedy {
            meaning: say("remedy-holder-group", &[("old", names.old.into())]),
            action: phrase("remedy-holder-group-action"),
        },
        Holder::Unnamed => Remedy {
            meaning: say("remedy-holder-unnamed", &[("old", names.old.into())]),
            action: phrase("remedy-holder-unnamed-action"),
        },
    }
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
        let route = crate::domain::testing::route();
        let remedies: Vec<_> =
            standings().iter().map(|one| of(one, &route).unwrap_or_else(|| panic!("{one:?}"))).collect();
        let different: HashSet<_> = remedies.iter().map(|one| &one.meaning).collect();
        assert_eq!(different.len(), remedies.len());
        assert!(remedies.iter().all(|one| one.meaning.ends_with('.') && one.action.ends_with('.')));
    }

    #[test]
    fn on_the_way_back_the_sentences_name_the_other_license_and_group() {
        let route = crate::domain::testing::route();
        let direct = |route: &Route| of(&Standing::SourceLingers(Holder::Direct), route).unwrap();
        let (old, new) = (route.source.short(), route.target.short());
        assert!(direct(&route).meaning.starts_with(old) && direct(&route).action.contains(new));
        assert!(direct(&route.reversed()).meaning.starts_with(new));
        let named = |name: &str| name.to_owned();
        let mut bare = route.clone();
        for side in [&mut bare.source, &mut bare.target] {
            (side.sku_name, side.part_number, side.group_name) = (named("Product"), named("PRODUCT"), named("Group"));
        }
        for one in standings() {
            let remedy = of(&one, &bare).unwrap();
            let words = remedy.meaning + &remedy.action;
            assert!(!words.contains(['{', '}']), "{one:?} has a place that is not filled");
            assert!(!words.contains("source") && !words.contains("target"), "{one:?} is not true both ways");
        }
    }

    #[test]
    fn who_is_on_their_way_needs_no_advice() {
        for fine in [Standing::OnSource, Standing::HoldsBoth, Standing::ExpectedConflict, Standing::Migrated] {
            assert_eq!(of(&fine, &crate::domain::testing::route()), None);
        }
    }

    #[test]
    fn the_older_word_for_other_is_known() {
        let route = crate::domain::testing::route();
        let others = Standing::Stuck(Trouble::Error("Others".into()));
        assert_eq!(of(&others, &route), Some(of_error(&LicenseError::Other, &route)));
    }
}
