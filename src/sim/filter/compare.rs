//! How a filter compares: text without regard to case, times as times.
use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

/// An unequal comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// `ge`
    Ge,
    /// `gt`
    Gt,
    /// `le`
    Le,
    /// `lt`
    Lt,
}

impl Side {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Ge, Self::Gt, Self::Le, Self::Lt];

    /// The operator.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ge => "ge",
            Self::Gt => "gt",
            Self::Le => "le",
            Self::Lt => "lt",
        }
    }

    /// Whether a value stands so to another. Nothing stands in any way to null.
    pub(super) fn holds(self, one: &Value, other: &Value) -> bool {
        order(one, other).is_some_and(|order| match self {
            Self::Ge => order.is_ge(),
            Self::Gt => order.is_gt(),
            Self::Le => order.is_le(),
            Self::Lt => order.is_lt(),
        })
    }
}

/// Whether two values are equal.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    order(one, other).map_or_else(|| one == other, Ordering::is_eq)
}

fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::String(one), Value::String(other)) => {
            // Only what begins like a year can be a time, and most text does not.
            let time =
                |text: &str| text.as_bytes().first()?.is_ascii_digit().then(|| text.parse::<Timestamp>().ok())?;
            match (time(one), time(other)) {
                (Some(one), Some(other)) => Some(one.cmp(&other)),
                _ if one.eq_ignore_ascii_case(other) => Some(Ordering::Equal),
                _ => Some(one.to_lowercase().cmp(&other.to_lowercase())),
            }
        }
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_compare_as_times_and_text_as_text() {
        assert!(Side::Ge.holds(&json!("2026-01-01T00:00:00Z"), &json!("2026-01-01T00:00:00.000Z")));
        assert!(same(&json!("2026-01-01T00:00:00Z"), &json!("2026-01-01T01:00:00+01:00")));
        assert!(Side::Lt.holds(&json!("Ann"), &json!("bob")) && !Side::Gt.holds(&json!("Ann"), &json!("bob")));
        assert!(!Side::Le.holds(&Value::Null, &json!("a")) && same(&Value::Null, &Value::Null));
    }
}
