//! The one table of keys: the dispatch, the footer, the help page and the README's table are this list.

pub mod decode;
pub mod gate;
pub mod places;
mod table;

use std::fmt::Write;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;

pub use table::BINDS;

use crate::words::phrase;
use crate::words::say;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cmd {
    /// Stop all writing.
    Halt,
    /// End in order, without asking.
    End,
    /// Open the question that waits.
    Approve,
    /// Read now.
    Poll,
    /// Pause or resume polling.
    Pause,
    /// A longer interval.
    Slower,
    /// A shorter interval.
    Faster,
    /// Show a view, counted from 1.
    View(u8),
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One page down.
    PageDown,
    /// One page up.
    PageUp,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Look at the selected row.
    Inspect,
    /// Go back.
    Back,
    /// Look for a name.
    Search,
    /// The next filter.
    Filter,
    /// The filter before.
    FilterBack,
    /// The next order.
    Sort,
    /// Turn the order round.
    SortTurn,
    /// The whole run, or one batch.
    Whole,
    /// Stay with whoever changed last, or no longer.
    Follow,
    /// Mark the selected one, or no longer.
    Mark,
    /// Mark from here to where it is pressed again.
    MarkRange,
    /// Mark all that are shown, or none.
    MarkAll,
    /// Go to what needs the operator next.
    Next,
    /// Set how batches are that have not begun.
    BatchSettings,
    /// To the next field of a form.
    NextField,
    /// One batch fewer may be under way.
    FewerBatches,
    /// One batch more may be under way.
    MoreBatches,
    /// Take the user out.
    Exclude,
    /// Have GBL look again.
    Reprocess,
    /// Take a direct license off.
    Direct,
    /// Take users back.
    RollBack,
    /// Write the report into files.
    Export,
    /// Copy the user, or the address of the sign-in page.
    Copy,
    /// Sign in again.
    SignIn,
    /// The next theme.
    Theme,
    /// All keys.
    Help,
    /// All commands, to be looked for by a word.
    Palette,
    /// Whether the terminal tells of the mouse.
    Mouse,
    /// End.
    Quit,
    /// Write down why, before an answer.
    Reason,
    /// Yes to what a dialog asks.
    Yes,
    /// No to what a dialog asks.
    No,
    /// Hand in what was typed.
    Submit,
    /// Take the last character back.
    Erase,
    /// A character of a text; the character itself comes beside it.
    Type,
}

/// Who listens to the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Everybody, always: these win.
    Always,
    /// The views.
    Views,
    /// A dialog that wants a `y`.
    YesNo,
    /// A dialog that wants a number.
    Number,
    /// Figures of a form.
    Figures,
    /// The reason for an approval, where every key is text, `H` too.
    Reason,
    /// The search line.
    Search,
    /// The list of all commands.
    Palette,
    /// The pages for who opens the demo for the first time.
    Tour,
    /// The page of all keys.
    Page,
    /// The page of a sign-in that waits for the operator.
    SignIn,
}

/// One key as a terminal tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// This key without Ctrl or Alt.
    Key(KeyCode),
    /// This character with Ctrl.
    Ctrl(char),
    /// Any printable character that no other key of the mode takes.
    Text,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Bind {
    /// Who listens.
    pub mode: Mode,
    /// The keys, each of which does it.
    pub keys: &'static [Stroke],
    /// What they ask for.
    pub cmd: Cmd,
    help: Words,
    hint: Option<Words>,
}

/// Says something in the language of the process.
type Words = fn() -> String;

impl Stroke {
    /// Whether this is the key that was pressed.
    pub fn takes(self, key: &KeyEvent) -> bool {
        let held = key.modifiers - KeyModifiers::SHIFT; // a capital already says shift
        match self {
            Self::Key(code) => held.is_empty() && key.code == code,
            Self::Ctrl(one) => held == KeyModifiers::CONTROL && key.code == KeyCode::Char(one),
            Self::Text => held.is_empty() && matches!(key.code, KeyCode::Char(_)),
        }
    }

    /// How the key is written.
    pub fn label(self) -> String {
        match self {
            Self::Key(KeyCode::Char(' ')) => phrase("key-name-space"),
            Self::Key(KeyCode::Char(one)) => one.to_string(),
            Self::Key(KeyCode::PageDown) => phrase("key-name-page-down"),
            Self::Key(KeyCode::PageUp) => phrase("key-name-page-up"),
            Self::Key(KeyCode::Up) => phrase("key-name-up"),
            Self::Key(KeyCode::Down) => phrase("key-name-down"),
            Self::Key(KeyCode::Left) => phrase("key-name-left"),
            Self::Key(KeyCode::Right) => phrase("key-name-right"),
            Self::Key(code) => code.to_string(),
            Self::Ctrl(one) => say("key-name-ctrl", &[("key", one.to_ascii_uppercase().to_string().into())]),
            Self::Text => phrase("key-name-text"),
        }
    }
}

impl Bind {
    /// What the keys do, for the help page and the README.
    pub fn help(&self) -> String {
        (self.help)()
    }

    /// A word or two for the footer; nothing keeps the key out of it.
    pub fn hint(&self) -> Option<String> {
        self.hint.map(|hint| hint())
    }

    /// All its keys, as they are written.
    pub fn label(&self) -> String {
        self.keys.iter().map(|key| key.label()).collect::<Vec<_>>().join(" ")
    }
}

/// The binds of one mode, in the order of the table.
pub fn of(mode: Mode) -> impl Iterator<Item = &'static Bind> {
    BINDS.iter().filter(move |bind| bind.mode == mode)
}

