//! Where it is listed that two service plans exclude each other.

use crate::domain::exclusion::Exclusions;
use crate::domain::exclusion::Listed;
use crate::domain::exclusion::Pair;
use crate::words::say;
use crate::words::times;

/// Which rows of which list say so; `None` when the journal does not tell.
pub fn source(pair: &Pair) -> Option<String> {
    if pair.set.is_empty() {
        return None;
    }
    let (set, date) = (pair.set.as_str().into(), date().into());
    Some(match pair.listed {
        Listed::Both => say("fact-listed-both", &[("set", set), ("date", date)]),
        Listed::Current => say("fact-listed-current", &[("set", set), ("date", date)]),
        Listed::In2019 => say("fact-listed-in-2019", &[("set", set), ("date", date)]),
        Listed::Neither => say("fact-listed-apart", &[("set", set), ("date", date)]),
    })
}

/// The day of the current edition.
fn date() -> String {
    let date = Exclusions::known().date();
    date.parse().map_or_else(|_| date.to_owned(), times::day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_and_their_editions_are_told() {
        let told = |set: &str, listed| source(&Pair { set: set.into(), listed, ..Pair::default() });
        let both = "set sharepoint-online of Microsoft's list, editions of 2019 and 2025-10-29";
        assert_eq!(told("sharepoint-online", Listed::Both).as_deref(), Some(both));
        let old = "set exchange-online of Microsoft's list, edition of 2019, not that of 2025-10-29";
        assert_eq!(told("exchange-online", Listed::In2019).as_deref(), Some(old));
        let new = "set microsoft-365-rms of Microsoft's list, edition of 2025-10-29, not that of 2019";
        assert_eq!(told("microsoft-365-rms", Listed::Current).as_deref(), Some(new));
        let stored: Pair = serde_json::from_str(r#"{"one":"A","other":"B"}"#).unwrap();
        assert_eq!(source(&stored), None);
    }
}
