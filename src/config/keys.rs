//! How single values are read from the file, so that a wrong one is refused where it stands.

use std::fmt;

use jiff::tz::TimeZone;
use serde::Deserializer;
use serde::de::Error;
use serde::de::Unexpected;
use serde::de::Visitor;
use uuid::Uuid;

use crate::config::value;
use crate::config::value::SkuName;
use crate::domain::id::GroupId;
use crate::domain::time::SignedDuration;
use crate::domain::window::Window;

/// No number of the file may be larger; it keeps slips of the finger away from the arithmetic.
const MOST: u64 = 1_000_000;

/// No length of time may be longer: a week.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A whole number of at least 1.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    from.deserialize_any(Whole { least: 1 })
}

/// A whole number, 0 included.
pub(super) fn count_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    from.deserialize_any(Whole { least: 0 })
}

/// A length of time of at least a second.
pub(super) fn interval<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    from.deserialize_any(Length { least: SignedDuration::from_secs(1) })
}

/// A length of time, nothing included.
pub(super) fn length<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    from.deserialize_any(Length { least: SignedDuration::ZERO })
}

/// A span of the day.
pub(super) fn window<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let good = |text: &str| Window::parse(text, TimeZone::UTC).map(|_| text.to_owned());
    from.deserialize_any(Text { expected: "two times of the day that differ, such as \"22:00-05:00\"", read: good })
}

/// A time zone by its name.
pub(super) fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TimeZone>, D::Error> {
    let expected = "the name of a time zone, such as \"Europe/Lisbon\"";
    from.deserialize_any(Text { expected, read: |text| TimeZone::get(text).ok() }).map(Some)
}

/// Text that is not empty and has no control characters.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let good = |text: &str| (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned());
    from.deserialize_any(Text { expected: "text in quotes that is not empty", read: good })
}

/// Like [`text`], for a key that may be left out.
pub(super) fn maybe_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    text(from).map(Some)
}

/// The id or a domain name of a tenant. It becomes part of the sign-in's address, so nothing else may be in it.
pub(super) fn tenant<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let good = |text: &str| {
        let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
        plain.then(|| text.to_owned())
    };
    let expected = "the tenant's id or one of its domain names, such as \"contoso.onmicrosoft.com\"";
    from.deserialize_any(Text { expected, read: good })
}

/// The object id of a group.
pub(super) fn group<'de, D: Deserializer<'de>>(from: D) -> Result<GroupId, D::Error> {
    let expected = "the object id of a group, such as \"b82c04f0-ce30-4ff1-bac7-735d92d83036\"";
    from.deserialize_any(Text { expected, read: |text| text.parse::<Uuid>().ok().map(GroupId) })
}

/// The name or id of a product.
pub(super) fn sku<'de, D: Deserializer<'de>>(from: D) -> Result<SkuName, D::Error> {
    let expected = "a part number such as \"STANDARDPACK\", TENANT:PART_NUMBER, or a skuId";
    from.deserialize_any(Text { expected, read: SkuName::new })
}

/// The root of a service.
pub(super) fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let expected = "an address such as \"https://graph.microsoft.com\"";
    let text = from.deserialize_any(Text { expected, read: |text| Some(text.to_owned()) })?;
    value::service_root(&text).map(Some).map_err(|why| {
        D::Error::custom(format_args!("{text:?} is not an address that skuferry may use: {why}, expected {expected}"))
    })
}

struct Text<T> {
    expected: &'static str,
    read: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text.trim()).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

struct Whole {
    least: u64,
}

impl Visitor<'_> for Whole {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {MOST}", self.least)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<usize, E> {
        let fits = u64::try_from(number).ok().filter(|number| (self.least..=MOST).contains(number));
        fits.and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<usize, E> {
        Err(E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

struct Length {
    least: SignedDuration,
}

impl Visitor<'_> for Length {
    type Value = SignedDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a length of time from {:#} to {LONGEST:#}, such as \"30s\", \"2m\" or \"1h 30m\"", self.least)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SignedDuration, E> {
        let length = text.trim().parse::<SignedDuration>().ok().filter(|one| (self.least..=LONGEST).contains(one));
        length.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}
