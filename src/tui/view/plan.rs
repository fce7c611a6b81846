//! The view of the plan: what moves where, what preflight found of it, which services users keep and lose, and the settings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::count;
use crate::domain::exclusion::Pair;
use crate::domain::phase::Phase;
use crate::domain::plan_families::PlanChange;
use crate::domain::preflight::Preflight;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::route::Scenario;
use crate::domain::route::ScenarioChoice;
use crate::domain::route::Side;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::cells;
use crate::tui::view::inset;
use crate::tui::view::more;
use crate::tui::view::page;
use crate::tui::view::page_builder::PageBuilder;
use crate::tui::view::pane;
use crate::tui::view::tabs;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let run = &model.snapshot.run;
    let inner = inset(pane(model, screen, area, &format!("Plan · {}", run.run.name), Role::Focus));
    tabs(model, screen, area);
    let all = describe(model, inner.width.into());
    measured.page = inner.height.into();
    measured.most_scroll = page(screen, inner, &all, model.scroll);
    let left = measured.most_scroll.saturating_sub(model.scroll);
    if left > 0 {
        more(model, screen, area, &format!("{} more: j ↓", count::counted(left, "line", "lines")));
    }
}

fn describe(model: &Model, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let mut page = PageBuilder::new(model.theme, width);
    if let Some(preflight) = &run.preflight {
        found(model, preflight, &mut page);
    } else {
        page.para(Role::Dim, "Preflight is reading the tenant: what it finds will stand here.");
    }
    page.heading("from and to");
    let route = run.route_direction(Direction::Forward);
    side(&mut page, "from", &route.source);
    side(&mut page, "to", &route.target);
    if run.direction() == Direction::Rollback {
        let text = format!(
            "{} is under way: from {} to {}",
            run.title(run.current),
            run.route.source.short(),
            run.route.target.short()
        );
        page.fact("rollback", Role::Warn, text);
    }
    if let Some(preflight) = &run.preflight {
        services(model, preflight, &mut page);
    }
    settings(model, &mut page);
    page.into_lines()
}

fn side(page: &mut PageBuilder, word: &str, side: &Side) {
    page.fact(word, Role::Strong, format!("{} ({})", side.sku_name, side.part_number));
    page.fact("", Role::Dim, format!("sku {}", side.sku));
    page.fact("  by group", Role::Strong, &side.group_name);
    page.fact("", Role::Dim, format!("id {}", side.group));
}

fn found(model: &Model, preflight: &Preflight, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    for problem in run.problems().iter().filter(|problem| !problem.warning) {
        page.item(glyph::BAD, Role::Bad, Role::Bad, format!("{}: {}", problem.code.word(), problem.message));
    }
    for problem in run.problems().iter().filter(|problem| problem.warning) {
        page.item(glyph::WARN, Role::Warn, Role::Text, format!("{}: {}", problem.code.word(), problem.message));
    }
    if run.problems().is_empty() {
        page.item(glyph::DONE, Role::Good, Role::Good, "nothing stands in the way of the plan as a whole");
    }
    let by = match run.run.choice {
        ScenarioChoice::Auto => "predicted from the service plans",
        ScenarioChoice::Conflicting | ScenarioChoice::NonConflicting => "set by the configuration",
    };
    page.fact("scenario", Role::Strong, format!("{}, {by}", run.scenario.word()));
    let means = match run.scenario {
        Scenario::Conflicting => "the target is expected to wait in conflict until the source is taken away",
        Scenario::NonConflicting => "both licenses can be active at once",
    };
    page.fact("", Role::Text, means);
    if preflight.predicted != run.scenario {
        page.fact("", Role::Warn, format!("the service plans predict {}", preflight.predicted.word()));
    }
    for pair in &preflight.pairs {
        page.fact("", Role::Text, excludes(pair));
        listed(pair, page);
    }
    for row in &preflight.exclusions {
        let product = cells::product(&model.snapshot, row.sku, usize::MAX);
        let text = format!("{product}: {} · {}", excludes(&row.pair), count::users(row.users));
        page.fact("  excluded", Role::Warn, text);
        listed(&row.pair, page);
    }
    let short = run.seats().needed - run.seats().available;
    let of = if run.direction() == Direction::Rollback {
        format!("of {}: ", run.route.target.short())
    } else {
        String::new()
    };
    let seats = format!("{of}{} available, {} needed", run.seats().available, run.seats().needed);
    let begun = run.phase() != Phase::Preflight;
    match model.snapshot.free_seats.filter(|_| begun) {
        // Once users are moved the count of preflight is history; what the head of the screen says is what is so.
        Some(free) => {
            page.fact("seats", Role::Text, format!("{of}{free} free now"));
            page.fact(
                "",
                Role::Dim,
                format!("before the batch: {} available, {} needed", run.seats().available, run.seats().needed),
            );
        }
        None => {
            let role = if short > 0 { Role::Bad } else { Role::Text };
            page.fact("seats", role, if short > 0 { format!("{seats}: {short} too few") } else { seats });
        }
    }
    // The first check has them one by one; which is the tightest may be another than the route's own.
    for one in preflight.products.iter().filter(|_| preflight.products.len() > 1) {
        let role = if one.is_short() { Role::Bad } else { Role::Text };
        page.fact("", role, format!("{}: {} available, {} needed", one.name, one.available, one.needed));
    }
    let summary = &model.summary;
    let ready = run.users.len() - summary.blocked_users;
    let batches = count::counted(run.forward_batches(), "batch", "batches");
    let reasons: usize = summary.blocked.iter().map(|(_, count)| count).sum();
    // A user with two reasons counts in both lines below.
    let why = if reasons > summary.blocked_users {
        format!(", for {}", count::counted(reasons, "reason", "reasons"))
    } else {
        String::new()
    };
    let users =
        format!("{} listed · {ready} ready in {batches} · {} blocked{why}", run.users.len(), summary.blocked_users);
    page.fact("users", Role::Text, users);
    for (code, count) in &summary.blocked {
        page.fact("  blocked", Role::Bad, format!("{count} {}", code.word()));
    }
}

