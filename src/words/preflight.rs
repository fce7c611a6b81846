//! What preflight saw: problems with the plan as a whole, and rows of the list that name nobody.

use fluent_bundle::FluentValue;

use crate::domain::preflight::PassedBecause;
use crate::domain::preflight::PassedOver;
use crate::domain::preflight::ProblemDetail;
use crate::domain::route::EndName;
use crate::domain::seat_ledger::Shortage;
use crate::domain::subscription::Caution;
use crate::domain::subscription::CautionState;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing;
use crate::words::times;

/// A problem with the plan as a whole.
pub fn problem(problem: &ProblemDetail) -> String {
    match problem {
        ProblemDetail::NobodyListed => phrase("problem-nobody-listed"),
        ProblemDetail::RowsPassedOver { rows, count } => rows_passed_over(rows, *count),
        ProblemDetail::PilotNotReady { named, ready, others } => say(
            "problem-pilot-not-ready",
            &[("ready", (*ready).into()), ("named", (*named).into()), ("others", others.join(", ").into())],
        ),
        ProblemDetail::Disproved { users, one, other } => say(
            "problem-disproved",
            &[("count", (*users).into()), ("one", one.as_str().into()), ("other", other.as_str().into())],
        ),
        ProblemDetail::LacksPermission { permission } => {
            say("problem-lacks-permission", &[("permission", permission.as_str().into())])
        }
        ProblemDetail::SkuAmbiguous { end: at, sku, ids, group } => say(
            "problem-sku-ambiguous",
            &[
                ("end", end(*at)),
                ("sku", sku.as_str().into()),
                ("ids", ids.join(&phrase("word-and")).into()),
                ("group", group.as_str().into()),
            ],
        ),
        ProblemDetail::NoSubscription { end: at, sku } => {
            say("problem-no-subscription", &[("end", end(*at)), ("sku", sku.as_str().into())])
        }
        ProblemDetail::NotForUsers { end: at, sku } => {
            say("problem-not-for-users", &[("end", end(*at)), ("sku", sku.as_str().into())])
        }
        ProblemDetail::NoGroup { end: at, group } => {
            say("problem-no-group", &[("end", end(*at)), ("group", group.as_str().into())])
        }
        ProblemDetail::NotAssigned { end: at, group, product } => say(
            "problem-not-assigned",
            &[("end", end(*at)), ("group", group.as_str().into()), ("product", product.as_str().into())],
        ),
        ProblemDetail::Dynamic { end: at, group } => {
            say("problem-dynamic", &[("end", end(*at)), ("group", group.as_str().into())])
        }
        ProblemDetail::Synced { end: at, group } => {
            say("problem-synced", &[("end", end(*at)), ("group", group.as_str().into())])
        }
        ProblemDetail::MailEnabled { end: at, group } => {
            say("problem-mail-enabled", &[("end", end(*at)), ("group", group.as_str().into())])
        }
        ProblemDetail::HoldsRoles { end: at, group } => {
            say("problem-holds-roles", &[("end", end(*at)), ("group", group.as_str().into())])
        }
        ProblemDetail::Restricted { end: at, group } => {
            say("problem-restricted", &[("end", end(*at)), ("group", group.as_str().into())])
        }
        ProblemDetail::SeatsShort { short, fits } => {
            let short = short.iter().map(seats).collect::<Vec<_>>().join(", ");
            say("problem-seats-short", &[("short", short.into()), ("count", (*fits).into())])
        }
        ProblemDetail::Unusable { product, status } => {
            say("problem-unusable", &[("product", product.as_str().into()), ("status", status.as_str().into())])
        }
        ProblemDetail::LosesProducts { group, products } => {
            say("problem-loses-products", &[("group", group.as_str().into()), ("products", products.join(", ").into())])
        }
        ProblemDetail::BringsProducts { group, products } => say(
            "problem-brings-products",
            &[("group", group.as_str().into()), ("products", products.join(", ").into())],
        ),
        ProblemDetail::LosesService { service, group, plans, accepted } => say(
            "problem-loses-service",
            &[
                ("service", standing::service(*service).into()),
                ("group", group.as_str().into()),
                ("plans", plans.join(", ").into()),
                ("accepted", if *accepted { "yes" } else { "no" }.into()),
                ("word", service.word().into()),
            ],
        ),
        ProblemDetail::LosesPlans { group, gone, lower } => lost_plans(group, gone, lower),
        ProblemDetail::Subscription { product, caution } => say(
            "problem-subscription",
            &[("product", product.as_str().into()), ("caution", self::caution(*caution).into())],
        ),
        ProblemDetail::SeatsInGrace { product, seats } => {
            say("problem-seats-in-grace", &[("product", product.as_str().into()), ("count", (*seats).into())])
        }
        ProblemDetail::Told(sentence) => sentence.clone(),
    }
}

/// Which end it is, as messages tell the two apart.
fn end(end: EndName) -> FluentValue<'static> {
    match end {
        EndName::Source => "source".into(),
        EndName::Target => "target".into(),
    }
}

