//! The table of keys of the set-up: the dispatch and the footer are this list.

use crossterm::event::KeyCode;
use crossterm::event::KeyCode::Char;
use crossterm::event::KeyEvent;

use crate::tui::keys::Stroke;
use crate::tui::keys::Stroke::Ctrl;
use crate::tui::keys::Stroke::Key;
use crate::tui::keys::Stroke::Text;
use crate::words::phrase;

/// Who listens to the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Everybody, always.
    Always,
    /// A short list of which one is taken.
    Pick,
    /// The list of groups.
    Groups,
    /// The search line above it.
    Search,
    /// A field of a form that has a few values.
    Choice,
    /// A field of a form with text in it.
    Text,
    /// The only field of a page.
    Line,
    /// A question that is answered by typing what it names.
    Question,
    /// The summary.
    Summary,
    /// Something is under way.
    Waiting,
    /// The operator has to sign in elsewhere.
    Prompt,
    /// The file is written.
    Written,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cmd {
    /// Leave the set-up; nothing is written.
    Leave,
    /// Go back a page.
    Back,
    /// Go on.
    Next,
    /// One row or field up.
    Up,
    /// One row or field down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// The value before.
    Before,
    /// The value after.
    After,
    /// Search the list.
    Search,
    /// Keep what was found.
    Keep,
    /// Show all again.
    ShowAll,
    /// Read or check again.
    Again,
    /// A character of a text.
    Type,
    /// Take the last character back.
    Erase,
    /// Take the whole text back.
    Clear,
    /// Copy the address of the sign-in page.
    Copy,
    /// Open the terminal on the new configuration.
    Open,
    /// End, now that the file is written.
    End,
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
    hint: Option<fn() -> String>,
}

impl Bind {
    /// The keys and a word or two for the footer.
    pub fn hint(&self) -> Option<(String, String)> {
        let keys = self.keys.iter().map(|key| key.label()).collect::<Vec<_>>().join(" ");
        self.hint.map(|hint| (keys, hint()))
    }
}

const fn bind(mode: Mode, keys: &'static [Stroke], cmd: Cmd, hint: Option<fn() -> String>) -> Bind {
    Bind { mode, keys, cmd, hint }
}

const ENTER: &[Stroke] = &[Key(KeyCode::Enter)];
const ESC: &[Stroke] = &[Key(KeyCode::Esc)];
const Q: &[Stroke] = &[Key(Char('q'))];

/// Every key of the set-up.
#[rustfmt::skip]
pub const BINDS: &[Bind] = &[
    bind(Mode::Always, &[Ctrl('c')], Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Pick, ENTER, Cmd::Next, Some(|| phrase("setup-key-choose"))),
    bind(Mode::Pick, &[Key(KeyCode::Up), Key(Char('k'))], Cmd::Up, Some(|| phrase("setup-key-up"))),
    bind(Mode::Pick, &[Key(KeyCode::Down), Key(Char('j'))], Cmd::Down, Some(|| phrase("setup-key-down"))),
    bind(Mode::Pick, ESC, Cmd::Back, Some(|| phrase("setup-key-back"))),
    bind(Mode::Pick, Q, Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Groups, ENTER, Cmd::Next, Some(|| phrase("setup-key-choose"))),
    bind(Mode::Groups, &[Key(Char('/'))], Cmd::Search, Some(|| phrase("setup-key-search"))),
    bind(Mode::Groups, &[Key(KeyCode::Up), Key(Char('k'))], Cmd::Up, None),
    bind(Mode::Groups, &[Key(KeyCode::Down), Key(Char('j'))], Cmd::Down, Some(|| phrase("setup-key-down"))),
    bind(Mode::Groups, &[Key(KeyCode::PageUp)], Cmd::PageUp, None),
    bind(Mode::Groups, &[Key(KeyCode::PageDown)], Cmd::PageDown, None),
    bind(Mode::Groups, &[Key(Char('g')), Key(KeyCode::Home)], Cmd::First, None),
    bind(Mode::Groups, &[Key(Char('G')), Key(KeyCode::End)], Cmd::Last, None),
    bind(Mode::Groups, &[Key(Char('p'))], Cmd::Again, Some(|| phrase("setup-key-read-again"))),
    bind(Mode::Groups, ESC, Cmd::Back, Some(|| phrase("setup-key-back"))),
    bind(Mode::Groups, Q, Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Search, &[Text], Cmd::Type, None),
    bind(Mode::Search, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None),
    bind(Mode::Search, &[Ctrl('u')], Cmd::Clear, None),
    bind(Mode::Search, ENTER, Cmd::Keep, Some(|| phrase("setup-key-keep"))),
    bind(Mode::Search, ESC, Cmd::ShowAll, Some(|| phrase("setup-key-show-all"))),
    bind(Mode::Search, &[Key(KeyCode::Up)], Cmd::Up, None),
    bind(Mode::Search, &[Key(KeyCode::Down)], Cmd::Down, None),

    bind(Mode::Choice, ENTER, Cmd::Next, Some(|| phrase("setup-key-next"))),
    bind(Mode::Choice, &[Key(KeyCode::Left)], Cmd::Before, None),
    bind(Mode::Choice, &[Key(KeyCode::Right), Key(Char(' '))], Cmd::After, Some(|| phrase("setup-key-change"))),
    bind(Mode::Choice, &[Key(KeyCode::Tab), Key(KeyCode::Down)], Cmd::Down, Some(|| phrase("setup-key-field"))),
    bind(Mode::Choice, &[Key(KeyCode::BackTab), Key(KeyCode::Up)], Cmd::Up, None),
    bind(Mode::Choice, ESC, Cmd::Back, Some(|| phrase("setup-key-back"))),
    bind(Mode::Choice, Q, Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Text, &[Text], Cmd::Type, None),
    bind(Mode::Text, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None),
    bind(Mode::Text, &[Ctrl('u')], Cmd::Clear, Some(|| phrase("setup-key-clear"))),
    bind(Mode::Text, ENTER, Cmd::Next, Some(|| phrase("setup-key-next"))),
    bind(Mode::Text, &[Key(KeyCode::Tab), Key(KeyCode::Down)], Cmd::Down, Some(|| phrase("setup-key-field"))),
    bind(Mode::Text, &[Key(KeyCode::BackTab), Key(KeyCode::Up)], Cmd::Up, None),
    bind(Mode::Text, ESC, Cmd::Back, Some(|| phrase("setup-key-back"))),

    bind(Mode::Line, &[Text], Cmd::Type, None),
    bind(Mode::Line, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None),
    bind(Mode::Line, &[Ctrl('u')], Cmd::Clear, Some(|| phrase("setup-key-clear"))),
    bind(Mode::Line, ENTER, Cmd::Next, Some(|| phrase("setup-key-write"))),
    bind(Mode::Line, ESC, Cmd::Back, Some(|| phrase("setup-key-back"))),

    bind(Mode::Question, &[Text], Cmd::Type, None),
    bind(Mode::Question, &[Key(KeyCode::Backspace), Ctrl('h')], Cmd::Erase, None),
    bind(Mode::Question, &[Ctrl('u')], Cmd::Clear, None),
    bind(Mode::Question, ENTER, Cmd::Next, Some(|| phrase("setup-key-answer"))),
    bind(Mode::Question, ESC, Cmd::Back, Some(|| phrase("setup-key-leave-as-is"))),

    bind(Mode::Summary, ENTER, Cmd::Next, Some(|| phrase("setup-key-next"))),
    bind(Mode::Summary, &[Key(KeyCode::Up), Key(Char('k'))], Cmd::Up, None),
    bind(Mode::Summary, &[Key(KeyCode::Down), Key(Char('j'))], Cmd::Down, Some(|| phrase("setup-key-scroll"))),
    bind(Mode::Summary, &[Key(KeyCode::PageUp)], Cmd::PageUp, None),
    bind(Mode::Summary, &[Key(KeyCode::PageDown)], Cmd::PageDown, None),
    bind(Mode::Summary, &[Key(Char('p'))], Cmd::Again, Some(|| phrase("setup-key-check-again"))),
    bind(Mode::Summary, ESC, Cmd::Back, Some(|| phrase("setup-key-back"))),
    bind(Mode::Summary, Q, Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Waiting, ESC, Cmd::Back, Some(|| phrase("setup-key-cancel"))),
    bind(Mode::Waiting, Q, Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Prompt, &[Key(Char('y'))], Cmd::Copy, Some(|| phrase("key-hint-copy-the-address"))),
    bind(Mode::Prompt, ESC, Cmd::Back, Some(|| phrase("key-hint-give-up"))),
    bind(Mode::Prompt, Q, Cmd::Leave, Some(|| phrase("setup-key-leave"))),

    bind(Mode::Written, ENTER, Cmd::Open, Some(|| phrase("setup-key-open"))),
    bind(Mode::Written, &[Key(Char('q')), Key(KeyCode::Esc)], Cmd::End, Some(|| phrase("setup-key-end"))),
];

