//! What preflight says, in short: the route, the scenario with the pairs behind it, seats, who is ready, what is wrong.

use std::collections::BTreeMap;

use ratatui::text::Line;

use crate::domain::preflight::Preflight;
use crate::domain::preflight::ReasonCode;
use crate::domain::products;
use crate::setup::state::Setup;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;
use crate::tui::view::PageBuilder;
use crate::words::exclusion;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::reason;
use crate::words::say;
use crate::words::scenario;

/// How many pairs of plans are named.
const MOST_PAIRS: usize = 8;

pub(super) fn lines(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    let Some(summary) = &setup.summary else { return Vec::new() };
    let found = &summary.found;
    route(&mut page, found);
    scenarios(&mut page, found);
    seats(&mut page, found);
    let ready = say("setup-ready", &[("ready", found.ready().into()), ("blocked", found.blocked().into())]);
    let (blocks, warns): (Vec<_>, Vec<_>) = found.problems.iter().partition(|one| !one.warning);
    let role = if found.can_go() && found.blocked() == 0 { Role::Good } else { Role::Warn };
    page.fact(&phrase("setup-fact-users"), role, ready);
    if let Some(permission) = setup.tenant.as_ref().and_then(|tenant| tenant.reads_only.as_ref()) {
        page.item("!", Role::Warn, Role::Text, say("setup-reads-only", &[("permission", permission.as_str().into())]));
    }
    if !blocks.is_empty() {
        page.blank();
        page.para(Role::Bad, phrase("setup-blocks"));
        for one in blocks {
            let told = format!("{}: {}", one.code.word(), preflight::problem(&one.detail));
            page.item("✖", Role::Bad, Role::Text, told);
        }
    }
    reasons(&mut page, found);
    if !warns.is_empty() {
        page.blank();
        page.para(Role::Strong, phrase("setup-warnings"));
        for one in warns {
            let told = format!("{}: {}", one.code.word(), preflight::problem(&one.detail));
            page.item("!", Role::Warn, Role::Text, told);
        }
    }
    for one in &summary.passed_over {
        page.item("!", Role::Warn, Role::Text, preflight::passed_over(one));
    }
    page.blank();
    let end = if found.can_go() { phrase("setup-summary-next") } else { phrase("setup-summary-next-blocked") };
    page.para(Role::Dim, end);
    page.into_lines()
}

fn route(page: &mut PageBuilder, found: &Preflight) {
    for (label, side) in
        [(phrase("setup-fact-source"), &found.route.source), (phrase("setup-fact-target"), &found.route.target)]
    {
        let (sku, group) = (side.sku_name.as_str().into(), side.group_name.as_str().into());
        page.fact(&label, Role::Text, say("setup-end", &[("sku", sku), ("group", group)]));
    }
}

fn scenarios(page: &mut PageBuilder, found: &Preflight) {
    let why = if found.pairs.is_empty() { phrase("setup-pairs-none") } else { phrase("setup-pairs") };
    let told = say("setup-scenario", &[("scenario", scenario::scenario(found.scenario).into()), ("why", why.into())]);
    page.fact(&phrase("setup-fact-scenario"), Role::Text, told);
    for pair in found.pairs.iter().take(MOST_PAIRS) {
        let named = |plan: &str| products::plan_display_name(plan, &[]);
        let both = say("cli-check-excludes", &[("one", named(&pair.one).into()), ("other", named(&pair.other).into())]);
        let told = match exclusion::source(pair) {
            Some(source) => format!("{both} ({source})"),
            None => both,
        };
        page.item("  ·", Role::Dim, Role::Text, told);
    }
    if let Some(more) = found.pairs.len().checked_sub(MOST_PAIRS).filter(|more| *more > 0) {
        page.item("  ·", Role::Dim, Role::Text, say("cli-and-more", &[("count", more.into())]));
    }
}

fn seats(page: &mut PageBuilder, found: &Preflight) {
    for one in &found.products {
        let told = say(
            "setup-seats",
            &[("name", one.name.as_str().into()), ("free", one.available.into()), ("needed", one.needed.into())],
        );
        page.fact(&phrase("setup-fact-seats"), if one.available < one.needed { Role::Bad } else { Role::Text }, told);
    }
}

/// Why users are blocked, each reason once with who has it first.
fn reasons(page: &mut PageBuilder, found: &Preflight) {
    let mut all: BTreeMap<ReasonCode, (usize, String, String)> = BTreeMap::new();
    for user in &found.users {
        let name = user.upn.as_deref().unwrap_or(&user.listed.given);
        for one in user.reasons.iter().filter(|one| !one.warning) {
            let first = || (0, name.to_owned(), reason::reason(&one.detail));
            all.entry(one.code).or_insert_with(first).0 += 1;
        }
    }
    if all.is_empty() {
        return;
    }
    page.blank();
    page.para(Role::Strong, phrase("setup-blocked-users"));
    for (code, (count, name, why)) in all {
        let told = say(
            "setup-blocked-reason",
            &[("count", count.into()), ("code", code.word().into()), ("user", name.into()), ("why", why.into())],
        );
        page.item("✖", Role::Bad, Role::Text, told);
    }
}
