//! Draws the set-up: a line that says where one is, the page, what went wrong, and the keys.

mod form;
mod groups;
mod summary;
mod users;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::time::Timestamp;
use crate::setup::field::Field;
use crate::setup::keys;
use crate::setup::keys::Mode;
use crate::setup::state::Asked;
use crate::setup::state::Busy;
use crate::setup::state::Offer;
use crate::setup::state::Question;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::layout;
use crate::tui::sign_in;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;
use crate::tui::view;
use crate::tui::view::PageBuilder;
use crate::words::phrase;
use crate::words::say;

/// How many pages are counted: signing in, two groups, users, check, writing.
const PAGES: usize = 6;

/// How it looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The theme, or `none` where `NO_COLOR` is set.
    pub theme: Theme,
    /// Whether the locale is not UTF-8, so that all is drawn in ASCII.
    pub ascii: bool,
    /// What time it is.
    pub now: Timestamp,
}

/// Draws one frame. Gives how far the page can be scrolled, and how many of its rows are in sight.
pub fn draw(setup: &Setup, look: Look, frame: &mut Frame<'_>) -> (usize, usize) {
    let area = frame.area();
    let screen = frame.buffer_mut();
    let width = usize::from(area.width.saturating_sub(4));
    if layout::is_too_small(area) {
        let mut page = PageBuilder::new(look.theme, area.width.into());
        let (least_width, least_height) = layout::LEAST;
        let (is, needed) = (format!("{}x{}", area.width, area.height), format!("{least_width}x{least_height}"));
        page.para(Role::Strong, say("screen-too-small", &[("size", is.into()), ("needed", needed.into())]));
        view::lines(screen, area, &page.into_lines());
        return (0, 1);
    }
    let (hints, said) = (hints(setup, look.theme, width), said(setup, look.theme, width));
    let (below, above) = (hints.len() + said.len() + 1, 3);
    let room = usize::from(area.height).saturating_sub(above + below).max(3);
    let (lines, most_scroll, page) = page(setup, look, width, room);
    let inner = |y: usize, height: usize| {
        let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        Rect { x: area.x + 2, y: area.y + rows(y), width: area.width - 4, height: rows(height) }.intersection(area)
    };
    view::lines(screen, inner(0, 1), &[title(setup, look.theme, width)]);
    view::lines(screen, inner(2, room), &lines);
    let bottom = usize::from(area.height);
    view::lines(screen, inner(bottom - hints.len() - said.len(), said.len()), &said);
    view::lines(screen, inner(bottom - hints.len(), hints.len()), &hints);
    if look.ascii {
        glyph::to_ascii(screen);
    }
    (most_scroll, page)
}

fn title(setup: &Setup, theme: Theme, width: usize) -> Line<'static> {
    let number = match setup.step {
        Step::Offer | Step::Written => 0,
        Step::SignIn => 1,
        Step::Source | Step::SourceProduct => 2,
        Step::Target | Step::TargetProduct => 3,
        Step::Users => 4,
        Step::Summary => 5,
        Step::Place => 6,
    };
    let page = match setup.step {
        Step::Offer => phrase("setup-title-offer"),
        Step::SignIn => phrase("setup-title-sign-in"),
        Step::Source => phrase("setup-title-source"),
        Step::SourceProduct => phrase("setup-title-source-product"),
        Step::Target => phrase("setup-title-target"),
        Step::TargetProduct => phrase("setup-title-target-product"),
        Step::Users => phrase("setup-title-users"),
        Step::Summary => phrase("setup-title-summary"),
        Step::Place => phrase("setup-title-place"),
        Step::Written => phrase("setup-title-written"),
    };
    let mut line = Line::from(theme.span(Role::Title, "skuferry"));
    line.push_span(Span::raw("   "));
    if number > 0 {
        let step = say("setup-step", &[("number", number.into()), ("all", PAGES.into())]);
        line.push_span(theme.span(Role::Dim, format!("{step}   ")));
    }
    let used = line.width();
    line.push_span(theme.span(Role::Strong, format::cut(&page, width.saturating_sub(used))));
    let tenant = setup.tenant.as_ref().filter(|_| number > 1);
    let named = tenant.and_then(|tenant| tenant.name.clone().or_else(|| tenant.account.clone()));
    let used = line.width();
    if let Some(name) = named.filter(|name| used + format::width(name) + 3 <= width) {
        line.push_span(Span::raw(" ".repeat(width - used - format::width(&name))));
        line.push_span(theme.span(Role::Dim, name));
    }
    line
}

