//! Bytes of a keyboard as events, however they are cut up on their way: half of an escape sequence is no key, and nothing
//! unfinished swallows keys for ever.

use std::time::Duration;
use std::time::Instant;

use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use vte::Params;
use vte::Parser;
use vte::Perform;

/// How long after `ESC`, or after a part of a sequence, the next part may come. A network cuts sequences up by up to 60 ms.
const SEQUENCE_WAITS: Duration = Duration::from_millis(90);
/// How long nothing comes before a paste that was never closed is over.
const PASTE_WAITS: Duration = Duration::from_millis(500);
/// The most of a paste that is kept, in bytes.
const MOST_PASTED: usize = 64 << 10;
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
}

impl Decoder {
    /// Takes what was read and gives the events that are complete.
    pub fn read(&mut self, bytes: &[u8], now: Instant) -> Vec<Event> {
        let mut events = self.expire(now);
        for byte in bytes {
            self.byte(*byte);
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
            (self.parser, self.state.length, self.state.single_shift) = (Parser::new(), None, false);
        }
        std::mem::take(&mut self.state.events)
    }

    fn byte(&mut self, byte: u8) {
        let state = &mut self.state;
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
            (state.length, state.single_shift) = (Some(0), false);
        } else if state.length == Some(1) && !(0x20..0x7f).contains(&byte) {
            // Nothing begins so: the escape was a key, and this is the next one.
            state.key(KeyCode::Esc, KeyModifiers::NONE);
            (self.parser, state.length) = (Parser::new(), None);
        }
        if state.length.is_none() && byte.is_ascii() {
            // Half of a character before it must not take this one along.
            self.parser = Parser::new();
        }
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

    fn char(&mut self, one: char) {
        let held = if one.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        self.key(KeyCode::Char(one), held);
    }
}

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
        self.length = None;
        if ignored || !intermediates.is_empty() {
            return; // a reply of the terminal
        }
        let numbers: Vec<u16> = params.iter().filter_map(|param| param.first().copied()).collect();
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
mod tests {
    use super::*;

    /// Each piece after so many milliseconds; then nothing for a second.
    fn decoded(pieces: &[(u64, &[u8])]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut now = Instant::now();
        let mut events = Vec::new();
        for (after, piece) in pieces {
            now += Duration::from_millis(*after);
            events.extend(decoder.read(piece, now));
        }
        events.extend(decoder.expire(now + Duration::from_secs(1)));
        assert_eq!(decoder.deadline(), None);
        events.iter().map(told).collect()
    }

