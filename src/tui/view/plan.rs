//! The view of the plan: what moves where, what preflight found of it, which services users keep and lose, and the settings.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

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
use crate::words;
use crate::words::batches;
use crate::words::counts;
use crate::words::exclusion;
use crate::words::notice;
use crate::words::phrase;
use crate::words::say;
use crate::words::scenario::scenario;
use crate::words::survey;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let run = &model.snapshot.run;
    let inner = inset(pane(
        model,
        screen,
        area,
        &say("view-plan-title", &[("name", run.run.name.as_str().into())]),
        Role::Focus,
    ));
    tabs(model, screen, area, measured);
    let all = describe(model, inner.width.into());
    measured.page = inner.height.into();
    measured.most_scroll = page(screen, inner, &all, model.scroll);
    let left = measured.most_scroll.saturating_sub(model.scroll);
    if left > 0 {
        more(model, screen, area, &say("screen-more-lines-by-key", &[("count", left.into())]));
    }
}

fn describe(model: &Model, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let mut page = PageBuilder::new(model.theme, width);
    if let Some(preflight) = &run.preflight {
        found(model, preflight, &mut page);
    } else {
        page.para(Role::Dim, phrase("view-plan-preflight"));
    }
    worklists(model, &mut page);
    page.heading(&phrase("view-plan-from-and-to"));
    let route = run.route_direction(Direction::Forward);
    side(&mut page, &phrase("view-plan-from"), &route.source);
    side(&mut page, &phrase("view-plan-to"), &route.target);
    if run.direction() == Direction::Rollback {
        let (from, to) = (run.route.source.short(), run.route.target.short());
        let batch = batches::title(run, run.current);
        let text = say("view-plan-rollback", &[("batch", batch.into()), ("from", from.into()), ("to", to.into())]);
        page.fact(&phrase("screen-rollback"), Role::Warn, text);
    }
    if let Some(preflight) = &run.preflight {
        services(model, preflight, &mut page);
        advice(preflight, &mut page);
    }
    settings(model, &mut page);
    page.into_lines()
}

/// What others are asked for, where its file is, and how old that is.
fn worklists(model: &Model, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let told: Vec<_> = run.worklists_to_tell().collect();
    if told.is_empty() {
        return;
    }
    page.heading(&phrase("view-plan-worklists"));
    for list in told {
        let role = if list.is_open() { Role::Strong } else { Role::Bad };
        page.para(role, words::worklist::asked(run, list));
        page.para(role, words::worklist::stands(run, list, model.now));
        if list.is_open() {
            page.para(Role::Text, words::worklist::path(&list.issued));
        }
    }
}

fn side(page: &mut PageBuilder, word: &str, side: &Side) {
    page.fact(word, Role::Strong, format!("{} ({})", side.sku_name, side.part_number));
    page.fact("", Role::Dim, say("view-plan-sku", &[("id", side.sku.to_string().into())]));
    page.fact(&format!("  {}", phrase("view-plan-by-group")), Role::Strong, &side.group_name);
    page.fact("", Role::Dim, say("view-plan-id", &[("id", side.group.to_string().into())]));
    if side.moved_by.is_others() {
        page.fact("", Role::Warn, phrase("view-plan-moved-by-others"));
    }
}

fn found(model: &Model, preflight: &Preflight, page: &mut PageBuilder) {
    problems(model, page);
    scenario_found(model, preflight, page);
    seats_found(model, preflight, page);
    listed_users(model, page);
}

/// What is wrong with the groups and products, then what is to be known of them.
fn problems(model: &Model, page: &mut PageBuilder) {
    let found = model.snapshot.run.problems();
    for (warning, mark, role, text) in
        [(false, glyph::BAD, Role::Bad, Role::Bad), (true, glyph::WARN, Role::Warn, Role::Text)]
    {
        for problem in found.iter().filter(|problem| problem.warning == warning) {
            let what = words::preflight::problem(&problem.detail);
            page.item(mark, role, text, format!("{}: {what}", problem.code.word()));
        }
    }
    if found.is_empty() {
        page.item(glyph::DONE, Role::Good, Role::Good, phrase("view-plan-no-problem"));
    }
}

