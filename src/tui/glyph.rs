//! Every mark on the screen, with an ASCII twin of the same width for terminals that do not speak UTF-8.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthChar;

/// A step or user that is done.
pub const DONE: &str = "✔";
/// The step under way.
pub const NOW: &str = "◉";
/// What is still to come.
pub const NEXT: &str = "○";
/// A user that licensing is working on.
pub const BUSY: &str = "●";
/// A user that something holds up.
pub const BAD: &str = "✖";
/// A user without a license.
pub const ALARM: &str = "◆";
/// Late, went back, or a warning.
pub const WARN: &str = "▲";
/// A user that preflight blocks.
pub const BLOCKED: &str = "⊘";
/// A user that the operator took out.
pub const EXCLUDED: &str = "◌";
/// Points at the selected row.
pub const CURSOR: &str = "▸";
/// From the source to the target.
pub const ARROW: &str = "─▶";
/// Begins the sentence that says what waits.
pub const WAITS: &str = "▌";
/// The done part of a bar.
pub const FULL: &str = "█";
/// The rest of a bar.
pub const EMPTY: &str = "░";
/// Heights of the sparkline, lowest first.
pub const SPARKS: [&str; 7] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇"];

#[rustfmt::skip]
const TWINS: [(&str, &str); 33] = [
    (DONE, "v"), (NOW, "@"), (NEXT, "o"), (BUSY, "*"), (BAD, "X"), (ALARM, "!"), (WARN, "^"), (BLOCKED, "#"),
    (EXCLUDED, "x"), (CURSOR, ">"), ("─", "-"), ("▶", ">"), (WAITS, "|"), (FULL, "="), (EMPTY, "."), ("✓", "v"),
    ("▁", "_"), ("▂", "."), ("▃", "-"), ("▄", "~"), ("▅", "+"), ("▆", "*"), ("▇", "%"), ("·", "-"),
    ("—", "-"), ("…", "~"), ("│", "|"), ("┌", "+"), ("┐", "+"), ("└", "+"), ("┘", "+"), ("↓", "v"), ("×", "x"),
];

/// Counts as a sparkline: who is counted is always seen to be more than nobody.
pub fn sparks(counts: &[usize]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0);
    let heights = SPARKS.len() - 1;
    counts.iter().map(|count| SPARKS[(count * heights).div_ceil(most.max(1))]).collect()
}

/// The ASCII twin of what stands in one cell: of a mark its own, of a letter with an accent the letter; what has none
/// becomes `?`.
pub fn ascii(symbol: &str) -> Cow<'_, str> {
    if symbol.is_ascii() {
        return symbol.into();
    }
    if let Some((_, twin)) = TWINS.iter().find(|(one, _)| *one == symbol) {
        return (*twin).into();
    }
    let parts = DecomposingNormalizerBorrowed::new_nfkd().normalize(symbol);
    let mut letters = parts.chars().filter(|one| one.width() != Some(0));
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii() => letter.to_string().into(),
        _ => "?".into(),
    }
}

/// Turns a drawn screen into ASCII, cell by cell, so that nothing a terminal cannot show is left anywhere on it.
pub fn to_ascii(screen: &mut Buffer) {
    for cell in screen.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
        let twin = ascii(cell.symbol()).into_owned();
        cell.set_symbol(&twin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_mark_has_a_twin_of_its_own_and_of_its_width() {
        let marks = [DONE, NOW, NEXT, BUSY, BAD, ALARM, WARN, BLOCKED, EXCLUDED];
        for (place, mark) in marks.iter().enumerate() {
            assert_ne!(ascii(mark), "?");
            assert!(marks[..place].iter().all(|other| ascii(other) != ascii(mark)), "{mark} looks like another");
        }
        assert_eq!(
            ["é", "ã", "Ç", "e\u{301}", "º", "\u{a0}", "山", "☁"].map(ascii),
            ["e", "a", "C", "e", "o", " ", "?", "?"]
        );
        for (mark, twin) in TWINS {
            assert_eq!((mark.width(), twin.len()), (1, 1), "{mark}");
        }
    }
}
