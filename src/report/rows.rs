//! What the page and the text both say: cells of their tables.

use crate::domain::count;
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

/// Of more users than this the others are counted.
const NAMED: usize = 20;

/// A time, in UTC.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The sums, each with its name and the id that it has in the page.
pub(super) fn cards(totals: &Totals) -> Vec<(&'static str, String, &'static str)> {
    let number = |number: usize| words::thousands(number as u64);
    vec![
        ("Listed", number(totals.listed), "listed"),
        ("In batches", number(totals.in_batches), "in-batches"),
        ("Migrated", number(totals.migrated), "migrated"),
        ("Rolled back", number(totals.rolled_back), "rolled-back"),
        ("Added by this run", number(totals.added), "added"),
        ("Removed by this run", number(totals.removed), "removed"),
        ("Excluded", number(totals.excluded), "excluded"),
        ("Blocked", number(totals.blocked), "blocked"),
        ("Stuck", number(totals.stuck), "stuck"),
        ("Without a license now", number(totals.unlicensed), "unlicensed"),
        ("Ever without a license", number(totals.ever_unlicensed), "ever-unlicensed"),
        ("Seconds without a license", words::thousands(totals.seconds_unlicensed), "seconds-unlicensed"),
        ("Writes of unknown outcome", number(totals.unknown_outcome), "unknown-outcome"),
        ("Failed requests", number(totals.failed_requests), "failed-requests"),
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
        (Some(before), None) => parts.push(format!("had {}", before.join(" + "))),
        (None, Some(after)) => parts.push(format!("has {}", after.join(" + "))),
        (None, None) => {}
    }
    let mark = |warning: bool| if warning { "warning: " } else { "" };
    parts.extend(user.reasons.iter().map(|one| format!("{}{}: {}", mark(one.warning), one.code, one.message)));
    parts.extend(user.excluded.then(|| "excluded by the operator".to_owned()));
    parts.extend(user.not_proven.iter().map(|why| format!("not removed: {why}")));
    parts.extend(user.explained.iter().cloned());
    parts.extend(user.rolled_back.map(|at| format!("back since {}", time(at))));
    parts.join("; ")
}

/// Who went first, and when they had arrived.
pub(super) fn canary(batch: &BatchRow) -> String {
    let canary = &batch.canary;
    match (canary.users.len(), canary.removed, canary.arrived) {
        (0, _, _) | (_, None, _) => "none yet".into(),
        (users, Some(removed), Some(arrived)) => {
            format!("{} from {}, arrived {}", count::users(users), time(removed), time(arrived))
        }
        (users, Some(removed), None) => format!("{} from {}, not all arrived", count::users(users), time(removed)),
    }
}

/// What stood on the screen when an approval was given.
pub(super) fn screen(approval: &ApprovalRow) -> String {
    let mut parts = vec![format!("group “{}”", approval.group)];
    parts.extend(approval.free_seats.map(|seats| count::counted(seats, "free seat", "free seats")));
    parts.extend(approval.standings.iter().map(|one| format!("{} {}", one.users, one.standing)));
    if approval.left_out > 0 {
        parts.push(format!("{} left out", approval.left_out));
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
    names.extend((more > 0).then(|| format!("and {more} more")));
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
pub(super) fn plan_lists(plan: &PlanSection) -> Vec<(&'static str, Vec<String>)> {
    let told = |list: &[ChangeRow]| list.iter().map(change).collect::<Vec<_>>();
    vec![
        ("Service plans that are gone", told(&plan.plans.gone)),
        ("Of a lower rank", told(&plan.plans.lower)),
        ("New", told(&plan.plans.new)),
        ("Replaced by the same or a higher rank", told(&plan.plans.replaced)),
        ("Other products that leave with the source group", plan.also_lost.clone()),
    ]
}

fn change(change: &ChangeRow) -> String {
    match (&change.from, &change.to) {
        (Some(from), Some(to)) if from == to => format!("{} ({from})", change.family),
        (Some(from), Some(to)) => format!("{} ({from} to {to})", change.family),
        (Some(one), None) | (None, Some(one)) => format!("{} ({one})", change.family),
        (None, None) => change.family.clone(),
    }
}

/// The numbers that the run went by.
pub(super) fn settings(run: &RunSection) -> Vec<(&'static str, String)> {
    let settings = &run.settings;
    vec![
        ("Scenario", settings.scenario.clone()),
        ("Batch size", count::users(settings.batch_size)),
        ("Canary", count::users(settings.canary)),
        ("Stuck users that it bears", settings.max_stuck.to_string()),
        ("Polling interval", words::brief(settings.interval_seconds)),
        ("Late after", words::brief(settings.stuck_after_seconds)),
        ("Grace without a license", words::brief(settings.unlicensed_grace_seconds)),
    ]
}
