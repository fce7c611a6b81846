//! The two scenarios.

use crate::domain::route::Scenario;
use crate::words::phrase;

/// A scenario in a word. The configuration has a name of its own for it, in every language the same.
pub fn scenario(scenario: Scenario) -> String {
    match scenario {
        Scenario::Conflicting => phrase("word-conflicting"),
        Scenario::NonConflicting => phrase("word-non-conflicting"),
    }
}