/// What a key asks for in a mode.
pub fn cmd(mode: Mode, key: &KeyEvent) -> Option<Cmd> {
    let takes = |bind: &&Bind| bind.keys.iter().any(|stroke| stroke.takes(key));
    // A ticket may well have an H in it.
    let text = of(mode).filter(|_| mode == Mode::Reason).find(takes);
    text.or_else(|| of(Mode::Always).chain(of(mode)).find(takes)).map(|bind| bind.cmd)
}

/// Whether a reason is being typed, so that the thread that reads the keyboard takes no `H` for a halt.
static TYPES_TEXT: AtomicBool = AtomicBool::new(false);

/// Says whether a reason is being typed.
pub fn types_text(types: bool) {
    TYPES_TEXT.store(types, SeqCst);
}

/// Whether this event asks to halt, whatever is open.
pub fn asks_to_halt(key: &KeyEvent) -> bool {
    cmd(Mode::Always, key) == Some(Cmd::Halt) && !TYPES_TEXT.load(SeqCst)
}

/// The first key that asks for this in a mode, as it is written.
pub fn label(mode: Mode, cmd: Cmd) -> String {
    of(mode).find(|bind| bind.cmd == cmd).and_then(|bind| bind.keys.first()).map(|key| key.label()).unwrap_or_default()
}

/// The table as the README shows it.
pub fn markdown() -> String {
    let mut out = String::new();
    for (mode, title) in table::TITLES {
        let _ = write!(out, "\n| {} | |\n|---|---|\n", title());
        for bind in of(mode) {
            let keys: Vec<String> = bind.keys.iter().map(|key| written(*key)).collect();
            let _ = writeln!(out, "| {} | {} |", keys.join(" "), bind.help());
        }
    }
    out.trim_start().to_owned()
}

fn written(key: Stroke) -> String {
    if key == Stroke::Text { key.label() } else { format!("`{}`", key.label()) }
}

/// Each group of the help page: its mode, its title and its lines of keys and words.
pub fn pages() -> impl Iterator<Item = (Mode, String, Vec<&'static Bind>)> {
    table::TITLES.into_iter().map(|(mode, title)| (mode, title(), of(mode).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things_in_a_mode() {
        for (mode, _) in table::TITLES {
            let always = if mode == Mode::Always { Vec::new() } else { of(Mode::Always).collect() };
            let mut seen = Vec::new();
            for key in always.into_iter().chain(of(mode)).flat_map(|bind| bind.keys) {
                assert!(!seen.contains(key), "{key:?} twice in {mode:?}");
                seen.push(*key);
            }
        }
    }

    #[test]
    fn every_command_has_a_key() {
        let bound: HashSet<Cmd> = BINDS.iter().map(|bind| bind.cmd).collect();
        let plain = [
            Cmd::Halt,
            Cmd::End,
            Cmd::Approve,
            Cmd::Poll,
            Cmd::Pause,
            Cmd::Slower,
            Cmd::Faster,
            Cmd::View(1),
            Cmd::View(2),
            Cmd::View(3),
            Cmd::View(4),
            Cmd::Down,
            Cmd::Up,
            Cmd::PageDown,
            Cmd::PageUp,
            Cmd::First,
            Cmd::Last,
            Cmd::Inspect,
            Cmd::Back,
            Cmd::Search,
            Cmd::Filter,
            Cmd::FilterBack,
            Cmd::Sort,
            Cmd::SortTurn,
            Cmd::Whole,
            Cmd::Follow,
            Cmd::Mark,
            Cmd::MarkRange,
            Cmd::MarkAll,
            Cmd::Next,
            Cmd::BatchSettings,
            Cmd::NextField,
            Cmd::FewerBatches,
            Cmd::MoreBatches,
            Cmd::View(5),
            Cmd::Exclude,
            Cmd::Reprocess,
            Cmd::Direct,
            Cmd::RollBack,
            Cmd::Copy,
            Cmd::Export,
            Cmd::SignIn,
            Cmd::Theme,
            Cmd::Help,
            Cmd::Palette,
            Cmd::Mouse,
            Cmd::Quit,
            Cmd::Reason,
            Cmd::Yes,
            Cmd::No,
            Cmd::Submit,
            Cmd::Erase,
            Cmd::Type,
        ];
        assert_eq!(bound, plain.into_iter().collect());
    }

    #[test]
    fn enter_says_yes_nowhere_and_halt_is_heard_everywhere() {
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        let halt = KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT);
        for (mode, _) in table::TITLES {
            assert_ne!(cmd(mode, &enter), Some(Cmd::Yes));
            // A reason is text until Enter or Esc, one of which is a key away.
            let heard = if mode == Mode::Reason { Cmd::Type } else { Cmd::Halt };
            assert_eq!(cmd(mode, &halt), Some(heard));
        }
    }

    #[test]
    fn the_keyboard_takes_no_letter_of_a_reason_for_a_halt() {
        let halt = KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT);
        assert!(asks_to_halt(&halt));
        types_text(true);
        let taken = asks_to_halt(&halt);
        types_text(false);
        assert!(!taken && asks_to_halt(&halt));
    }

    #[test]
    fn ctrl_and_alt_make_another_key() {
        for held in [KeyModifiers::CONTROL, KeyModifiers::ALT] {
            assert_eq!(cmd(Mode::YesNo, &KeyEvent::new(KeyCode::Char('y'), held)), None);
        }
        assert_eq!(cmd(Mode::YesNo, &KeyEvent::new(KeyCode::Char('Y'), KeyModifiers::SHIFT)), None);
    }

    #[test]
    fn the_readme_table_names_every_bind() {
        let text = markdown();
        assert!(BINDS.iter().all(|bind| text.contains(&bind.help())), "{text}");
    }
}
