//! One user: where they stand, what it means, what to do, what they hold and how they came there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::license::Assignment;
use crate::domain::license::UserFacts;
use crate::domain::phase::Phase;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;
use crate::domain::time::SignedDuration;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::tui::advice;
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
use crate::tui::view::user_actions;
use crate::words::explain::explain;
use crate::words::fault;
use crate::words::history;
use crate::words::phrase;
use crate::words::proof;
use crate::words::reason;
use crate::words::remedy;
use crate::words::say;
use crate::words::standing;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let role = if model.inspecting { Role::Focus } else { Role::Border };
    let Some(user) = model.selected() else {
        pane(model, screen, area, &phrase("view-user-none"), role);
        return;
    };
    let inner = inset(pane(model, screen, area, &user.upn, role));
    let all = describe(model, user, inner.width.into());
    measured.page = inner.height.into();
    measured.most_scroll = page(screen, inner, &all, model.scroll);
    let left = measured.most_scroll.saturating_sub(model.scroll);
    if left > 0 {
        let text = if model.inspecting {
            say("screen-more-lines-by-key", &[("count", left.into())])
        } else {
            say("screen-more-lines-by-enter", &[("count", left.into())])
        };
        more(model, screen, area, &text);
    }
}

fn describe(model: &Model, user: &User, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(model.theme, width);
    stands(model, user, width, &mut page);
    user_actions::tell(model, user, &mut page);
    writes(user, &mut page);
    if !user.reasons.is_empty() {
        page.heading(&phrase("view-user-preflight"));
        for reason in &user.reasons {
            let (mark, role) = if reason.warning { (glyph::WARN, Role::Warn) } else { (glyph::BAD, Role::Bad) };
            page.item(mark, role, Role::Text, reason::reason(&reason.detail));
        }
    }
    if let Some(facts) = user.id.and_then(|id| model.snapshot.facts_of(id)) {
        licenses(model, user, facts, width / 2, &mut page);
    }
    if !user.history.is_empty() {
        page.heading(&phrase("view-user-history"));
        for moment in user.history.iter().rev() {
            page.item(
                &format::clock(moment.at, &model.zone),
                Role::Dim,
                Role::Text,
                explain(&history::happened(&moment.what, user.direction), &model.snapshot.skus),
            );
        }
    }
    page.heading(&phrase("view-user-listed"));
    if let Some(name) = &user.display_name {
        page.item(&phrase("view-label-name"), Role::Dim, Role::Text, name);
    }
    if let Some(id) = user.id {
        page.item(&phrase("view-label-id"), Role::Dim, Role::Text, id.to_string());
    }
    let given = user.listed.given.as_str();
    let from = match user.listed.line {
        0 => say("view-user-from-source-group", &[("given", given.into())]),
        line => say("view-user-from-line", &[("line", line.into()), ("given", given.into())]),
    };
    page.item(&phrase("view-label-from"), Role::Dim, Role::Text, from);
    page.into_lines()
}

fn stands(model: &Model, user: &User, width: usize, page: &mut PageBuilder) {
    let now = model.now;
    let mut line = String::new();
    if let Some(length) = cells::stood_for(user, now) {
        line.push_str(" · ");
        line.push_str(&format::lasting(length));
    }
    let stuck_after = model.snapshot.run.run.settings.stuck_after;
    let flags = [
        (user.is_late(now, stuck_after), phrase("screen-late")),
        (user.went_back, phrase("screen-went-back")),
        (user.excluded, phrase("screen-excluded")),
    ];
    for (_, word) in flags.iter().filter(|(holds, _)| *holds) {
        line.push_str(" · ");
        line.push_str(word);
    }
    let role = cells::mark(model, user).1;
    let word = cells::standing(model, user).0;
    match &user.standing {
        Some(Standing::Stuck(trouble)) => {
            let trouble = standing::trouble(trouble, user.direction);
            if format::width(&format!("{word} · {trouble}{line}")) > width {
                page.para(role, word + &line);
                page.para(role, trouble);
            } else {
                page.para(role, format!("{word} · {trouble}{line}"));
            }
        }
        Some(stands) => page.para(role, standing::full(stands, user.direction, user.written()) + &line),
        None => page.para(role, word + &line),
    }
    if user.excluded {
        let to = model.snapshot.run.route_direction(user.direction).target.group_name;
        let text = if user.add.is_done() {
            say("view-user-taken-out-of", &[("group", to.into())])
        } else {
            phrase("view-user-taken-out")
        };
        page.para(Role::Text, text);
    }
    if user.is_blocked() && user.add == Write::None {
        page.para(Role::Text, phrase("view-user-not-moved"));
        if model.snapshot.run.phase() == Phase::Preflight {
            page.para(Role::Strong, phrase("view-user-check-again"));
        }
    }
    let (what, advice) = advice::meaning(&model.snapshot, user, now);
    page.para(Role::Text, what);
    page.para(Role::Strong, advice);
    if let Some(most) = cells::slower_than(model, user) {
        page.para(Role::Warn, say("view-user-slow", &[("length", format::lasting(most).into())]));
    }
    if user.is_ours() && user.unlicensed_for(now) > SignedDuration::ZERO {
        let length = format::lasting(user.unlicensed_for(now));
        page.para(Role::Bad, say("view-user-unlicensed-for", &[("length", length.into())]));
    }
}

