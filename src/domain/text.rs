//! The one filter that text from outside passes (a tenant, a file, the environment, an argument) before it meets a
//! terminal, and that JSON for standard output passes too (rule 12).

use std::borrow::Cow;

/// Whether a character steers a terminal, or turns or hides the text round it.
pub fn steers(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// The text on one line, without what steers. What parts lines or words becomes a space.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter_map(|char| match char {
        '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        char if steers(char) => None,
        char => Some(char),
    });
    Cow::Owned(kept.collect())
}

/// The text with its own line ends, and otherwise without what steers.
pub fn clean_lines(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        cleaned.push_str(&clean(line));
        cleaned.push_str(end);
    }
    cleaned
}

/// The text on one line for a cell of a table that a spreadsheet opens: without what steers, and without a start that would
/// make a formula of it. What a spreadsheet skips before a formula goes with it.
pub fn cell(text: &str) -> String {
    let starts = |char: char| {
        char.is_whitespace()
            || matches!(char, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}')
    };
    clean(text).trim_start_matches(starts).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_a_terminal_is_gone() {
        assert_eq!(clean("a\x1b[31mb\u{202e}c\nd\u{9b}e\r\u{7f}\u{feff}"), "a[31mbc de");
        assert_eq!(clean("a\u{2028}b\u{61c}\u{200f}"), "a b");
        assert_eq!(clean_lines("a\tb\r\nc\u{7}\n"), "a b\nc\n");
        for text in ["Zoë Müller 山田", "👩\u{200d}💻 →"] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_formula_loses_its_start() {
        for (text, kept) in [
            ("=HYPERLINK(\"http://x\")", "HYPERLINK(\"http://x\")"),
            ("+1", "1"),
            ("\t=1", "1"),
            ("\u{feff} -@=cmd|' /C calc'!A0", "cmd|' /C calc'!A0"),
            ("\u{ff1d}1", "1"),
            ("a=b", "a=b"),
            ("=", ""),
        ] {
            assert_eq!(cell(text), kept, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_starts_a_formula_or_has_two_lines(text: String) {
            let cell = cell(&text);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', ' ']));
            prop_assert!(!cell.chars().any(steers));
        }

        #[test]
        fn nothing_that_steers_is_left(text: String) {
            prop_assert!(!clean(&text).chars().any(steers));
            prop_assert!(!clean_lines(&text).chars().any(|char| steers(char) && char != '\n'));
            prop_assert_eq!(clean(&clean(&text)).into_owned(), clean(&text).into_owned());
        }
    }
}
