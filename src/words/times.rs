//! Days and times of day, as the language that is spoken writes them.

use jiff::Zoned;
use jiff::civil::Date;

use crate::words::phrase;

/// The time of day: `14:32:07`.
pub fn clock(at: &Zoned) -> String {
    written(at, &phrase("time-clock"))
}

/// The time of day to the minute: `14:32`.
pub fn minute(at: &Zoned) -> String {
    written(at, &phrase("time-minute"))
}

/// The day: `2026-08-24`.
pub fn day(day: Date) -> String {
    jiff::fmt::strtime::format(phrase("time-day"), day).unwrap_or_else(|_| day.to_string())
}

/// Day and time of day: `2026-08-24 14:32`.
pub fn day_and_minute(at: &Zoned) -> String {
    written(at, &phrase("time-day-and-minute"))
}

/// Day and time of day to the second: `2026-08-24 14:32:07`.
pub fn day_and_second(at: &Zoned) -> String {
    written(at, &phrase("time-day-and-second"))
}

/// By a pattern of `strftime`, which is a message of the language. One that cannot be read shows the time as in ISO 8601.
fn written(at: &Zoned, pattern: &str) -> String {
    jiff::fmt::strtime::format(pattern, at).unwrap_or_else(|_| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use crate::words::in_language;

    #[test]
    fn each_language_has_its_own_order_of_day_month_and_year() {
        let at: Zoned = "2026-08-24T14:32:07+00:00[UTC]".parse().unwrap();
        let shown = || [clock(&at), minute(&at), day(at.date()), day_and_minute(&at), day_and_second(&at)];
        assert_eq!(shown(), ["14:32:07", "14:32", "2026-08-24", "2026-08-24 14:32", "2026-08-24 14:32:07"]);
        let portuguese = in_language(Language::of("pt-PT").unwrap(), shown);
        assert_eq!(portuguese, ["14:32:07", "14:32", "24/08/2026", "24/08/2026 14:32", "24/08/2026 14:32:07"]);
    }
}
