//! How a number is written, in one place.

/// How a language writes numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberStyle {
    /// What stands between thousands; nothing where they are not told apart.
    pub gap: String,
    /// A number of fewer digits than this has no gap: some languages write 1234 and 12 345.
    pub gap_from: usize,
    /// What stands before a fraction.
    pub decimal: String,
}

impl NumberStyle {
    /// A number as people read it: whole numbers without a fraction.
    pub fn write(&self, number: f64) -> String {
        let plain = number.to_string();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        match plain.split_once('.') {
            Some((whole, fraction)) => format!("{sign}{}{}{fraction}", self.digits(whole), self.decimal),
            None => format!("{sign}{}", self.digits(plain)),
        }
    }

    /// A whole number.
    pub fn whole(&self, number: u64) -> String {
        self.digits(&number.to_string())
    }

    fn digits(&self, digits: &str) -> String {
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && digits.len() >= self.gap_from && (digits.len() - place).is_multiple_of(3) {
                text.push_str(&self.gap);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(gap: &str, gap_from: usize, decimal: &str) -> NumberStyle {
        NumberStyle { gap: gap.into(), gap_from, decimal: decimal.into() }
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let plain = style("", 4, ".");
        assert_eq!([0.0, -3.0, 20_000.0, 0.5].map(|number| plain.write(number)), ["0", "-3", "20000", "0.5"]);
    }

    #[test]
    fn thousands_are_told_apart_where_the_language_does() {
        let comma = style(",", 4, ".");
        let told = [999.0, 1_197.0, -100_000.0, 1_234_567.5].map(|number| comma.write(number));
        assert_eq!(told, ["999", "1,197", "-100,000", "1,234,567.5"]);
        let space = style(" ", 5, ",");
        let told = [999.0, 1_197.0, 12_345.0, -1_234_567.25].map(|number| space.write(number));
        assert_eq!(told, ["999", "1197", "12 345", "-1 234 567,25"]);
    }
}