/// Too few seats of a product, with both numbers, how many more are needed later, and how many users fit.
pub fn shortage(short: &Shortage) -> String {
    let mut told = seats(short);
    if short.later > 0 {
        told = say("seats-later", &[("short", told.into()), ("count", short.later.into())]);
    }
    match short.fits {
        Some(fits) => say("seats-and-fit", &[("short", told.into()), ("count", fits.into())]),
        None => told,
    }
}

fn seats(short: &Shortage) -> String {
    let (free, needed) = (short.available.into(), short.needed.into());
    match &short.product {
        Some(product) => {
            say("seats-short-of-product", &[("free", free), ("needed", needed), ("product", product.as_str().into())])
        }
        None => say("seats-short", &[("free", free), ("needed", needed)]),
    }
}

fn rows_passed_over(rows: &[PassedOver], count: usize) -> String {
    let named = rows.iter().map(passed_over).collect::<Vec<_>>().join("; ");
    let all = say("problem-rows-passed-over", &[("count", count.into()), ("rows", named.into())]);
    match count.saturating_sub(rows.len()) {
        0 => all,
        more => say("problem-rows-and-more", &[("rows", all.into()), ("count", more.into())]),
    }
}

/// A row of the list that names nobody: its line, its text, and why.
pub fn passed_over(row: &PassedOver) -> String {
    let (line, text) = (row.line.into(), format!("{:?}", row.text).into());
    match row.because {
        PassedBecause::Comment => say("problem-row-comment", &[("line", line), ("text", text)]),
        PassedBecause::Example => say("problem-row-example", &[("line", line), ("text", text)]),
        PassedBecause::LooksLikeHeader => say("problem-row-header", &[("line", line), ("text", text)]),
        PassedBecause::HeaderAgain => say("problem-row-header-again", &[("line", line), ("text", text)]),
    }
}

fn lost_plans(group: &str, gone: &[String], lower: &[(String, String)]) -> String {
    let not_brought = (!gone.is_empty())
        .then(|| say("problem-plans-gone", &[("group", group.into()), ("plans", gone.join(", ").into())]));
    let lowered = (!lower.is_empty()).then(|| {
        let instead = |(to, from): &(String, String)| {
            say("problem-plan-instead", &[("to", to.as_str().into()), ("from", from.as_str().into())])
        };
        let plans = lower.iter().map(instead).collect::<Vec<_>>().join(", ");
        say("problem-plans-lower", &[("group", group.into()), ("plans", plans.into())])
    });
    [not_brought, lowered].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What is unusual about a subscription.
pub(in crate::words) fn caution(caution: Caution) -> String {
    let seats = match caution.seats {
        Some(seats) => say("problem-of-seats", &[("count", seats.into())]),
        None => String::new(),
    };
    let seats = FluentValue::from(seats);
    match (caution.state, caution.day().map(times::day)) {
        (CautionState::InGrace, Some(day)) => {
            say("problem-subscription-in-grace-until", &[("seats", seats), ("day", day.into())])
        }
        (CautionState::InGrace, None) => say("problem-subscription-in-grace", &[("seats", seats)]),
        (CautionState::Trial, Some(day)) => {
            say("problem-subscription-trial-ends", &[("seats", seats), ("day", day.into())])
        }
        (CautionState::Trial | CautionState::EndsSoon, None) => say("problem-subscription-trial", &[("seats", seats)]),
        (CautionState::EndsSoon, Some(day)) => {
            say("problem-subscription-ends", &[("seats", seats), ("day", day.into())])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_subscription_is_like_is_told_with_its_seats_and_its_end() {
        let told = |state, seats, at: Option<&str>| {
            caution(Caution { state, seats, next_state: at.map(|at| at.parse().unwrap()) })
        };
        let (at, end) = (Some("2026-12-20T00:00:00Z"), "2026-12-20");
        let grace = "a subscription of 25 seats has ended and is in its grace period";
        assert_eq!(told(CautionState::InGrace, Some(25), at), format!("{grace} until {end}"));
        assert_eq!(told(CautionState::InGrace, Some(25), None), grace);
        assert_eq!(
            told(CautionState::Trial, Some(1), at),
            format!("a trial of 1 seat ends on {end} unless it is renewed")
        );
        assert_eq!(told(CautionState::Trial, Some(25), None), "a subscription of 25 seats is a trial");
        assert_eq!(
            told(CautionState::EndsSoon, None, at),
            format!("a subscription ends on {end} unless it is renewed")
        );
    }

    #[test]
    fn seats_agree_with_their_numbers() {
        let short = |available, needed| Shortage { available, needed, ..Shortage::default() };
        assert_eq!(shortage(&short(1, 2)), "1 seat is free, 2 are needed");
        assert_eq!(shortage(&short(0, 1)), "0 seats are free, 1 is needed");
        let named = Shortage { product: Some("E3".into()), ..short(1, 1) };
        let told = |fits| problem(&ProblemDetail::SeatsShort { short: vec![named.clone(), named.clone()], fits });
        let both = "1 seat of E3 is free, 1 is needed, 1 seat of E3 is free, 1 is needed";
        assert_eq!(told(0), format!("{both}; nobody fits"));
        assert_eq!(told(1), format!("{both}; the first user fits"));
        assert_eq!(told(2), format!("{both}; the first 2 users fit"));
    }
}
