//! One user: where they stand, what it means, what to do, what they hold and how they came there.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::count;
use crate::domain::explain::explain;
use crate::domain::license::Assignment;
use crate::domain::license::UserFacts;
use crate::domain::phase::Phase;
use crate::domain::remedy;
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

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let role = if model.inspecting { Role::Focus } else { Role::Border };
    let Some(user) = model.selected() else {
        pane(model, screen, area, "no user", role);
        return;
    };
    let inner = inset(pane(model, screen, area, &user.upn, role));
    let all = describe(model, user, inner.width.into());
    measured.page = inner.height.into();
    measured.most_scroll = page(screen, inner, &all, model.scroll);
    let left = measured.most_scroll.saturating_sub(model.scroll);
    if left > 0 {
        let how = if model.inspecting { ": j ↓" } else { ": Enter, j ↓" };
        more(model, screen, area, &format!("{} more{how}", count::counted(left, "line", "lines")));
    }
}

fn describe(model: &Model, user: &User, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(model.theme, width);
    stands(model, user, width, &mut page);
    user_actions::tell(model, user, &mut page);
    writes(user, &mut page);
    if !user.reasons.is_empty() {
        page.heading("preflight");
        for reason in &user.reasons {
            let (mark, role) = if reason.warning { (glyph::WARN, Role::Warn) } else { (glyph::BAD, Role::Bad) };
            page.item(mark, role, Role::Text, &reason.message);
        }
    }
    if let Some(facts) = user.id.and_then(|id| model.snapshot.facts_of(id)) {
        licenses(model, user, facts, width / 2, &mut page);
    }
    if !user.history.is_empty() {
        page.heading("history");
        for moment in user.history.iter().rev() {
            page.item(
                &format::clock(moment.at, &model.zone),
                Role::Dim,
                Role::Text,
                explain(&moment.what, &model.snapshot.skus),
            );
        }
    }
    page.heading("listed");
    if let Some(name) = &user.display_name {
        page.item("name", Role::Dim, Role::Text, name);
    }
    if let Some(id) = user.id {
        page.item("id", Role::Dim, Role::Text, id.to_string());
    }
    let line = if user.listed.line == 0 { "the source group".into() } else { format!("line {}", user.listed.line) };
    page.item("from", Role::Dim, Role::Text, format!("{line}: {}", user.listed.given));
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
    let flags = [(user.is_late(now, stuck_after), "late"), (user.went_back, "went back"), (user.excluded, "excluded")];
    for (_, word) in flags.iter().filter(|(holds, _)| *holds) {
        line.push_str(" · ");
        line.push_str(word);
    }
    let role = cells::mark(model, user).1;
    let word = cells::standing(model, user).0;
    match &user.standing {
        Some(Standing::Stuck(trouble)) => {
            let trouble = trouble.label(user.direction);
            if format::width(&format!("{word} · {trouble}{line}")) > width {
                page.para(role, word + &line);
                page.para(role, trouble);
            } else {
                page.para(role, format!("{word} · {trouble}{line}"));
            }
        }
        Some(standing) => page.para(role, standing.detailed_label(user.direction, user.written()) + &line),
        None => page.para(role, word + &line),
    }
    if user.excluded {
        let to = model.snapshot.run.route_direction(user.direction).target.group_name;
        let groups = if user.add.is_done() { format!(" and the membership in {to}") } else { String::new() };
        page.para(Role::Text, format!("Taken out by the operator: keeps what they have{groups}."));
    }
    if user.is_blocked() && user.add == Write::None {
        page.para(Role::Text, "Not moved, and nothing is written for this user.");
        if model.snapshot.run.phase() == Phase::Preflight {
            page.para(Role::Strong, "Mend what preflight found, then check again with p.");
        }
    }
    let (what, advice) = advice::meaning(&model.snapshot, user, now);
    page.para(Role::Text, what);
    page.para(Role::Strong, advice);
    if user.is_ours() && user.unlicensed_for(now) > SignedDuration::ZERO {
        let text = format!("Without a license for {} in this run.", format::lasting(user.unlicensed_for(now)));
        page.para(Role::Bad, text);
    }
}

