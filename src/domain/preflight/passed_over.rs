//! Rows of the operator's list that name nobody, so that none is lost without a word.

use serde::Deserialize;
use serde::Serialize;

/// How many rows the problem's message names; the others are counted.
pub const ROWS_NAMED: usize = 5;

/// Why a row of the list was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassedBecause {
    /// It begins with `#` and holds neither a name nor an id.
    Comment,
    /// It is the example of a template.
    Example,
    /// It is the first row, and names nobody where the next one does.
    LooksLikeHeader,
    /// It is the header once more, as joined files have it.
    HeaderAgain,
}

impl PassedBecause {
    /// The word in `check --json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Example => "example",
            Self::LooksLikeHeader => "looks-like-header",
            Self::HeaderAgain => "header-again",
        }
    }
}

/// A row that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// Its first line, counted from 1.
    pub line: usize,
    /// The beginning of what stands there.
    pub text: String,
    /// Why.
    pub because: PassedBecause,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::preflight::ProblemDetail;

    #[test]
    fn rows_are_counted_and_the_first_are_named() {
        let row = |line| PassedOver { line, text: "# x".into(), because: PassedBecause::Comment };
        let told =
            |rows: &[PassedOver]| ProblemDetail::of_rows(rows).map(|detail| crate::words::preflight::problem(&detail));
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[row(3)]).unwrap(), "1 row of the list was passed over: line 3 (a comment): \"# x\"");
        let many: Vec<_> = (1..=7).map(row).collect();
        let text = told(&many).unwrap();
        assert!(text.starts_with("7 rows of the list were passed over: ") && text.ends_with("; and 2 more"), "{text}");
    }
}
