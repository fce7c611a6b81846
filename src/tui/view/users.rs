//! The view of users: the list, and beside it or in its place the selected user.

mod columns;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Scope;
use crate::tui::table::order::Sort;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::page_builder::PageBuilder;
use crate::tui::view::pane;
use crate::tui::view::rows_in_sight;
use crate::tui::view::tabs;
use crate::tui::view::user;
use crate::tui::view::users::columns::Columns;
use crate::words::batches;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::say;

/// Stands between the parts of the title, three columns wide.
const BETWEEN: &str = " · ";

pub(super) fn draw(model: &Model, screen: &mut Buffer, body: Rect, measured: &mut Measured) {
    let (list, detail) = layout::list_and_detail(body);
    if detail.is_none() && model.inspecting {
        user::draw(model, screen, body, measured);
        return;
    }
    if let Some(detail) = detail {
        user::draw(model, screen, detail, measured);
    }
    listed(model, screen, list, measured);
}

fn listed(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let role = if model.inspecting { Role::Border } else { Role::Focus };
    let room = usize::from(area.width.saturating_sub(6));
    let (title, tabs_of_filters) = title(model, room);
    let mut inner = pane(model, screen, area, &title, role);
    filters(area, &tabs_of_filters, measured);
    tabs(model, screen, area, measured);
    let summary = summary(model, inner.width.into());
    let high = u16::try_from(summary.len()).unwrap_or(0).min(inner.height.saturating_sub(4));
    lines(screen, Rect { height: high, ..inner }, &summary);
    inner.y += high;
    inner.height -= high;
    let columns = Columns::fit(model, inner.width.into());
    lines(screen, Rect { height: 1, ..inner }, &[columns.titles(model)]);
    let rows = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    let order = &model.list.order;
    let seen = model.list.window.visible(order.len(), rows.height.into());
    (measured.top, measured.page, measured.rows) = (seen.start, rows.height.into(), seen.len());
    measured.hits.titles = Rect { height: 1, ..inner };
    measured.hits.list(rows, &seen);
    if order.is_empty() {
        lines(screen, rows, &[Line::from(model.theme.span(Role::Dim, format!("  {}", nobody(model))))]);
        return;
    }
    for (y, row) in (rows.y..rows.bottom()).zip(seen.clone()) {
        let Some(user) = model.snapshot.run.users.get(order[row]) else { continue };
        let selected = row == model.list.window.row;
        screen.set_line(rows.x, y, &columns.row(model, user, order[row], selected), rows.width);
        if selected {
            screen.set_style(Rect { y, height: 1, ..rows }, model.theme.style(Role::Selected));
        }
    }
    let domain = (!model.list.domain.is_empty()).then(|| format!("@{}", format::cut(&model.list.domain, 40)));
    let rows = (seen.len() < order.len()).then(|| rows_in_sight(&seen, order.len()));
    let below: Vec<String> = domain.into_iter().chain(rows).collect();
    if !below.is_empty() {
        more(model, screen, area, &below.join(" · "));
    }
}

/// Where a click is about a filter; what the frame cuts off is none.
fn filters(area: Rect, tabs: &[(usize, usize, String)], measured: &mut Measured) {
    // The title stands behind the corner and a space, and leaves as much at the other end.
    let (start, room) = (area.x + 2, usize::from(area.width.saturating_sub(6)));
    for (place, at, tab) in tabs.iter().filter(|(_, at, tab)| at + format::width(tab) <= room) {
        let (at, width) = (u16::try_from(*at).unwrap_or(0), u16::try_from(format::width(tab)).unwrap_or(0));
        measured.hits.filters[*place] = Rect { x: start + at, y: area.y, width, height: 1 };
    }
}