fn writes(user: &User, page: &mut PageBuilder) {
    let of = fault::fault;
    match &user.add {
        Write::Failed(_, fault) => page.para(Role::Bad, say("view-user-not-added", &[("fault", of(fault).into())])),
        Write::Lost(_, fault) => page.para(Role::Bad, say("view-user-perhaps-added", &[("fault", of(fault).into())])),
        Write::Listed(_) => page.para(Role::Text, phrase("view-user-listed-add")),
        Write::Delisted(_) => page.para(Role::Bad, phrase("view-user-delisted")),
        Write::None | Write::Intended(_) | Write::Done(_) => {}
    }
    match &user.remove {
        Write::Failed(_, fault) => page.para(Role::Bad, say("view-user-not-removed", &[("fault", of(fault).into())])),
        Write::Lost(_, fault) => page.para(Role::Bad, say("view-user-perhaps-removed", &[("fault", of(fault).into())])),
        Write::Listed(_) => page.para(Role::Text, phrase("view-user-listed-remove")),
        Write::Delisted(_) => page.para(Role::Bad, phrase("view-user-delisted")),
        Write::None | Write::Intended(_) | Write::Done(_) => {}
    }
    if user.removed_early {
        page.para(Role::Bad, phrase("view-user-removed-early"));
    }
    if let Some(why) = &user.seldom.not_proven {
        page.para(Role::Bad, say("view-user-not-removed", &[("fault", proof::not_proven(why, user.direction).into())]));
    }
}

fn licenses(model: &Model, user: &User, facts: &UserFacts, room: usize, page: &mut PageBuilder) {
    let snapshot = &model.snapshot;
    let route = &snapshot.run.route_direction(user.direction);
    let ours = |sku| sku == route.source.sku || sku == route.target.sku;
    page.heading(&phrase("view-user-licenses"));
    let mut moving: Vec<_> = facts.states.iter().filter(|entry| ours(entry.sku)).collect();
    moving.sort_by_key(|entry| entry.sku != route.source.sku);
    if moving.is_empty() {
        let (old, new) = (route.source.short(), route.target.short());
        page.para(Role::Dim, say("view-user-neither", &[("old", old.into()), ("new", new.into())]));
    }
    let line = |page: &mut PageBuilder, entry: &Assignment| {
        let from = match entry.group {
            Some(group) => say("view-user-from-group", &[("group", snapshot.group_name(group).into())]),
            None => phrase("view-seen-direct"),
        };
        let expected = expects(route, user, entry);
        let role = if entry.is_sound() || expected { Role::Good } else { Role::Bad };
        let error = entry.error.as_ref().map(|error| format!(" {error}")).unwrap_or_default();
        let mut text = format!("{from} · {}{error}", entry.state);
        if expected {
            text = say("view-user-expected", &[("license", text.into())]);
        }
        page.item(&format!("{}:", cells::product(snapshot, entry.sku, room)), Role::Strong, role, text);
        if let Some(error) = entry.error.as_ref().filter(|_| !expected && !is_said(model, user, route, entry)) {
            let remedy = remedy::of_error(error, route);
            page.item(" ", Role::Dim, Role::Text, format!("{} {}", remedy.meaning, remedy.action));
        }
    };
    for entry in moving {
        line(page, entry);
    }
    let unnamed = facts.assigned.iter().filter(|sku| facts.of_sku(**sku).next().is_none());
    for sku in unnamed {
        let name = format!("{}:", cells::product(snapshot, *sku, room));
        page.item(&name, Role::Strong, Role::Warn, phrase("view-user-no-source-named"));
    }
    let others: Vec<_> = facts.states.iter().filter(|entry| !ours(entry.sku)).collect();
    if !others.is_empty() {
        page.heading(&phrase("view-user-other-products"));
        for entry in others {
            line(page, entry);
        }
    }
    if facts.enabled == Some(false) {
        page.fact(&phrase("view-user-account"), Role::Warn, phrase("view-user-disabled"));
    }
    match &facts.usage_location {
        Some(place) => page.fact(&phrase("view-user-location"), Role::Text, place),
        None => page.fact(&phrase("view-user-location"), Role::Warn, phrase("view-user-no-location")),
    }
}

/// Whether what an entry wants was said above: what keeps the user from the license that they are to get. What they leave
/// needs no mending.
fn is_said(model: &Model, user: &User, route: &Route, entry: &Assignment) -> bool {
    match &user.standing {
        // Behind a companion that fails, the conflict with the source is the expected one and wants nothing by itself.
        Some(Standing::Stuck(Trouble::Error(failure) | Trouble::State(failure))) => {
            let conflicts = model.snapshot.run.scenario == Scenario::Conflicting && entry.is_in_conflict();
            entry.sku == failure.product.unwrap_or(route.target.sku) || (failure.product.is_some() && conflicts)
        }
        Some(Standing::Stuck(_)) => entry.sku == route.target.sku,
        Some(Standing::Migrated | Standing::SourceLingers(_)) => entry.sku == route.source.sku,
        Some(Standing::ExpectedConflict) => entry.sku == route.source.sku && user.remove.is_done(),
        _ => false,
    }
}

/// Whether the error of this entry is the one that the conflicting scenario expects, or waits behind it: a group assigns
/// all of its products or none.
fn expects(route: &Route, user: &User, entry: &Assignment) -> bool {
    let of_target = entry.group == Some(route.target.group);
    let behind = entry.sku == route.target.sku || entry.is_in_conflict() || entry.is_collateral();
    user.standing == Some(Standing::ExpectedConflict) && of_target && behind
}
