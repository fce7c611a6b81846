//! The frame of every dialog: facts and users that can be scrolled, and below them, always in sight, the answer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;
use ratatui::widgets::Clear;
use ratatui::widgets::Widget;

use crate::domain::id::UserId;
use crate::domain::time::since;
use crate::tui::dialog::Dialog;
use crate::tui::dialog::approval;
use crate::tui::dialog::away;
use crate::tui::dialog::figures;
use crate::tui::dialog::help;
use crate::tui::dialog::leave;
use crate::tui::dialog::palette;
use crate::tui::dialog::remedies;
use crate::tui::dialog::signing_in;
use crate::tui::dialog::tour;
use crate::tui::dialog::trouble;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::Measured;
use crate::tui::view::lines;
use crate::tui::view::more;
use crate::tui::view::pane;
use crate::words::fault;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing::stands;

/// Lines longer than this are hard to read.
const WIDEST: u16 = 92;
/// How wide names are in a list of users.
const NAME: usize = 34;

/// What a dialog says.
pub(super) struct Page<'a> {
    pub(super) title: String,
    pub(super) role: Role,
    pub(super) facts: Vec<Line<'static>>,
    pub(super) users: &'a [UserId],
    pub(super) answer: Vec<Line<'static>>,
}

/// Draws the open dialog into the middle of its room.
pub fn draw(model: &Model, open: &Dialog, screen: &mut Buffer, room: Rect, measured: &mut Measured) {
    let width = if room.width <= WIDEST { room.width } else { WIDEST };
    let mut page = page(model, open, usize::from(width.saturating_sub(4)));
    if let Some(reason) = open.reason() {
        let line = approval::reason(model, reason, usize::from(width.saturating_sub(4)));
        // While it is typed no other key answers.
        if reason.is_open { page.answer = vec![line] } else { page.answer.insert(0, line) }
    }
    let total = page.facts.len() + page.users.len();
    let around = page.answer.len() + 3;
    let height = u16::try_from(total + around).unwrap_or(u16::MAX).min(room.height);
    let area = room.centered(ratatui::layout::Constraint::Length(width), ratatui::layout::Constraint::Length(height));
    Clear.render(area, screen);
    let inner = pane(model, screen, area, &page.title, page.role);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let answer_high = u16::try_from(page.answer.len()).unwrap_or(0).min(inner.height);
    let gap = u16::from(inner.height > answer_high + 1);
    let body = Rect { height: inner.height - answer_high - gap, ..inner };
    let answer = Rect { y: inner.bottom() - answer_high, height: answer_high, ..inner };

    let high = usize::from(body.height);
    let most = total.saturating_sub(high);
    let top = model.dialog_scroll.min(most);
    for (y, at) in (body.y..body.bottom()).zip(top..total) {
        match (page.facts.get(at), at.checked_sub(page.facts.len()).and_then(|place| page.users.get(place))) {
            (Some(line), _) => screen.set_line(body.x, y, line, body.width),
            (None, Some(user)) => screen.set_line(body.x, y, &one(model, open, *user, body.width.into()), body.width),
            (None, None) => continue,
        };
        measured.rows += 1;
    }
    if most > top {
        more(model, screen, area, &say("screen-more-lines-down", &[("count", (most - top).into())]));
    }
    lines(screen, answer, &page.answer);
    (measured.dialog_page, measured.most_dialog_scroll) = (high, most);
    measured.dialog_stands = true;
}

fn page<'a>(model: &Model, open: &'a Dialog, width: usize) -> Page<'a> {
    match open {
        Dialog::Adding(asked) => approval::adding(model, asked, width),
        Dialog::Removing { asked, typed } => approval::removing(model, asked, typed, width),
        Dialog::Reprocessing(asked) => remedies::reprocessing(model, asked, width),
        Dialog::Clearing { asked, typed } => remedies::clearing(model, asked, typed, width),
        Dialog::RollingBack { users, left_out } => remedies::rolling_back(model, users, *left_out, width),
        Dialog::Alarm(users) => trouble::alarm(model, users, width),
        Dialog::LiftHalt { whys, between } => trouble::lift(model, whys, between, width),
        Dialog::Exclude { users, left_out } => leave::exclude(model, users, *left_out, width),
        Dialog::Batches(figures) => figures::page(model, figures, width),
        Dialog::Quit => leave::quit(model, width),
        Dialog::Help => help::page(model, width),
        Dialog::Palette(open) => palette::page(model, open, width),
        Dialog::Tour(number) => tour::page(model, *number, width),
        Dialog::Away(away) => away::page(model, away, width),
        Dialog::SigningIn => signing_in::page(model, width),
    }
}

/// One user in a dialog, in one line of this many columns.
fn one(model: &Model, open: &Dialog, id: UserId, width: usize) -> Line<'static> {
    let theme = model.theme;
    let Some(user) = model.snapshot.run.user(id) else {
        return Line::from(theme.span(Role::Text, id.to_string()));
    };
    let said = match open {
        Dialog::Alarm(_) => match user.seldom.unlicensed_since {
            Some(at) => {
                let start = format::clock(at, &model.zone);
                let length = format::lasting(since(at, model.now));
                say("dialog-unlicensed-since", &[("start", start.into()), ("length", length.into())])
            }
            None => stands(user).map_or_else(
                || phrase("dialog-not-read-since"),
                |standing| say("dialog-now-standing", &[("standing", standing.into())]),
            ),
        },
        Dialog::LiftHalt { .. } if user.add.is_open() => phrase("dialog-addition-open"),
        Dialog::LiftHalt { .. } if user.remove.is_open() => phrase("dialog-removal-open"),
        _ => match user.add.fault() {
            Some(fault) if matches!(open, Dialog::Adding(_)) => {
                say("dialog-not-added", &[("fault", fault::message(&fault.message).into())])
            }
            _ => stands(user).unwrap_or_default(),
        },
    };
    let mut flags = String::new();
    if user.excluded {
        flags = format!(" · {}", phrase("screen-excluded"));
    }
    if user.went_back && !matches!(open, Dialog::Alarm(_)) {
        flags = format!("{flags} · {}", phrase("screen-went-back"));
    }
    // Long words of Graph give way to these.
    let said = format::cut(&said, width.saturating_sub(NAME + 3 + format::width(&flags))) + &flags;
    let mark = if matches!(open, Dialog::Alarm(_)) { (Role::Alarm, glyph::ALARM) } else { (Role::Dim, "·") };
    let mut spans = vec![theme.span(mark.0, mark.1), Span::raw(" ")];
    spans.push(theme.span(Role::Text, format::pad(&user.upn, NAME)));
    spans.push(theme.span(Role::Dim, format!(" {said}")));
    Line::from(spans)
}