/// The page that is open, cut to its room, with how far it can be scrolled and the rows of its list.
fn page(setup: &Setup, look: Look, width: usize, room: usize) -> (Vec<Line<'static>>, usize, usize) {
    let theme = look.theme;
    if let Some(question) = &setup.question {
        return (asked(question, theme, width), 0, room);
    }
    if let Some(busy) = setup.busy {
        return (waiting(setup, busy, look, width), 0, room);
    }
    match setup.step {
        Step::Offer => (offer(setup, theme, width), 0, room),
        Step::SignIn => (form::lines(setup, theme, width), 0, room),
        Step::Source | Step::Target => groups::list(setup, theme, width, room),
        Step::SourceProduct | Step::TargetProduct => (groups::products(setup, theme, width), 0, room),
        Step::Users => (users::lines(setup, theme, width, room), 0, room),
        Step::Summary => {
            let all = summary::lines(setup, theme, width);
            let most = all.len().saturating_sub(room);
            (all.into_iter().skip(setup.scroll.min(most)).take(room).collect(), most, room)
        }
        Step::Place => (destination(setup, theme, width), 0, room),
        Step::Written => (written(setup, theme, width), 0, room),
    }
}

fn offer(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    page.para(Role::Text, phrase("setup-offer-why"));
    page.blank();
    let mut lines = page.into_lines();
    for (at, one) in Offer::ALL.iter().enumerate() {
        let (name, text) = match one {
            Offer::Demo => (phrase("setup-offer-demo"), phrase("setup-offer-demo-text")),
            Offer::SetUp => (phrase("setup-offer-set-up"), phrase("setup-offer-set-up-text")),
            Offer::Quit => (phrase("setup-offer-quit"), String::new()),
        };
        lines.push(row(theme, at == setup.offer, &name, width));
        lines.extend(indented(theme, &text, width));
    }
    lines
}

/// A row of a list, marked when it has the keys.
fn row(theme: Theme, has_keys: bool, text: &str, width: usize) -> Line<'static> {
    let (mark, role) = if has_keys { ("▸ ", Role::Selected) } else { ("  ", Role::Text) };
    Line::from(theme.span(role, format::pad(&format!("{mark}{text}"), width)))
}

/// Text below a row.
fn indented(theme: Theme, text: &str, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width.saturating_sub(4));
    page.para(Role::Dim, text);
    let lines = page.into_lines().into_iter();
    lines
        .map(|mut line| {
            line.spans.insert(0, Span::raw("    "));
            line
        })
        .collect()
}

/// A field with text in it; the end of a long one stays in sight while it has the keys.
fn text_field(theme: Theme, label: &str, field: &Field, has_keys: bool, width: usize) -> Line<'static> {
    let (mark, role) = if has_keys { ("▸ ", Role::Key) } else { ("  ", Role::Dim) };
    let label = format!("{mark}{}", format::pad(label, LABEL));
    let room = width.saturating_sub(format::width(&label) + 1);
    let mut text = field.text().to_owned();
    while has_keys && format::width(&text) > room {
        text.remove(0);
    }
    let mut line = Line::from(theme.span(role, label));
    line.push_span(theme.span(Role::Text, format::cut(&text, room)));
    if has_keys {
        line.push_span(theme.span(Role::Selected, " "));
    }
    line
}

