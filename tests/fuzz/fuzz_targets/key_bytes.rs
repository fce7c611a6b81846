//! Bytes of a keyboard in pieces: whatever came, a second later `H` is `H`. A byte 0xfe begins a new piece,
//! which comes as many milliseconds later as its first byte says.
#![no_main]

use std::time::Duration;
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use skuferry::tui::keys;
use skuferry::tui::keys::Cmd;
use skuferry::tui::keys::Mode;
use skuferry::tui::keys::decode::Decoder;

fuzz_target!(|bytes: &[u8]| {
    let mut decoder = Decoder::default();
    let mut now = Instant::now();
    for piece in bytes.split(|byte| *byte == 0xfe) {
        now += Duration::from_millis(u64::from(piece.first().copied().unwrap_or_default()));
        let events = decoder.read(piece, now);
        assert!(events.len() <= piece.len() + 1, "more keys than bytes");
    }
    let events = decoder.read(b"H", now + Duration::from_secs(1));
    let halt = events.last().and_then(|event| event.as_key_press_event());
    assert_eq!(halt.and_then(|key| keys::cmd(Mode::Always, &key)), Some(Cmd::Halt));
    assert_eq!(decoder.deadline(), None, "something is unfinished after a second");
});
