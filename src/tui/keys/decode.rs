//! Bytes of a keyboard as events, however they are cut up on their way: half of an escape sequence is no key, and nothing
//! unfinished swallows keys for ever.

use std::time::Duration;
use std::time::Instant;

use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use crossterm::event::MouseButton;
use crossterm::event::MouseEvent;
use crossterm::event::MouseEventKind;
use vte::Params;
use vte::Parser;
use vte::Perform;

/// How long after `ESC`, or after a part of a sequence, the next part may come. A network cuts sequences up by up to 60 ms.
const SEQUENCE_WAITS: Duration = Duration::from_millis(90);
/// How long nothing comes before a paste that was never closed is over.
const PASTE_WAITS: Duration = Duration::from_millis(500);
/// The most of a paste that is kept, in bytes.
const MOST_PASTED: usize = 64 << 10;
/// How long after a part of what the mouse sent the rest is still expected. A hand that clicks types nothing so soon.
const MOUSE_WAITS: Duration = Duration::from_secs(2);
/// How many bytes the older form of the mouse has behind `ESC [ M`: the button, the column and the row.
const OLD_MOUSE: usize = 3;
/// What closes a paste.
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Turns bytes into events. Time is handed in.
#[derive(Default)]
pub struct Decoder {
    parser: Parser,
    state: State,
    last: Option<Instant>,
}

#[derive(Default)]
struct State {
    events: Vec<Event>,
    /// How many bytes an unfinished sequence has, from its `ESC` on.
    length: Option<usize>,
    /// Whether `ESC O` came, after which one letter names a key.
    single_shift: bool,
    paste: Option<Vec<u8>>,
    /// How many bytes of the older form of the mouse are still to come.
    old_mouse: usize,
    /// Whether the unfinished sequence is of the mouse: `ESC [ <` came.
    of_mouse: bool,
    /// Until when digits, `;` and `M` are the rest of what the mouse sent, as its beginning came too long before it.
    rest_of_mouse: Option<Instant>,
}

impl Decoder {
    /// Takes what was read and gives the events that are complete.
    pub fn read(&mut self, bytes: &[u8], now: Instant) -> Vec<Event> {
        let mut events = self.expire(now);
        for byte in bytes {
            if !self.is_rest_of_mouse(*byte, now) {
                self.byte(*byte);
            }
        }
        self.last = Some(now);
        events.append(&mut self.state.events);
        events
    }

    /// When something unfinished is over although nothing more has come.
    pub fn deadline(&self) -> Option<Instant> {
        let waits = match (&self.state.paste, self.state.length) {
            (Some(_), _) => PASTE_WAITS,
            (None, Some(_)) => SEQUENCE_WAITS,
            (None, None) => return None,
        };
        Some(self.last? + waits)
    }

    /// Ends what is unfinished for too long: a lone `ESC` is the key, a paste is what came of it, the rest is nothing.
    pub fn expire(&mut self, now: Instant) -> Vec<Event> {
        if self.deadline().is_some_and(|deadline| now >= deadline) {
            if let Some(pasted) = self.state.paste.take() {
                self.state.pasted(&pasted);
            } else if self.state.length == Some(1) {
                self.state.key(KeyCode::Esc, KeyModifiers::NONE);
            }
            self.state.rest_of_mouse = self.last.filter(|_| self.state.of_mouse).map(|last| last + MOUSE_WAITS);
            (self.parser, self.state.length, self.state.single_shift) = (Parser::new(), None, false);
            (self.state.old_mouse, self.state.of_mouse) = (0, false);
        }
        std::mem::take(&mut self.state.events)
    }

    /// Whether a byte ends or goes on with what the mouse sent, whose beginning was given up: a number that is typed into an
    /// approval must not have digits in it that nobody typed. A halt is none of these bytes.
    fn is_rest_of_mouse(&mut self, byte: u8, now: Instant) -> bool {
        let state = &mut self.state;
        let waits =
            state.rest_of_mouse.is_some_and(|until| now < until) && state.length.is_none() && state.paste.is_none();
        let is_rest = waits && matches!(byte, b'0'..=b'9' | b';' | b'M' | b'm');
        if !is_rest || matches!(byte, b'M' | b'm') {
            state.rest_of_mouse = None;
        }
        is_rest
    }

    fn byte(&mut self, byte: u8) {
        let state = &mut self.state;
        if state.old_mouse > 0 {
            if byte >= 0x20 {
                // They are numbers, though they look like letters: column 40 like a halt.
                state.old_mouse -= 1;
                state.length = if state.old_mouse > 0 { state.length.map(|length| length + 1) } else { None };
                return;
            }
            (state.old_mouse, state.length) = (0, None);
        }
        if let Some(pasted) = &mut state.paste {
            pasted.push(byte);
            if pasted.ends_with(PASTE_ENDS) {
                let pasted = state.paste.take().unwrap_or_default();
                state.pasted(&pasted[..pasted.len() - PASTE_ENDS.len()]);
            } else if pasted.len() > MOST_PASTED + PASTE_ENDS.len() {
                // The beginning is kept, and enough of the end to see it.
                pasted.remove(MOST_PASTED);
            }
            return;
        }
        if byte == 0x1b {
            if state.length.is_none() {
                // Half of a character before it must not take the escape along, and leave the rest of a key as letters.
                self.parser = Parser::new();
            }
            if state.length == Some(1) {
                state.key(KeyCode::Esc, KeyModifiers::NONE);
            }
            (state.length, state.single_shift, state.of_mouse) = (Some(0), false, false);
        } else if state.length == Some(1) && !(0x20..0x7f).contains(&byte) {
            // Nothing begins so: the escape was a key, and this is the next one.
            state.key(KeyCode::Esc, KeyModifiers::NONE);
            (self.parser, state.length) = (Parser::new(), None);
        }
        if state.length.is_none() && byte.is_ascii() {
            // Half of a character before it must not take this one along.
            self.parser = Parser::new();
        }
        // `ESC [ <` has its sign in the third place.
        state.of_mouse |= state.length == Some(2) && byte == b'<';
        state.length = state.length.map(|length| length + 1);
        self.parser.advance(state, &[byte]);
    }
}