fn writes(user: &User, page: &mut PageBuilder) {
    for (what, write) in [("added", &user.add), ("removed", &user.remove)] {
        match write {
            Write::Failed(_, fault) => page.para(Role::Bad, format!("Not {what}: {fault}")),
            Write::Lost(_, fault) => {
                page.para(
                    Role::Bad,
                    format!("Perhaps {what}; the tenant is asked before anything is written again: {fault}"),
                );
            }
            Write::None | Write::Intended(_) | Write::Done(_) => {}
        }
    }
    if let Some(why) = &user.not_proven {
        page.para(Role::Bad, format!("Not removed: {why}"));
    }
}

fn licenses(model: &Model, user: &User, facts: &UserFacts, room: usize, page: &mut PageBuilder) {
    let snapshot = &model.snapshot;
    let route = &snapshot.run.route_direction(user.direction);
    let ours = |sku| sku == route.source.sku || sku == route.target.sku;
    page.heading("licenses");
    let mut moving: Vec<_> = facts.states.iter().filter(|entry| ours(entry.sku)).collect();
    moving.sort_by_key(|entry| entry.sku != route.source.sku);
    if moving.is_empty() {
        page.para(Role::Dim, format!("neither {} nor {}", route.source.short(), route.target.short()));
    }
    let line = |page: &mut PageBuilder, entry: &Assignment| {
        let from = match entry.group {
            Some(group) => format!("group {}", snapshot.group_name(group)),
            None => "direct".into(),
        };
        let expected = expects(route, user, entry);
        let role = if entry.is_sound() || expected { Role::Good } else { Role::Bad };
        let error = entry.error.as_ref().map(|error| format!(" {error}")).unwrap_or_default();
        let note = if expected { " (expected)" } else { "" };
        page.item(
            &format!("{}:", cells::product(snapshot, entry.sku, room)),
            Role::Strong,
            role,
            format!("{from} · {}{error}{note}", entry.state),
        );
        // What keeps the user from the license that they are to get was said above; what they leave needs no mending.
        let said = match &user.standing {
            // Behind a companion that fails, the conflict with the source is the expected one and wants nothing by itself.
            Some(Standing::Stuck(Trouble::Error(failure) | Trouble::State(failure))) => {
                let conflicts = snapshot.run.scenario == Scenario::Conflicting && entry.is_in_conflict();
                entry.sku == failure.product.unwrap_or(route.target.sku) || (failure.product.is_some() && conflicts)
            }
            Some(Standing::Stuck(_)) => entry.sku == route.target.sku,
            Some(Standing::Migrated | Standing::SourceLingers(_)) => entry.sku == route.source.sku,
            Some(Standing::ExpectedConflict) => entry.sku == route.source.sku && user.remove.is_done(),
            _ => false,
        };
        if let Some(remedy) = entry.error.as_ref().filter(|_| !expected && !said).and_then(remedy::of_error) {
            let remedy = remedy.named(route);
            page.item(" ", Role::Dim, Role::Text, format!("{} {}", remedy.meaning, remedy.action));
        }
    };
    for entry in moving {
        line(page, entry);
    }
    let unnamed = facts.assigned.iter().filter(|sku| facts.of_sku(**sku).next().is_none());
    for sku in unnamed {
        let name = format!("{}:", cells::product(snapshot, *sku, room));
        page.item(&name, Role::Strong, Role::Warn, "assigned, and no source is named");
    }
    let others: Vec<_> = facts.states.iter().filter(|entry| !ours(entry.sku)).collect();
    if !others.is_empty() {
        page.heading("other products");
        for entry in others {
            line(page, entry);
        }
    }
    if facts.enabled == Some(false) {
        page.fact("account", Role::Warn, "disabled; its licenses move all the same");
    }
    match &facts.usage_location {
        Some(place) => page.fact("location", Role::Text, place),
        None => page.fact("location", Role::Warn, "no usage location is set"),
    }
}

/// Whether the error of this entry is the one that the conflicting scenario expects, or waits behind it: a group assigns
/// all of its products or none.
fn expects(route: &Route, user: &User, entry: &Assignment) -> bool {
    let of_target = entry.group == Some(route.target.group);
    let behind = entry.sku == route.target.sku || entry.is_in_conflict() || entry.is_collateral();
    user.standing == Some(Standing::ExpectedConflict) && of_target && behind
}
