//! Whole numbers as they may be written: `14` and `14.0` are the same number in JSON.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::Unexpected;
use serde::de::Visitor;

/// The first float above which neighbours are more than one apart, so that a count beyond it is no count.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::graph) struct Whole(pub(in crate::graph) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
        i64::try_from(number).map(Whole).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole and within what a float holds exactly")]
    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
        if number.fract() == 0.0 && number.abs() < EXACT {
            Ok(Whole(number as i64))
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_with_a_point_and_nothing_else_passes_for_one() {
        let read = |json: &str| serde_json::from_str::<Whole>(json).ok().map(|whole| whole.0);
        for (json, number) in [("14", 14), ("14.0", 14), ("1.4e1", 14), ("-3", -3), ("-3.0", -3), ("0.0", 0)] {
            assert_eq!(read(json), Some(number), "{json}");
        }
        for json in ["14.5", "1e300", "18446744073709551615", "\"14\"", "null", "true", "[]"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