/// The binds of one mode, in the order of the table.
pub fn of(mode: Mode) -> impl Iterator<Item = &'static Bind> {
    BINDS.iter().filter(move |bind| bind.mode == mode)
}

/// What a key asks for.
pub fn cmd(mode: Mode, key: &KeyEvent) -> Option<Cmd> {
    let takes = |bind: &&Bind| bind.keys.iter().any(|stroke| stroke.takes(key));
    let named = |bind: &&Bind| bind.keys != [Text];
    let all = || of(Mode::Always).chain(of(mode));
    // A text takes only what no other key of its mode does.
    let found = all().filter(named).find(takes).or_else(|| all().find(takes));
    found.map(|bind| bind.cmd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    const MODES: [Mode; 11] = [
        Mode::Pick,
        Mode::Groups,
        Mode::Search,
        Mode::Choice,
        Mode::Text,
        Mode::Line,
        Mode::Question,
        Mode::Summary,
        Mode::Waiting,
        Mode::Prompt,
        Mode::Written,
    ];

    #[test]
    fn no_key_means_two_things_and_ctrl_c_leaves_everywhere() {
        let leave = KeyEvent::new(Char('c'), KeyModifiers::CONTROL);
        for mode in MODES {
            let mut seen = Vec::new();
            for key in of(Mode::Always).chain(of(mode)).flat_map(|bind| bind.keys) {
                assert!(!seen.contains(key), "{key:?} twice in {mode:?}");
                seen.push(*key);
            }
            assert_eq!(cmd(mode, &leave), Some(Cmd::Leave), "{mode:?}");
        }
    }

    #[test]
    fn every_page_shows_its_way_back_and_letters_are_text_where_text_is_typed() {
        for mode in MODES {
            let back = cmd(mode, &KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
            assert!(matches!(back, Some(Cmd::Back | Cmd::ShowAll | Cmd::End)), "{mode:?}");
            let hinted = of(mode).filter(|bind| bind.hint().is_some()).any(|bind| Some(bind.cmd) == back);
            assert!(hinted, "{mode:?} does not show how to go back");
        }
        for letter in ['q', 'H', 'y', '/'] {
            for mode in [Mode::Text, Mode::Line, Mode::Search, Mode::Question] {
                let key = KeyEvent::new(Char(letter), KeyModifiers::NONE);
                assert_eq!(cmd(mode, &key), Some(Cmd::Type), "{letter} in {mode:?}");
            }
        }
    }
}
