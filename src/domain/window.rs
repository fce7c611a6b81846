//! When writes may leave: a span of the day in a time zone, as the configuration gives it.

use jiff::Zoned;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::domain::time::Timestamp;

/// The span of each day in which writes may leave. One that begins later than it ends goes over midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    from: Time,
    to: Time,
    zone: TimeZone,
}

impl Window {
    /// The span from one time of the day up to another, which is outside of it; `None` when it would be empty.
    pub fn new(from: Time, to: Time, zone: TimeZone) -> Option<Self> {
        (from != to).then_some(Self { from, to, zone })
    }

    /// Reads `22:00-05:00`.
    pub fn parse(text: &str, zone: TimeZone) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        Self::new(time(from)?, time(to)?, zone)
    }

    /// Whether writes may leave.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let time = now.to_zoned(self.zone.clone()).time();
        if self.from < self.to { self.from <= time && time < self.to } else { self.from <= time || time < self.to }
    }

    /// When it opens next, or when it closes while it is open.
    pub fn changes(&self, now: Timestamp) -> Zoned {
        let here = now.to_zoned(self.zone.clone());
        let at = if self.is_open(now) { self.to } else { self.from };
        let on = |date: jiff::civil::Date| date.to_datetime(at).to_zoned(self.zone.clone()).ok();
        // The clocks may be put forward over that very time; then the day after has one.
        let mut days = std::iter::successors(Some(here.date()), |date| date.tomorrow().ok()).take(4);
        days.find_map(|date| on(date).filter(|then| *then > here)).unwrap_or(here)
    }
}

/// A time of the day as `22:00`, and nothing else.
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse());
    Time::new(digits(hour)?.ok()?, digits(minute)?.ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn lisbon() -> TimeZone {
        TimeZone::get("Europe/Lisbon").unwrap()
    }

    #[test]
    fn a_window_over_midnight_is_open_on_both_sides_of_it() {
        let night = Window::parse("22:00-05:00", lisbon()).unwrap();
        // Lisbon is an hour ahead of UTC in August.
        for (now, open) in [
            ("2026-08-24T20:59:59Z", false),
            ("2026-08-24T21:00:00Z", true),
            ("2026-08-25T00:30:00Z", true),
            ("2026-08-25T03:59:59Z", true),
            ("2026-08-25T04:00:00Z", false),
            ("2026-08-25T12:00:00Z", false),
        ] {
            assert_eq!(night.is_open(at(now)), open, "{now}");
        }
        assert_eq!(night.changes(at("2026-08-24T12:00:00Z")).timestamp(), at("2026-08-24T21:00:00Z"));
        assert_eq!(night.changes(at("2026-08-24T22:00:00Z")).timestamp(), at("2026-08-25T04:00:00Z"));
    }

    #[test]
    fn winter_time_moves_the_window_with_the_clocks_of_the_place() {
        let day = Window::parse("09:00-17:00", lisbon()).unwrap();
        assert!(!day.is_open(at("2026-07-01T07:59:59Z")) && day.is_open(at("2026-07-01T08:00:00Z")));
        assert!(!day.is_open(at("2026-12-01T08:59:59Z")) && day.is_open(at("2026-12-01T09:00:00Z")));
        assert_eq!(day.changes(at("2026-10-24T18:00:00Z")).timestamp(), at("2026-10-25T09:00:00Z"));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in
            ["", "22:00", "22:00-", "22-05", "22:00-24:00", "22:60-05:00", "22:00-22:00", "+2:00-05:00", "2:00-5:00"]
        {
            assert!(Window::parse(text, TimeZone::UTC).is_none(), "{text}");
        }
        assert!(Window::parse(" 22:00 - 05:00 ", TimeZone::UTC).is_some());
    }
}
