//! Counts with their nouns.

use crate::words::say;

/// `1 user`, `20 users`.
pub fn users(count: usize) -> String {
    say("count-users", &[("count", count.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_picked_by_the_number_that_is_shown() {
        assert_eq!([0, 1, 2, 2_000].map(users), ["0 users", "1 user", "2 users", "2000 users"]);
    }
}
