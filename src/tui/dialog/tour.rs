//! A few short pages for who opens the demo for the first time: what matters, and by which keys.

use ratatui::text::Line;

use crate::tui::dialog::frame::Page;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words::phrase;
use crate::words::say;

/// How many pages there are.
pub const TOUR_PAGES: usize = 5;

/// What stands on a page: its heading and its paragraphs, in which keys stand between backticks.
fn told(number: usize) -> (String, Vec<String>) {
    let key = |cmd| keys::label(Mode::Views, cmd);
    match number {
        0 => (phrase("dialog-tour-demo"), vec![phrase("dialog-tour-demo-text"), phrase("dialog-tour-demo-screen")]),
        1 => {
            let next = say("dialog-tour-gate-next", &[("key", key(Cmd::Next).into())]);
            (phrase("dialog-tour-gate"), vec![phrase("dialog-tour-gate-text"), next])
        }
        2 => {
            let opens = say("dialog-tour-approve-text", &[("key", key(Cmd::Approve).into())]);
            (
                phrase("dialog-tour-approve"),
                vec![opens, phrase("dialog-tour-approve-number"), phrase("dialog-tour-approve-else")],
            )
        }
        3 => {
            let halt = keys::label(Mode::Always, Cmd::Halt);
            (
                phrase("dialog-tour-halt"),
                vec![
                    say("dialog-tour-halt-text", &[("key", halt.into())]),
                    say("dialog-tour-halt-after", &[("key", key(Cmd::Approve).into())]),
                ],
            )
        }
        _ => {
            let [problems, palette, help] = [Cmd::View(5), Cmd::Palette, Cmd::Help].map(key);
            let lines = vec![
                say("dialog-tour-find-problems", &[("key", problems.into())]),
                say("dialog-tour-find-palette", &[("key", palette.into())]),
                say("dialog-tour-find-help", &[("key", help.into())]),
            ];
            (phrase("dialog-tour-find"), lines)
        }
    }
}

pub(super) fn page(model: &Model, number: usize, width: usize) -> Page<'static> {
    let theme = model.theme;
    let (heading, paragraphs) = told(number);
    let mut page = PageBuilder::new(theme, width);
    page.heading(&heading);
    for text in paragraphs {
        page.blank();
        page.with_keys(&text);
    }
    let [next, skip] = [Cmd::Submit, Cmd::No].map(|cmd| keys::label(Mode::Tour, cmd));
    let answer = if number + 1 < TOUR_PAGES {
        say("dialog-tour-keys", &[("next", next.into()), ("skip", skip.into())])
    } else {
        say("dialog-tour-keys-last", &[("next", next.into())])
    };
    let title = say("dialog-tour-title", &[("number", (number + 1).into()), ("all", TOUR_PAGES.into())]);
    let answer = vec![Line::from(theme.spans_with_keys(&answer))];
    Page { title, role: Role::Focus, facts: page.into_lines(), users: &[], answer }
}
