//! The words of the page's script, with places that it fills in.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::content::UserOutcome;
use crate::report::words;
use crate::words::phrase;
use crate::words::say;

/// The categories that a number may be of in any language (Unicode CLDR, "Language Plural Rules"). The script asks the
/// browser which one it is, and takes the text of that category.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// What the script says of the users that it shows. `{name}` in a text is a place that it fills in.
#[derive(Serialize)]
pub(super) struct ScriptWords {
    shown: String,
    rows: String,
    found: BTreeMap<&'static str, String>,
    unlicensed: BTreeMap<&'static str, String>,
    /// What outcomes are called, by their codes.
    outcomes: BTreeMap<&'static str, String>,
    /// How it writes a time, as a pattern of `strftime`.
    time: String,
}

/// The words in the language that is spoken.
pub(super) fn script_words() -> ScriptWords {
    let each = |text: fn(&'static str) -> String| CATEGORIES.into_iter().map(|one| (one, text(one))).collect();
    ScriptWords {
        shown: say(
            "report-script-shown",
            &[("found", "{found}".into()), ("rows", "{rows}".into()), ("unlicensed", "{unlicensed}".into())],
        ),
        rows: say("report-script-rows", &[("from", "{from}".into()), ("to", "{to}".into())]),
        found: each(|category| {
            say(
                "report-script-found",
                &[("category", category.into()), ("shown", "{shown}".into()), ("all", "{all}".into())],
            )
        }),
        unlicensed: each(|category| {
            say("report-script-unlicensed", &[("category", category.into()), ("seconds", "{seconds}".into())])
        }),
        outcomes: UserOutcome::ALL.into_iter().map(|one| (one.code(), words::outcome(one))).collect(),
        time: phrase("time-day-and-second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_has_the_places_that_the_script_fills_in_and_agrees_with_its_number() {
        let words = script_words();
        assert_eq!(words.shown, "{found}{rows}; {unlicensed}");
        assert_eq!(words.rows, ", rows {from} to {to}");
        assert_eq!((&*words.found["one"], &*words.found["other"]), ("{shown} of {all} user", "{shown} of {all} users"));
        assert_eq!(words.unlicensed["one"], "{seconds} second without a license");
        assert_eq!(words.unlicensed["few"], "{seconds} seconds without a license");
        assert!(words.found.len() == CATEGORIES.len() && words.unlicensed.len() == CATEGORIES.len());
    }
}
