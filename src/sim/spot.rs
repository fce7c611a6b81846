//! Where in a tenant file or a set of faults something stands that is wrong.
use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// What is wrong with the value of a key, and why.
pub(crate) type WrongKey = (&'static str, String);

/// Something wrong in one of the sections that a set of faults has too.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// `fault`, `event` or `sign_in`.
    pub(crate) section: &'static str,
    /// Which of them, from 0.
    pub(crate) place: usize,
    /// The key there.
    pub(crate) key: &'static str,
    /// What is wrong with it.
    pub(crate) why: String,
}

type Table = BTreeMap<Spanned<String>, toml::Value>;

/// The places of keys; what else a text holds is not looked at.
#[derive(Deserialize)]
struct Spots {
    #[serde(default)]
    fault: Vec<Table>,
    #[serde(default)]
    event: Vec<Table>,
    #[serde(default)]
    sign_in: Table,
}

impl Wrong {
    /// The complaint, with its line in a TOML text and its place in a JSON one.
    pub(crate) fn tell(&self, text: &str) -> String {
        let Self { section, place, why, .. } = self;
        match self.line(text) {
            Some(line) => format!("line {line}: {why}"),
            None => format!("{section} {}: {why}", place + 1),
        }
    }

    fn line(&self, text: &str) -> Option<usize> {
        let spots: Spots = toml::from_str(text).ok()?;
        let table = match self.section {
            "fault" => spots.fault.get(self.place)?,
            "event" => spots.event.get(self.place)?,
            _ => &spots.sign_in,
        };
        let named = table.keys().find(|key| key.get_ref() == self.key);
        // What is missing has no place of its own, so the section's first key stands for it.
        let key = named.or_else(|| table.keys().min_by_key(|key| key.span().start))?;
        Some(line(text, key.span().start))
    }
}

/// The line of a byte of a text, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}
