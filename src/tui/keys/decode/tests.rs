//! What terminals send, whole and in pieces, and what it is taken for.
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
        Event::Mouse(MouseEvent { kind, column, row, .. }) => {
            let button = match kind {
                MouseEventKind::ScrollUp => "up",
                MouseEventKind::ScrollDown => "down",
                _ => "left",
            };
            clicked(button, *column, *row)
        }
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
        b"\x1b[<0;3;4m",
        b"\x1b[<35;3;4M",
        b"\x1b[<2;3;4M",
        b"\x1b[0;40;40M",
        b"\x1b[M HH",
        b"\x1b[M\xc3\xe9y",
    ] {
        assert_eq!(decoded(&[(0, reply)]), [] as [&str; 0], "{}", reply.escape_ascii());
        assert_eq!(decoded(&[(0, reply), (5, b"j")]), ["j"], "{}", reply.escape_ascii());
    }
    assert_eq!(decoded(&[(0, b"\x1b[3\r~")]).len(), 1, "Enter inside of a sequence is none");
}

fn clicked(button: &str, column: u16, row: u16) -> String {
    format!("{button} {column} {row}")
}

#[test]
fn the_wheel_and_the_left_button_are_heard_and_no_other() {
    let [left, up, down] = ["left", "up", "down"];
    let sent = b"\x1b[<0;1;1M\x1b[<0;1;1m\x1b[<64;80;24M\x1b[<65;300;100M\x1b[<4;7;9M\x1b[<1;7;9M\x1b[<66;7;9M";
    let heard = [clicked(left, 0, 0), clicked(up, 79, 23), clicked(down, 299, 99), clicked(left, 6, 8)];
    assert_eq!(decoded(&[(0, sent)]), heard);
    assert_eq!(decoded(&[(0, b"\x1b[<0;5"), (60, b";9M"), (0, b"j")]), [clicked(left, 4, 8), "j".to_owned()]);
    // What no terminal sends is no mouse.
    for sent in [&b"\x1b[<0;5M"[..], b"\x1b[<M", b"\x1b[<0;5;9;7M", b"\x1b[<99999;1;1M", b"\x1b[<0 ;1;1M"] {
        assert_eq!(decoded(&[(0, sent)]), [] as [&str; 0], "{}", sent.escape_ascii());
    }
}

/// A network may hold the rest of a click up for longer than half of a sequence is waited for.
#[test]
fn the_rest_of_a_click_that_comes_too_late_is_no_key() {
    let sent = b"\x1b[<64;19;19M";
    for cut in 3..sent.len() {
        for wait in [95, 400, 1_900] {
            let heard = decoded(&[(0, &sent[..cut]), (wait, &sent[cut..]), (5, b"1")]);
            assert_eq!(heard, ["1"], "{} after {wait}", sent[cut..].escape_ascii());
        }
    }
    assert_eq!(decoded(&[(0, b"\x1b[<0;5"), (100, b"H")]), ["H"], "a halt is heard at once");
    assert_eq!(decoded(&[(0, b"\x1b[<0;5"), (100, b"y19")]), ["y", "1", "9"], "behind another key all are keys");
    assert_eq!(decoded(&[(0, b"\x1b[<0;5"), (2_200, b"19")]), ["1", "9"], "and after two seconds");
    assert_eq!(decoded(&[(0, b"\x1b[M "), (100, b"H")]), ["H"]);
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
const PIECES: [&[u8]; 29] = [
    b"\x1b[<0;1",
    b"\x1b[<64;10;7M",
    b"\x1b[M",
    b"\x1b[M ",
    b";4M",
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
