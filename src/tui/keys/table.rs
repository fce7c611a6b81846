//! The table itself.

use crossterm::event::KeyCode;
use crossterm::event::KeyCode::Char;

use crate::tui::keys::Bind;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::keys::Stroke;
use crate::tui::keys::Stroke::Ctrl;
use crate::tui::keys::Stroke::Key;
use crate::tui::keys::Stroke::Text;

/// Each mode with the title of its group.
pub(super) const TITLES: [(Mode, &str); 7] = [
    (Mode::Views, "In the views"),
    (Mode::Always, "Always, also inside a dialog"),
    (Mode::YesNo, "Where a dialog asks for yes or no"),
    (Mode::Number, "Where a dialog asks for a number"),
    (Mode::Search, "In the search line"),
    (Mode::Page, "On the page of keys"),
    (Mode::SignIn, "On the sign-in page"),
];

const fn bind(mode: Mode, keys: &'static [Stroke], cmd: Cmd, hint: &'static str, help: &'static str) -> Bind {
    Bind { mode, keys, cmd, help, hint }
}

/// Every key of the program.
#[rustfmt::skip]
pub const BINDS: &[Bind] = &[
    bind(Mode::Views, &[Key(Char('a'))], Cmd::Approve, "approve", "open the approval that is waiting (if none is, say why)"),
    bind(Mode::Views, &[Key(KeyCode::Enter)], Cmd::Inspect, "inspect", "inspect the user, or open the batch"),
    bind(Mode::Views, &[Key(KeyCode::Esc)], Cmd::Back, "back", "back"),
    bind(Mode::Views, &[Key(Char('p'))], Cmd::Poll, "poll", "poll now; in preflight, check again"),
    bind(Mode::Views, &[Key(Char('/'))], Cmd::Search, "search", "search for a name"),
    bind(Mode::Views, &[Key(Char('f'))], Cmd::Filter, "filter", "next filter: all, waiting, stuck, blocked, migrated"),
    bind(Mode::Views, &[Key(Char('s'))], Cmd::Sort, "sort", "next order: as listed, by name, trouble first, longest first"),
    bind(Mode::Views, &[Key(Char('x'))], Cmd::Exclude, "exclude", "exclude the user from the batch (asks)"),
    bind(Mode::Views, &[Key(Char('r'))], Cmd::Reprocess, "reprocess", "reprocess the license of the user or of the batch (asks)"),
    bind(Mode::Views, &[Key(Char('d'))], Cmd::Direct, "", "remove a direct license that stands in the way (asks)"),
    bind(Mode::Views, &[Key(Char('R'))], Cmd::RollBack, "", "roll back the user or the batch (asks)"),
    bind(Mode::Views, &[Key(Char('1'))], Cmd::View(1), "", "users"),
    bind(Mode::Views, &[Key(Char('2'))], Cmd::View(2), "", "batches"),
    bind(Mode::Views, &[Key(Char('3'))], Cmd::View(3), "", "events"),
    bind(Mode::Views, &[Key(Char('4'))], Cmd::View(4), "", "plan"),
    bind(Mode::Views, &[Key(Char('j')), Key(KeyCode::Down)], Cmd::Down, "", "down"),
    bind(Mode::Views, &[Key(Char('k')), Key(KeyCode::Up)], Cmd::Up, "", "up"),
    bind(Mode::Views, &[Key(KeyCode::PageDown)], Cmd::PageDown, "", "a page down"),
    bind(Mode::Views, &[Key(KeyCode::PageUp)], Cmd::PageUp, "", "a page up"),
    bind(Mode::Views, &[Key(Char('g')), Key(KeyCode::Home)], Cmd::First, "", "to the first row"),
    bind(Mode::Views, &[Key(Char('G')), Key(KeyCode::End)], Cmd::Last, "", "to the last row"),
    bind(Mode::Views, &[Key(Char(' '))], Cmd::Pause, "pause", "pause or resume polling"),
    bind(Mode::Views, &[Key(Char('+'))], Cmd::Slower, "", "longer polling interval"),
    bind(Mode::Views, &[Key(Char('-'))], Cmd::Faster, "", "shorter polling interval"),
    bind(Mode::Views, &[Key(Char('e'))], Cmd::Export, "", "export the report of the run, in all its formats"),
    bind(Mode::Views, &[Key(Char('y'))], Cmd::Copy, "", "copy the user: name, standing, reasons"),
    bind(Mode::Views, &[Key(Char('L'))], Cmd::SignIn, "", "sign in again"),
    bind(Mode::Views, &[Key(Char('t'))], Cmd::Theme, "", "next theme: dark, light, ansi, none"),
    bind(Mode::Views, &[Key(Char('q'))], Cmd::Quit, "quit", "quit (asks while a phase is under way)"),
    bind(Mode::Views, &[Key(Char('?'))], Cmd::Help, "help", "this page of keys"),

    bind(Mode::Always, &[Key(Char('H'))], Cmd::Halt, "halt", "halt: nothing more is written"),
    bind(Mode::Always, &[Ctrl('c')], Cmd::End, "", "end in order, without asking"),

    bind(Mode::YesNo, &[Key(Char('y'))], Cmd::Yes, "yes", "yes"),
    bind(Mode::YesNo, &[Key(Char('n')), Key(KeyCode::Esc)], Cmd::No, "leave", "leave all as it is"),
    bind(Mode::YesNo, &[Key(KeyCode::Down)], Cmd::Down, "", "down"),
    bind(Mode::YesNo, &[Key(KeyCode::Up)], Cmd::Up, "", "up"),
    bind(Mode::YesNo, &[Key(KeyCode::PageDown)], Cmd::PageDown, "", "a page down"),
    bind(Mode::YesNo, &[Key(KeyCode::PageUp)], Cmd::PageUp, "", "a page up"),

    bind(Mode::Number, &[Text], Cmd::Type, "", "the number of users shown"),
    bind(Mode::Number, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, "", "take the last character back"),
    bind(Mode::Number, &[Key(KeyCode::Enter)], Cmd::Submit, "approve", "approve, if it is the number of users shown"),
    bind(Mode::Number, &[Key(KeyCode::Esc)], Cmd::No, "leave", "leave all as it is"),
    bind(Mode::Number, &[Key(KeyCode::Down)], Cmd::Down, "", "down"),
    bind(Mode::Number, &[Key(KeyCode::Up)], Cmd::Up, "", "up"),
    bind(Mode::Number, &[Key(KeyCode::PageDown)], Cmd::PageDown, "", "a page down"),
    bind(Mode::Number, &[Key(KeyCode::PageUp)], Cmd::PageUp, "", "a page up"),

    bind(Mode::Search, &[Text], Cmd::Type, "", "a part of the name"),
    bind(Mode::Search, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, "", "take the last character back"),
    bind(Mode::Search, &[Key(KeyCode::Enter)], Cmd::Submit, "keep", "keep what was found"),
    bind(Mode::Search, &[Key(KeyCode::Esc)], Cmd::No, "show all", "show all again"),
    bind(Mode::Search, &[Key(KeyCode::Down)], Cmd::Down, "", "down"),
    bind(Mode::Search, &[Key(KeyCode::Up)], Cmd::Up, "", "up"),

    bind(Mode::Page, &[Key(KeyCode::Esc), Key(Char('q')), Key(Char('?'))], Cmd::No, "back", "back"),
    bind(Mode::Page, &[Key(Char('j')), Key(KeyCode::Down)], Cmd::Down, "", "down"),
    bind(Mode::Page, &[Key(Char('k')), Key(KeyCode::Up)], Cmd::Up, "", "up"),
    bind(Mode::Page, &[Key(KeyCode::PageDown), Key(Char(' '))], Cmd::PageDown, "", "a page down"),
    bind(Mode::Page, &[Key(KeyCode::PageUp)], Cmd::PageUp, "", "a page up"),

    bind(Mode::SignIn, &[Key(Char('y'))], Cmd::Copy, "copy the address", "copy the address of the page"),
    bind(Mode::SignIn, &[Key(KeyCode::Esc)], Cmd::No, "give up", "give up the sign-in"),
    bind(Mode::SignIn, &[Key(KeyCode::Down)], Cmd::Down, "", "down"),
    bind(Mode::SignIn, &[Key(KeyCode::Up)], Cmd::Up, "", "up"),
];
