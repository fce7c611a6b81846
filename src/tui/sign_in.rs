//! What stands on the screen while a sign-in waits for the operator: before the run opens, and in its midst.

use std::io;

use crossterm::event::Event;
use futures_util::StreamExt;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use tokio::sync::watch;
use tui_big_text::BigText;
use tui_big_text::PixelSize;

use crate::domain::sign_in_prompt::Prompt;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keyboard;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::run::Now;
use crate::tui::terminal;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;
use crate::tui::view;
use crate::tui::view::PageBuilder;
use crate::words::phrase;
use crate::words::say;

/// How many rows a letter of the large code takes.
const ROWS: u16 = 4;

/// What the operator has to do, in lines of at most `width` columns.
pub(crate) fn lines(prompt: &Prompt, now: Timestamp, theme: Theme, ascii: bool, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    match prompt {
        Prompt::Browser { address, port, opened } => {
            let first = if *opened { phrase("screen-sign-in-opened") } else { phrase("screen-sign-in-open") };
            page.para(Role::Strong, first);
            page.blank();
            page.para(Role::Key, address);
            page.blank();
            page.para(Role::Dim, say("screen-sign-in-over-ssh", &[("port", port.to_string().into())]));
            page.into_lines()
        }
        Prompt::DeviceCode { code, page: address, until } => {
            page.para(Role::Strong, phrase("screen-sign-in-enter-code"));
            page.blank();
            page.para(Role::Key, address);
            page.blank();
            let mut all = page.into_lines();
            all.extend(large(code, theme, ascii, width));
            let mut page = PageBuilder::new(theme, width);
            page.blank();
            page.fact(&phrase("screen-sign-in-code"), Role::Strong, code);
            let left = since(now, *until);
            let said = if left.is_positive() { format::brief(left) } else { phrase("screen-sign-in-expired") };
            page.fact(&phrase("screen-sign-in-time-left"), Role::Text, said);
            page.para(Role::Dim, phrase("screen-sign-in-careful"));
            all.extend(page.into_lines());
            all
        }
    }
}

/// The code in large letters, as large as there is room for; none where there is not, or where the locale has ASCII only.
fn large(code: &str, theme: Theme, ascii: bool, width: usize) -> Vec<Line<'static>> {
    let letters = format::width(code);
    let (size, columns) = match letters {
        _ if ascii || code.is_empty() => return Vec::new(),
        letters if letters * 8 <= width => (PixelSize::HalfHeight, letters * 8),
        letters if letters * 4 <= width => (PixelSize::Quadrant, letters * 4),
        _ => return Vec::new(),
    };
    let area = Rect::new(0, 0, u16::try_from(columns).unwrap_or(u16::MAX), ROWS);
    let mut drawn = Buffer::empty(area);
    BigText::builder().pixel_size(size).lines(vec![Line::from(code.to_owned())]).build().render(area, &mut drawn);
    let row = |y: u16| (0..area.width).map(|x| drawn[(x, y)].symbol()).collect::<String>();
    (0..ROWS).map(|y| Line::from(theme.span(Role::Strong, row(y).trim_end()))).collect()
}

/// The keys of the page.
pub(super) fn keys(theme: Theme) -> Line<'static> {
    let mut line = Line::default();
    for (bind, hint) in keys::of(Mode::SignIn).filter_map(|bind| Some((bind, bind.hint()?))) {
        line.push_span(theme.span(Role::Key, bind.label()));
        line.push_span(theme.span(Role::Text, format!(" {hint}   ")));
    }
    line
}

/// How the page looks.
#[derive(Clone)]
pub struct Look {
    /// The theme of the configuration, or `none` where `NO_COLOR` is set.
    pub theme: Theme,
    /// Whether the locale is not UTF-8, so that all is drawn in ASCII.
    pub ascii: bool,
    /// What time it is.
    pub now: Now,
}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Look").field("theme", &self.theme).field("ascii", &self.ascii).finish_non_exhaustive()
    }
}

/// Shows what `signing_in` asks for on the whole terminal until it ends. `None` when the operator gave it up.
///
/// # Errors
/// When the terminal cannot be taken, drawn on or read.
pub async fn sign_in_page<T>(
    mut prompts: watch::Receiver<Option<Prompt>>,
    look: Look,
    signing_in: impl Future<Output = T>,
) -> io::Result<Option<T>> {
    tokio::pin!(signing_in);
    // Most ways to sign in ask for nothing, and then the terminal is left alone.
    tokio::select! { biased;
        ended = &mut signing_in => return Ok(Some(ended)),
        asked = prompts.changed() => if asked.is_err() { return Ok(Some(signing_in.await)) },
    }
    let (_guard, mut screen, _frames) = terminal::enter()?;
    let mut events = keyboard::open(|| {})?;
    let mut seconds = tokio::time::interval(std::time::Duration::from_secs(1));
    loop {
        let prompt = prompts.borrow_and_update().clone();
        screen.draw(|frame| draw(prompt.as_ref(), &look, frame)).map_err(io::Error::other)?;
        tokio::select! { biased;
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) if key.is_press() => match keys::cmd(Mode::SignIn, &key) {
                    Some(Cmd::No | Cmd::End) => return Ok(None),
                    Some(Cmd::Copy) => terminal::copy(prompt.as_ref().map_or("", Prompt::address))?,
                    _ => {}
                },
                Some(Ok(_)) => {}
                Some(Err(why)) if why.kind() != io::ErrorKind::UnexpectedEof => return Err(why),
                Some(Err(_)) | None => return Ok(None),
            },
            ended = &mut signing_in => return Ok(Some(ended)),
            changed = prompts.changed() => if changed.is_err() { return Ok(Some(signing_in.await)) },
            _ = seconds.tick() => {}
        }
    }
}

fn draw(prompt: Option<&Prompt>, look: &Look, frame: &mut ratatui::Frame<'_>) {
    let area = frame.area();
    let screen = frame.buffer_mut();
    let width = usize::from(area.width.saturating_sub(4));
    let mut all = vec![Line::from(look.theme.span(Role::Title, phrase("screen-sign-in-title"))), Line::default()];
    if let Some(prompt) = prompt {
        all.extend(lines(prompt, (look.now)(), look.theme, look.ascii, width));
    }
    let room = usize::from(area.height.saturating_sub(4));
    if all.len() > room {
        let more = say("screen-more-lines-too-low", &[("count", (all.len() - room + 1).into())]);
        all.truncate(room.saturating_sub(1));
        all.push(Line::from(look.theme.span(Role::Dim, more)));
    }
    let inner = Rect { x: area.x + 2.min(area.width), y: area.y + 1.min(area.height), ..area };
    let inner = inner.intersection(area);
    view::lines(screen, inner, &all);
    let last = Rect { y: area.bottom().saturating_sub(2).max(area.y), height: 1.min(area.height), ..inner };
    view::lines(screen, last, &[keys(look.theme)]);
    if look.ascii {
        glyph::to_ascii(screen);
    }
}