    fn told(event: &Event) -> String {
        match event {
            Event::Key(key) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => key.code.to_string(),
            Event::Key(key) => format!("{:?} {}", key.modifiers, key.code),
            Event::Paste(text) => format!("pasted {text}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_sequence_that_is_cut_up_is_one_key() {
        for wait in [0, 5, 30, 60] {
            assert_eq!(decoded(&[(0, b"\x1b"), (wait, b"[H")]), ["Home"], "{wait}");
            assert_eq!(decoded(&[(0, b"\x1b"), (wait, b"OR")]), ["F3"], "{wait}");
            assert_eq!(decoded(&[(0, b"\x1b["), (wait, b"H")]), ["Home"], "{wait}");
            assert_eq!(decoded(&[(0, b"\x1bO"), (wait, b"R")]), ["F3"], "{wait}");
            assert_eq!(decoded(&[(0, b"\x1b"), (wait, b"[1"), (wait, b";5"), (wait, b"H")]).len(), 1, "{wait}");
        }
    }

    #[test]
    fn a_key_right_after_escape_is_not_lost() {
        let esc = KeyCode::Esc.to_string();
        for wait in [0, 20, 99, 500] {
            assert_eq!(decoded(&[(0, b"\x1b"), (wait, b"H")]), [esc.as_str(), "H"], "{wait}");
            assert_eq!(decoded(&[(0, b"\x1b"), (wait, b"j")]), [esc.as_str(), "j"], "{wait}");
            assert_eq!(decoded(&[(0, b"\x1b"), (wait, b"\x1b")]), [esc.as_str(), esc.as_str()], "{wait}");
        }
        assert_eq!(decoded(&[(0, b"\x1bH")]), [esc.as_str(), "H"], "Alt-H");
    }

    #[test]
    fn enter_and_backspace_right_after_escape_are_not_lost() {
        let [esc, enter] = [KeyCode::Esc, KeyCode::Enter].map(|code| code.to_string());
        assert_eq!(decoded(&[(0, b"\x1b"), (20, b"\r")]), [esc.clone(), enter]);
        assert_eq!(decoded(&[(0, b"\x1b"), (20, "ü".as_bytes())]), [esc, "ü".to_owned()]);
    }

    #[test]
    fn half_of_a_sequence_swallows_nothing_for_long() {
        assert_eq!(decoded(&[(0, b"\x1b["), (150, b"H")]), ["H"]);
        assert_eq!(decoded(&[(0, b"\x1bO"), (150, b"H")]), ["H"]);
        assert_eq!(decoded(&[(0, b"\x1b]11;rgb:"), (150, b"H")]), ["H"]);
        assert_eq!(decoded(&[(0, b"\x1b[200~never closed"), (501, b"H")]), ["pasted never closed", "H"]);
    }

    /// A network may cut a character in two and lose the rest, or a terminal send Latin-1.
    #[test]
    fn half_of_a_character_takes_nothing_along() {
        for half in [&b"\xc3"[..], b"\xe2\x82", b"\xf0\x9f\x92", b"\xff", b"\x82"] {
            for wait in [0, 40, 500] {
                let behind = |piece: &'static [u8]| {
                    let keys = decoded(&[(0, half), (wait, piece)]);
                    keys.into_iter().filter(|key| key != "\u{fffd}").collect::<Vec<_>>()
                };
                assert_eq!(behind(b"\x1b[A"), [KeyCode::Up.to_string()], "{} {wait}", half.escape_ascii());
                assert_eq!(behind(b"\x1b[H"), [KeyCode::Home.to_string()], "{} {wait}", half.escape_ascii());
                assert_eq!(behind(b"\x1bOR"), [KeyCode::F(3).to_string()], "{} {wait}", half.escape_ascii());
                assert_eq!(behind(b"\x1b"), [KeyCode::Esc.to_string()], "{} {wait}", half.escape_ascii());
                assert_eq!(behind(b"H"), ["H"], "{} {wait}", half.escape_ascii());
                assert_eq!(behind(b"\x1b[200~y\x1b[201~H"), ["pasted y", "H"], "{} {wait}", half.escape_ascii());
            }
        }
    }

    #[test]
    fn a_paste_and_a_reply_of_the_terminal_are_no_keys() {
        assert_eq!(decoded(&[(0, b"\x1b[200~y\rH\x1b[2"), (300, b"01~j")]), ["pasted y\rH", "j"]);
        for reply in [
            &b"\x1b]11;rgb:ffff/yyyy/HHHH\x1b\\"[..],
            b"\x1b]52;c;SEhI\x07",
            b"\x1b[?62;22c",
            b"\x1b[12;40R",
            b"\x1bP>|XTerm(380)\x1b\\",
            b"\x1b_Gi=31;OK\x1b\\",
            b"\x1b[<0;3;4M",
        ] {
            assert_eq!(decoded(&[(0, reply)]), [] as [&str; 0], "{}", reply.escape_ascii());
            assert_eq!(decoded(&[(0, reply), (5, b"j")]), ["j"], "{}", reply.escape_ascii());
        }
        assert_eq!(decoded(&[(0, b"\x1b[3\r~")]).len(), 1, "Enter inside of a sequence is none");
    }

    #[test]
    fn the_keys_of_the_table_are_read() {
        let keys =
            decoded(&[(0, "aHü\r\x7f\t".as_bytes()), (5, b"\x1b[A\x1b[B\x1b[5~\x1b[6~\x1b[1~\x1b[4~\x1bOF\x03\x08")]);
        let names = [KeyCode::Enter, KeyCode::Backspace, KeyCode::Tab, KeyCode::Up, KeyCode::Down, KeyCode::PageUp];
        let names = names.iter().chain(&[KeyCode::PageDown, KeyCode::Home, KeyCode::End, KeyCode::End]);
        let wanted = ["a", "H", "ü"].map(ToOwned::to_owned).into_iter().chain(names.map(ToString::to_string));
        let controls = ["c", "h"].map(|key| format!("{:?} {key}", KeyModifiers::CONTROL));
        assert_eq!(keys, wanted.chain(controls).collect::<Vec<_>>());
    }

    #[test]
    fn a_long_paste_is_cut_and_ends_where_it_is_closed() {
        let long = [b"\x1b[200~", vec![b'y'; 300_000].as_slice(), b"\x1b[201~H"].concat();
        let keys = decoded(&[(0, &long)]);
        assert_eq!((keys.len(), keys[1].as_str()), (2, "H"));
        assert!(keys[0].len() <= MOST_PASTED + 10);
    }

    proptest::proptest! {
        /// Whatever came before, a second later `H` is `H`.
        #[test]
        fn halt_is_heard_after_anything(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let mut decoder = Decoder::default();
            let now = Instant::now();
            decoder.read(&bytes, now);
            let events = decoder.read(b"H", now + Duration::from_secs(1));
            let halt = Event::Key(KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT));
            proptest::prop_assert_eq!(events.last(), Some(&halt));
        }
    }

    /// What makes sequences, whole, halved and nested; random bytes seldom do.
    const PIECES: [&[u8]; 24] = [
        b"\x1b",
        b"\x1b[",
        b"\x1bO",
        b"\x1b]",
        b"\x1bP",
        b"\x1b_",
        b"\x1b^",
        b"\x1b[200~",
        b"\x1b[201~",
        b"\x1b[201",
        b"\x1b[<",
        b"\x1b[?",
        b"\x1b\\",
        b"\x07",
        b"\x18",
        b"\x9b",
        b"\x9d",
        b"\xc3",
        b"\xe2\x82",
        b";5",
        b"999999999999",
        b"~",
        b"H",
        b"jy\r",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4096))]
        /// The same behind whatever sequences were cut up, with pauses in between or none.
        #[test]
        fn halt_is_heard_behind_every_mixture_of_halves(
            pieces in proptest::collection::vec((0..PIECES.len(), 0_u64..200), 0..12)
        ) {
            let mut decoder = Decoder::default();
            let mut now = Instant::now();
            for (piece, wait) in pieces {
                now += Duration::from_millis(wait);
                decoder.read(PIECES[piece], now);
            }
            let events = decoder.read(b"H", now + Duration::from_millis(600));
            let halt = Event::Key(KeyEvent::new(KeyCode::Char('H'), KeyModifiers::SHIFT));
            proptest::prop_assert_eq!(events.last(), Some(&halt));
            proptest::prop_assert!(decoder.deadline().is_none());
        }
    }
}