/// Whether both licenses can be active at once, and which plans say so.
fn scenario_found(model: &Model, preflight: &Preflight, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let word = scenario(run.scenario);
    let text = match run.run.choice {
        ScenarioChoice::Auto => say("view-plan-scenario-predicted", &[("scenario", word.into())]),
        ScenarioChoice::Conflicting | ScenarioChoice::NonConflicting => {
            say("view-plan-scenario-set", &[("scenario", word.into())])
        }
    };
    page.fact(&phrase("view-plan-scenario"), Role::Strong, text);
    let means = match run.scenario {
        Scenario::Conflicting => phrase("view-plan-conflicting"),
        Scenario::NonConflicting => phrase("view-plan-non-conflicting"),
    };
    page.fact("", Role::Text, means);
    if preflight.predicted != run.scenario {
        let predicted = scenario(preflight.predicted);
        page.fact("", Role::Warn, say("view-plan-predicted", &[("scenario", predicted.into())]));
    }
    for pair in &preflight.pairs {
        page.fact("", Role::Text, excludes(pair));
        listed(pair, page);
    }
    for row in &preflight.exclusions {
        let product = cells::product(&model.snapshot, row.sku, usize::MAX);
        let text = format!("{product}: {} · {}", excludes(&row.pair), counts::users(row.users));
        page.fact(&format!("  {}", phrase("screen-excluded")), Role::Warn, text);
        listed(&row.pair, page);
    }
}

/// How many seats are free, and how many are needed.
fn seats_found(model: &Model, preflight: &Preflight, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let short = run.seats().needed - run.seats().available;
    let product = (run.direction() == Direction::Rollback).then(|| run.route.target.short());
    let (available, needed) = (run.seats().available, run.seats().needed);
    let begun = run.phase() != Phase::Preflight;
    if let Some(free) = model.snapshot.free_seats.filter(|_| begun) {
        // Once users are moved the count of preflight is history; what the head of the screen says is what is so.
        let now = match product {
            Some(product) => say("view-plan-seats-now-of", &[("free", free.into()), ("product", product.into())]),
            None => say("view-plan-seats-now", &[("free", free.into())]),
        };
        page.fact(&phrase("view-plan-seats"), Role::Text, now);
        let before = say("view-plan-seats-before", &[("available", available.into()), ("needed", needed.into())]);
        page.fact("", Role::Dim, before);
    } else {
        let seats = seats(product, available, needed);
        let (role, seats) = if short > 0 {
            (Role::Bad, say("view-plan-seats-short", &[("seats", seats.into()), ("count", short.into())]))
        } else {
            (Role::Text, seats)
        };
        page.fact(&phrase("view-plan-seats"), role, seats);
    }
    // The first check has them one by one; which is the tightest may be another than the route's own.
    for one in preflight.products.iter().filter(|_| preflight.products.len() > 1) {
        let role = if one.is_short() { Role::Bad } else { Role::Text };
        page.fact(
            "",
            role,
            say(
                "view-plan-product-seats",
                &[
                    ("product", one.name.as_str().into()),
                    ("available", one.available.into()),
                    ("needed", one.needed.into()),
                ],
            ),
        );
    }
}

fn seats(product: Option<&str>, available: i64, needed: i64) -> String {
    let (available, needed) = (available.into(), needed.into());
    match product {
        Some(product) => say(
            "view-plan-seats-of-product",
            &[("product", product.into()), ("available", available), ("needed", needed)],
        ),
        None => say("view-plan-seats-needed", &[("available", available), ("needed", needed)]),
    }
}

/// How many users the plan is about, and what blocks some of them.
fn listed_users(model: &Model, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let summary = &model.summary;
    let ready = run.users.len() - summary.blocked_users;
    let reasons: usize = summary.blocked.iter().map(|(_, count)| count).sum();
    // A user with two reasons counts in both lines below.
    let blocked = summary.blocked_users.into();
    let users = [
        say("view-plan-listed", &[("count", run.users.len().into())]),
        say("view-plan-ready-in", &[("ready", ready.into()), ("count", run.forward_batches().into())]),
        if reasons > summary.blocked_users {
            say("view-plan-blocked-for", &[("blocked", blocked), ("count", reasons.into())])
        } else {
            say("view-blocked", &[("count", blocked)])
        },
    ];
    page.fact(&phrase("view-plan-users"), Role::Text, users.join(" · "));
    for (code, count) in &summary.blocked {
        page.fact(&format!("  {}", phrase("view-plan-blocked")), Role::Bad, format!("{count} {}", code.word()));
    }
}

fn excludes(pair: &Pair) -> String {
    let named = |plan: &str| products::plan_display_name(plan, &[]);
    say("view-plan-excludes", &[("by", named(&pair.one).into()), ("plan", named(&pair.other).into())])
}

/// Which rows of Microsoft's list say so.
fn listed(pair: &Pair, page: &mut PageBuilder) {
    if let Some(source) = exclusion::source(pair) {
        page.fact("", Role::Dim, source);
    }
}