fn excludes(pair: &Pair) -> String {
    let named = |plan: &str| products::plan_display_name(plan, &[]);
    format!("{} excludes {}", named(&pair.one), named(&pair.other))
}

/// Which rows of Microsoft's list say so.
fn listed(pair: &Pair, page: &mut PageBuilder) {
    if let Some(source) = pair.source() {
        page.fact("", Role::Dim, source);
    }
}

/// What becomes of the services that users have: what is replaced is only counted, what is lost is named.
fn services(model: &Model, preflight: &Preflight, page: &mut PageBuilder) {
    let plans = &preflight.plans;
    let listed = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let loss = |names: &[String]| if names.is_empty() { Role::Text } else { Role::Warn };
    let lists = [&plans.lower, &plans.gone, &plans.new].into_iter().flatten();
    let all: Vec<String> = lists.flat_map(|change| [&change.from, &change.to]).flatten().cloned().collect();
    let name =
        |plan: &Option<String>| plan.as_deref().map(|plan| products::plan_display_name(plan, &all)).unwrap_or_default();
    let also: Vec<String> =
        preflight.also_lost.iter().map(|sku| cells::product(&model.snapshot, *sku, usize::MAX)).collect();
    page.heading("what changes for a user");
    if plans.is_empty() {
        page.fact("services", Role::Dim, "not compared in this run's journal");
    } else {
        let gone: Vec<String> = plans.gone.iter().map(|change| name(&change.from)).collect();
        let lower = |change: &PlanChange| format!("{} instead of {}", name(&change.to), name(&change.from));
        let lower: Vec<String> = plans.lower.iter().map(lower).collect();
        let new: Vec<String> = plans.new.iter().map(|change| name(&change.to)).collect();
        let kept = plans.replaced.len();
        let kept = format!("{}, by the same or a higher plan", count::counted(kept, "service plan", "service plans"));
        page.fact("replaced", Role::Text, kept);
        if plans.loses_nothing() {
            page.fact("lost", Role::Good, "nothing: no service is gone or lower");
        } else {
            page.fact("lower", loss(&lower), listed(&lower));
            page.fact("gone", loss(&gone), listed(&gone));
        }
        page.fact("new", Role::Good, listed(&new));
    }
    page.fact("also lost", loss(&also), listed(&also));
}

fn settings(model: &Model, page: &mut PageBuilder) {
    let (snapshot, run) = (&model.snapshot, &model.snapshot.run);
    let settings = &run.run.settings;
    page.heading("settings");
    page.fact("batches", Role::Text, format!("of {}", count::users(settings.batch_size)));
    let canary = format!("{} removed first; the rest once they are migrated", settings.canary.min(settings.batch_size));
    page.fact("canary", Role::Text, canary);
    page.fact("stuck", Role::Text, format!("halts at more than {} in the run", run.stuck_limit));
    let set = format::lasting(settings.interval);
    let now = if snapshot.interval == settings.interval {
        format!("every {set}")
    } else {
        format!("every {} (configured: {set})", format::lasting(snapshot.interval))
    };
    page.fact("polling", Role::Text, if snapshot.paused { format!("paused; {now}") } else { now });
    if let Some((form, requests)) = snapshot.survey {
        let cost = count::counted(usize::try_from(requests).unwrap_or(usize::MAX), "request", "requests");
        page.fact("", Role::Text, format!("the last pass asked by {}: {cost}", form.label()));
    }
    page.fact("late after", Role::Text, format::lasting(settings.stuck_after));
    page.fact(
        "grace",
        Role::Text,
        format!("{} without a license before it is an alarm", format::lasting(settings.unlicensed_grace)),
    );
    page.heading("run");
    page.fact("tenant", Role::Text, &run.run.tenant);
    page.fact("signed in", Role::Text, &snapshot.operator);
    page.fact("started", Role::Text, format::day(run.started, &model.zone));
    page.fact("id", Role::Text, run.run.id.to_string());
    if let Some(why) = &snapshot.read_only {
        page.fact("read-only", Role::Warn, why);
    }
}
