//! `check`: preflight without a terminal.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::read_args::ReadArgs;
use crate::cli::sign_in::Secrets;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::plan_families::PlanChange;
use crate::domain::preflight;
use crate::domain::preflight::PassedOver;
use crate::domain::preflight::Preflight;
use crate::domain::products;
use crate::domain::text::clean;
use crate::engine::plan;
use crate::words;
use crate::words::advice;
use crate::words::counts;
use crate::words::exclusion;
use crate::words::phrase;
use crate::words::reason;
use crate::words::say;

/// `skuferry check`: [`Exit::Fine`] when all are ready, [`Exit::CheckFailed`] when someone or something is blocked.
pub(super) async fn check(args: ReadArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let config = args.config(context)?;
    let users = connect::listed(&config)?;
    let at = args.confirm(context, &config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let passed_over = users.1.clone();
    let tenant = connect::connect(&config, at, users, Secrets::from_env(), &clock).await?;
    let facts = plan::gather_with_advice(&tenant.graph, &tenant.plan, clock.now()).await.map_err(connect::refused)?;
    let found = preflight::check(&facts);
    if args.json {
        context.print_json(as_json(&found, &passed_over), false)?;
    } else {
        context.print(&as_text(&found, &passed_over))?;
    }
    Ok(if found.can_go() && found.blocked() == 0 { Exit::Fine } else { Exit::CheckFailed })
}

/// The shape that scripts rely on.
fn as_json(found: &Preflight, passed_over: &[PassedOver]) -> Value {
    let finding = |code: &str, message: &str, warning: bool| {
        let mut finding = json!({ "code": code, "message": message });
        if warning {
            finding["warning"] = Value::Bool(true);
        }
        finding
    };
    let problems = found.problems.iter();
    let problems = problems.map(|one| finding(one.code.word(), &words::preflight::problem(&one.detail), one.warning));
    let users = found.users.iter().map(|user| {
        let reasons = user.reasons.iter();
        let reasons = reasons.map(|one| finding(one.code.word(), &reason::reason(&one.detail), one.warning));
        json!({
            "user": user.listed.given,
            "id": user.id,
            "userPrincipalName": user.upn,
            "ready": user.is_ready(),
            "reasons": reasons.collect::<Vec<_>>(),
        })
    });
    let products = found.products.iter().map(|one| {
        json!({
            "skuId": one.sku,
            "partNumber": one.part_number,
            "available": one.available,
            "needed": one.needed,
        })
    });
    let advice = found
        .advice
        .iter()
        .map(|one| json!({ "code": one.code(), "message": advice::advice(one), "source": advice::source(one) }));
    let passed_over =
        passed_over.iter().map(|row| json!({ "line": row.line, "text": row.text, "reason": row.because.word() }));
    json!({
        "ready": found.ready(),
        "blocked": found.blocked(),
        "scenario": found.scenario.word(),
        "seats": { "available": found.seats.available, "needed": found.seats.needed },
        "products": products.collect::<Vec<_>>(),
        "plans": {
            "replaced": changes(&found.plans.replaced),
            "lower": changes(&found.plans.lower),
            "gone": changes(&found.plans.gone),
            "new": changes(&found.plans.new),
        },
        "problems": problems.collect::<Vec<_>>(),
        "users": users.collect::<Vec<_>>(),
        "passedOver": passed_over.collect::<Vec<_>>(),
        "advice": advice.collect::<Vec<_>>(),
    })
}

/// One of the four lists of service plans.
fn changes(list: &[PlanChange]) -> Vec<Value> {
    let change = |one: &PlanChange| json!({ "family": one.family, "from": one.from, "to": one.to });
    list.iter().map(change).collect()
}

fn as_text(found: &Preflight, passed_over: &[PassedOver]) -> String {
    let (source, target) = (&found.route.source, &found.route.target);
    let mut text = say(
        "cli-check-route",
        &[
            ("source", clean(&source.sku_name).into()),
            ("source_group", clean(&source.group_name).into()),
            ("target", clean(&target.sku_name).into()),
            ("target_group", clean(&target.group_name).into()),
            ("scenario", words::scenario::scenario(found.scenario).into()),
        ],
    ) + "\n";
    // Writing to a String does not fail.
    for pair in &found.pairs {
        let named = |plan: &str| products::plan_display_name(plan, &[]);
        let source = exclusion::source(pair).map(|source| format!(" ({source})")).unwrap_or_default();
        let (one, other) = (named(&pair.one), named(&pair.other));
        let excludes = say("cli-check-excludes", &[("one", clean(&one).into()), ("other", clean(&other).into())]);
        let _ = writeln!(text, "  {excludes}{source}");
    }
    let (ready, blocked) = (found.ready().into(), found.blocked().into());
    let _ = writeln!(text, "{}", say("cli-check-ready", &[("ready", ready), ("blocked", blocked)]));
    let _ = writeln!(text, "{}", seats(found.seats.available, found.seats.needed));
    for one in found.products.iter().filter(|_| found.products.len() > 1) {
        let _ = writeln!(text, "  {}: {}", clean(&one.name), seats(one.available, one.needed));
    }
    if found.plans.loses_nothing() && !found.plans.is_empty() {
        let _ = writeln!(text, "{}", phrase("cli-check-loses-nothing"));
    }
    for problem in &found.problems {
        let told = words::preflight::problem(&problem.detail);
        let _ = writeln!(text, "{}", finding(problem.warning, problem.code.word(), &told));
    }
    for row in passed_over.iter().skip(preflight::ROWS_NAMED) {
        let _ = writeln!(text, "  {}", clean(&words::preflight::passed_over(row)));
    }
    by_reason(found, &mut text);
    for one in &found.advice {
        let told = format!("{}: {}", one.code(), clean(&advice::advice(one)));
        let _ = writeln!(text, "{}", say("cli-check-advice", &[("what", told.into())]));
        let _ = writeln!(text, "  {}", say("advice-source", &[("document", advice::source(one).into())]));
    }
    text
}

/// Users by what is wrong about them: what blocks before what only warns, the most frequent first. What is told of several in
/// the same words is told once.
fn by_reason(found: &Preflight, text: &mut String) {
    let mut groups: BTreeMap<(bool, &str), Vec<(&str, String)>> = BTreeMap::new();
    for user in &found.users {
        for reason in &user.reasons {
            let name = user.upn.as_deref().unwrap_or(&user.listed.given);
            let told = clean(&reason::reason(&reason.detail)).into_owned();
            groups.entry((reason.warning, reason.code.word())).or_default().push((name, told));
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((warning, code), users)| (*warning, Reverse(users.len()), *code));
    for ((warning, code), users) in groups {
        let alike = users.iter().all(|(_, told)| *told == users[0].1).then(|| users[0].1.clone());
        let told = alike.clone().map(|told| format!(": {told}")).unwrap_or_default();
        let of = format!("{code}, {}{told}", counts::users(users.len()));
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}", if warning { say("cli-check-warning", &[("what", of.into())]) } else { of });
        for (name, told) in &users {
            let told = if alike.is_some() { String::new() } else { format!(": {told}") };
            let _ = writeln!(text, "  {}{told}", clean(name));
        }
    }
}

/// How many seats are free and how many are needed.
fn seats(free: i64, needed: i64) -> String {
    say("cli-check-seats", &[("free", free.into()), ("needed", needed.into())])
}

/// A finding with its code, marked when it stops nothing.
fn finding(warning: bool, code: &str, told: &str) -> String {
    let told = format!("{code}: {}", clean(told));
    if warning { say("cli-check-warning", &[("what", told.into())]) } else { told }
}
