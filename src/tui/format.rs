//! Text for a terminal: durations, clock times, and cuts by display width.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::words::say;
use crate::words::times;

/// How many columns the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// How many characters without a width are shown in a row. No script stacks more; a terminal may take seconds for
/// thousands.
const MOST_MARKS: usize = 8;

/// The text in at most this many columns, with `…` where something was cut off.
pub fn cut(text: &str, most: usize) -> String {
    let text = without_piles(clean(text));
    if text.width() <= most {
        return text.into_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for one in text.chars() {
        let wide = most_columns(one);
        if used + wide + 1 > most {
            break;
        }
        kept.push(one);
        used += wide;
    }
    if most > 0 {
        kept.push('…');
    }
    kept
}

/// The text without the marks that pile up on one character beyond what is shown.
fn without_piles(text: Cow<'_, str>) -> Cow<'_, str> {
    let fits = |row: &mut usize, one: char| {
        *row = if one.width().unwrap_or(0) == 0 { *row + 1 } else { 0 };
        Some(*row <= MOST_MARKS)
    };
    if text.chars().scan(0, fits).all(|fits| fits) {
        return text;
    }
    let kept = text.chars().zip(text.chars().scan(0, fits));
    Cow::Owned(kept.filter_map(|(one, fits)| fits.then_some(one)).collect())
}

/// The text in exactly this many columns.
pub fn pad(text: &str, columns: usize) -> String {
    let mut text = cut(text, columns);
    let used = text.width();
    text.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    text
}

/// The text in exactly this many columns, at their right end.
pub fn pad_left(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let free = columns.saturating_sub(text.width());
    " ".repeat(free) + &text
}

/// How wide a column is in which all of this is said: at least so wide.
pub fn widest<S: AsRef<str>>(least: usize, said: impl IntoIterator<Item = S>) -> usize {
    said.into_iter().map(|one| width(one.as_ref())).fold(least, usize::max)
}

/// The text in lines of at most this many columns, broken between words where that is possible. It takes time in
/// proportion to the text, whatever is in it: 60,000 combining marks are one word without a width.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in without_piles(clean(text)).split(' ').filter(|word| !word.is_empty()) {
        let (gap, length) = (usize::from(!line.is_empty()), word.width());
        if used + gap + length > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if !line.is_empty() {
            line.push(' ');
            used += 1;
        }
        if length <= columns {
            line.push_str(word);
            used += length;
            continue;
        }
        for one in word.chars() {
            let wide = most_columns(one);
            if used + wide > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(one);
            used += wide;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// How many columns a character adds at most, wherever it stands: the emoji selector widens the one before it.
fn most_columns(one: char) -> usize {
    if one == '\u{fe0f}' { 1 } else { one.width().unwrap_or(0) }
}

/// A length of time for a column: `23s`, `3m 41s`, `12m`, `3h 10m`, `2d 3h`.
pub fn brief(length: SignedDuration) -> String {
    let all = length.as_secs().max(0);
    let (days, hours, minutes, seconds) = (all / 86_400, all / 3_600 % 24, all / 60 % 60, all % 60);
    match all {
        0..60 => say("screen-brief-seconds", &[("seconds", seconds.into())]),
        60..600 => {
            let seconds = format!("{seconds:02}");
            say("screen-brief-minutes-seconds", &[("minutes", minutes.into()), ("seconds", seconds.into())])
        }
        600..3_600 => say("screen-brief-minutes", &[("minutes", minutes.into())]),
        3_600..86_400 => {
            let minutes = format!("{minutes:02}");
            say("screen-brief-hours-minutes", &[("hours", hours.into()), ("minutes", minutes.into())])
        }
        _ => say("screen-brief-days-hours", &[("days", days.into()), ("hours", hours.into())]),
    }
}

/// The same without seconds from a minute on: `23s`, `3m`, `12m`, `3h 10m`, `2d 3h`.
pub fn brief_to_the_minute(length: SignedDuration) -> String {
    match length.as_secs() {
        60..600 => say("screen-brief-minutes", &[("minutes", (length.as_secs() / 60).into())]),
        _ => brief(length),
    }
}

/// The same in one unit: `23s`, `3m`, `3h`, `2d`.
pub fn briefest(length: SignedDuration) -> String {
    let all = length.as_secs().max(0);
    match all {
        0..60 => say("screen-brief-seconds", &[("seconds", all.into())]),
        60..3_600 => say("screen-brief-minutes", &[("minutes", (all / 60).into())]),
        3_600..86_400 => say("screen-brief-hours", &[("hours", (all / 3_600).into())]),
        _ => say("screen-brief-days", &[("days", (all / 86_400).into())]),
    }
}

/// A length of time in a sentence: `23 s`, `4 min`, `2 h 10 min`.
pub fn lasting(length: SignedDuration) -> String {
    let all = length.as_secs().max(0);
    let (hours, minutes, seconds) = (all / 3_600, all / 60 % 60, all % 60);
    match all {
        0..60 => say("screen-seconds", &[("seconds", seconds.into())]),
        60..600 if seconds > 0 => {
            say("screen-minutes-seconds", &[("minutes", minutes.into()), ("seconds", seconds.into())])
        }
        60..3_600 => say("screen-minutes", &[("minutes", minutes.into())]),
        _ if minutes == 0 => say("screen-hours", &[("hours", hours.into())]),
        _ => say("screen-hours-minutes", &[("hours", hours.into()), ("minutes", minutes.into())]),
    }
}

/// The time of day: `14:32:07`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    times::clock(&at.to_zoned(zone.clone()))
}

/// The time of day to the minute: `14:32`.
pub fn minute(at: Timestamp, zone: &TimeZone) -> String {
    times::minute(&at.to_zoned(zone.clone()))
}

/// Day and time of day: `2026-08-24 14:32`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    times::day_and_minute(&at.to_zoned(zone.clone()))
}

/// The text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_never_pass_their_width_not_even_inside_a_wide_character() {
        for text in ["山田太郎@contoso.com", "abc", "", "e\u{301}e\u{301}e\u{301}", "👩‍💻👩‍💻"] {
            for columns in 0..12 {
                assert!(width(&cut(text, columns)) <= columns, "{text} in {columns}");
                assert_eq!(width(&pad_left(text, columns)), columns, "{text} in {columns}");
                assert_eq!(width(&pad(text, columns)), columns, "{text} in {columns}");
            }
        }
        assert_eq!(cut("pradeepg@contoso.com", 9), "pradeepg…");
    }

    #[test]
    fn wrapping_loses_no_word_and_breaks_long_ones() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 10), [""]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_it_may_be(text in "[a-z \u{301}\u{fe0f}\u{200d}☁👩山ا]{0,60}", columns in 2_usize..12) {
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns, "{line:?} in {columns}");
            }
            let words = |text: &str| text.split(' ').collect::<String>();
            // Of marks that pile up on one character some are left out, as chance may have it here.
            prop_assert_eq!(words(&wrap(&text, columns).concat()), words(&without_piles(Cow::Borrowed(&text))));
            prop_assert!(width(&cut(&text, columns)) <= columns);
        }
    }

    /// Counted in characters of output, as time depends on the machine; a quadratic `wrap` took minutes for this.
    #[test]
    fn marks_without_a_width_pile_up_on_nothing() {
        let name = format!("a{}b", "\u{301}".repeat(60_000));
        assert_eq!(cut(&name, 10).chars().count(), 2 + MOST_MARKS);
        assert_eq!(cut("नि्र\u{302}\u{301}x", 10), "नि्र\u{302}\u{301}x");
        let million = format!("a{}", "\u{301}".repeat(1_000_000));
        assert_eq!(wrap(&million, 20).len(), 1);
    }

    #[test]
    fn times_read_well() {
        let brief = |secs| brief(SignedDuration::from_secs(secs));
        assert_eq!([brief(-4), brief(23), brief(221)], ["0s", "23s", "3m 41s"]);
        assert_eq!([brief(720), brief(11_400), brief(183_600)], ["12m", "3h 10m", "2d 3h"]);
        let to_the_minute = |secs| brief_to_the_minute(SignedDuration::from_secs(secs));
        assert_eq!([23, 60, 221, 599, 600, 11_400].map(to_the_minute), ["23s", "1m", "3m", "9m", "10m", "3h 10m"]);
        let briefest = |secs| briefest(SignedDuration::from_secs(secs));
        assert_eq!([briefest(23), briefest(221), briefest(11_400), briefest(183_600)], ["23s", "3m", "3h", "2d"]);
        let lasting = |secs| lasting(SignedDuration::from_secs(secs));
        assert_eq!(
            [lasting(23), lasting(90), lasting(240), lasting(7_800)],
            ["23 s", "1 min 30 s", "4 min", "2 h 10 min"]
        );
    }
}
