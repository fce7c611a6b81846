//! Text for a terminal: durations, clock times, and cuts by display width.

use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// How many columns the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most this many columns, with `…` where something was cut off.
pub fn cut(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.width() <= most {
        return text.into_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for one in text.chars() {
        let wide = one.width().unwrap_or(0);
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

/// The text in exactly this many columns.
pub fn pad(text: &str, columns: usize) -> String {
    let mut text = cut(text, columns);
    let used = text.width();
    text.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    text
}

/// The text in lines of at most this many columns, broken between words where that is possible.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in clean(text).split(' ').filter(|word| !word.is_empty()) {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() > columns && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for one in word.chars() {
            if line.width() + one.width().unwrap_or(0) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(one);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A length of time for a column: `23s`, `3m 41s`, `12m`, `3h 10m`, `2d 3h`.
pub fn brief(length: SignedDuration) -> String {
    let all = length.as_secs().max(0);
    let (days, hours, minutes, seconds) = (all / 86_400, all / 3_600 % 24, all / 60 % 60, all % 60);
    match all {
        0..60 => format!("{seconds}s"),
        60..600 => format!("{minutes}m {seconds:02}s"),
        600..3_600 => format!("{minutes}m"),
        3_600..86_400 => format!("{hours}h {minutes:02}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// A length of time in a sentence: `23 s`, `4 min`, `2 h 10 min`.
pub fn lasting(length: SignedDuration) -> String {
    let all = length.as_secs().max(0);
    let (hours, minutes, seconds) = (all / 3_600, all / 60 % 60, all % 60);
    match all {
        0..60 => format!("{seconds} s"),
        60..600 if seconds > 0 => format!("{minutes} min {seconds} s"),
        60..3_600 => format!("{minutes} min"),
        _ if minutes == 0 => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// The time of day: `14:32:07`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// Day and time of day: `2026-08-24 14:32`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The text with a capital at its beginning.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_never_pass_their_width_not_even_inside_a_wide_character() {
        for text in ["山田太郎@contoso.com", "abc", "", "e\u{301}e\u{301}e\u{301}", "👩‍💻👩‍💻"] {
            for columns in 0..12 {
                assert!(width(&cut(text, columns)) <= columns, "{text} in {columns}");
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

    #[test]
    fn times_read_well() {
        let brief = |secs| brief(SignedDuration::from_secs(secs));
        assert_eq!([brief(-4), brief(23), brief(221)], ["0s", "23s", "3m 41s"]);
        assert_eq!([brief(720), brief(11_400), brief(183_600)], ["12m", "3h 10m", "2d 3h"]);
        let lasting = |secs| lasting(SignedDuration::from_secs(secs));
        assert_eq!(
            [lasting(23), lasting(90), lasting(240), lasting(7_800)],
            ["23 s", "1 min 30 s", "4 min", "2 h 10 min"]
        );
    }
}
