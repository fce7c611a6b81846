//! Counts with their nouns: 1 user, 2 users.

/// A number as people read it: whole numbers without a fraction.
pub fn number(number: f64) -> String {
    number.to_string()
}

/// A count with its noun, such as `1 seat` and `0 seats`. Negative counts, of seats that are short, have the plural.
pub fn counted<N: Copy + PartialEq + From<u8> + std::fmt::Display>(count: N, one: &str, many: &str) -> String {
    format!("{count} {}", agreeing(count, one, many))
}

/// The word that goes with a count, such as `is` and `are`.
pub fn agreeing<'a, N: Copy + PartialEq + From<u8>>(count: N, one: &'a str, many: &'a str) -> &'a str {
    if count == N::from(1) { one } else { many }
}

/// `1 user`, `20 users`.
pub fn users(count: usize) -> String {
    counted(count, "user", "users")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction() {
        assert_eq!([0.0, -3.0, 20_000.0, 0.5].map(number), ["0", "-3", "20000", "0.5"]);
    }

    #[test]
    fn one_is_one_and_all_else_are_many() {
        assert_eq!([users(0), users(1), users(2)], ["0 users", "1 user", "2 users"]);
        assert_eq!([counted(-1_i64, "seat", "seats"), counted(1_i64, "seat", "seats")], ["-1 seats", "1 seat"]);
        assert_eq!((agreeing(1_usize, "is", "are"), agreeing(0_usize, "is", "are")), ("is", "are"));
    }
}