/// How wide the labels of fields are.
const LABEL: usize = 20;

fn destination(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    page.para(Role::Text, phrase("setup-place-text"));
    page.blank();
    let mut lines = page.into_lines();
    lines.push(text_field(theme, &phrase("setup-field-place"), &setup.place, true, width));
    let mut page = PageBuilder::new(theme, width);
    page.blank();
    page.para(Role::Dim, phrase("setup-place-private"));
    lines.extend(page.into_lines());
    lines
}

fn written(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    let path = setup.written.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    page.para(Role::Good, say("setup-written", &[("path", path.as_str().into())]));
    page.blank();
    page.para(Role::Text, phrase("setup-written-next"));
    page.into_lines()
}

fn asked(question: &Question, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    let expected = question.expected.as_str();
    match &question.asked {
        Asked::Host { key, secret } => {
            page.para(
                Role::Warn,
                say(
                    "setup-question-host",
                    &[("key", key.as_str().into()), ("host", expected.into()), ("secret", secret.as_str().into())],
                ),
            );
        }
        Asked::Replace(paths) => {
            page.para(Role::Warn, say("setup-question-replace", &[("count", paths.len().into())]));
            for path in paths {
                page.para(Role::Strong, path.display().to_string());
            }
        }
    }
    page.blank();
    page.para(Role::Text, say("setup-question-type", &[("expected", expected.into())]));
    page.blank();
    let mut lines = page.into_lines();
    lines.push(text_field(theme, &phrase("setup-field-answer"), &question.typed, true, width));
    lines
}

fn waiting(setup: &Setup, busy: Busy, look: Look, width: usize) -> Vec<Line<'static>> {
    if let Some(prompt) = &setup.prompt {
        return sign_in::lines(prompt, look.now, look.theme, look.ascii, width);
    }
    let text = match busy {
        Busy::SigningIn => phrase("setup-busy-signing-in"),
        Busy::Reading => phrase("setup-busy-reading"),
        Busy::Checking => phrase("setup-busy-checking"),
        Busy::Writing => phrase("setup-busy-writing"),
    };
    let mut page = PageBuilder::new(look.theme, width);
    page.para(Role::Busy, text);
    page.into_lines()
}

/// What went wrong, or what else is to be said.
fn said(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    if let Some(trouble) = &setup.trouble {
        page.para(Role::Bad, &trouble.what);
        page.para(Role::Text, first_lines(&trouble.why));
        page.para(Role::Text, first_lines(&trouble.action));
        page.blank();
    } else if let Some(note) = &setup.note {
        page.para(Role::Text, note);
        page.blank();
    }
    page.into_lines()
}

/// The beginning of a text that may be long.
fn first_lines(text: &str) -> String {
    text.lines().take(3).collect::<Vec<_>>().join(" ").chars().take(400).collect()
}

/// The keys of the page, on as many lines as they take.
fn hints(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mode = setup.mode();
    let leaves = |bind: &&keys::Bind| bind.mode == mode && bind.cmd == keys::Cmd::Leave;
    // Ctrl-C is shown where no single key leaves.
    let always =
        keys::of(Mode::Always).filter(|_| !keys::BINDS.iter().any(|bind| leaves(&bind)) && mode != Mode::Written);
    let mut lines = vec![Line::default()];
    for (keys, hint) in keys::of(mode).chain(always).filter_map(keys::Bind::hint) {
        let needed = format::width(&keys) + format::width(&hint) + 4;
        if lines.last().is_some_and(|line| line.width() > 0 && line.width() + needed > width) {
            lines.push(Line::default());
        }
        if let Some(line) = lines.last_mut() {
            line.push_span(theme.span(Role::Key, keys));
            line.push_span(theme.span(Role::Text, format!(" {hint}   ")));
        }
    }
    lines
}
