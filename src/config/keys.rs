//! How single values are read from the file, so that a wrong one is refused where it stands.

use std::fmt;

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::Unexpected;
use serde::de::Visitor;
use uuid::Uuid;

use crate::config::explain::EXPECTED;
use crate::config::value;
use crate::config::value::SkuName;
use crate::domain::id::GroupId;
use crate::domain::language::CHOICES;
use crate::domain::language::Choice;
use crate::domain::time::SignedDuration;
use crate::domain::window::Window;

/// No number of the file may be larger; it keeps slips of the finger away from the arithmetic.
const MOST: u64 = 1_000_000;

/// No length of time may be longer: a week.
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What begins the message of an address that is refused; its flaw and the address in quotes follow.
pub(super) const ADDRESS_REFUSED: &str = "address-refused:";

/// Which values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text that is not empty.
    Text,
    /// A tenant's id or domain name.
    Tenant,
    /// A group's object id.
    Group,
    /// A product's part number or id.
    Product,
    /// The root of a service.
    Address,
    /// A span of the day.
    Window,
    /// A time zone.
    Zone,
    /// A whole number.
    Whole {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A length of time.
    Length {
        /// The shortest.
        shortest: SignedDuration,
        /// The longest.
        longest: SignedDuration,
    },
}

impl ValueKind {
    const COUNT: Self = Self::Whole { least: 1, most: MOST };
    const COUNT_OR_NONE: Self = Self::Whole { least: 0, most: MOST };
    const INTERVAL: Self = Self::Length { shortest: SignedDuration::from_secs(1), longest: LONGEST };
    const LENGTH: Self = Self::Length { shortest: SignedDuration::ZERO, longest: LONGEST };

    /// The deserialiser passes on texts alone, so each kind goes through it under a name that it has no word like.
    const NAMES: [(&'static str, Self); 11] = [
        ("value-text", Self::Text),
        ("value-tenant", Self::Tenant),
        ("value-group", Self::Group),
        ("value-product", Self::Product),
        ("value-address", Self::Address),
        ("value-window", Self::Window),
        ("value-zone", Self::Zone),
        ("value-count", Self::COUNT),
        ("value-count-or-none", Self::COUNT_OR_NONE),
        ("value-interval", Self::INTERVAL),
        ("value-length", Self::LENGTH),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("value", |(name, _)| name)
    }

    /// The kind with this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// A whole number of at least 1.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    from.deserialize_any(Whole(ValueKind::COUNT))
}

/// A whole number, 0 included.
pub(super) fn count_or_none<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    from.deserialize_any(Whole(ValueKind::COUNT_OR_NONE))
}

/// A length of time of at least a second.
pub(super) fn interval<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    from.deserialize_any(Length(ValueKind::INTERVAL))
}

/// A length of time, nothing included.
pub(super) fn length<'de, D: Deserializer<'de>>(from: D) -> Result<SignedDuration, D::Error> {
    from.deserialize_any(Length(ValueKind::LENGTH))
}

/// A span of the day.
pub(super) fn window<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let good = |text: &str| Window::parse(text, TimeZone::UTC).map(|_| text.to_owned());
    from.deserialize_any(Text { kind: ValueKind::Window, read: good })
}

/// A time zone by its name.
pub(super) fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TimeZone>, D::Error> {
    from.deserialize_any(Text { kind: ValueKind::Zone, read: |text| TimeZone::get(text).ok() }).map(Some)
}

/// Text that is not empty and has no control characters.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let good = |text: &str| (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned());
    from.deserialize_any(Text { kind: ValueKind::Text, read: good })
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
    from.deserialize_any(Text { kind: ValueKind::Tenant, read: good })
}

/// The object id of a group.
pub(super) fn group<'de, D: Deserializer<'de>>(from: D) -> Result<GroupId, D::Error> {
    from.deserialize_any(Text { kind: ValueKind::Group, read: |text| text.parse::<Uuid>().ok().map(GroupId) })
}

/// The name or id of a product.
pub(super) fn sku<'de, D: Deserializer<'de>>(from: D) -> Result<SkuName, D::Error> {
    from.deserialize_any(Text { kind: ValueKind::Product, read: SkuName::new })
}

/// The root of a service.
pub(super) fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let kind = ValueKind::Address;
    let text = from.deserialize_any(Text { kind, read: |text| Some(text.to_owned()) })?;
    value::service_root(&text).map(Some).map_err(|why| {
        let (why, expected) = (why.name(), kind.name());
        D::Error::custom(format_args!("{ADDRESS_REFUSED} {why} {text:?}{EXPECTED}{expected}"))
    })
}

/// One of the languages that are spoken, or whichever the environment asks for.
pub(super) fn language<'de, D: Deserializer<'de>>(from: D) -> Result<Choice, D::Error> {
    let word = String::deserialize(from)?;
    Choice::of(&word).ok_or_else(|| D::Error::unknown_variant(&word, &CHOICES))
}

struct Text<T> {
    kind: ValueKind,
    read: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text.trim()).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

struct Whole(ValueKind);

impl Visitor<'_> for Whole {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<usize, E> {
        let in_range =
            |number: &u64| matches!(self.0, ValueKind::Whole { least, most } if (least..=most).contains(number));
        let fits = u64::try_from(number).ok().filter(in_range);
        fits.and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<usize, E> {
        Err(E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

struct Length(ValueKind);

impl Visitor<'_> for Length {
    type Value = SignedDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SignedDuration, E> {
        let in_range = |length: &SignedDuration| matches!(self.0, ValueKind::Length { shortest, longest } if (shortest..=longest).contains(length));
        let length = text.trim().parse::<SignedDuration>().ok().filter(in_range);
        length.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}
