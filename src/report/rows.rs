//! What the page and the text both say: cells of their tables.

use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;
use crate::report::content::ApprovalRow;
use crate::report::content::BatchRow;
use crate::report::content::RunSection;
use crate::report::content::Totals;
use crate::report::content::UserRow;
use crate::report::event::EventLine;
use crate::report::event::FaultRow;
use crate::report::plan::ChangeRow;
use crate::report::plan::PlanSection;
use crate::report::words;
use crate::words::counts;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing;
use crate::words::times;

/// Of more users than this the others are counted.
const NAMED: usize = 20;

/// A time, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    times::day_and_second(&at.to_zoned(TimeZone::UTC))
}

/// The sums, each with its name and the id that it has in the page.
pub(super) fn cards(totals: &Totals) -> Vec<(String, String, &'static str)> {
    let number = |number: usize| words::thousands(number as u64);
    vec![
        (phrase("report-card-listed"), number(totals.listed), "listed"),
        (phrase("report-card-in-batches"), number(totals.in_batches), "in-batches"),
        (phrase("report-card-migrated"), number(totals.migrated), "migrated"),
        (phrase("report-card-rolled-back"), number(totals.rolled_back), "rolled-back"),
        (phrase("report-card-added"), number(totals.added), "added"),
        (phrase("report-card-removed"), number(totals.removed), "removed"),
        (phrase("report-card-excluded"), number(totals.excluded), "excluded"),
        (phrase("report-card-blocked"), number(totals.blocked), "blocked"),
        (phrase("report-card-stuck"), number(totals.stuck), "stuck"),
        (phrase("report-card-unlicensed"), number(totals.unlicensed), "unlicensed"),
        (phrase("report-card-ever-unlicensed"), number(totals.ever_unlicensed), "ever-unlicensed"),
        (phrase("report-card-seconds-unlicensed"), words::thousands(totals.seconds_unlicensed), "seconds-unlicensed"),
        (phrase("report-card-unknown-outcome"), number(totals.unknown_outcome), "unknown-outcome"),
        (phrase("report-card-failed-requests"), number(totals.failed_requests), "failed-requests"),
    ]
}

/// Numbers with spaces between them.
pub(super) fn numbers(numbers: &[u32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// What else there is to say of a user: products, reasons, causes.
pub(super) fn note(user: &UserRow) -> String {
    let mut parts = Vec::new();
    match (&user.products_before, &user.products_after) {
        (Some(before), Some(after)) => parts.push(format!("{} → {}", before.join(" + "), after.join(" + "))),
        (Some(before), None) => parts.push(say("report-note-had", &[("products", before.join(" + ").into())])),
        (None, Some(after)) => parts.push(say("report-note-has", &[("products", after.join(" + ").into())])),
        (None, None) => {}
    }
    parts.extend(user.reasons.iter().map(|one| {
        let reason = format!("{}: {}", one.code, one.message);
        if one.warning { say("report-warning", &[("what", reason.into())]) } else { reason }
    }));
    parts.extend(user.excluded.then(|| phrase("report-excluded")));
    parts.extend(user.not_proven.iter().map(|why| words::not_removed(why)));
    parts.extend(user.explained.iter().cloned());
    parts.extend(user.rolled_back.map(|at| say("report-note-back-since", &[("time", time(at).into())])));
    parts.join("; ")
}

/// Who went first, and when they had arrived.
pub(super) fn canary(batch: &BatchRow) -> String {
    let canary = &batch.canary;
    match (canary.users.len(), canary.removed, canary.arrived) {
        (0, _, _) | (_, None, _) => phrase("report-canary-none"),
        (users, Some(removed), Some(arrived)) => {
            let (removed, arrived) = (time(removed).into(), time(arrived).into());
            say("report-canary-arrived", &[("count", users.into()), ("removed", removed), ("arrived", arrived)])
        }
        (users, Some(removed), None) => {
            say("report-canary-under-way", &[("count", users.into()), ("removed", time(removed).into())])
        }
    }
}

/// What stood on the screen when an approval was given.
pub(super) fn screen(approval: &ApprovalRow) -> String {
    let mut parts = vec![say("report-screen-group", &[("group", approval.group.as_str().into())])];
    parts.extend(approval.free_seats.map(|seats| say("report-free-seats", &[("count", seats.into())])));
    parts.extend(
        approval.standings.iter().map(|one| standing::counted(one.users, &words::shown_standing(one.standing))),
    );
    if approval.left_out > 0 {
        parts.push(say("report-left-out", &[("count", approval.left_out.into())]));
    }
    parts.join("; ")
}

/// The users of an event: some by name, the others counted.
pub(super) fn names(event: &EventLine) -> String {
    let name = |user: &crate::report::event::EventUser| {
        user.user_principal_name.clone().unwrap_or_else(|| user.id.to_string())
    };
    let mut names: Vec<String> = event.users.iter().take(NAMED).map(name).collect();
    let more = event.users.len().saturating_sub(NAMED);
    names.extend((more > 0).then(|| words::and_more(more)));
    names.join(", ")
}

/// Status and code of a failure.
pub(super) fn code(fault: &FaultRow) -> String {
    let mut parts = Vec::new();
    parts.extend(fault.status.map(|status| status.to_string()));
    parts.extend(fault.code.clone());
    if parts.is_empty() { words::fault_kind(fault.kind) } else { parts.join(" ") }
}

/// The lists of service plans, and what else leaves.
pub(super) fn plan_lists(plan: &PlanSection) -> Vec<(String, Vec<String>)> {
    let told = |list: &[ChangeRow]| list.iter().map(change).collect::<Vec<_>>();
    vec![
        (phrase("report-plans-gone"), told(&plan.plans.gone)),
        (phrase("report-plans-lower"), told(&plan.plans.lower)),
        (phrase("report-plans-new"), told(&plan.plans.new)),
        (phrase("report-plans-replaced"), told(&plan.plans.replaced)),
        (phrase("report-plans-also-lost"), plan.also_lost.clone()),
    ]
}

fn change(change: &ChangeRow) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) if from == to => format!("{} ({from})", change.family),
        (Some(from), Some(to)) => {
            let (family, from, to) = (change.family.as_str().into(), from.as_str().into(), to.as_str().into());
            say("report-change", &[("family", family), ("from", from), ("to", to)])
        }
        (Some(one), None) | (None, Some(one)) => format!("{} ({one})", change.family),
        (None, None) => change.family.clone(),
    }
}

/// The numbers that the run went by.
pub(super) fn settings(run: &RunSection) -> Vec<(String, String)> {
    let settings = &run.settings;
    vec![
        (phrase("report-setting-scenario"), settings.scenario.clone()),
        (phrase("report-setting-batch-size"), counts::users(settings.batch_size)),
        (phrase("report-setting-canary"), counts::users(settings.canary)),
        (phrase("report-setting-max-stuck"), settings.max_stuck.to_string()),
        (phrase("report-setting-interval"), words::brief(settings.interval_seconds)),
        (phrase("report-setting-late-after"), words::brief(settings.stuck_after_seconds)),
        (phrase("report-setting-grace"), words::brief(settings.unlicensed_grace_seconds)),
    ]
}
