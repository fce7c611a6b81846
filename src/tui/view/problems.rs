//! The view of problems: causes with how many users each keeps, and of the selected one what they share and what helps.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::domain::user::User;
use crate::tui::advice;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::problems::Cause;
use crate::tui::problems::Common;
use crate::tui::problems::Problem;
use crate::tui::problems::Trait;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::cells;
use crate::tui::view::inset;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::page_builder::PageBuilder;
use crate::tui::view::pane;
use crate::tui::view::rows_in_sight;
use crate::tui::view::tabs;
use crate::tui::view::user_actions;
use crate::words::phrase;
use crate::words::say;

/// How wide the kinds are.
const KIND: usize = 18;
/// How wide the numbers of users are.
const COUNT: usize = 6;
/// How many of the users are named below a cause.
const NAMED: usize = 6;

pub(super) fn draw(model: &Model, screen: &mut Buffer, area: Rect, measured: &mut Measured) {
    let all = &model.problems;
    let users: usize = all.iter().map(|problem| problem.users.len()).sum();
    let title = say("view-problems-title", &[("count", users.into()), ("causes", all.len().into())]);
    let inner = pane(model, screen, area, &title, Role::Focus);
    tabs(model, screen, area, measured);
    if all.is_empty() {
        let text = format!("  {}", phrase("view-problems-none"));
        lines(screen, inner, &[Line::from(model.theme.span(Role::Good, text))]);
        return;
    }
    let titles = format!(
        "   {} {} {}",
        format::pad_left(&phrase("view-column-users"), COUNT),
        format::pad(&phrase("view-column-kind"), KIND),
        phrase("view-column-cause"),
    );
    lines(screen, Rect { height: 1, ..inner }, &[Line::from(model.theme.span(Role::Dim, titles))]);
    // The causes take what they need, up to half; what helps stands below.
    let room = inner.height.saturating_sub(1);
    let high = u16::try_from(all.len()).unwrap_or(u16::MAX).min((room / 2).max(1));
    let rows = Rect { y: inner.y + 1, height: high, ..inner };
    let seen = model.problem.visible(all.len(), rows.height.into());
    (measured.top, measured.page, measured.rows) = (seen.start, rows.height.into(), seen.len());
    measured.hits.list(rows, &seen);
    for (y, row) in (rows.y..rows.bottom()).zip(seen.clone()) {
        let selected = row == model.problem.row;
        screen.set_line(rows.x, y, &line(model, &all[row], selected, rows.width.into()), rows.width);
        if selected {
            screen.set_style(Rect { y, height: 1, ..rows }, model.theme.style(Role::Selected));
        }
    }
    if seen.len() < all.len() {
        more(model, screen, area, &rows_in_sight(&seen, all.len()));
    }
    let below = inset(Rect { y: rows.bottom(), height: room.saturating_sub(high), ..inner });
    if let Some(problem) = all.get(model.problem.row) {
        lines(screen, below, &detail(model, problem, below.width.into()));
    }
}

fn line(model: &Model, problem: &Problem, selected: bool, width: usize) -> Line<'static> {
    let (mark, role) = match problem.cause {
        Cause::Unlicensed => (glyph::ALARM, Role::Alarm),
        Cause::Late | Cause::WentBack => (glyph::WARN, Role::Warn),
        Cause::Blocked(_) => (glyph::BLOCKED, Role::Bad),
        Cause::Excluded => (glyph::EXCLUDED, Role::Dim),
        _ => (glyph::BAD, Role::Bad),
    };
    let run = &model.snapshot.run;
    let is_marked =
        |place: &usize| run.users.get(*place).and_then(|user| user.id).is_some_and(|id| model.list.marks.contains(&id));
    let marked = !model.list.marks.is_empty() && problem.users.iter().all(is_marked);
    let count = format::pad_left(&problem.users.len().to_string(), COUNT);
    let kind = format::pad(&problem.cause.kind(), KIND);
    let cause = format::cut(&problem.text, width.saturating_sub(3 + COUNT + 1 + KIND + 1));
    Line::from(vec![
        model.theme.span(Role::Key, if selected { glyph::CURSOR } else { " " }),
        model.theme.span(role, mark),
        model.theme.span(Role::Key, if marked { "*" } else { " " }),
        model.theme.span(Role::Text, format!("{count} {kind} {cause}")),
    ])
}

/// What the users of a cause share, what it means, what to do and by which keys.
fn detail(model: &Model, problem: &Problem, width: usize) -> Vec<Line<'static>> {
    let run = &model.snapshot.run;
    let mut page = PageBuilder::new(model.theme, width);
    page.heading(&say("view-problem", &[("count", problem.users.len().into()), ("kind", problem.cause.kind().into())]));
    page.para(Role::Text, &problem.text);
    let first: Option<&User> = problem.users.first().and_then(|place| run.users.get(*place)).map(AsRef::as_ref);
    if let Some(user) = first.filter(|_| !matches!(problem.cause, Cause::Excluded | Cause::Blocked(_))) {
        let (what, action) = advice::meaning(&model.snapshot, user, model.now);
        page.para(Role::Text, what);
        page.para(Role::Strong, action);
    }
    let label = phrase("view-problem-common");
    for (place, common) in problem.common.iter().flatten().enumerate() {
        page.fact(if place == 0 { &label } else { "" }, Role::Warn, shared(model, problem, common, width / 2));
    }
    if problem.common.as_ref().is_some_and(Vec::is_empty) {
        page.fact(&label, Role::Dim, phrase("view-problem-common-nothing"));
    }
    let keys = first.map(|user| user_actions::keys(model, user, &model.summary.permits)).unwrap_or_default();
    let opens = phrase("view-problem-opens");
    page.fact(&phrase("view-keys-now"), Role::Key, keys.into_iter().chain([opens]).collect::<Vec<_>>().join(" · "));
    let names = problem.users.iter().take(NAMED).filter_map(|place| run.users.get(*place));
    let mut names: Vec<&str> = names.map(|user| model.list.name(&user.upn)).collect();
    if problem.users.len() > NAMED {
        names.push("…");
    }
    page.fact(&phrase("view-problem-who"), Role::Text, names.join(", "));
    page.into_lines()
}

fn shared(model: &Model, problem: &Problem, common: &Common, room: usize) -> String {
    let what = match &common.what {
        Trait::Country(country) => say("view-problem-country", &[("country", country.as_str().into())]),
        Trait::Domain(domain) => say("view-problem-domain", &[("domain", domain.as_str().into())]),
        Trait::Product(sku) => {
            let product = cells::product(&model.snapshot, *sku, room);
            say("view-problem-product", &[("product", product.into())])
        }
        Trait::Group(group) => {
            let group = model.snapshot.group_name(*group);
            say("view-problem-group", &[("group", group.into())])
        }
    };
    say(
        "view-problem-shared",
        &[
            ("what", what.into()),
            ("have", common.have.into()),
            ("all", problem.users.len().into()),
            ("healthy", common.healthy.into()),
            ("count", common.of_healthy.into()),
        ],
    )
}
