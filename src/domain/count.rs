//! How a number is shown, in one place.

/// A number as people read it: whole numbers without a fraction.
pub fn number(number: f64) -> String {
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction() {
        assert_eq!([0.0, -3.0, 20_000.0, 0.5].map(number), ["0", "-3", "20000", "0.5"]);
    }
}
