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
use crate::tui::keys::Words;
use crate::words::phrase;

/// Each mode with the title of its group.
pub(super) const TITLES: [(Mode, Words); 11] = [
    (Mode::Views, || phrase("help-mode-views")),
    (Mode::Always, || phrase("help-mode-always")),
    (Mode::YesNo, || phrase("help-mode-yes-no")),
    (Mode::Number, || phrase("help-mode-number")),
    (Mode::Reason, || phrase("help-mode-reason")),
    (Mode::Figures, || phrase("help-mode-figures")),
    (Mode::Search, || phrase("help-mode-search")),
    (Mode::Palette, || phrase("help-mode-palette")),
    (Mode::Page, || phrase("help-mode-page")),
    (Mode::Tour, || phrase("help-mode-tour")),
    (Mode::SignIn, || phrase("help-mode-sign-in")),
];

const fn bind(mode: Mode, keys: &'static [Stroke], cmd: Cmd, hint: Option<Words>, help: Words) -> Bind {
    Bind { mode, keys, cmd, help, hint }
}

/// Every key of the program.
#[rustfmt::skip]
pub const BINDS: &[Bind] = &[
    bind(Mode::Views, &[Key(Char('a'))], Cmd::Approve, Some(|| phrase("key-hint-approve")), || phrase("key-approve")),
    bind(Mode::Views, &[Key(Char('n'))], Cmd::Next, Some(|| phrase("key-hint-next")), || phrase("key-next")),
    bind(Mode::Views, &[Key(KeyCode::Enter)], Cmd::Inspect, Some(|| phrase("key-hint-inspect")), || phrase("key-inspect")),
    bind(Mode::Views, &[Key(KeyCode::Esc)], Cmd::Back, Some(|| phrase("key-hint-back")), || phrase("key-back")),
    bind(Mode::Views, &[Key(Char('p'))], Cmd::Poll, Some(|| phrase("key-hint-poll")), || phrase("key-poll")),
    bind(Mode::Views, &[Key(Char('/'))], Cmd::Search, Some(|| phrase("key-hint-search")), || phrase("key-search")),
    bind(Mode::Views, &[Key(Char('f'))], Cmd::Filter, Some(|| phrase("key-hint-filter")), || phrase("key-filter")),
    bind(Mode::Views, &[Key(Char('F'))], Cmd::FilterBack, None, || phrase("key-filter-back")),
    bind(Mode::Views, &[Key(Char('s'))], Cmd::Sort, Some(|| phrase("key-hint-sort")), || phrase("key-sort")),
    bind(Mode::Views, &[Key(Char('S'))], Cmd::SortTurn, None, || phrase("key-sort-turn")),
    bind(Mode::Views, &[Key(Char('w'))], Cmd::Whole, None, || phrase("key-whole")),
    bind(Mode::Views, &[Key(Char('c'))], Cmd::Follow, None, || phrase("key-follow")),
    bind(Mode::Views, &[Key(Char(' '))], Cmd::Mark, Some(|| phrase("key-hint-mark")), || phrase("key-mark")),
    bind(Mode::Views, &[Key(Char('v'))], Cmd::MarkRange, None, || phrase("key-mark-range")),
    bind(Mode::Views, &[Key(Char('A'))], Cmd::MarkAll, None, || phrase("key-mark-all")),
    bind(Mode::Views, &[Key(Char('x'))], Cmd::Exclude, Some(|| phrase("key-hint-exclude")), || phrase("key-exclude")),
    bind(Mode::Views, &[Key(Char('r'))], Cmd::Reprocess, Some(|| phrase("key-hint-reprocess")), || phrase("key-reprocess")),
    bind(Mode::Views, &[Key(Char('d'))], Cmd::Direct, None, || phrase("key-direct")),
    bind(Mode::Views, &[Key(Char('R'))], Cmd::RollBack, None, || phrase("key-roll-back")),
    bind(Mode::Views, &[Key(Char('1'))], Cmd::View(1), None, || phrase("key-view-users")),
    bind(Mode::Views, &[Key(Char('2'))], Cmd::View(2), None, || phrase("key-view-batches")),
    bind(Mode::Views, &[Key(Char('3'))], Cmd::View(3), None, || phrase("key-view-events")),
    bind(Mode::Views, &[Key(Char('4'))], Cmd::View(4), None, || phrase("key-view-plan")),
    bind(Mode::Views, &[Key(Char('5'))], Cmd::View(5), None, || phrase("key-view-problems")),
    bind(Mode::Views, &[Key(Char('j')), Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::Views, &[Key(Char('k')), Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),
    bind(Mode::Views, &[Key(KeyCode::PageDown)], Cmd::PageDown, None, || phrase("key-page-down")),
    bind(Mode::Views, &[Key(KeyCode::PageUp)], Cmd::PageUp, None, || phrase("key-page-up")),
    bind(Mode::Views, &[Key(Char('g')), Key(KeyCode::Home)], Cmd::First, None, || phrase("key-first")),
    bind(Mode::Views, &[Key(Char('G')), Key(KeyCode::End)], Cmd::Last, None, || phrase("key-last")),
    bind(Mode::Views, &[Key(Char('P'))], Cmd::Pause, Some(|| phrase("key-hint-pause")), || phrase("key-pause")),
    bind(Mode::Views, &[Key(Char('+'))], Cmd::Slower, None, || phrase("key-slower")),
    bind(Mode::Views, &[Key(Char('-'))], Cmd::Faster, None, || phrase("key-faster")),
    bind(Mode::Views, &[Key(Char('b'))], Cmd::BatchSettings, None, || phrase("key-batch-settings")),
    bind(Mode::Views, &[Key(Char('<'))], Cmd::FewerBatches, None, || phrase("key-fewer-batches")),
    bind(Mode::Views, &[Key(Char('>'))], Cmd::MoreBatches, None, || phrase("key-more-batches")),
    bind(Mode::Views, &[Key(Char('e'))], Cmd::Export, None, || phrase("key-export")),
    bind(Mode::Views, &[Key(Char('y'))], Cmd::Copy, None, || phrase("key-copy")),
    bind(Mode::Views, &[Key(Char('L'))], Cmd::SignIn, None, || phrase("key-sign-in")),
    bind(Mode::Views, &[Key(Char('t'))], Cmd::Theme, None, || phrase("key-theme")),
    bind(Mode::Views, &[Key(Char('M'))], Cmd::Mouse, None, || phrase("key-mouse")),
    bind(Mode::Views, &[Key(Char(':'))], Cmd::Palette, Some(|| phrase("key-hint-palette")), || phrase("key-palette")),
    bind(Mode::Views, &[Key(Char('q'))], Cmd::Quit, Some(|| phrase("key-hint-quit")), || phrase("key-quit")),
    bind(Mode::Views, &[Key(Char('?'))], Cmd::Help, Some(|| phrase("key-hint-help")), || phrase("key-help")),

    bind(Mode::Always, &[Key(Char('H'))], Cmd::Halt, Some(|| phrase("key-hint-halt")), || phrase("key-halt")),
    bind(Mode::Always, &[Ctrl('c')], Cmd::End, None, || phrase("key-end")),

    bind(Mode::YesNo, &[Key(Char('y'))], Cmd::Yes, Some(|| phrase("key-hint-yes")), || phrase("key-yes")),
    bind(Mode::YesNo, &[Key(Char('n')), Key(KeyCode::Esc)], Cmd::No, Some(|| phrase("key-hint-leave")), || phrase("key-no")),
    bind(Mode::YesNo, &[Key(KeyCode::Tab)], Cmd::Reason, None, || phrase("key-reason")),
    bind(Mode::YesNo, &[Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::YesNo, &[Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),
    bind(Mode::YesNo, &[Key(KeyCode::PageDown)], Cmd::PageDown, None, || phrase("key-page-down")),
    bind(Mode::YesNo, &[Key(KeyCode::PageUp)], Cmd::PageUp, None, || phrase("key-page-up")),

    bind(Mode::Number, &[Text], Cmd::Type, None, || phrase("key-type")),
    bind(Mode::Number, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None, || phrase("key-erase")),
    bind(Mode::Number, &[Key(KeyCode::Enter)], Cmd::Submit, Some(|| phrase("key-hint-approve")), || phrase("key-submit")),
    bind(Mode::Number, &[Key(KeyCode::Esc)], Cmd::No, Some(|| phrase("key-hint-leave")), || phrase("key-no")),
    bind(Mode::Number, &[Key(KeyCode::Tab)], Cmd::Reason, None, || phrase("key-reason")),
    bind(Mode::Number, &[Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::Number, &[Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),
    bind(Mode::Number, &[Key(KeyCode::PageDown)], Cmd::PageDown, None, || phrase("key-page-down")),
    bind(Mode::Number, &[Key(KeyCode::PageUp)], Cmd::PageUp, None, || phrase("key-page-up")),

    bind(Mode::Reason, &[Text], Cmd::Type, None, || phrase("key-reason-type")),
    bind(Mode::Reason, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None, || phrase("key-erase")),
    bind(Mode::Reason, &[Key(KeyCode::Enter), Key(KeyCode::Esc)], Cmd::Submit, Some(|| phrase("key-hint-back")), || phrase("key-reason-submit")),

    bind(Mode::Figures, &[Text], Cmd::Type, None, || phrase("key-figures-type")),
    bind(Mode::Figures, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None, || phrase("key-erase")),
    bind(Mode::Figures, &[Key(KeyCode::Tab)], Cmd::NextField, None, || phrase("key-next-field")),
    bind(Mode::Figures, &[Key(KeyCode::Enter)], Cmd::Submit, Some(|| phrase("key-hint-set")), || phrase("key-figures-submit")),
    bind(Mode::Figures, &[Key(KeyCode::Esc)], Cmd::No, Some(|| phrase("key-hint-leave")), || phrase("key-no")),

    bind(Mode::Search, &[Text], Cmd::Type, None, || phrase("key-search-type")),
    bind(Mode::Search, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None, || phrase("key-erase")),
    bind(Mode::Search, &[Key(KeyCode::Enter)], Cmd::Submit, Some(|| phrase("key-hint-keep")), || phrase("key-search-submit")),
    bind(Mode::Search, &[Key(KeyCode::Esc)], Cmd::No, Some(|| phrase("key-hint-show-all")), || phrase("key-search-no")),
    bind(Mode::Search, &[Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::Search, &[Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),

    bind(Mode::Palette, &[Text], Cmd::Type, None, || phrase("key-palette-type")),
    bind(Mode::Palette, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None, || phrase("key-erase")),
    bind(Mode::Palette, &[Key(KeyCode::Enter)], Cmd::Submit, Some(|| phrase("key-hint-palette-submit")), || phrase("key-palette-submit")),
    bind(Mode::Palette, &[Key(KeyCode::Esc)], Cmd::No, Some(|| phrase("key-hint-back")), || phrase("key-palette-no")),
    bind(Mode::Palette, &[Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::Palette, &[Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),
    bind(Mode::Palette, &[Key(KeyCode::PageDown)], Cmd::PageDown, None, || phrase("key-page-down")),
    bind(Mode::Palette, &[Key(KeyCode::PageUp)], Cmd::PageUp, None, || phrase("key-page-up")),

    bind(Mode::Page, &[Key(KeyCode::Esc), Key(Char('q')), Key(Char('?'))], Cmd::No, Some(|| phrase("key-hint-back")), || phrase("key-back")),
    bind(Mode::Page, &[Key(Char('j')), Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::Page, &[Key(Char('k')), Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),
    bind(Mode::Page, &[Key(KeyCode::PageDown), Key(Char(' '))], Cmd::PageDown, None, || phrase("key-page-down")),
    bind(Mode::Page, &[Key(KeyCode::PageUp)], Cmd::PageUp, None, || phrase("key-page-up")),

    bind(Mode::Tour, &[Key(KeyCode::Enter), Key(Char(' ')), Key(KeyCode::Right)], Cmd::Submit, Some(|| phrase("key-hint-tour-next")), || phrase("key-tour-next")),
    bind(Mode::Tour, &[Key(KeyCode::Left), Key(KeyCode::Backspace)], Cmd::Back, None, || phrase("key-tour-back")),
    bind(Mode::Tour, &[Key(KeyCode::Esc), Key(Char('q'))], Cmd::No, Some(|| phrase("key-hint-tour-skip")), || phrase("key-tour-skip")),

    bind(Mode::SignIn, &[Key(Char('y'))], Cmd::Copy, Some(|| phrase("key-hint-copy-the-address")), || phrase("key-sign-in-copy")),
    bind(Mode::SignIn, &[Key(KeyCode::Esc)], Cmd::No, Some(|| phrase("key-hint-give-up")), || phrase("key-sign-in-no")),
    bind(Mode::SignIn, &[Key(KeyCode::Down)], Cmd::Down, None, || phrase("key-down")),
    bind(Mode::SignIn, &[Key(KeyCode::Up)], Cmd::Up, None, || phrase("key-up")),
];