impl State {
    fn key(&mut self, code: KeyCode, held: KeyModifiers) {
        self.events.push(Event::Key(KeyEvent::new(code, held)));
    }

    fn pasted(&mut self, bytes: &[u8]) {
        let kept = &bytes[..bytes.len().min(MOST_PASTED)];
        self.events.push(Event::Paste(String::from_utf8_lossy(kept).into_owned()));
    }

    /// The mouse, as `ESC [ < button ; column ; row M` tells of it, or with `m` for a button let go.
    fn mouse(&mut self, numbers: &[u16], pressed: bool) {
        let &[button, column, row] = numbers else { return };
        let kind = match button & !HELD {
            0 if pressed => MouseEventKind::Down(MouseButton::Left),
            64 => MouseEventKind::ScrollUp,
            65 => MouseEventKind::ScrollDown,
            _ => return,
        };
        let (column, row) = (column.saturating_sub(1), row.saturating_sub(1)); // cells are counted from 1
        self.events.push(Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    fn char(&mut self, one: char) {
        let held = if one.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        self.key(KeyCode::Char(one), held);
    }
}

/// Bits of a button that say which keys were held, and no more.
const HELD: u16 = 4 | 8 | 16;

/// The keys that `ESC [` and `ESC O` share.
fn lettered(letter: char) -> Option<KeyCode> {
    Some(match letter {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'F' => KeyCode::End,
        'H' => KeyCode::Home,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'R' => KeyCode::F(3),
        'S' => KeyCode::F(4),
        'Z' => KeyCode::BackTab,
        _ => return None,
    })
}

fn numbered(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(u8::try_from(number - 10).ok()?),
        17..=21 => KeyCode::F(u8::try_from(number - 11).ok()?),
        23 | 24 => KeyCode::F(u8::try_from(number - 12).ok()?),
        _ => return None,
    })
}

impl Perform for State {
    fn print(&mut self, one: char) {
        self.length = None;
        if std::mem::take(&mut self.single_shift) {
            if let Some(code) = lettered(one) {
                self.key(code, KeyModifiers::NONE);
            }
        } else if one == '\u{7f}' {
            self.key(KeyCode::Backspace, KeyModifiers::NONE);
        } else {
            self.char(one);
        }
    }

    fn execute(&mut self, byte: u8) {
        // A control character inside of a sequence is a part of it, not an answer. Ctrl-C always ends.
        if self.length.is_some() && byte != 3 {
            return;
        }
        match byte {
            b'\r' => self.key(KeyCode::Enter, KeyModifiers::NONE),
            b'\t' => self.key(KeyCode::Tab, KeyModifiers::NONE),
            1..=26 => self.key(KeyCode::Char(char::from(byte - 1 + b'a')), KeyModifiers::CONTROL),
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _ignored: bool, byte: u8) {
        self.length = None;
        match byte {
            _ if !intermediates.is_empty() => {}
            b'O' => (self.single_shift, self.length) = (true, Some(2)),
            b'\\' => {} // ends a reply of the terminal
            _ => {
                // Alt with a key sends what Esc and that key send. No key of ours has Alt, and none right after Esc is lost.
                self.key(KeyCode::Esc, KeyModifiers::NONE);
                self.char(char::from(byte));
            }
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignored: bool, action: char) {
        (self.length, self.of_mouse) = (None, false);
        let numbers: Vec<u16> = params.iter().filter_map(|param| param.first().copied()).collect();
        if (intermediates, ignored) == (b"<", false) && matches!(action, 'M' | 'm') {
            return self.mouse(&numbers, action == 'M');
        }
        if ignored || !intermediates.is_empty() {
            return; // a reply of the terminal
        }
        if action == 'M' && numbers.iter().all(|number| *number == 0) {
            // An older terminal tells of the mouse so. It is not used, but it must not be taken for keys either.
            (self.old_mouse, self.length) = (OLD_MOUSE, Some(OLD_MOUSE));
            return;
        }
        let first = numbers.first().copied().unwrap_or_default();
        if (action, first) == ('~', 200) {
            self.paste = Some(Vec::new());
            return;
        }
        let held = numbers.get(1).map_or(0, |number| number.saturating_sub(1));
        let mut modifiers = KeyModifiers::NONE;
        for (bit, modifier) in [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)] {
            modifiers.set(modifier, held & bit != 0);
        }
        let code = match action {
            '~' => numbered(first),
            // `ESC [ 12;40 R` is where the cursor is, not F3.
            'R' | 'P' | 'Q' | 'S' if first > 1 => None,
            letter => lettered(letter),
        };
        if let Some(code) = code {
            self.key(code, modifiers);
        }
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, _: char) {}

    fn put(&mut self, _: u8) {}

    fn unhook(&mut self) {}

    fn osc_dispatch(&mut self, _: &[&[u8]], bell: bool) {
        if bell {
            self.length = None;
        }
    }
}

#[cfg(test)]
mod tests;