/// What becomes of the services that users have: what is replaced is only counted, what is lost is named.
fn services(model: &Model, preflight: &Preflight, page: &mut PageBuilder) {
    let plans = &preflight.plans;
    let listed = |names: &[String]| if names.is_empty() { phrase("view-plan-none") } else { names.join(", ") };
    let loss = |names: &[String]| if names.is_empty() { Role::Text } else { Role::Warn };
    let lists = [&plans.lower, &plans.gone, &plans.new].into_iter().flatten();
    let all: Vec<String> = lists.flat_map(|change| [&change.from, &change.to]).flatten().cloned().collect();
    let name =
        |plan: &Option<String>| plan.as_deref().map(|plan| products::plan_display_name(plan, &all)).unwrap_or_default();
    let also: Vec<String> =
        preflight.also_lost.iter().map(|sku| cells::product(&model.snapshot, *sku, usize::MAX)).collect();
    page.heading(&phrase("view-plan-changes"));
    if plans.is_empty() {
        page.fact(&phrase("view-plan-services"), Role::Dim, phrase("view-plan-not-compared"));
    } else {
        let gone: Vec<String> = plans.gone.iter().map(|change| name(&change.from)).collect();
        let lower = |change: &PlanChange| {
            say("view-plan-instead", &[("to", name(&change.to).into()), ("from", name(&change.from).into())])
        };
        let lower: Vec<String> = plans.lower.iter().map(lower).collect();
        let new: Vec<String> = plans.new.iter().map(|change| name(&change.to)).collect();
        let kept = say("view-plan-kept", &[("count", plans.replaced.len().into())]);
        page.fact(&phrase("view-plan-replaced"), Role::Text, kept);
        if plans.loses_nothing() {
            page.fact(&phrase("view-plan-lost"), Role::Good, phrase("view-plan-loses-nothing"));
        } else {
            page.fact(&phrase("view-plan-lower"), loss(&lower), listed(&lower));
            page.fact(&phrase("view-plan-gone"), loss(&gone), listed(&gone));
        }
        page.fact(&phrase("view-plan-new"), Role::Good, listed(&new));
    }
    page.fact(&phrase("view-plan-also-lost"), loss(&also), listed(&also));
}

/// What the operator should know beside the warnings, each with the document that says so.
fn advice(preflight: &Preflight, page: &mut PageBuilder) {
    if preflight.advice.is_empty() {
        return;
    }
    page.heading(&phrase("view-plan-advice"));
    for one in &preflight.advice {
        page.item(glyph::NEXT, Role::Key, Role::Text, words::advice::advice(one));
        let source = words::advice::source(one);
        page.item(" ", Role::Dim, Role::Dim, say("advice-source", &[("document", source.into())]));
    }
}

fn settings(model: &Model, page: &mut PageBuilder) {
    let (snapshot, run) = (&model.snapshot, &model.snapshot.run);
    let settings = &run.run.settings;
    page.heading(&phrase("view-plan-settings"));
    let batches = say("view-plan-batches-of", &[("count", settings.batch_size.into())]);
    page.fact(&phrase("view-plan-batches"), Role::Text, batches);
    let canary = say("view-plan-canary-first", &[("count", settings.canary.min(settings.batch_size).into())]);
    page.fact(&phrase("dialog-canary"), Role::Text, canary);
    let stuck = say("view-plan-stuck-limit", &[("most", run.stuck_limit.into())]);
    page.fact(&phrase("view-plan-stuck"), Role::Text, stuck);
    let set = format::lasting(settings.interval);
    let now = if snapshot.interval == settings.interval {
        say("view-plan-every", &[("length", set.into())])
    } else {
        let now = format::lasting(snapshot.interval);
        say("view-plan-every-now", &[("length", now.into()), ("configured", set.into())])
    };
    let now = if snapshot.paused { say("view-plan-paused", &[("polling", now.into())]) } else { now };
    page.fact(&phrase("view-plan-polling"), Role::Text, now);
    if let Some(asked) = &snapshot.survey {
        page.fact("", Role::Text, survey::cost(asked));
        page.fact("", Role::Dim, phrase("view-plan-pass-choice"));
        for (form, why) in &asked.not_used {
            page.fact("", Role::Dim, survey::not_used(*form, *why));
        }
    }
    page.fact(&phrase("view-plan-late-after"), Role::Text, format::lasting(settings.stuck_after));
    let grace = say("view-plan-grace-length", &[("length", format::lasting(settings.unlicensed_grace).into())]);
    page.fact(&phrase("view-plan-grace"), Role::Text, grace);
    page.heading(&phrase("view-plan-run"));
    page.fact(&phrase("view-plan-tenant"), Role::Text, &run.run.tenant);
    page.fact(&phrase("view-plan-signed-in"), Role::Text, &snapshot.operator);
    page.fact(&phrase("view-plan-started"), Role::Text, format::day(run.started, &model.zone));
    page.fact(&phrase("view-label-id"), Role::Text, run.run.id.to_string());
    if let Some(why) = &snapshot.read_only {
        page.fact(&phrase("screen-read-only"), Role::Warn, notice::read_only(why));
    }
}
