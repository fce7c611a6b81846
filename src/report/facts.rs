//! Facts of the plan in sentences, for every form of the report.

use crate::report::plan::PairRow;
use crate::report::plan::PlanSection;
use crate::report::plan::ProductRow;
use crate::report::plan::SideRow;
use crate::words::say;
use crate::words::scenario;

/// A product and its group.
pub(super) fn side(side: &SideRow) -> String {
    say(
        "report-side",
        &[
            ("name", side.sku_name.as_str().into()),
            ("part-number", side.part_number.as_str().into()),
            ("group", side.group_name.as_str().into()),
            ("id", side.group.as_str().into()),
        ],
    )
}

/// What happens between the two licenses, and what the service plans say to that.
pub(super) fn scenario(plan: &PlanSection) -> String {
    let (scenario, predicted) = (scenario::scenario(plan.scenario), scenario::scenario(plan.predicted));
    say("report-scenario", &[("scenario", scenario.into()), ("predicted", predicted.into())])
}

/// Which plan excludes which.
pub(super) fn excludes(pair: &PairRow) -> String {
    say("report-excludes", &[("one", pair.one.as_str().into()), ("other", pair.other.as_str().into())])
}

/// The seats of every product of the target group; of the target's own in a journal that has no others.
pub(super) fn seats(plan: &PlanSection) -> Vec<String> {
    if plan.products.is_empty() {
        let (free, needed) = (plan.seats.available.to_string().into(), plan.seats.needed.to_string().into());
        return vec![say("report-seats", &[("free", free), ("needed", needed)])];
    }
    let of = |one: &ProductRow| {
        let (free, needed) = (one.available.to_string().into(), one.needed.to_string().into());
        say("report-seats-of", &[("product", one.name.as_str().into()), ("free", free), ("needed", needed)])
    };
    plan.products.iter().map(of).collect()
}

/// How many may be moved and how many not.
pub(super) fn preflight(plan: &PlanSection) -> String {
    let (ready, blocked) = (plan.ready.to_string().into(), plan.blocked.to_string().into());
    say("report-preflight", &[("ready", ready), ("blocked", blocked)])
}