/// The title, in so many columns if it can be, and which filters it names: by their places, at which column, as what.
fn title(model: &Model, room: usize) -> (String, Vec<(usize, usize, String)>) {
    let list = &model.list;
    let goes_back = model.snapshot.run.has_rollbacks();
    let whose = match (list.batch, model.scope()) {
        _ if list.cause.is_some() => Some(phrase("view-users-of-cause")),
        (Some(batch), Scope::Batch(_)) => {
            Some(say("view-users-of", &[("batch", batches::title(&model.snapshot.run, batch).into())]))
        }
        _ if list.whole => Some(phrase("view-users-whole")),
        _ => None,
    };
    let mut parts: Vec<String> = whose.into_iter().collect();
    let mut tabs = Vec::new();
    // The filters as tabs with their counts: those that would show nobody are left out.
    for (place, (filter, count)) in Filter::ALL.into_iter().zip(list.counts).enumerate() {
        let tab = format!("{} {count}", filter.word(goes_back));
        let tab = match filter {
            Filter::All if list.filter == Filter::All => tab,
            _ if filter == list.filter => format!("[{tab}]"),
            _ if count > 0 => tab,
            _ => continue,
        };
        tabs.push((place, parts.len()));
        parts.push(tab);
    }
    if !list.marks.is_empty() {
        parts.push(say("view-users-marked", &[("count", list.marks.len().into())]));
    }
    if list.sort != Sort::List || list.turned {
        parts.push(if list.turned {
            say("view-sort-turned", &[("sort", list.sort.word().into())])
        } else {
            list.sort.word()
        });
    }
    if list.follows {
        parts.push(phrase("view-users-follows"));
    }
    if list.is_near && !list.order.is_empty() {
        parts.push(say("view-users-near", &[("search", list.search.as_str().into())]));
    } else if !list.search.is_empty() {
        parts.push(say("view-users-search", &[("search", list.search.as_str().into())]));
    }
    // The words of some languages are longer, and the counts at the end are what one looks for.
    let between = if format::width(&parts.join(BETWEEN)) <= room { BETWEEN } else { "·" };
    let tabs = tabs.into_iter().map(|(place, index)| {
        let before: usize = parts[..index].iter().map(|part| format::width(part) + format::width(between)).sum();
        (place, before, parts[index].clone())
    });
    (parts.join(between), tabs.collect())
}

fn nobody(model: &Model) -> String {
    let list = &model.list;
    match list.filter {
        _ if model.snapshot.run.preflight.is_none() => phrase("view-users-preflight"),
        _ if !list.search.is_empty() && list.filter != Filter::All => {
            say("view-users-not-found-filtered", &[("search", list.search.as_str().into())])
        }
        _ if !list.search.is_empty() => say("view-users-not-found", &[("search", list.search.as_str().into())]),
        Filter::All => phrase("view-users-nobody-listed"),
        Filter::Waiting => phrase("view-users-nobody-waiting"),
        Filter::Ready => phrase("view-users-nobody-ready"),
        Filter::Excluded => phrase("view-users-nobody-excluded"),
        Filter::Stuck => phrase("view-users-nobody-stuck"),
        Filter::Blocked => phrase("view-users-nobody-blocked"),
        Filter::Migrated => phrase("view-users-nobody-arrived"),
    }
}

/// What preflight says of the plan as a whole, as long as nothing of the batch is approved. It is about the batch under
/// way, so it does not stand above another one.
fn summary(model: &Model, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let elsewhere = model.list.batch.is_some_and(|batch| batch != run.current);
    if run.preflight.is_none() || run.phase() != Phase::Preflight || elsewhere {
        return Vec::new();
    }
    let mut page = PageBuilder::new(model.theme, width);
    let (blocked, what) = if run.current == 0 {
        let ready = run.users.len() - model.summary.blocked_users;
        (
            model.summary.blocked_users,
            say("view-preflight", &[("ready", ready.into()), ("count", run.forward_batches().into())]),
        )
    } else {
        let counts = model.summary.counts;
        (
            counts.blocked,
            say(
                "view-preflight-of",
                &[("batch", batches::title(run, run.current).into()), ("ready", counts.done.into())],
            ),
        )
    };
    let (free, needed) = (run.seats().available, run.seats().needed);
    let seats = match run.direction() {
        Direction::Forward => say("view-preflight-seats", &[("free", free.into()), ("needed", needed.into())]),
        Direction::Rollback => say(
            "view-preflight-seats-of",
            &[("free", free.into()), ("needed", needed.into()), ("product", run.route.target.short().into())],
        ),
    };
    let role = if blocked > 0 { Role::Warn } else { Role::Good };
    page.para(role, format!("{what} · {} · {seats}", say("view-blocked", &[("count", blocked.into())])));
    let (against, warnings): (Vec<_>, Vec<_>) = run.problems().iter().partition(|problem| !problem.warning);
    for problem in &against {
        page.item(glyph::BAD, Role::Bad, Role::Bad, preflight::problem(&problem.detail));
    }
    if let [one, rest @ ..] = warnings.as_slice() {
        let one = preflight::problem(&one.detail);
        // The list below is what the operator is here for: a long warning is read in the plan.
        let room = width.saturating_sub(2);
        let by_key =
            |problem: &str| say("view-problem-by-key", &[("problem", problem.into()), ("count", rest.len().into())]);
        let text = if rest.is_empty() && format::width(&one) <= room {
            one
        } else {
            by_key(&format::cut(&one, room.saturating_sub(format::width(&by_key("")))))
        };
        page.item(glyph::WARN, Role::Warn, Role::Text, text);
    }
    page.into_lines()
}
