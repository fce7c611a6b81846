//! The users as the page's script has them.

use std::collections::HashMap;
use std::io;

use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::report::content::Report;
use crate::report::content::UserRow;
use crate::report::html::script_words::ScriptWords;
use crate::report::html::script_words::script_words;
use crate::report::rows;

/// The users for the script: arrays in the order of its columns, texts that come again told once.
#[derive(Serialize)]
struct Data<'a> {
    /// When the run began, in seconds since 1970; times of the rows are seconds after it.
    start: i64,
    texts: Vec<String>,
    rows: Vec<Row<'a>>,
    words: ScriptWords,
}

type Row<'a> = (
    &'a str,
    &'a str,
    Option<usize>,
    usize,
    usize,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    u64,
    &'a [u32],
    usize,
);

#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        let next = self.texts.len();
        *self.places.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            next
        })
    }
}

/// The data as JSON in which nothing can end the element that it stands in.
pub(super) fn data(report: &Report) -> io::Result<String> {
    let start = report.run.as_ref().map_or(0, |run| run.started.as_second());
    let mut texts = Texts::default();
    let mut row = |user: &UserRow, name, display| {
        let after = |at: Option<Timestamp>| at.map(|at| at.as_second() - start);
        let outcome = texts.place(user.outcome.code().to_owned());
        let standing = texts.place(user.standing_text.clone().unwrap_or_default());
        let note = texts.place(rows::note(user));
        let [added, ready, removed, migrated] =
            [after(user.added), after(user.ready), after(user.removed), after(user.migrated)];
        (name, display, user.batch, outcome, standing, added, ready, removed, migrated, user.seconds_unlicensed, note)
    };
    let rows: Vec<Row<'_>> = report
        .users
        .iter()
        .map(|user| {
            let display = user.display_name.as_deref().unwrap_or_default();
            let (name, display, batch, outcome, standing, added, ready, removed, migrated, bare, note) =
                row(user, user.user_principal_name.as_str(), display);
            (name, display, batch, outcome, standing, added, ready, removed, migrated, bare, &*user.approvals, note)
        })
        .collect();
    let text = serde_json::to_string(&Data { start, texts: texts.texts, rows, words: script_words() })?;
    // Outside of its texts JSON has none of these.
    Ok(text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"))
}
