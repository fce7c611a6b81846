//! A length of time as people write it in a tenant file or a fault: `"90s"`, `"2m 30s"`, or seconds as a number.
use std::fmt;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// A length of time, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Length(pub(crate) Duration);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Duration;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a length of time, such as \"90s\", \"2m 30s\" or a number of seconds")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        let length: Option<jiff::SignedDuration> = text.parse().ok();
        length.and_then(|length| Duration::try_from(length).ok()).ok_or_else(|| {
            E::custom(format!("`{text}` is not a length of time, expected such as \"90s\" or \"2m 30s\""))
        })
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
        Duration::try_from_secs_f64(seconds).map_err(|_| E::custom(format!("{seconds} is not a number of seconds")))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
        let whole = u64::try_from(seconds).map_err(|_| E::custom(format!("{seconds} is not a number of seconds")))?;
        Ok(Duration::from_secs(whole))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
        Ok(Duration::from_secs(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_as_people_write_them() {
        let read = |text: &str| serde_json::from_str::<Length>(text).map(|length| length.0.as_millis());
        for (text, millis) in [("\"90s\"", 90_000), ("\"2m 30s\"", 150_000), ("3", 3_000), ("0.25", 250), ("\"0s\"", 0)]
        {
            assert_eq!(read(text).unwrap(), millis, "{text}");
        }
        assert!(["-1", "\"-3s\"", "\"soon\"", "true"].into_iter().all(|text| read(text).is_err()));
    }
}
