//! `check`: preflight without a terminal.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::connect::Secrets;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::text::plain;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::plan_families::PlanChange;
use crate::domain::preflight;
use crate::domain::preflight::Preflight;
use crate::domain::products;
use crate::engine::plan;

/// What `check` is asked for.
#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    /// The configuration; else config.toml in this folder, else in your configuration folder
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print the findings as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

/// `skuferry check`: [`Exit::Fine`] when all are ready, [`Exit::CheckFailed`] when someone or something is blocked.
pub(super) async fn check(args: CheckArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let config = Config::load(&context.dirs.config_file(args.config.as_deref()))?;
    let users = connect::listed(&config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let tenant = connect::connect(&config, users, Secrets::from_env(), &clock).await?;
    let facts = plan::gather(&tenant.graph, &tenant.plan, clock.now()).await.map_err(connect::refused)?;
    let found = preflight::check(&facts);
    let text = if args.json { format!("{}\n", as_json(&found)) } else { as_text(&found) };
    context.print(&text)?;
    Ok(if found.can_go() && found.blocked() == 0 { Exit::Fine } else { Exit::CheckFailed })
}

/// The shape that scripts rely on.
fn as_json(found: &Preflight) -> Value {
    let finding = |code: &str, message: &str, warning: bool| {
        let mut finding = json!({ "code": code, "message": plain(message) });
        if warning {
            finding["warning"] = Value::Bool(true);
        }
        finding
    };
    let problems = found.problems.iter().map(|one| finding(one.code.word(), &one.message, one.warning));
    let users = found.users.iter().map(|user| {
        let reasons = user.reasons.iter().map(|one| finding(one.code.word(), &one.message, one.warning));
        json!({
            "user": user.listed.given,
            "id": user.id,
            "userPrincipalName": user.upn,
            "ready": user.is_ready(),
            "reasons": reasons.collect::<Vec<_>>(),
        })
    });
    json!({
        "ready": found.ready(),
        "blocked": found.blocked(),
        "scenario": found.scenario.word(),
        "seats": { "available": found.seats.available, "needed": found.seats.needed },
        "plans": {
            "replaced": changes(&found.plans.replaced),
            "lower": changes(&found.plans.lower),
            "gone": changes(&found.plans.gone),
            "new": changes(&found.plans.new),
        },
        "problems": problems.collect::<Vec<_>>(),
        "users": users.collect::<Vec<_>>(),
    })
}

/// One of the four lists of service plans.
fn changes(list: &[PlanChange]) -> Vec<Value> {
    let part = |part_number: &Option<String>| part_number.as_deref().map(plain);
    let change =
        |one: &PlanChange| json!({ "family": plain(&one.family), "from": part(&one.from), "to": part(&one.to) });
    list.iter().map(change).collect()
}

fn as_text(found: &Preflight) -> String {
    let (source, target) = (&found.route.source, &found.route.target);
    let mut text = format!(
        "{} ({}) to {} ({}), {}\n",
        plain(&source.sku_name),
        plain(&source.group_name),
        plain(&target.sku_name),
        plain(&target.group_name),
        found.scenario.word()
    );
    // Writing to a String does not fail.
    for pair in &found.pairs {
        let named = |plan: &str| products::plan_display_name(plan, &[]);
        let source = pair.source().map(|source| format!(" ({source})")).unwrap_or_default();
        let _ = writeln!(text, "  {} excludes {}{source}", plain(&named(&pair.one)), plain(&named(&pair.other)));
    }
    let _ = writeln!(text, "{} ready, {} blocked", found.ready(), found.blocked());
    let _ = writeln!(text, "{} seats free, {} needed", found.seats.available, found.seats.needed);
    if found.plans.loses_nothing() && !found.plans.is_empty() {
        let _ = writeln!(text, "no service is lost");
    }
    for problem in &found.problems {
        let _ = writeln!(text, "{}{}: {}", mark(problem.warning), problem.code.word(), plain(&problem.message));
    }
    for user in found.users.iter().filter(|user| !user.reasons.is_empty()) {
        let _ = writeln!(text, "{}", plain(user.upn.as_deref().unwrap_or(&user.listed.given)));
        for reason in &user.reasons {
            let _ = writeln!(text, "  {}{}: {}", mark(reason.warning), reason.code.word(), plain(&reason.message));
        }
    }
    text
}

fn mark(warning: bool) -> &'static str {
    if warning { "warning: " } else { "" }
}
